//! One stay of a subject in a fence, and the transitions that are said of it.

use crate::domain::fence::SpeedLimit;
use crate::domain::ids::{FenceId, Subject, VisitId, digest};
use crate::domain::time::Timestamp;
use crate::domain::transition::{Cause, Transition, TransitionKind};
use crate::geofence::index::Slot;
use crate::geofence::membership::{Due, Fix, Timers};
use crate::geofence::table::Drawn;

/// A stay.
#[derive(Clone, Debug)]
pub(super) struct Visit {
    pub(super) fence: FenceId,
    /// The fence's place in the table.
    pub(super) slot: Slot,
    /// Whether the fence asks for more than how the visit begins and ends, and how long it takes.
    speaks: bool,
    pub(super) id: VisitId,
    since: Timestamp,
    /// When it will count as dwelling; `None` where that was said, or nobody asked.
    dwells_at: Option<Timestamp>,
    dwelt: bool,
    speeding: Option<Speeding>,
}

/// Too fast.
#[derive(Clone, Copy, Debug)]
struct Speeding {
    since: Timestamp,
    said: bool,
}

/// A subject is in a fence that wants it to stay for a while before it counts.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) fence: FenceId,
    pub(super) since: Timestamp,
    /// What brought it in.
    pub(super) cause: Cause,
}

impl Visit {
    pub(super) fn begin(drawn: &Drawn, moment: &Moment, due: &mut Timers) -> Self {
        let fence = drawn.fence();
        let began = moment.at.millis().to_string();
        let subject = moment.subject;
        let id = digest(&[
            "visit",
            fence.id.as_str(),
            subject.kind.label(),
            &subject.id,
            &began,
        ]);
        let mut visit = Self {
            fence: fence.id.clone(),
            slot: drawn.slot(),
            speaks: false,
            id: VisitId::from(id),
            since: moment.at,
            dwells_at: None,
            dwelt: false,
            speeding: None,
        };
        visit.agree(drawn, moment, due);
        visit
    }

    /// Makes it one to this version of the fence, and sets the timer of one that has not counted as dwelling.
    pub(super) fn agree(&mut self, drawn: &Drawn, moment: &Moment, due: &mut Timers) {
        let fence = drawn.fence();
        self.slot = drawn.slot();
        self.speaks = fence.speed_limit.is_some() || fence.detect.contains(TransitionKind::Inside);
        let asks = fence.detect.contains(TransitionKind::Dwell) && !self.dwelt;
        self.dwells_at = fence
            .dwell
            .filter(|_| asks)
            .map(|dwell| (self.since + dwell).max(moment.at));
        if let Some(at) = self.dwells_at {
            due.insert((at, Due::Dwell(moment.subject.clone(), self.fence.clone())));
        }
    }

    /// Says, once, that it counts as dwelling, if it does by now.
    pub(super) fn dwell(&mut self, moment: &Moment, drawn: &Drawn) -> Option<Transition> {
        self.dwells_at.take_if(|at| *at <= moment.at)?;
        self.dwelt = true;
        moment.transition(TransitionKind::Dwell, Cause::Report, drawn, Some(self))
    }

    /// Whether it waits for a timer.
    pub(super) fn may_dwell(&self) -> bool {
        self.dwells_at.is_some()
    }

    /// Whether another fix in the fence says nothing, whatever it is like.
    pub(super) fn is_silent(&self) -> bool {
        !self.speaks && !self.may_dwell()
    }

    /// Says that the limit was broken for long enough, once until a fix is at or below it. A fix without
    /// a speed tells nothing.
    pub(super) fn speed(
        &mut self,
        limit: SpeedLimit,
        moment: &Moment,
        drawn: &Drawn,
    ) -> Option<Transition> {
        let speed = moment.fix?.speed_mps?;
        if speed <= limit.above_mps {
            self.speeding = None;
            return None;
        }
        let speeding = self.speeding.get_or_insert(Speeding {
            since: moment.at,
            said: false,
        });
        if speeding.said || moment.at.since(speeding.since) < limit.lasting {
            return None;
        }
        speeding.said = true;
        moment.transition(TransitionKind::Speed, Cause::Report, drawn, Some(self))
    }
}

/// Who was where when something happened.
pub(super) struct Moment<'a> {
    pub(super) at: Timestamp,
    pub(super) subject: &'a Subject,
    pub(super) fix: Option<Fix>,
    /// Whether that fix is of this very moment.
    pub(super) is_fix: bool,
}

impl Moment<'_> {
    /// A transition, if the fence asks for its kind or it turns a membership over.
    pub(super) fn transition(
        &self,
        kind: TransitionKind,
        cause: Cause,
        drawn: &Drawn,
        visit: Option<&Visit>,
    ) -> Option<Transition> {
        let detected = drawn.detects(kind);
        let turns_over = matches!(kind, TransitionKind::Enter | TransitionKind::Exit);
        (detected || turns_over).then(|| Transition {
            at: self.at,
            subject: Some(self.subject.clone()),
            fence: Some(drawn.id().clone()),
            kind,
            position: self.fix.map(|fix| fix.position),
            cause,
            visit: visit.map(|visit| visit.id.clone()),
            other: None,
            distance_m: None,
            uncertain: self.is_uncertain(drawn),
            detected,
        })
    }

    /// Whether the edge is nearer than the fix is accurate.
    fn is_uncertain(&self, drawn: &Drawn) -> bool {
        let accuracy = |fix: Fix| Some((fix.position, fix.accuracy_m.filter(|m| *m > 0.0)?));
        let measured = self.fix.and_then(accuracy);
        measured.is_some_and(|(position, accuracy_m)| {
            drawn.shape().has_edge_within(position, accuracy_m)
        })
    }
}

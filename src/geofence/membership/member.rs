//! One subject: its visits, and how a sighting or an edit of a fence changes them.

use std::sync::Arc;

use crate::domain::ids::{FenceId, Subject};
use crate::domain::position::Position;
use crate::domain::profile::Profile;
use crate::domain::time::Timestamp;
use crate::domain::transition::{Cause, Transition, TransitionKind};
use crate::geofence::index::Slot;
use crate::geofence::membership::visit::{Moment, Pending, Visit};
use crate::geofence::membership::{Fix, Sighting, Timers};
use crate::geofence::table::{Drawn, FenceTable};
use crate::prefetch::prefetch;

/// What the fences remember of a subject.
#[derive(Debug)]
pub struct Member {
    fix: Option<Fix>,
    profile: Arc<Profile>,
    /// Until when its silence is none.
    fresh_until: Timestamp,
    /// By fence id.
    visits: Vec<Visit>,
    /// By fence id; never of a fence that it visits.
    pending: Vec<Pending>,
}

impl Member {
    /// Of a subject that has these attributes and has not been seen.
    #[must_use]
    pub fn new(profile: &Arc<Profile>) -> Self {
        Self {
            fix: None,
            profile: Arc::clone(profile),
            fresh_until: Timestamp::MIN,
            visits: Vec::new(),
            pending: Vec::new(),
        }
    }

    /// Asks for the first of its visits, which nearly always is the only one.
    pub fn prefetch(&self) {
        if let Some(first) = self.visits.first() {
            prefetch(first);
        }
    }

    /// Its newest fix.
    pub(super) fn fix(&self) -> Option<Fix> {
        self.fix
    }

    /// The fences that it is in, in order.
    pub(super) fn visited(&self) -> impl Iterator<Item = &FenceId> {
        self.visits.iter().map(|visit| &visit.fence)
    }

    #[cfg(test)]
    pub(super) fn visit_ids(&self) -> Vec<String> {
        self.visits
            .iter()
            .map(|visit| visit.id.to_string())
            .collect()
    }

    #[cfg(test)]
    pub(super) fn visited_slots(&self) -> Vec<Slot> {
        self.visits.iter().map(|visit| visit.slot).collect()
    }

    /// What changes by a sighting, in the order of the contract. What `slots` holds is of no use afterwards.
    #[inline(always)]
    pub(super) fn observe(
        &mut self,
        sighting: &Sighting,
        table: &FenceTable,
        due: &mut Timers,
        slots: &mut Vec<Slot>,
    ) -> Vec<Transition> {
        let before = self.fix.map(|fix| fix.position);
        self.fix = sighting.fix.or(self.fix);
        self.fresh_until = sighting.at + sighting.stale_after;
        let is_same_profile = Arc::ptr_eq(&self.profile, sighting.profile);
        if !is_same_profile {
            self.profile = Arc::clone(sighting.profile);
        }
        let Some(fix) = self.fix else {
            return Vec::new();
        };
        table.covering(fix.position, slots);
        let is_watched = table.watches_outside() || table.watches_crossings();
        // A fence that it visits was about it and is in force still.
        if is_same_profile && !is_watched && self.goes_on_in(slots) {
            return Vec::new(); // as nearly always
        }
        let moment = Moment {
            at: sighting.at,
            subject: sighting.subject,
            fix: self.fix,
            is_fix: sighting.fix.is_some(),
        };
        let holding = table.about(sighting.profile, slots);
        let mut happened = Vec::new();
        let moved_from = before.filter(|before| *before != fix.position);
        if let Some(before) = moved_from.filter(|_| table.watches_crossings()) {
            self.cross(before, &holding, &moment, table, &mut happened);
        }
        self.turn_over(&holding, before, &moment, table, due, &mut happened);
        self.stay(&holding, &moment, table, &mut happened);
        if moment.is_fix {
            self.watch_from_outside(&moment, table, &mut happened);
        }
        happened.sort_by(|a, b| (a.kind, &a.fence).cmp(&(b.kind, &b.fence)));
        happened
    }

    /// Whether it visits exactly the fences in `slots`, and none of them has a word to say about that.
    fn goes_on_in(&self, slots: &[Slot]) -> bool {
        let goes_on = |visit: &Visit| visit.is_silent() && slots.contains(&visit.slot);
        self.pending.is_empty()
            && self.visits.len() == slots.len()
            && self.visits.iter().all(goes_on)
    }

    /// Leaves every fence, and is as if it had not been seen.
    pub(super) fn dismiss(
        &mut self,
        subject: &Subject,
        at: Timestamp,
        cause: Cause,
        table: &FenceTable,
    ) -> Vec<Transition> {
        let moment = Moment {
            at,
            subject,
            fix: self.fix,
            is_fix: false,
        };
        let member = std::mem::replace(self, Self::new(&self.profile));
        let exits = member.visits.iter().filter_map(|visit| {
            let drawn = table.get(&visit.fence)?;
            moment.transition(TransitionKind::Exit, cause, drawn, Some(visit))
        });
        exits.collect()
    }

    /// What changes by another version of a fence; where it is not `there` any more, `drawn` is what it
    /// was.
    pub(super) fn revisit(
        &mut self,
        moment: &Moment,
        cause: Cause,
        drawn: &Drawn,
        there: bool,
        due: &mut Timers,
    ) -> Vec<Transition> {
        let fence = drawn.fence();
        let position = self.fix.map(|fix| fix.position).filter(|_| there);
        let place = find(&self.visits, &fence.id);
        let holds = position.is_some_and(|position| match place {
            Ok(_) => drawn.keeps(position, &self.profile),
            Err(_) => drawn.may_hold(position) && drawn.holds(position, &self.profile),
        });
        match (place, holds) {
            (Ok(place), true) => {
                self.visits[place].agree(drawn, moment, due);
                Vec::new()
            }
            (Ok(place), false) => {
                let visit = self.visits.remove(place);
                let exit = moment.transition(TransitionKind::Exit, cause, drawn, Some(&visit));
                exit.into_iter().collect()
            }
            (Err(_), true) if !fence.min_inside.is_zero() => {
                if !self.is_pending(&fence.id) {
                    self.pending.push(Pending {
                        fence: fence.id.clone(),
                        since: moment.at,
                        cause,
                    });
                }
                Vec::new()
            }
            (Err(place), true) => {
                self.pending.retain(|pending| pending.fence != fence.id);
                let visit = Visit::begin(drawn, moment, due);
                let says = |kind| moment.transition(kind, cause, drawn, Some(&visit));
                let happened = [TransitionKind::Enter, TransitionKind::Inside];
                let happened = happened.into_iter().filter_map(says).collect();
                self.visits.insert(place, visit);
                happened
            }
            (Err(_), false) => {
                self.pending.retain(|pending| pending.fence != fence.id);
                Vec::new()
            }
        }
    }

    /// The timer of a visit: it counts as dwelling, unless its subject has been silent for too long to
    /// say so; then its next report does.
    pub(super) fn stayed(
        &mut self,
        subject: &Subject,
        drawn: &Drawn,
        at: Timestamp,
    ) -> Option<Transition> {
        let moment = Moment {
            at,
            subject,
            fix: self.fix,
            is_fix: false,
        };
        let place = find(&self.visits, drawn.id()).ok()?;
        if at > self.fresh_until {
            return None;
        }
        self.visits[place].dwell(&moment, drawn)
    }

    /// The fences that the way from `before` went through, when neither end of it is in them.
    fn cross(
        &self,
        before: Position,
        holding: &[&Drawn],
        moment: &Moment,
        table: &FenceTable,
        happened: &mut Vec<Transition>,
    ) {
        let Some(fix) = moment.fix else {
            return;
        };
        let crossed = table.crossed(before, fix.position).filter(|drawn| {
            let id = drawn.id();
            let was_in = find(&self.visits, id).is_ok() || self.is_pending(id);
            let is_in = holding.iter().any(|holding| holding.id() == id);
            !was_in && !is_in && drawn.is_about(&self.profile)
        });
        happened.extend(crossed.filter_map(|drawn| {
            moment.transition(TransitionKind::Cross, Cause::Report, drawn, None)
        }));
    }

    /// Makes the visits those of `holding`, but for what a fence's margin keeps and its least stay puts
    /// off. Both lists are ordered by fence id.
    fn turn_over(
        &mut self,
        holding: &[&Drawn],
        before: Option<Position>,
        moment: &Moment,
        table: &FenceTable,
        due: &mut Timers,
        happened: &mut Vec<Transition>,
    ) {
        let unchanged = self.pending.is_empty()
            && self.visits.len() == holding.len()
            && self
                .visits
                .iter()
                .zip(holding)
                .all(|(visit, drawn)| visit.fence == *drawn.id());
        if unchanged {
            return;
        }
        let waited = std::mem::take(&mut self.pending);
        let old = std::mem::take(&mut self.visits);
        let mut old = old.into_iter().peekable();
        for drawn in holding {
            let fence = drawn.fence();
            while let Some(left) = old.next_if(|visit| visit.fence < fence.id) {
                self.leave_or_keep(left, moment, table, happened);
            }
            if let Some(visit) = old.next_if(|visit| visit.fence == fence.id) {
                self.visits.push(visit);
                continue;
            }
            let waited = waited.iter().find(|waited| waited.fence == fence.id);
            let pending = waited.cloned().unwrap_or_else(|| Pending {
                fence: fence.id.clone(),
                since: moment.at,
                cause: cause_of(table.shape_covers(drawn, before)),
            });
            let stayed = moment.at.since(pending.since) >= fence.min_inside;
            // Only a fix confirms a stay; a fence that asks for none takes whatever lets in.
            if stayed && (moment.is_fix || fence.min_inside.is_zero()) {
                let visit = Visit::begin(drawn, moment, due);
                happened.extend(moment.transition(
                    TransitionKind::Enter,
                    pending.cause,
                    drawn,
                    Some(&visit),
                ));
                self.visits.push(visit);
            } else {
                self.pending.push(pending);
            }
        }
        for left in old {
            self.leave_or_keep(left, moment, table, happened);
        }
    }

    /// Ends a visit to a fence that holds the subject no longer, unless it is within the margin.
    fn leave_or_keep(
        &mut self,
        visit: Visit,
        moment: &Moment,
        table: &FenceTable,
        happened: &mut Vec<Transition>,
    ) {
        let Some((drawn, fix)) = table.get(&visit.fence).zip(moment.fix) else {
            return;
        };
        let is_about = drawn.in_force() && drawn.is_about(&self.profile);
        let reaches = if is_about {
            // The shape does not cover it, or the fence would hold it.
            drawn.is_in_margin(fix.position)
        } else {
            drawn.reaches(fix.position)
        };
        if is_about && reaches {
            self.visits.push(visit);
            return;
        }
        // Still in the shape: then it is an attribute that let it out.
        let cause = cause_of(reaches);
        happened.extend(moment.transition(TransitionKind::Exit, cause, drawn, Some(&visit)));
    }

    /// What is said of the visits that go on: `inside` at a fix, dwelling, too fast.
    fn stay(
        &mut self,
        holding: &[&Drawn],
        moment: &Moment,
        table: &FenceTable,
        happened: &mut Vec<Transition>,
    ) {
        let mut holding = holding.iter().copied().peekable();
        for visit in &mut self.visits {
            while holding.next_if(|held| *held.id() < visit.fence).is_some() {}
            // Nearly always the next one; a fence whose margin keeps the visit is looked up.
            let held = holding.next_if(|held| *held.id() == visit.fence);
            let Some(drawn) = held.or_else(|| table.get(&visit.fence)) else {
                continue;
            };
            if visit.may_dwell() {
                happened.extend(visit.dwell(moment, drawn));
            }
            if !moment.is_fix {
                continue;
            }
            if let Some(limit) = drawn.speed_limit() {
                happened.extend(visit.speed(limit, moment, drawn));
            }
            let inside = TransitionKind::Inside;
            happened.extend(moment.transition(inside, Cause::Report, drawn, Some(visit)));
        }
    }

    /// `outside` for each fence that watches, at a fix that is not in it.
    fn watch_from_outside(
        &self,
        moment: &Moment,
        table: &FenceTable,
        happened: &mut Vec<Transition>,
    ) {
        let outside = table.watching_outside().filter(|drawn| {
            let fence = drawn.fence();
            let kind = fence.applies_to.kind;
            let concerned = kind.is_none_or(|kind| kind == self.profile.kind);
            concerned && find(&self.visits, &fence.id).is_err() && !self.is_pending(&fence.id)
        });
        happened.extend(outside.filter_map(|drawn| {
            moment.transition(TransitionKind::Outside, Cause::Report, drawn, None)
        }));
    }

    fn is_pending(&self, id: &FenceId) -> bool {
        self.pending.iter().any(|pending| pending.fence == *id)
    }
}

/// Where the visit to fence `id` stands, or where it would.
fn find(visits: &[Visit], id: &FenceId) -> Result<usize, usize> {
    visits.binary_search_by(|visit| visit.fence.cmp(id))
}

/// A subject that was, or still is, in the shape when its membership changed did not move over the edge.
fn cause_of(same_side: bool) -> Cause {
    if same_side {
        Cause::Condition
    } else {
        Cause::Report
    }
}

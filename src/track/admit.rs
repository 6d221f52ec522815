//! Second step, and the last exit: whether a report is in time and new.

use std::time::Duration;

use crate::alert::life::Trigger;
use crate::domain::alert::Alert;
use crate::domain::fact::Fact;
use crate::domain::ids::FenceId;
use crate::domain::located::{Located, Unplaced};
use crate::domain::position::Position;
use crate::domain::reject::{Reason, Reject};
use crate::domain::report::{Arrival, Body, Report, Text};
use crate::domain::time::Timestamp;
use crate::domain::transition::Transition;
use crate::prefetch::prefetch_behind;
use crate::track::Effects;
use crate::track::place::{Place, PlacedReport};

/// How far a subject's reports have come, and which of them are recent.
#[derive(Debug)]
pub struct Watermark {
    /// Newest event time.
    newest: Timestamp,
    /// The latest time that a report gave, be it possible or not: one that gives a later time is new.
    furthest: Timestamp,
    /// Of the reports not older than the newest by more than the lateness, and of some older ones, as they
    /// came: time and fingerprint.
    recent: Vec<(Timestamp, u64)>,
    /// Of those that have one, time and id.
    ids: Vec<(Timestamp, Text)>,
}

/// A placed report that is in time and new.
#[derive(Debug)]
pub struct Timely {
    pub(super) report: Box<Report>,
    /// Event time, or the arrival that stands for an impossible one.
    pub(super) at: Timestamp,
    /// The impossible event time that was replaced.
    pub(super) reported_at: Option<Timestamp>,
    /// Event time on the input's own clock: `at`, unless that was replaced.
    pub(super) moment: Timestamp,
    pub(super) place: Place,
    /// Older than its subject's newest: counts, but moves nothing.
    pub(super) late: bool,
}

/// When a report is that is in time and new. Only `Watermark::admit` makes one.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    at: Timestamp,
    replaced: bool,
    late: bool,
}

impl Default for Watermark {
    /// Of a subject that has not reported.
    fn default() -> Self {
        Self {
            newest: Timestamp::MIN,
            furthest: Timestamp::MIN,
            recent: Vec::new(),
            ids: Vec::new(),
        }
    }
}

impl Watermark {
    /// Asks for the memory of the next report.
    pub(super) fn prefetch(&self) {
        prefetch_behind(&self.recent);
    }

    /// Admits a report that is neither from the future, nor too late, nor seen before; `future_skew` is how
    /// far beyond its arrival a report may lie.
    ///
    /// # Errors
    /// When it is one of these, and then nothing changes. An emergency is refused only as an exact copy,
    /// an incident never for its age.
    #[inline(always)]
    pub fn admit(
        &mut self,
        placed: &PlacedReport,
        future_skew: Duration,
    ) -> Result<Timing, Reject> {
        let timing = time_of(placed, self.newest, future_skew)?;
        let fingerprint = placed.report.fingerprint();
        if self.knows(placed, fingerprint) {
            return Err(Reject::new(Reason::Duplicate, "seen before"));
        }
        self.remember(&placed.report, fingerprint, &timing);
        Ok(timing)
    }

    /// Keeps what a later report is compared with. A time that was replaced moves no watermark.
    fn remember(&mut self, report: &Report, fingerprint: u64, timing: &Timing) {
        if !timing.replaced {
            self.newest = self.newest.max(timing.at);
        }
        let oldest = self.newest - report.arrival.lateness;
        keep((timing.at, fingerprint), &mut self.recent, oldest);
        self.furthest = self.furthest.max(report.at.unwrap_or(Timestamp::MIN));
        if let Some(id) = &report.id {
            keep((timing.at, id.clone()), &mut self.ids, oldest);
        }
    }

    /// Whether a report is among the recent ones: equal in every field, or of the same id. The id of an
    /// emergency does not count, since a sender may give a fix and the press of a button the same.
    fn knows(&self, new: &PlacedReport, fingerprint: u64) -> bool {
        let oldest = self.newest - new.report.arrival.lateness;
        let is_later = new.report.at.is_some_and(|at| at > self.furthest);
        let equal = !is_later && is_among(&fingerprint, &self.recent, oldest);
        let id = new.report.id.as_ref().filter(|_| !new.emergency);
        equal || id.is_some_and(|id| is_among(id, &self.ids, oldest))
    }
}

/// Whether `this` is among those that are not older than `oldest`.
fn is_among<T: PartialEq>(this: &T, kept: &[(Timestamp, T)], oldest: Timestamp) -> bool {
    kept.iter().any(|(at, old)| *at >= oldest && old == this)
}

/// Keeps one more. What is older than `oldest` goes when there is no room for it, and half of the room is free
/// then: so with most reports no other memory is touched than that of the new one.
fn keep<T>(new: (Timestamp, T), kept: &mut Vec<(Timestamp, T)>, oldest: Timestamp) {
    if kept.len() == kept.capacity() {
        kept.retain(|(at, _)| *at >= oldest);
        kept.reserve(kept.len().max(3) + 1);
    }
    kept.push(new);
}

/// When a report is, if it is in time: `newest` is its subject's newest event time.
#[inline(always)]
fn time_of(
    placed: &PlacedReport,
    newest: Timestamp,
    future_skew: Duration,
) -> Result<Timing, Reject> {
    let Arrival {
        received, lateness, ..
    } = placed.report.arrival;
    let replaced = |late| Timing {
        at: received,
        replaced: true,
        late,
    };
    let Some(at) = placed.report.at else {
        // Only an emergency comes this far without a time.
        return Ok(replaced(false));
    };
    if at > received + future_skew {
        if placed.emergency {
            return Ok(replaced(false));
        }
        let ahead = at.since(received).as_secs();
        return Err(Reject::new(
            Reason::Future,
            format!("{ahead} s later than its arrival: check the sender's clock"),
        ));
    }
    let behind = newest.since(at);
    let is_resource = matches!(placed.report.body, Body::Resource(_));
    if is_resource && behind > lateness {
        if placed.emergency {
            return Ok(replaced(true));
        }
        let detail = format!(
            "{} s older than the newest report of its subject; the feed allows {} s",
            behind.as_secs(),
            lateness.as_secs()
        );
        return Err(Reject::new(Reason::TooLate, detail));
    }
    Ok(Timing {
        at,
        replaced: false,
        late: behind > Duration::ZERO,
    })
}

impl Timely {
    /// What was admitted; `clock` is the newest event time of the input.
    #[must_use]
    pub fn new(placed: PlacedReport, timing: Timing, clock: Timestamp) -> Self {
        Self {
            at: timing.at,
            reported_at: placed.report.at.filter(|_| timing.replaced),
            moment: if timing.replaced && clock > Timestamp::MIN {
                clock
            } else {
                timing.at
            },
            place: placed.place,
            late: timing.late,
            report: placed.report,
        }
    }

    /// The position that it gives.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        match &self.place {
            Place::Placed(placed) => Some(placed.position),
            Place::Unsaid | Place::Unplaced(_) => None,
        }
    }

    /// The report as what makes an alert change.
    #[must_use]
    pub fn trigger(&self) -> Trigger {
        Trigger {
            at: self.at,
            reported_at: self.reported_at,
            late_s: self.report.arrival.delay.as_secs_f64(),
            cause: "report",
        }
    }

    /// The end of the path.
    #[must_use]
    #[inline(always)]
    pub fn into_effects(
        self,
        fences: Vec<FenceId>,
        transitions: Vec<Transition>,
        facts: Vec<Fact>,
        alerts: Vec<Alert>,
    ) -> Effects {
        let (report, at) = (self.report, self.at);
        let (located, unplaced) = match self.place {
            Place::Placed(placed) => {
                let located = Located {
                    report,
                    at,
                    reported_at: self.reported_at,
                    placed,
                    fences,
                    late: self.late,
                };
                (Some(located), None)
            }
            Place::Unplaced(refusal) => {
                let unplaced = Unplaced {
                    report,
                    at,
                    reject: refusal.reject,
                    alternatives: refusal.alternatives,
                };
                (None, Some(unplaced))
            }
            Place::Unsaid => (None, None),
        };
        Effects {
            located,
            unplaced,
            transitions,
            facts,
            alerts,
            gone: Vec::new(),
        }
    }
}

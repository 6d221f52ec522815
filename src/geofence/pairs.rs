//! Who is near whom, whichever of the two moves, appears, changes or ends.
//!
//! A pair comes near at `near_m` or less and parts beyond `far_m`: between the two it stays as it was. A
//! subject is (kind, id): a unit never stands for the incident of its name. Where either of two could be
//! the one, the one that comes first in order is.

mod neighbourhood;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::fact::{Change, Fact};
use crate::domain::ids::Subject;
use crate::domain::position::Position;
use crate::domain::profile::{PairFilter, Profile};
use crate::domain::report::IncidentState;
use crate::domain::time::Timestamp;
use crate::domain::transition::{Cause, Transition, TransitionKind};
use crate::geofence::pairs::neighbourhood::Neighbourhood;

/// Every subject with a place, and the pairs that are near.
#[derive(Debug)]
pub struct Pairs {
    watches: Vec<Watch>,
    parties: BTreeMap<Subject, Party>,
}

/// Two subjects that came near each other, or parted.
#[derive(Clone, Debug, PartialEq)]
pub struct Meeting {
    /// The number that the filter was given with.
    pub watch: usize,
    /// What is recorded.
    pub transition: Transition,
    /// Attributes of its `subject`.
    pub profile: Arc<Profile>,
    /// Attributes of its `other`.
    pub other: Arc<Profile>,
}

#[derive(Clone, Debug)]
struct Party {
    position: Position,
    profile: Arc<Profile>,
}

#[derive(Debug)]
struct Watch {
    number: usize,
    filter: PairFilter,
    neighbourhood: Neighbourhood,
    /// Both ways.
    near: BTreeMap<Subject, BTreeSet<Subject>>,
}

/// A subject that changed, as it was and as it is.
struct Step<'a> {
    at: Timestamp,
    subject: &'a Subject,
    cause: Cause,
    before: Option<Party>,
    now: Option<Party>,
}

impl Pairs {
    /// Watches the pairs of `filters`, each by its number.
    #[must_use]
    pub fn new(filters: impl IntoIterator<Item = (usize, PairFilter)>) -> Self {
        let watch = |(number, filter): (usize, PairFilter)| Watch {
            number,
            neighbourhood: Neighbourhood::new(filter.near_m),
            filter,
            near: BTreeMap::new(),
        };
        Self {
            watches: filters.into_iter().map(watch).collect(),
            parties: BTreeMap::new(),
        }
    }

    /// Who comes near or parts by `fact`: for each filter in order of distance, then of the other.
    pub fn observe(&mut self, fact: &Fact) -> Vec<Meeting> {
        if self.watches.is_empty() {
            return Vec::new();
        }
        let before = self.parties.get(&fact.subject).cloned();
        let (now, cause) = match &fact.change {
            Change::Moved(position, profile) => {
                let party = Party {
                    position: *position,
                    profile: Arc::clone(profile),
                };
                (Some(party), Cause::Report)
            }
            Change::Became(profile) if profile.state == Some(IncidentState::Closed) => {
                (None, Cause::SubjectClosed)
            }
            Change::Became(profile) => {
                let party = before.as_ref().map(|before| Party {
                    position: before.position,
                    profile: Arc::clone(profile),
                });
                (party, Cause::Condition)
            }
            Change::Gone(cause) => (None, *cause),
            Change::Entered(..) | Change::Left(_) | Change::At(..) => return Vec::new(),
        };
        match &now {
            Some(party) => self.parties.insert(fact.subject.clone(), party.clone()),
            None => self.parties.remove(&fact.subject),
        };
        let step = Step {
            at: fact.at,
            subject: &fact.subject,
            cause,
            before,
            now,
        };
        let parties = &self.parties;
        let watches = self.watches.iter_mut();
        watches
            .flat_map(|watch| watch.take(&step, parties))
            .collect()
    }
}

impl Watch {
    fn take(&mut self, step: &Step, parties: &BTreeMap<Subject, Party>) -> Vec<Meeting> {
        let concerns = |party: &&Party| self.filter.concerns(&party.profile);
        let before = step.before.as_ref().filter(concerns);
        let now = step.now.as_ref().filter(concerns);
        if let Some(before) = before {
            self.neighbourhood.remove(step.subject, before.position);
        }
        let mut meetings = self.part(step, parties);
        if let Some(now) = now {
            meetings.extend(self.meet(step, now, parties));
            self.neighbourhood.insert(step.subject, now.position);
        }
        meetings.sort_by(|a, b| {
            let distance = |meeting: &Meeting| meeting.transition.distance_m.unwrap_or(0.0);
            let ids = |meeting: &Meeting| {
                (
                    meeting.transition.subject.clone(),
                    meeting.transition.other.clone(),
                )
            };
            distance(a)
                .total_cmp(&distance(b))
                .then_with(|| ids(a).cmp(&ids(b)))
        });
        meetings
    }

    /// The near pairs of the step's subject that are near no longer.
    fn part(&mut self, step: &Step, parties: &BTreeMap<Subject, Party>) -> Vec<Meeting> {
        let partners = self.near.get(step.subject).cloned().unwrap_or_default();
        let mut parted = Vec::new();
        for partner in &partners {
            let Some(theirs) = parties.get(partner) else {
                continue;
            };
            let pair = step
                .now
                .as_ref()
                .and_then(|now| self.pair(step.subject, now, partner, theirs));
            let last = step.now.as_ref().or(step.before.as_ref());
            let Some(last) = last else {
                continue;
            };
            let distance_m = last.position.distance_m(theirs.position);
            if pair.is_some() && distance_m <= self.filter.far_m {
                continue;
            }
            self.set_near(step.subject, partner, false);
            // Those that are no pair any more part as the pair that they were.
            let was = step
                .before
                .as_ref()
                .and_then(|before| self.pair(step.subject, before, partner, theirs));
            let cause = if pair.is_some() {
                Cause::Report
            } else {
                step.cause
            };
            if let Some(is_first) = pair.or(was) {
                let sides = [(step.subject, last), (partner, theirs)];
                parted.push(self.meeting(
                    TransitionKind::Recede,
                    step.at,
                    cause,
                    sides,
                    is_first,
                    distance_m,
                ));
            }
        }
        parted
    }

    /// The pairs of the step's subject that have come near.
    fn meet(
        &mut self,
        step: &Step,
        now: &Party,
        parties: &BTreeMap<Subject, Party>,
    ) -> Vec<Meeting> {
        let mut met = Vec::new();
        let near = self.near.get(step.subject);
        for (partner, position) in self.neighbourhood.near(now.position) {
            let is_near = near.is_some_and(|near| near.contains(partner));
            let distance_m = now.position.distance_m(position);
            if is_near || distance_m > self.filter.near_m {
                continue;
            }
            let Some(theirs) = parties.get(partner) else {
                continue;
            };
            if let Some(is_first) = self.pair(step.subject, now, partner, theirs) {
                let sides = [(step.subject, now), (partner, theirs)];
                met.push(self.meeting(
                    TransitionKind::Approach,
                    step.at,
                    step.cause,
                    sides,
                    is_first,
                    distance_m,
                ));
            }
        }
        for meeting in &met {
            if let (Some(one), Some(other)) =
                (&meeting.transition.subject, &meeting.transition.other)
            {
                self.set_near(one, other, true);
            }
        }
        met
    }

    /// Whether the two are a pair that is meant, and if so, whether the first of them is its `subject`.
    fn pair(&self, one: &Subject, a: &Party, other: &Subject, b: &Party) -> Option<bool> {
        let Self { filter, .. } = self;
        if one == other || !filter.concerns(&a.profile) || !filter.concerns(&b.profile) {
            return None;
        }
        let forward = filter.of.matches(&a.profile) && filter.to.matches(&b.profile);
        let backward = filter.of.matches(&b.profile) && filter.to.matches(&a.profile);
        match (forward, backward) {
            (true, true) => Some(one < other),
            (true, false) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        }
    }

    fn set_near(&mut self, one: &Subject, other: &Subject, near: bool) {
        for (one, other) in [(one, other), (other, one)] {
            if near {
                let partners = self.near.entry(one.clone()).or_default();
                partners.insert(other.clone());
            } else if let Some(partners) = self.near.get_mut(one) {
                partners.remove(other);
                if partners.is_empty() {
                    self.near.remove(one);
                }
            }
        }
    }

    fn meeting(
        &self,
        kind: TransitionKind,
        at: Timestamp,
        cause: Cause,
        [one, other]: [(&Subject, &Party); 2],
        is_first: bool,
        distance_m: f64,
    ) -> Meeting {
        let ((subject, party), (other, theirs)) =
            if is_first { (one, other) } else { (other, one) };
        Meeting {
            watch: self.number,
            transition: Transition {
                at,
                subject: Some(subject.clone()),
                fence: None,
                kind,
                position: Some(party.position),
                cause,
                visit: None,
                other: Some(other.clone()),
                distance_m: Some(to_millimetres(distance_m)),
                uncertain: false,
                detected: true,
            },
            profile: Arc::clone(&party.profile),
            other: Arc::clone(&theirs.profile),
        }
    }
}

/// Metres cut to whole millimetres: a pair that is near is never told to be further than near.
fn to_millimetres(metres: f64) -> f64 {
    (metres * 1000.0).floor() / 1000.0
}

#[cfg(test)]
mod tests;

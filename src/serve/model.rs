//! What holds now, as read from the topics.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::domain::alert::AlertState;
use crate::domain::report::Text;
use crate::domain::served::{Channel, Served, What};
use crate::domain::time::Timestamp;
use crate::serve::board::Board;
use crate::serve::passing::Passing;
use crate::serve::resume::ResumePoint;
use crate::serve::update::{FeedTopic, Update};

/// A closed alert is shown for this long, in event time.
const CLOSED_FOR: Duration = Duration::from_mins(10);

/// How much is kept. A subject beyond that is not shown; any other record beyond still goes to who is
/// subscribed, and is in no snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Resources, and as many incidents.
    pub subjects: usize,
    /// Alerts.
    pub alerts: usize,
    /// Fences.
    pub fences: usize,
    /// Changes of alerts that a client can resume over.
    pub history: usize,
    /// The last transitions.
    pub transitions: usize,
    /// Rows of cell windows.
    pub cells: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            subjects: 200_000,
            alerts: 50_000,
            fences: 20_000,
            history: 8192,
            transitions: 1000,
            cells: 100_000,
        }
    }
}

/// What an update changed.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A record to hand out; `before` is the one it replaces.
    Record {
        /// What held until now.
        before: Option<Arc<Served>>,
        /// What holds now.
        now: Arc<Served>,
    },
    /// A subject is gone.
    Gone(Arc<Served>),
    /// A fence was drawn, edited or deleted.
    Fences,
}

/// How fresh a feed is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedAge {
    /// The newest event time.
    pub at: Timestamp,
    /// Arrival of the record that has it.
    pub received: Timestamp,
    /// Arrival of the last record.
    pub heard: Timestamp,
}

/// The read model. Every collection of it is bounded.
#[derive(Debug, Default)]
pub struct ReadModel {
    bounds: Bounds,
    resources: Board,
    incidents: Board,
    passing: Passing,
    alerts: BTreeMap<Text, Arc<Served>>,
    fences: BTreeMap<Text, Arc<Served>>,
    history: VecDeque<(i32, i64, Arc<Served>)>,
    /// The first offset of each partition from which on every record is in `history`.
    floors: BTreeMap<i32, i64>,
    heads: ResumePoint,
    feeds: BTreeMap<&'static str, FeedAge>,
    refused: u64,
}

impl ReadModel {
    /// An empty model, of the topics of `stream`.
    #[must_use]
    pub fn new(bounds: Bounds, stream: &str) -> Self {
        Self {
            bounds,
            heads: ResumePoint::new(stream),
            ..Self::default()
        }
    }

    /// Takes in one record; `served` is what it says, `None` for a tombstone.
    pub fn apply(&mut self, update: &Update, served: Option<Served>) -> Vec<Change> {
        let Some(served) = served else {
            return self.bury(update);
        };
        let served = Arc::new(served);
        self.hear(update, &served);
        match &served.what {
            What::Resource { .. } | What::Incident { .. } => self.settle(served),
            What::Alert { .. } => self.raise(update, served),
            What::Fence => {
                let most = self.bounds.fences;
                let kept = keep(&mut self.fences, most, &served);
                self.refused += u64::from(!kept);
                vec![Change::Fences]
            }
            What::Transition => {
                self.passing
                    .add_transition(&served, self.bounds.transitions);
                passing(served)
            }
            What::Cell { .. } => {
                let most = self.bounds.cells;
                let kept = self.passing.put_cell(&update.key, &served, most);
                self.refused += u64::from(!kept);
                passing(served)
            }
        }
    }

    /// Forgets alerts that were closed long enough before `now`, and cells of windows long over.
    pub fn forget(&mut self, now: Timestamp) {
        self.alerts.retain(|_, alert| !is_over(alert, now));
        self.passing.forget();
    }

    /// What a channel holds now, in order of id; of transitions the last ones, in order of arrival.
    #[must_use]
    pub fn now(&self, channel: Channel) -> Box<dyn Iterator<Item = &Arc<Served>> + '_> {
        match channel {
            Channel::Positions => Box::new(self.resources.values()),
            Channel::Incidents => Box::new(self.incidents.values().filter(
                |incident| !matches!(incident.what, What::Incident { is_closed, .. } if is_closed),
            )),
            Channel::Alerts => Box::new(self.alerts.values()),
            Channel::Transitions => Box::new(self.passing.transitions()),
            Channel::Cells => Box::new(self.passing.cells()),
        }
    }

    /// The alert `id`, while it is shown.
    #[must_use]
    pub fn alert(&self, id: &str) -> Option<&Arc<Served>> {
        self.alerts.get(id)
    }

    /// Resources, to follow from a revision on.
    #[must_use]
    pub fn resources(&self) -> &Board {
        &self.resources
    }

    /// Incidents, closed ones too, to follow from a revision on.
    #[must_use]
    pub fn incidents(&self) -> &Board {
        &self.incidents
    }

    /// Fences as drawn, in order of id.
    pub fn fences(&self) -> impl Iterator<Item = &Arc<Served>> {
        self.fences.values()
    }

    /// How far the model has read `alerts`.
    #[must_use]
    pub fn point(&self) -> &ResumePoint {
        &self.heads
    }

    /// The changes of alerts after `point`, in order of arrival, each with how far it gets; `None` where they are no longer all
    /// here, or where `point` is ahead of what was read, or of another stream.
    #[must_use]
    pub fn since(&self, point: &ResumePoint) -> Option<Vec<(ResumePoint, Arc<Served>)>> {
        let is_behind = self
            .floors
            .iter()
            .any(|(&partition, &floor)| point.next(partition) < floor);
        let is_ahead = point
            .iter()
            .any(|(partition, next)| next > self.heads.next(partition));
        if is_behind || is_ahead || !point.is_of(&self.heads) {
            return None;
        }
        let mut reached = point.clone();
        let missed = self.history.iter();
        let missed = missed.filter(|(partition, offset, _)| *offset >= point.next(*partition));
        let missed = missed.map(|(partition, offset, alert)| {
            reached.pass(*partition, *offset);
            (reached.clone(), Arc::clone(alert))
        });
        Some(missed.collect())
    }

    /// Every feed that was heard of, by name.
    pub fn feeds(&self) -> impl Iterator<Item = (&'static str, FeedAge)> + '_ {
        self.feeds.iter().map(|(&name, &age)| (name, age))
    }

    /// Records that did not fit in.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused
    }

    fn hear(&mut self, update: &Update, served: &Served) {
        let name = match served.what {
            What::Resource { .. } => "positions",
            What::Incident { .. } => "incidents",
            What::Alert { .. } | What::Transition | What::Cell { .. } | What::Fence => return,
        };
        let at = update.at.or(served.at).unwrap_or(update.received);
        let heard = update.received;
        let fresh = FeedAge {
            at,
            received: heard,
            heard,
        };
        let age = self.feeds.entry(name).or_insert(fresh);
        age.heard = heard;
        if at > age.at {
            *age = fresh;
        }
    }

    fn settle(&mut self, served: Arc<Served>) -> Vec<Change> {
        let most = self.bounds.subjects;
        let held = if matches!(served.what, What::Incident { .. }) {
            &mut self.incidents
        } else {
            &mut self.resources
        };
        let before = held.get(&served.id).cloned();
        if before.as_ref().is_some_and(|before| served.at < before.at) {
            return Vec::new();
        }
        if held.len() < most || before.is_some() {
            held.put(&served);
        } else {
            self.refused += 1;
        }
        vec![Change::Record {
            before,
            now: served,
        }]
    }

    fn raise(&mut self, update: &Update, served: Arc<Served>) -> Vec<Change> {
        let (partition, offset) = (update.partition, update.offset);
        self.floors.entry(partition).or_insert(offset);
        self.heads.pass(partition, offset);
        if self.history.len() >= self.bounds.history.max(1)
            && let Some((partition, offset, _)) = self.history.pop_front()
        {
            self.floors.insert(partition, offset + 1);
        }
        let log = (partition, offset, Arc::clone(&served));
        self.history.push_back(log);
        let before = self.alerts.get(&served.id).cloned();
        if before
            .as_ref()
            .is_some_and(|before| sequence(&served) < sequence(before))
        {
            return Vec::new();
        }
        if is_over(&served, update.received) {
            self.alerts.remove(&served.id);
        } else if !keep(&mut self.alerts, self.bounds.alerts, &served) {
            self.refused += 1;
        }
        vec![Change::Record {
            before,
            now: served,
        }]
    }

    fn bury(&mut self, update: &Update) -> Vec<Change> {
        let key = update.key.as_str();
        match update.topic {
            FeedTopic::Located => {
                let resource = self.resources.remove(key);
                let incident = take_incident(&mut self.incidents, key, true);
                let gone = resource.into_iter().chain(incident);
                gone.map(Change::Gone).collect()
            }
            FeedTopic::Unplaced => {
                let gone = take_incident(&mut self.incidents, key, false);
                gone.into_iter().map(Change::Gone).collect()
            }
            FeedTopic::Fences if self.fences.remove(key).is_some() => vec![Change::Fences],
            FeedTopic::Cells => {
                self.passing.remove_cell(key);
                Vec::new()
            }
            FeedTopic::Alerts | FeedTopic::Fences | FeedTopic::Transitions => Vec::new(),
        }
    }
}

fn passing(now: Arc<Served>) -> Vec<Change> {
    vec![Change::Record { before: None, now }]
}

/// False where `most` others are held already.
fn keep(held: &mut BTreeMap<Text, Arc<Served>>, most: usize, served: &Arc<Served>) -> bool {
    let fits = held.len() < most || held.contains_key(&served.id);
    if fits {
        held.insert(Arc::clone(&served.id), Arc::clone(served));
    }
    fits
}

/// The tombstone that follows when an incident gets its place must not take the placed one along.
fn take_incident(held: &mut Board, key: &str, is_placed: bool) -> Option<Arc<Served>> {
    let found = held.get(key)?;
    (found.position.is_some() == is_placed)
        .then(|| held.remove(key))
        .flatten()
}

fn sequence(alert: &Served) -> i64 {
    if let What::Alert { sequence, .. } = alert.what {
        sequence
    } else {
        0
    }
}

fn is_over(alert: &Served, now: Timestamp) -> bool {
    let is_closed = matches!(alert.what, What::Alert { state, .. } if state == AlertState::Closed);
    is_closed && alert.at.is_none_or(|at| now.since(at) > CLOSED_FOR)
}

#[cfg(test)]
mod tests;

//! One partition's track and what drives it: its records, the controls, the passing of time.

use std::time::Duration;

use crate::domain::ids::{Kind, Subject};
use crate::domain::reject::Reject;
use crate::domain::report::{Arrival, Body};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::Vocabulary;
use crate::io::kafka::intake::Assignment;
use crate::io::kafka::{Offset, Record, topics};
use crate::io::wire::report::{Habits, Record as Entry, decode_next};
use crate::runtime::clock::InputClock;
use crate::runtime::controls::{Control, ControlLog};
use crate::runtime::publish::Publisher;
use crate::runtime::track_stage::TrackStage;
use crate::track::{Effects, Track};

/// One partition's track.
pub(super) struct Shard {
    pub(super) track: Track,
    pub(super) clock: InputClock,
    assignment: Assignment,
    kind: Kind,
    /// What its records are like.
    habits: Habits,
    lateness: Duration,
    future_skew: Duration,
    /// How many controls it has heard.
    heard: usize,
    pub(super) caught_up: bool,
}

/// A record that was read, or why it could not be.
pub(super) struct Read {
    pub(super) record: Record,
    entry: Result<Entry, Reject>,
}

impl Shard {
    pub(super) fn new(stage: &TrackStage, assignment: Assignment) -> Self {
        let (resources, incidents) = stage.lateness;
        let (kind, lateness) = match assignment.partition.topic.as_str() {
            topics::INCIDENTS => (Kind::Incident, incidents),
            _ => (Kind::Resource, resources),
        };
        Self {
            track: Track::new(
                stage.track.clone(),
                stage.geocoder.clone(),
                stage.rules.clone(),
            ),
            clock: InputClock::default(),
            caught_up: assignment.is_empty,
            assignment,
            kind,
            habits: Habits::kept(),
            lateness,
            future_skew: stage.track.future_skew,
            heard: 0,
        }
    }

    /// Whether what follows from what stands there was not told before.
    pub(super) fn is_told(&self, at: &Offset) -> bool {
        let committed = self.assignment.committed;
        committed.is_none_or(|committed| at.number >= committed)
    }

    /// Whether the history ends with what stands there: from then on its state is that of now.
    pub(super) fn catches_up_with(&mut self, at: &Offset) -> bool {
        let catches_up = !self.caught_up && at.number + 1 >= self.assignment.end;
        self.caught_up |= catches_up;
        catches_up
    }

    pub(super) fn read(&mut self, record: Record) -> Read {
        let arrival = Arrival {
            received: record.received,
            delay: Duration::ZERO,
            lateness: self.lateness,
        };
        let entry = match &record.value {
            Some(value) => decode_next(self.kind, value, arrival, &mut self.habits),
            None => Ok(Entry::Deleted {
                subject: Subject {
                    id: record.key.as_deref().unwrap_or("").into(),
                    kind: self.kind,
                },
                at: None,
            }),
        };
        Read { record, entry }
    }

    /// What follows from a record; gives it back with that.
    pub(super) fn process(&mut self, read: Read) -> (Record, Result<Vec<Effects>, Reject>) {
        let Read { record, entry } = read;
        let received = record.received;
        let done = entry.and_then(|entry| self.enter(entry, received));
        (record, done)
    }

    fn enter(&mut self, entry: Entry, received: Timestamp) -> Result<Vec<Effects>, Reject> {
        let at = match &entry {
            Entry::Report(report) => report.at,
            Entry::Deleted { at, .. } => *at,
        };
        if let Some(at) = at.filter(|at| *at <= received + self.future_skew) {
            self.clock.see(at, received);
        }
        let clock = self.clock.newest();
        let mut effects = self.track.advance(clock);
        match entry {
            Entry::Report(mut report) => {
                report.arrival.delay = at.map_or(Duration::ZERO, |at| received.since(at));
                effects.push(self.track.process(report)?);
            }
            Entry::Deleted { subject, at } => {
                effects.push(self.track.delete(&subject, at.unwrap_or(received)));
            }
        }
        Ok(effects)
    }

    /// Hears the controls that came at or before `until`; tells what follows, unless it was told before.
    pub(super) fn hear(
        &mut self,
        controls: &ControlLog,
        until: Timestamp,
        mut publisher: Option<&mut Publisher>,
    ) -> anyhow::Result<()> {
        while let Some(control) = controls.after(self.heard, until) {
            self.heard += 1;
            let effects = match control {
                Control::Fence(at, edit) => self.track.edit_fence(*at, edit),
                Control::Rule(at, edit) => Ok(self.track.edit_rule(*at, edit)),
                Control::Command(command) => {
                    let arrival = Arrival {
                        received: command.at,
                        delay: Duration::ZERO,
                        lateness: Duration::ZERO,
                    };
                    self.track.command(command, arrival)
                }
            };
            // A fence is checked before it becomes a control; a place that is none changes nothing.
            if let (Ok(effects), Some(publisher)) = (effects, publisher.as_deref_mut()) {
                publisher.track(&effects)?;
            }
        }
        Ok(())
    }
}

impl Read {
    /// Whether it is a position that a newer one of the same subject may stand for.
    pub(super) fn is_mere_position(&self, vocabulary: &Vocabulary) -> bool {
        let Ok(Entry::Report(report)) = &self.entry else {
            return false;
        };
        let Body::Resource(resource) = &report.body else {
            return false;
        };
        let emergency = resource
            .status
            .as_ref()
            .is_some_and(|status| vocabulary.emergency.contains(status));
        report.location.is_some() && report.flaw.is_none() && !emergency
    }
}

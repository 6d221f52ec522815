//! One track and what it writes.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::alert::rule::RuleEdit;
use crate::domain::command::Command;
use crate::domain::fact::Fact;
use crate::domain::fence::FenceEdit;
use crate::domain::ids::Subject;
use crate::domain::reject::Reject;
use crate::domain::report::{Arrival, Report};
use crate::domain::time::Timestamp;
use crate::prefetch::{Look, prefetch};
use crate::replay::output::{Origin, Output};
use crate::track::{Effects, Track};

/// How far ahead of the event that is processed memory is asked for, in events: each takes about a microsecond, and
/// memory a tenth of that; what is needed for so many stays in the nearest cache. First the event itself ...
const EVENT_AHEAD: usize = 16;

/// ... then its report, which says what else will be needed ...
const REPORT_AHEAD: usize = 12;

/// ... then what is known of its subject and around its place ...
const FIRST_LOOK: usize = 8;

/// ... and then what that points to.
const SECOND_LOOK: usize = 4;

/// Something that a shard has to take in.
#[derive(Clone, Debug)]
pub enum Event {
    /// A report of one of its subjects.
    Report(Box<Report>),
    /// One of its subjects is taken away.
    Deleted(Subject, Timestamp),
    /// An operator did something; every shard hears it.
    Command(Arc<Command>),
    /// A fence is another from that moment on; every shard hears it.
    Fence(Timestamp, Arc<FenceEdit>),
    /// A rule is another from that moment on; every shard hears it.
    Rule(Timestamp, Arc<RuleEdit>),
}

/// An event, with the newest event time of the input when it was read.
#[derive(Clone, Debug)]
pub struct Stamped {
    /// The newest event time.
    pub clock: Timestamp,
    /// Where it stands in the input.
    pub origin: Origin,
    /// As it was read.
    pub raw: Vec<u8>,
    /// What it is.
    pub event: Event,
}

/// One track of a replay.
#[derive(Debug)]
pub struct Shard {
    track: Track,
    names: Arc<[String]>,
    output: Output,
    facts: Vec<Fact>,
}

impl Event {
    /// Whose it is; `None` where it is everybody's.
    #[must_use]
    pub fn subject(&self) -> Option<&Subject> {
        match self {
            Self::Report(report) => Some(&report.subject),
            Self::Deleted(subject, _) => Some(subject),
            Self::Command(_) | Self::Fence(..) | Self::Rule(..) => None,
        }
    }
}

impl Shard {
    /// A shard that has seen nothing; `names` are those of the files; what it
    /// writes will be in `folder`.
    #[must_use]
    pub fn new(track: Track, names: Arc<[String]>, folder: &Path) -> Self {
        Self {
            track,
            names,
            output: Output::new(folder),
            facts: Vec::new(),
        }
    }

    /// Takes in its part of a batch, lets time pass up to `clock`, and gives what the picture needs.
    ///
    /// # Errors
    /// When lines cannot be spilled to disk.
    pub fn run(&mut self, part: &mut Vec<Stamped>, clock: Timestamp) -> io::Result<Vec<Fact>> {
        let mut left = part.drain(..);
        while let Some(Stamped {
            clock,
            origin,
            raw,
            event,
        }) = left.next()
        {
            self.look_ahead(left.as_slice());
            self.advance(clock)?;
            let done = match event {
                Event::Report(report) => self.track.process(report),
                Event::Deleted(subject, at) => Ok(self.track.delete(&subject, at)),
                Event::Command(command) => {
                    let arrival = Arrival {
                        received: command.at,
                        delay: Duration::ZERO,
                        lateness: Duration::ZERO,
                    };
                    self.track.command(&command, arrival)
                }
                Event::Fence(at, edit) => self.track.edit_fence(at, &edit),
                Event::Rule(at, edit) => Ok(self.track.edit_rule(at, &edit)),
            };
            match done {
                Ok(mut effects) => self.write(&mut effects, origin, &raw)?,
                Err(reject) => self.reject(&reject, origin, &raw)?,
            }
        }
        drop(left);
        self.advance(clock)?;
        Ok(std::mem::take(&mut self.facts))
    }

    /// What it wrote.
    #[must_use]
    pub fn into_output(self) -> Output {
        self.output
    }

    /// Asks for the memory of events in `next`, one at each distance: what it is of the farthest, then the report, then
    /// what that needs.
    #[inline(always)]
    fn look_ahead(&self, next: &[Stamped]) {
        if let Some(stamped) = next.get(EVENT_AHEAD) {
            prefetch(stamped);
        }
        let report = |distance: usize| match next.get(distance).map(|stamped| &stamped.event) {
            Some(Event::Report(report)) => Some(report),
            _ => None,
        };
        if let Some(report) = report(REPORT_AHEAD) {
            prefetch(&**report);
        }
        for (look, distance) in [(Look::First, FIRST_LOOK), (Look::Second, SECOND_LOOK)] {
            if let Some(report) = report(distance) {
                self.track.prefetch(report, look);
            }
        }
    }

    #[inline(always)]
    fn advance(&mut self, clock: Timestamp) -> io::Result<()> {
        for mut effects in self.track.advance(clock) {
            self.write(&mut effects, Origin::NOWHERE, &[])?;
        }
        Ok(())
    }

    /// Takes the facts out of `effects`, and writes what else they are.
    #[inline(always)]
    fn write(&mut self, effects: &mut Effects, origin: Origin, raw: &[u8]) -> io::Result<()> {
        if let Some(located) = &effects.located {
            self.output.located(located, origin)?;
        }
        if let Some(unplaced) = &effects.unplaced {
            self.output.unplaced(unplaced, origin)?;
            self.reject(&unplaced.reject, origin, raw)?;
        }
        self.output
            .happened(&effects.transitions, &effects.alerts)?;
        self.facts.append(&mut effects.facts);
        Ok(())
    }

    fn reject(&mut self, reject: &Reject, origin: Origin, raw: &[u8]) -> io::Result<()> {
        let name = self.names.get(origin.source).map_or("", String::as_str);
        self.output.reject(reject, name, origin, raw)
    }
}

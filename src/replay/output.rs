//! What a replay writes: every kind of line in its own file, in the order of the contract.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use crate::domain::alert::{Alert, AlertState};
use crate::domain::located::{Located, Unplaced};
use crate::domain::reject::{Reason, Reject};
use crate::domain::transition::{Transition, TransitionKind};
use crate::domain::window::CellCount;
use crate::io::wire;
use crate::replay::sorted::{self, Key, SortedLines};

/// The files of a replay, in the order of `FILES`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sink {
    Transitions,
    Alerts,
    Located,
    Unplaced,
    Cells,
    Rejects,
}

/// Names of the files; each is written, also where it is empty.
const FILES: [(Sink, &str); 6] = [
    (Sink::Transitions, "transitions.ndjson"),
    (Sink::Alerts, "alerts.ndjson"),
    (Sink::Located, "located.ndjson"),
    (Sink::Unplaced, "unplaced.ndjson"),
    (Sink::Cells, "cells.ndjson"),
    (Sink::Rejects, "rejects.ndjson"),
];

/// Where a record stood in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Number of the file or partition in the order of the plan.
    pub source: usize,
    /// Of a topic; `None` for a file.
    pub partition: Option<i32>,
    /// Line from 1; in a topic the offset.
    pub line: u64,
}

impl Origin {
    /// Of what stands in no input.
    pub const NOWHERE: Self = Self {
        source: 0,
        partition: None,
        line: 0,
    };
}

/// Lines on their way out, and what they add up to.
#[derive(Debug)]
pub struct Output {
    lines: [SortedLines; 6],
    /// What was written.
    pub tally: Tally,
}

/// What a replay did, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Located reports.
    pub located: u64,
    /// Those of them that were late.
    pub late: u64,
    /// Incidents without a place.
    pub unplaced: u64,
    /// Rejects by code.
    pub rejects: BTreeMap<&'static str, u64>,
    /// Transitions by kind.
    pub transitions: BTreeMap<&'static str, u64>,
    /// Alerts that opened.
    pub alerts_opened: u64,
    /// Alerts that closed.
    pub alerts_closed: u64,
    /// Rows of closed windows.
    pub cells: u64,
}

impl Output {
    /// Nothing yet; it will be written into `folder`.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self {
            lines: std::array::from_fn(|_| SortedLines::of_file_in(folder)),
            tally: Tally::default(),
        }
    }

    /// Takes a located report out.
    ///
    /// # Errors
    /// As for all that writes here: when lines cannot be spilled to disk.
    #[inline(always)]
    pub fn located(&mut self, located: &Located, origin: Origin) -> io::Result<()> {
        self.tally.located += 1;
        self.tally.late += u64::from(located.late);
        self.put(
            Sink::Located,
            |key| {
                key.time(located.at)
                    .text(&located.report.subject.id)
                    .origin(origin)
            },
            |line| {
                wire::located::encode(located, line);
            },
        )
    }

    /// Takes an incident without a place out, and its reject.
    ///
    /// # Errors
    /// When lines cannot be spilled to disk.
    pub fn unplaced(&mut self, unplaced: &Unplaced, origin: Origin) -> io::Result<()> {
        self.tally.unplaced += 1;
        self.put(
            Sink::Unplaced,
            |key| key.origin(origin),
            |line| {
                wire::located::encode_unplaced(unplaced, line);
            },
        )
    }

    /// Takes a refused record out; `source` names its file.
    ///
    /// # Errors
    /// When lines cannot be spilled to disk.
    pub fn reject(
        &mut self,
        reject: &Reject,
        source: &str,
        origin: Origin,
        record: &[u8],
    ) -> io::Result<()> {
        *self.tally.rejects.entry(reject.reason.label()).or_default() += 1;
        let from = wire::reject::Origin {
            source,
            partition: origin.partition,
            offset: i64::try_from(origin.line).unwrap_or(i64::MAX),
        };
        self.put(
            Sink::Rejects,
            |key| key.origin(origin),
            |line| {
                wire::reject::encode(reject, from, record, line);
            },
        )
    }

    /// Takes transitions out, those that their fences ask for, and alerts.
    ///
    /// # Errors
    /// When lines cannot be spilled to disk.
    #[inline]
    pub fn happened(&mut self, transitions: &[Transition], alerts: &[Alert]) -> io::Result<()> {
        for transition in transitions {
            self.transition(transition)?;
        }
        for alert in alerts {
            self.alert(alert)?;
        }
        Ok(())
    }

    fn transition(&mut self, transition: &Transition) -> io::Result<()> {
        if !transition.detected {
            return Ok(());
        }
        let tally = &mut self.tally.transitions;
        *tally.entry(transition.kind.label()).or_default() += 1;
        let subject = transition.subject.as_ref();
        let subject = subject.map_or("", |subject| &subject.id);
        let fence = transition.fence.as_ref().map_or("", |fence| fence.as_str());
        // Approach and recede stand together, by distance: of one subject, and not negative, so that
        // their bits are in order too.
        let kind = transition.kind.min(TransitionKind::Approach) as u64;
        let other = transition.other.as_ref().map_or("", |other| &other.id);
        self.put(
            Sink::Transitions,
            |key| {
                key.time(transition.at)
                    .text(subject)
                    .number(kind)
                    .text(fence)
                    .number(transition.distance_m.map_or(0, f64::to_bits))
                    .text(other)
                    .number(transition.kind as u64)
            },
            |line| wire::transition::encode(transition, line),
        )
    }

    fn alert(&mut self, alert: &Alert) -> io::Result<()> {
        self.tally.alerts_opened += u64::from(alert.state == AlertState::Open);
        self.tally.alerts_closed += u64::from(alert.state == AlertState::Closed);
        self.put(
            Sink::Alerts,
            |key| {
                key.time(alert.at)
                    .text(alert.id.as_str())
                    .number(u64::from(alert.sequence))
            },
            |line| wire::alert::encode(alert, line),
        )
    }

    /// Takes a row of a closed window out, if that is a tumbling one.
    ///
    /// # Errors
    /// When lines cannot be spilled to disk.
    pub fn cell(&mut self, cell: &CellCount) -> io::Result<()> {
        if cell.slide.is_some() {
            return Ok(());
        }
        self.tally.cells += 1;
        let width = u64::try_from(cell.width.as_millis()).unwrap_or(u64::MAX);
        self.put(
            Sink::Cells,
            |key| {
                key.time(cell.start)
                    .number(width)
                    .number(u64::from(u8::from(cell.cell.resolution())))
                    .number(cell.cell.into())
                    .text(cell.kind.label())
                    .text(&cell.category)
            },
            |line| wire::cell::encode(cell, line),
        )
    }

    #[inline(always)]
    fn put(
        &mut self,
        sink: Sink,
        key: impl FnOnce(Key<'_>) -> Key<'_>,
        line: impl FnOnce(&mut Vec<u8>),
    ) -> io::Result<()> {
        self.lines[sink as usize].push(key, line)
    }
}

impl Key<'_> {
    fn origin(self, origin: Origin) -> Self {
        self.number(origin.source as u64).number(origin.line)
    }
}

/// Writes what `outputs` hold together into the files of `folder`, and gives their common tally.
///
/// # Errors
/// When a file cannot be written or spilled lines cannot be read back.
pub fn write(outputs: Vec<Output>, folder: &Path) -> io::Result<Tally> {
    let mut tally = Tally::default();
    let mut lines: Vec<Vec<SortedLines>> = FILES.iter().map(|_| Vec::new()).collect();
    for output in outputs {
        tally.add(&output.tally);
        for (sink, collection) in output.lines.into_iter().enumerate() {
            lines[sink].push(collection);
        }
    }
    for ((_, name), collections) in FILES.into_iter().zip(lines) {
        sorted::write(collections, &folder.join(name))?;
    }
    Ok(tally)
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.located += other.located;
        self.late += other.late;
        self.unplaced += other.unplaced;
        self.alerts_opened += other.alerts_opened;
        self.alerts_closed += other.alerts_closed;
        self.cells += other.cells;
        for (reason, count) in &other.rejects {
            *self.rejects.entry(reason).or_default() += count;
        }
        for (kind, count) in &other.transitions {
            *self.transitions.entry(kind).or_default() += count;
        }
    }

    /// Rejects of `reason`.
    #[must_use]
    pub fn rejected(&self, reason: Reason) -> u64 {
        self.rejects.get(reason.label()).copied().unwrap_or(0)
    }
}

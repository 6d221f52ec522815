//! The path of one fact, top to bottom: hold, put in order, count, judge.
//!
//! Pure: runs on event time, knows no clock, no I/O. What holds is judged at the watermark, over facts
//! in the order of (time, subject), never in the order of their arrival: so two tracks side by side
//! give the same picture as one.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::alert::occupancy::OccupancyRules;
use crate::alert::rule::RuleSet;
use crate::domain::alert::Alert;
use crate::domain::command::Command;
use crate::domain::fact::{Change, Fact};
use crate::domain::fence::{Fence, FenceEdit};
use crate::domain::ids::{FenceId, Kind, Subject};
use crate::domain::time::Timestamp;
use crate::domain::window::CellCount;
use crate::window::WindowSpec;
use crate::window::cells::CellWindows;
use crate::window::in_order::InOrder;

/// The state of one region: whom each fence holds, and the windows over its cells.
#[derive(Debug)]
pub struct Picture {
    reorder: Duration,
    held: InOrder<Rank, Step>,
    /// The version of each fence that its scheduled turns must be of.
    versions: BTreeMap<FenceId, Version>,
    edits: Version,
    occupancy: OccupancyRules,
    windows: Vec<CellWindows>,
}

/// What a picture is made with.
#[derive(Clone, Debug)]
pub struct Config {
    /// How long facts are held to put them in order before they are judged.
    pub reorder: Duration,
    /// How late a resource report may be: tumbling windows stay open for as long.
    pub resource_lateness: Duration,
    /// How late an incident report may be.
    pub incident_lateness: Duration,
    /// The windows to keep.
    pub windows: Vec<WindowSpec>,
}

/// What facts, commands and the passing of time did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Effects {
    /// What people must know.
    pub alerts: Vec<Alert>,
    /// Counts of windows that ended.
    pub cells: Vec<CellCount>,
}

/// What holds changes by one of these.
#[derive(Debug)]
enum Step {
    /// A fence is another.
    Edit(FenceEdit),
    /// This version of a fence comes into force or goes out of it.
    Turn(Version, Fence),
    Fact(Fact),
    Command(Command),
}

/// Counts the edits of all fences.
type Version = u64;

/// Order of steps at one time: fences, then facts by subject, then commands.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Fence,
    Fact(Subject),
    Command,
}

impl Picture {
    /// A picture that has seen nothing.
    #[must_use]
    pub fn new(config: &Config, rules: RuleSet) -> Self {
        let (rolling, tumbling): (Vec<_>, Vec<_>) = config
            .windows
            .iter()
            .copied()
            .partition(|spec| spec.slide.is_some());
        let windows = |kind, lateness, specs: &Vec<WindowSpec>| {
            CellWindows::new(kind, lateness, specs.iter().copied())
        };
        Self {
            reorder: config.reorder,
            held: InOrder::default(),
            versions: BTreeMap::new(),
            edits: 0,
            occupancy: OccupancyRules::new(rules),
            windows: vec![
                windows(Kind::Resource, config.resource_lateness, &tumbling),
                windows(Kind::Incident, config.incident_lateness, &tumbling),
                windows(Kind::Resource, config.reorder, &rolling),
                windows(Kind::Incident, config.reorder, &rolling),
            ],
        }
    }

    /// Takes in a fact; it takes effect when the watermark passes it.
    pub fn process(&mut self, fact: Fact) {
        for windows in &mut self.windows {
            windows.observe(&fact);
        }
        if !matches!(fact.change, Change::At(..)) {
            self.held
                .push(fact.at, Rank::Fact(fact.subject.clone()), Step::Fact(fact));
        }
    }

    /// Takes in another version of a fence, or its end, effective at `at`.
    pub fn edit_fence(&mut self, at: Timestamp, edit: FenceEdit) {
        self.held.push(at, Rank::Fence, Step::Edit(edit));
    }

    /// Takes in what an operator did.
    pub fn command(&mut self, command: Command) {
        self.held
            .push(command.at, Rank::Command, Step::Command(command));
    }

    /// Judges what holds at the watermark: `clock`, the newest event time of the input, less the time
    /// that facts are held.
    pub fn advance(&mut self, clock: Timestamp) -> Effects {
        Effects {
            alerts: self.judge(clock - self.reorder),
            cells: self
                .windows
                .iter_mut()
                .flat_map(|windows| windows.advance(clock))
                .collect(),
        }
    }

    /// Judges everything and closes every window: the input ended at `clock`.
    pub fn finish(&mut self, clock: Timestamp) -> Effects {
        Effects {
            alerts: self.judge(clock),
            cells: self
                .windows
                .iter_mut()
                .flat_map(|windows| windows.finish(clock))
                .collect(),
        }
    }

    /// How many facts came too late for the windows.
    #[must_use]
    pub fn late(&self) -> u64 {
        self.windows.iter().map(CellWindows::late).sum()
    }

    /// Takes every step up to `watermark` in order, and between them fires what becomes due.
    fn judge(&mut self, watermark: Timestamp) -> Vec<Alert> {
        let mut alerts = Vec::new();
        loop {
            let step_at = self.held.next_at().filter(|at| *at <= watermark);
            let due_at = self.occupancy.next_due().filter(|at| *at <= watermark);
            match (step_at, due_at) {
                (None, None) => return alerts,
                // A step at the moment when a bound becomes due may still mend it.
                (Some(step_at), due_at) if due_at.is_none_or(|due_at| step_at <= due_at) => {
                    if let Some((at, step)) = self.held.pop(watermark) {
                        alerts.extend(self.take(at, step));
                    }
                }
                _ => alerts.extend(self.occupancy.fire_next()),
            }
        }
    }

    fn take(&mut self, at: Timestamp, step: Step) -> Vec<Alert> {
        match step {
            Step::Edit(edit) => self.take_edit(at, edit),
            Step::Turn(version, fence) if self.versions.get(&fence.id) == Some(&version) => {
                self.turn(at, &fence)
            }
            Step::Turn(..) => Vec::new(),
            Step::Fact(fact) => self.occupancy.observe(&fact),
            Step::Command(command) => self.occupancy.command(&command).into_iter().collect(),
        }
    }

    fn take_edit(&mut self, at: Timestamp, edit: FenceEdit) -> Vec<Alert> {
        let Some(fence) = edit.fence else {
            self.versions.remove(&edit.id);
            return self.occupancy.erase(at, &edit.id);
        };
        self.edits += 1;
        self.versions.insert(fence.id.clone(), self.edits);
        for turn in [fence.valid_from, fence.valid_until].into_iter().flatten() {
            if turn > at {
                self.held
                    .push(turn, Rank::Fence, Step::Turn(self.edits, fence.clone()));
            }
        }
        self.turn(at, &fence)
    }

    fn turn(&mut self, at: Timestamp, fence: &Fence) -> Vec<Alert> {
        if fence.is_in_force(at) {
            self.occupancy.draw(at, fence)
        } else {
            self.occupancy.erase(at, &fence.id)
        }
    }
}

#[cfg(test)]
mod tests;

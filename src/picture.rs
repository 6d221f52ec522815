//! The path of one fact, top to bottom: hold, put in order, see who is where and near whom, judge.
//!
//! Pure: runs on event time, knows no clock, no I/O. What holds is judged at the watermark, over facts
//! in the order of (time, subject), never in the order of their arrival: so two tracks side by side
//! give the same picture as one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::alert::occupancy::OccupancyRules;
use crate::alert::rule::{RuleEdit, RuleSet};
use crate::alert::scene::SceneRules;
use crate::domain::alert::Alert;
use crate::domain::command::Command;
use crate::domain::fact::{Change, Fact};
use crate::domain::fence::{Fence, FenceEdit};
use crate::domain::ids::{FenceId, Kind, Subject};
use crate::domain::nearby::PlaceNames;
use crate::domain::time::Timestamp;
use crate::domain::transition::Transition;
use crate::domain::window::CellCount;
use crate::geofence::pairs::Pairs;
use crate::geofence::presence::Presence;
use crate::window::WindowSpec;
use crate::window::cells::CellWindows;
use crate::window::in_order::InOrder;

/// The state of one region: whom each fence holds, who is near whom, and the windows over its cells.
#[derive(Debug)]
pub struct Picture {
    reorder: Duration,
    held: InOrder<Rank, Step>,
    /// The version of each fence that its scheduled turns must be of.
    versions: BTreeMap<FenceId, Version>,
    edits: Version,
    presence: Presence,
    pairs: Pairs,
    occupancy: OccupancyRules,
    scene: SceneRules,
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
    /// Who came near or parted, and which fence holds nobody.
    pub transitions: Vec<Transition>,
    /// What people must know.
    pub alerts: Vec<Alert>,
    /// Counts of windows that ended.
    pub cells: Vec<CellCount>,
}

/// What holds changes by one of these.
#[derive(Debug)]
enum Step {
    /// A rule is another.
    Rule(Box<RuleEdit>),
    /// A fence is another.
    Edit(FenceEdit),
    /// This version of a fence comes into force, goes out of it or takes another shape.
    Turn(Version, Arc<Fence>),
    Fact(Fact),
    Command(Command),
}

/// Counts the edits of all fences.
type Version = u64;

/// Order of steps at one time: rules, then fences, then facts by subject, then commands.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Rule,
    Fence,
    Fact(Subject),
    Command,
}

impl Picture {
    /// A picture that has seen nothing; `places` tells its alerts what a place is called.
    #[must_use]
    pub fn new(config: &Config, rules: RuleSet, places: &Arc<dyn PlaceNames>) -> Self {
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
            presence: Presence::default(),
            pairs: Pairs::new(rules.pairs().map(|(rule, pair)| (rule, pair.clone()))),
            occupancy: OccupancyRules::new(rules.clone(), Arc::clone(places)),
            scene: SceneRules::new(rules, Arc::clone(places)),
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

    /// Takes in another version of a rule, or its end, effective at `at`.
    pub fn edit_rule(&mut self, at: Timestamp, edit: RuleEdit) {
        self.held.push(at, Rank::Rule, Step::Rule(Box::new(edit)));
    }

    /// Takes in what an operator did.
    pub fn command(&mut self, command: Command) {
        self.held
            .push(command.at, Rank::Command, Step::Command(command));
    }

    /// Judges what holds at the watermark: `clock`, the newest event time of the input, less the time
    /// that facts are held.
    pub fn advance(&mut self, clock: Timestamp) -> Effects {
        let mut effects = self.judge(clock - self.reorder);
        let windows = self.windows.iter_mut();
        effects
            .cells
            .extend(windows.flat_map(|windows| windows.advance(clock)));
        effects
    }

    /// Judges everything and closes every window: the input ended at `clock`.
    pub fn finish(&mut self, clock: Timestamp) -> Effects {
        let mut effects = self.judge(clock);
        let windows = self.windows.iter_mut();
        effects
            .cells
            .extend(windows.flat_map(|windows| windows.finish(clock)));
        effects
    }

    /// How many facts came too late for the windows.
    #[must_use]
    pub fn late(&self) -> u64 {
        self.windows.iter().map(CellWindows::late).sum()
    }

    /// Takes every step up to `watermark` in order, and between them fires what becomes due.
    fn judge(&mut self, watermark: Timestamp) -> Effects {
        let mut effects = Effects::default();
        loop {
            let step_at = self.held.next_at().filter(|at| *at <= watermark);
            let due = self.next_due().filter(|(at, _)| *at <= watermark);
            match (step_at, due) {
                (None, None) => return effects,
                // A step at the moment when something becomes due may still mend it.
                (Some(step_at), due) if due.is_none_or(|(due_at, _)| step_at <= due_at) => {
                    if let Some((at, step)) = self.held.pop(watermark) {
                        self.take(at, step, &mut effects);
                    }
                }
                (_, Some((_, timer))) => self.fire(timer, &mut effects),
                (Some(_), None) => {}
            }
        }
    }

    fn next_due(&self) -> Option<(Timestamp, Timer)> {
        let due = [
            (self.presence.next_due(), Timer::Absence),
            (self.occupancy.next_due(), Timer::Bound),
            (self.scene.next_gathered(), Timer::Members),
            (self.scene.next_due(), Timer::Alert),
        ];
        let due = due.into_iter().filter_map(|(at, timer)| Some((at?, timer)));
        due.min_by_key(|(at, _)| *at)
    }

    fn fire(&mut self, timer: Timer, effects: &mut Effects) {
        match timer {
            Timer::Absence => {
                let absent = self.presence.fire_next();
                self.tell_absence(absent, effects);
            }
            Timer::Bound => effects.alerts.extend(self.occupancy.fire_next()),
            Timer::Members => {
                let gathered = self.scene.pop_gathered();
                let known = gathered.and_then(|(at, id)| Some((at, self.presence.fence(&id)?)));
                if let Some((at, fence)) = known {
                    let members = self.presence.members(&fence.id);
                    let alerts = self.scene.judge_members(at, fence, members);
                    effects.alerts.extend(alerts);
                }
            }
            Timer::Alert => effects.alerts.extend(self.scene.fire_next()),
        }
    }

    fn take(&mut self, at: Timestamp, step: Step, effects: &mut Effects) {
        match step {
            Step::Rule(edit) => self.take_rule(at, &edit, effects),
            Step::Edit(edit) => self.take_edit(at, edit, effects),
            Step::Turn(version, fence) if self.versions.get(&fence.id) == Some(&version) => {
                self.turn(at, &fence, effects);
            }
            Step::Turn(..) => {}
            Step::Fact(fact) => {
                let restored = self.presence.observe(&fact);
                self.tell_absence(restored, effects);
                effects.alerts.extend(self.occupancy.observe(&fact));
                self.meet(&fact, effects);
            }
            Step::Command(command) => {
                effects.alerts.extend(self.occupancy.command(&command));
                effects.alerts.extend(self.scene.command(&command));
            }
        }
    }

    /// Who comes near whom by `fact`, and who parts.
    fn meet(&mut self, fact: &Fact, effects: &mut Effects) {
        for meeting in self.pairs.observe(fact) {
            let profiles = [&*meeting.profile, &*meeting.other];
            let alert = self
                .scene
                .judge_meeting(meeting.watch, &meeting.transition, profiles);
            effects.alerts.extend(alert);
            // Two rules may watch the same pair alike.
            if !effects.transitions.contains(&meeting.transition) {
                effects.transitions.push(meeting.transition);
            }
        }
    }

    fn tell_absence(&mut self, told: Option<Transition>, effects: &mut Effects) {
        let Some(transition) = told else {
            return;
        };
        let fence = transition.fence.as_ref();
        if let Some(fence) = fence.and_then(|id| self.presence.fence(id)) {
            let alerts = self.scene.judge_absence(&transition, fence);
            effects.alerts.extend(alerts);
        }
        effects.transitions.push(transition);
    }

    fn take_rule(&mut self, at: Timestamp, edit: &RuleEdit, effects: &mut Effects) {
        effects.alerts.extend(self.occupancy.edit(at, edit));
        effects.alerts.extend(self.scene.edit(at, edit));
        if let Some((number, pair)) = self.scene.pair_of(&edit.id) {
            self.pairs.edit(number, pair.cloned());
        }
    }

    fn take_edit(&mut self, at: Timestamp, edit: FenceEdit, effects: &mut Effects) {
        let Some(fence) = edit.fence else {
            self.versions.remove(&edit.id);
            self.erase(at, &edit.id, effects);
            return;
        };
        self.edits += 1;
        self.versions.insert(fence.id.clone(), self.edits);
        for turn in fence.turns().filter(|turn| *turn > at) {
            self.held.push(
                turn,
                Rank::Fence,
                Step::Turn(self.edits, Arc::clone(&fence)),
            );
        }
        self.turn(at, &fence, effects);
    }

    fn turn(&mut self, at: Timestamp, fence: &Arc<Fence>, effects: &mut Effects) {
        if !fence.is_in_force(at) {
            self.erase(at, &fence.id, effects);
            return;
        }
        if self.presence.draw(at, fence) {
            self.scene.gather(at, fence);
        }
        effects.alerts.extend(self.occupancy.draw(at, fence));
    }

    fn erase(&mut self, at: Timestamp, id: &FenceId, effects: &mut Effects) {
        self.presence.erase(id);
        effects.alerts.extend(self.occupancy.erase(at, id));
        effects.alerts.extend(self.scene.erase(at, id));
    }
}

/// What can become due.
#[derive(Clone, Copy)]
enum Timer {
    /// A fence that holds nobody.
    Absence,
    /// A count that is too low or too high.
    Bound,
    /// The members of a new fence.
    Members,
    /// An alert that closes by itself.
    Alert,
}

#[cfg(test)]
mod tests;

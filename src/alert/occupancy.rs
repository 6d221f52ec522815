//! The rules about how many are in a fence: too few or too many, for long enough.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::alert::life::{ConditionKey, OpenAlerts, Statement, Trigger};
use crate::alert::rule::{Bound, Condition, Measure, Rule, RuleEdit, RuleSet};
use crate::domain::alert::Alert;
use crate::domain::command::Command;
use crate::domain::fact::{Change, Fact};
use crate::domain::fence::Fence;
use crate::domain::ids::{FenceId, Subject};
use crate::domain::nearby::PlaceNames;
use crate::domain::profile::{Profile, SubjectFilter};
use crate::domain::time::Timestamp;

/// The rules about occupancy, whom each fence holds, and the alerts that are open.
///
/// Only fences that a rule is about are kept.
#[derive(Debug)]
pub struct OccupancyRules {
    set: RuleSet,
    alerts: OpenAlerts,
    places: Arc<dyn PlaceNames>,
    fences: BTreeMap<FenceId, Occupied>,
    whereabouts: BTreeMap<Subject, BTreeSet<FenceId>>,
    /// When a bound that is broken will have been so for long enough.
    due: BTreeSet<(Timestamp, FenceId, usize)>,
}

/// A fence, its members and what the rules count of them.
#[derive(Debug)]
struct Occupied {
    fence: Arc<Fence>,
    members: BTreeMap<Subject, Arc<Profile>>,
    /// By number of the rule.
    counts: BTreeMap<usize, Count>,
}

#[derive(Debug, Default)]
struct Count {
    count: u32,
    /// Since when the bound is broken without a break.
    broken_since: Option<Timestamp>,
}

/// An occupancy rule taken apart.
struct Terms<'a> {
    who: &'a SubjectFilter,
    measure: Measure,
    bound: Bound,
    lasting: Duration,
}

impl OccupancyRules {
    /// Rules without a fence yet; `places` tells what a place is called.
    #[must_use]
    pub fn new(set: RuleSet, places: Arc<dyn PlaceNames>) -> Self {
        Self {
            set,
            alerts: OpenAlerts::default(),
            places,
            fences: BTreeMap::new(),
            whereabouts: BTreeMap::new(),
            due: BTreeSet::new(),
        }
    }

    /// `fence` is in force from `at` on, or is another version of one that was; its members stay.
    pub fn draw(&mut self, at: Timestamp, fence: &Arc<Fence>) -> Vec<Alert> {
        let rules = self.set.rules.iter().enumerate();
        let concerned: Vec<usize> = rules
            .filter(|(_, rule)| rule.counts_in(fence))
            .map(|(number, _)| number)
            .collect();
        let dropped = self.fences.get(&fence.id).map(|old| {
            let numbers = old.counts.keys().copied();
            numbers
                .filter(|number| !concerned.contains(number))
                .collect::<Vec<_>>()
        });
        let dropped = dropped.unwrap_or_default();
        let mut alerts = self.stop_counting(&fence.id, &dropped, at, "fence_deleted");
        let occupied = self
            .fences
            .entry(fence.id.clone())
            .or_insert_with(|| Occupied {
                fence: Arc::clone(fence),
                members: BTreeMap::new(),
                counts: BTreeMap::new(),
            });
        occupied.fence = Arc::clone(fence);
        for number in &concerned {
            occupied.counts.entry(*number).or_default();
        }
        alerts.extend(self.recount(&fence.id, at));
        alerts
    }

    /// The fence `id` is no longer in force.
    pub fn erase(&mut self, at: Timestamp, id: &FenceId) -> Vec<Alert> {
        let numbers: Vec<_> = self.fences.get(id).map_or_else(Vec::new, |occupied| {
            occupied.counts.keys().copied().collect()
        });
        let alerts = self.stop_counting(id, &numbers, at, "fence_deleted");
        if let Some(erased) = self.fences.remove(id) {
            for subject in erased.members.keys() {
                self.forget(subject, id);
            }
        }
        alerts
    }

    /// A rule is another from `at` on: it counts afresh whom each fence holds, and a bound that is
    /// broken then has been so since `at`.
    pub fn edit(&mut self, at: Timestamp, edit: &RuleEdit) -> Vec<Alert> {
        let mut alerts = Vec::new();
        let Some(edited) = self.set.edit(edit) else {
            return alerts;
        };
        if let Some(cause) = edited.ends {
            let ids: Vec<_> = self.fences.keys().cloned().collect();
            for id in &ids {
                alerts.extend(self.stop_counting(id, &[edited.number], at, cause));
            }
        }
        let rule = &self.set.rules[edited.number];
        let mut counted = Vec::new();
        for (id, occupied) in &mut self.fences {
            if rule.counts_in(&occupied.fence) {
                occupied.counts.entry(edited.number).or_default();
                counted.push(id.clone());
            }
        }
        for id in &counted {
            alerts.extend(self.recount(id, at));
        }
        alerts
    }

    /// The alerts that close because `fact` mends a count; what it breaks becomes due.
    pub fn observe(&mut self, fact: &Fact) -> Vec<Alert> {
        let subject = &fact.subject;
        match &fact.change {
            Change::Entered(id, profile) => {
                if !self.fences.contains_key(id) {
                    return Vec::new();
                }
                self.whereabouts
                    .entry(subject.clone())
                    .or_default()
                    .insert(id.clone());
                self.set_member(id, subject, Some(profile), fact.at)
            }
            Change::Left(id) => {
                self.forget(subject, id);
                self.set_member(id, subject, None, fact.at)
            }
            Change::Became(profile) => self.set_everywhere(subject, Some(profile), fact.at),
            Change::Gone(_) => {
                let alerts = self.set_everywhere(subject, None, fact.at);
                self.whereabouts.remove(subject);
                alerts
            }
            Change::At(..) | Change::Moved(..) => Vec::new(),
        }
    }

    /// Applies an operator's command, where its alert is open here.
    pub fn command(&mut self, command: &Command) -> Option<Alert> {
        self.alerts.command(command)
    }

    /// When the next broken bound will have been so for long enough, or an alert closes by itself.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        let broken = self.due.first().map(|(at, _, _)| *at);
        [broken, self.alerts.next_due()].into_iter().flatten().min()
    }

    /// Opens the alert of the bound that is due next, or closes the one that is due before.
    pub fn fire_next(&mut self) -> Option<Alert> {
        let broken = self.due.first().map(|(at, _, _)| *at);
        let closes = self.alerts.next_due();
        if closes.is_some_and(|closes| broken.is_none_or(|broken| closes < broken)) {
            return self.alerts.fire_next();
        }
        let (at, id, number) = self.due.pop_first()?;
        let occupied = self.fences.get(&id)?;
        let count = occupied.counts.get(&number)?;
        let rule = self.set.rules.get(number)?;
        let trigger = Trigger::plain(at, "occupancy");
        let since = count.broken_since?;
        let statement = statement(
            rule,
            &occupied.fence,
            count.count,
            at.since(since),
            &*self.places,
        );
        let key = ConditionKey::of_fence(number, &id);
        self.alerts
            .raise(key, rule, &self.set.version, &trigger, statement)
    }

    fn set_everywhere(
        &mut self,
        subject: &Subject,
        profile: Option<&Arc<Profile>>,
        at: Timestamp,
    ) -> Vec<Alert> {
        let fences = self.whereabouts.get(subject).cloned().unwrap_or_default();
        fences
            .iter()
            .flat_map(|id| self.set_member(id, subject, profile, at))
            .collect()
    }

    fn set_member(
        &mut self,
        id: &FenceId,
        subject: &Subject,
        profile: Option<&Arc<Profile>>,
        at: Timestamp,
    ) -> Vec<Alert> {
        let Some(occupied) = self.fences.get_mut(id) else {
            return Vec::new();
        };
        let old = match profile {
            Some(profile) => occupied
                .members
                .insert(subject.clone(), Arc::clone(profile)),
            None => occupied.members.remove(subject),
        };
        for (number, count) in &mut occupied.counts {
            let Some(terms) = self.set.rules[*number].terms() else {
                continue;
            };
            let weight =
                |profile: Option<&Arc<Profile>>| profile.map_or(0, |profile| terms.weight(profile));
            count.count = count.count - weight(old.as_ref()) + weight(profile);
        }
        self.settle(id, at)
    }

    /// Counts fence `id` afresh: it, or what a rule says of it, is another.
    fn recount(&mut self, id: &FenceId, at: Timestamp) -> Vec<Alert> {
        if let Some(occupied) = self.fences.get_mut(id) {
            for (number, count) in &mut occupied.counts {
                let Some(terms) = self.set.rules[*number].terms() else {
                    continue;
                };
                count.count = occupied
                    .members
                    .values()
                    .map(|profile| terms.weight(profile))
                    .sum();
            }
        }
        self.settle(id, at)
    }

    /// Compares the counts of fence `id` with their bounds: a bound newly broken becomes due, one newly
    /// kept closes its alert.
    fn settle(&mut self, id: &FenceId, at: Timestamp) -> Vec<Alert> {
        let mut alerts = Vec::new();
        let Some(occupied) = self.fences.get_mut(id) else {
            return alerts;
        };
        for (number, count) in &mut occupied.counts {
            let Some(terms) = self.set.rules[*number].terms() else {
                continue;
            };
            match (terms.bound.is_broken_by(count.count), count.broken_since) {
                (true, None) => {
                    count.broken_since = Some(at);
                    self.due.insert((at + terms.lasting, id.clone(), *number));
                }
                (false, Some(since)) => {
                    count.broken_since = None;
                    self.due
                        .remove(&(since + terms.lasting, id.clone(), *number));
                    alerts.extend(self.alerts.clear(
                        &ConditionKey::of_fence(*number, id),
                        &Trigger::plain(at, "occupancy"),
                    ));
                }
                (true, Some(_)) | (false, None) => {}
            }
        }
        alerts
    }

    fn stop_counting(
        &mut self,
        id: &FenceId,
        numbers: &[usize],
        at: Timestamp,
        cause: &'static str,
    ) -> Vec<Alert> {
        let mut alerts = Vec::new();
        for number in numbers {
            if let Some(occupied) = self.fences.get_mut(id) {
                occupied.counts.remove(number);
            }
            self.due
                .retain(|(_, fence, rule)| fence != id || rule != number);
            alerts.extend(self.alerts.clear(
                &ConditionKey::of_fence(*number, id),
                &Trigger::plain(at, cause),
            ));
        }
        alerts
    }

    fn forget(&mut self, subject: &Subject, id: &FenceId) {
        if let Some(fences) = self.whereabouts.get_mut(subject) {
            fences.remove(id);
            if fences.is_empty() {
                self.whereabouts.remove(subject);
            }
        }
    }
}

impl Rule {
    fn terms(&self) -> Option<Terms<'_>> {
        let Condition::Occupancy {
            who,
            measure,
            bound,
            lasting,
            ..
        } = &self.condition
        else {
            return None;
        };
        Some(Terms {
            who,
            measure: *measure,
            bound: *bound,
            lasting: *lasting,
        })
    }

    fn counts_in(&self, fence: &Fence) -> bool {
        matches!(&self.condition, Condition::Occupancy { fences, .. } if fences.matches(fence))
    }
}

impl Terms<'_> {
    fn weight(&self, profile: &Profile) -> u32 {
        match self.measure {
            _ if !self.who.matches(profile) => 0,
            Measure::Subjects => 1,
            Measure::Strength => profile.strength,
        }
    }
}

fn statement(
    rule: &Rule,
    fence: &Fence,
    count: u32,
    lasting: Duration,
    places: &dyn PlaceNames,
) -> Statement {
    let lasting = format!("{count} in {} for {} s", fence.name, lasting.as_secs());
    Statement::of_fence(rule, fence, count, vec![lasting], places)
}

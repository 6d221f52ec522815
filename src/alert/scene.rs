//! The rules about what is seen over all subjects: pairs that are near, a fence that is empty, whom a new
//! fence holds. What is counted in a fence is in `occupancy`.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::alert::life::{ConditionKey, OpenAlerts, Statement, Trigger};
use crate::alert::rule::{Condition, Field, Rule, RuleEdit, RuleSet};
use crate::domain::alert::Alert;
use crate::domain::command::Command;
use crate::domain::fence::Fence;
use crate::domain::ids::{FenceId, Region, RuleId, Subject};
use crate::domain::nearby::PlaceNames;
use crate::domain::profile::{PairFilter, Profile};
use crate::domain::time::Timestamp;
use crate::domain::transition::{Transition, TransitionKind};

/// Members of a fence that an alert lists one by one.
const LISTED: usize = 100;

/// The rules about a scene, and the alerts that they have open.
#[derive(Debug)]
pub struct SceneRules {
    set: RuleSet,
    alerts: OpenAlerts,
    places: Arc<dyn PlaceNames>,
    /// New fences whose members are still being gathered.
    gathering: BTreeSet<(Timestamp, FenceId)>,
}

impl SceneRules {
    /// Rules without an alert yet; `places` tells what a place is called.
    #[must_use]
    pub fn new(set: RuleSet, places: Arc<dyn PlaceNames>) -> Self {
        Self {
            set,
            alerts: OpenAlerts::default(),
            places,
            gathering: BTreeSet::new(),
        }
    }

    /// Rule `number` watches a pair that has come near, or has parted; the profiles are those of its
    /// subject and of the other.
    pub fn judge_meeting(
        &mut self,
        number: usize,
        meeting: &Transition,
        profiles: [&Profile; 2],
    ) -> Option<Alert> {
        let rule = self.set.rules.get(number)?;
        let key = ConditionKey {
            subject: meeting.subject.clone(),
            rule: number,
            fence: None,
            other: meeting.other.clone(),
        };
        let trigger = Trigger::plain(meeting.at, meeting.cause.label());
        if meeting.kind == TransitionKind::Recede {
            return self.alerts.clear(&key, &trigger);
        }
        let statement = of_meeting(rule, meeting, profiles, &*self.places)?;
        let version = &self.set.version;
        self.alerts.raise(key, rule, version, &trigger, statement)
    }

    /// Nobody is in `fence` any more, or somebody is back.
    pub fn judge_absence(&mut self, transition: &Transition, fence: &Fence) -> Vec<Alert> {
        let mut alerts = Vec::new();
        let trigger = Trigger::plain(transition.at, transition.kind.label());
        for (number, rule) in self.set.rules.iter().enumerate() {
            let Condition::Transition { kinds, fences, .. } = &rule.condition else {
                continue;
            };
            let key = ConditionKey::of_fence(number, &fence.id);
            if is_opposite(kinds, transition.kind) {
                alerts.extend(self.alerts.clear(&key, &trigger));
            }
            let opens = kinds.contains(&transition.kind) && fences.matches(fence);
            if transition.detected && opens {
                let statement = Statement::of_fence(rule, fence, 0, Vec::new(), &*self.places);
                let version = &self.set.version;
                alerts.extend(self.alerts.raise(key, rule, version, &trigger, statement));
            }
        }
        alerts
    }

    /// A fence has come into force: once all that happened then is known, its members are listed.
    pub fn gather(&mut self, at: Timestamp, fence: &Fence) {
        if self.set.rules.iter().any(|rule| rule.lists(fence)) {
            self.gathering.insert((at, fence.id.clone()));
        }
    }

    /// The fence `id` is no longer in force.
    pub fn erase(&mut self, at: Timestamp, id: &FenceId) -> Vec<Alert> {
        let trigger = Trigger::plain(at, "fence_deleted");
        let numbers = 0..self.set.rules.len();
        numbers
            .filter_map(|number| {
                self.alerts
                    .clear(&ConditionKey::of_fence(number, id), &trigger)
            })
            .collect()
    }

    /// A rule is another from `at` on: what it has open closes, but for what is held for somebody to
    /// see.
    pub fn edit(&mut self, at: Timestamp, edit: &RuleEdit) -> Vec<Alert> {
        let edited = self.set.edit(edit);
        edited.map_or_else(Vec::new, |edited| self.alerts.end_rule(at, edited))
    }

    /// The number of the rule `id`, and the pairs that it watches, if it does.
    #[must_use]
    pub fn pair_of(&self, id: &RuleId) -> Option<(usize, Option<&PairFilter>)> {
        let number = self.set.rules.iter().position(|rule| rule.id == *id)?;
        let mut pairs = self.set.pairs();
        let pair = pairs.find(|(watch, _)| *watch == number);
        Some((number, pair.map(|(_, pair)| pair)))
    }

    /// Applies an operator's command, where its alert is open here.
    pub fn command(&mut self, command: &Command) -> Option<Alert> {
        self.alerts.command(command)
    }

    /// When the next alert closes by itself.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.alerts.next_due()
    }

    /// Closes the alert that is due next.
    pub fn fire_next(&mut self) -> Option<Alert> {
        self.alerts.fire_next()
    }

    /// When the members of a new fence are to be listed next.
    #[must_use]
    pub fn next_gathered(&self) -> Option<Timestamp> {
        self.gathering.first().map(|(at, _)| *at)
    }

    /// The new fence whose members are to be listed next.
    pub fn pop_gathered(&mut self) -> Option<(Timestamp, FenceId)> {
        self.gathering.pop_first()
    }

    /// Lists the members that the new fence `fence` found.
    pub fn judge_members<'m>(
        &mut self,
        at: Timestamp,
        fence: &Fence,
        members: impl Iterator<Item = (&'m Subject, &'m Profile)>,
    ) -> Vec<Alert> {
        let members: Vec<_> = members.collect();
        let trigger = Trigger::plain(at, "fence_created");
        let mut alerts = Vec::new();
        for (number, rule) in self.set.rules.iter().enumerate() {
            let Condition::Members { who, .. } = &rule.condition else {
                continue;
            };
            let meant = members.iter().filter(|(_, profile)| who.matches(profile));
            let names: Vec<_> = meant
                .map(|(subject, profile)| profile.name_of(subject))
                .collect();
            if !rule.lists(fence) || names.is_empty() {
                continue;
            }
            let count = u32::try_from(names.len()).unwrap_or(u32::MAX);
            let statement = Statement::of_fence(rule, fence, count, listed(&names), &*self.places);
            let (key, version) = (ConditionKey::of_fence(number, &fence.id), &self.set.version);
            alerts.extend(self.alerts.raise(key, rule, version, &trigger, statement));
        }
        alerts
    }
}

impl Rule {
    /// Whether this rule lists the members of `fence` when it is new.
    fn lists(&self, fence: &Fence) -> bool {
        matches!(&self.condition, Condition::Members { fences, .. } if fences.matches(fence))
    }
}

/// Whether `kind` ends what one of `kinds` began.
fn is_opposite(kinds: &BTreeSet<TransitionKind>, kind: TransitionKind) -> bool {
    let ends = |began, end| kind == end && kinds.contains(&began);
    ends(TransitionKind::Absent, TransitionKind::Restored)
        || ends(TransitionKind::Restored, TransitionKind::Absent)
}

/// Names as evidence: the first hundred, and how many more there are.
fn listed(names: &[&str]) -> Vec<String> {
    let mut lines: Vec<_> = names
        .iter()
        .take(LISTED)
        .map(|name| (*name).to_owned())
        .collect();
    if names.len() > LISTED {
        lines.push(format!("and {} more", names.len() - LISTED));
    }
    lines
}

fn of_meeting(
    rule: &Rule,
    meeting: &Transition,
    [profile, other_profile]: [&Profile; 2],
    places: &dyn PlaceNames,
) -> Option<Statement> {
    let (subject, other) = (meeting.subject.as_ref()?, meeting.other.as_ref()?);
    let distance_m = meeting.distance_m?;
    let title = rule.title.fill(|field| match field {
        Field::Subject => profile.name_of(subject).to_owned(),
        Field::Other => other_profile.name_of(other).to_owned(),
        Field::Distance => format!("{distance_m:.0}"),
        Field::Class => profile.class.to_string(),
        Field::Status => profile.standing().unwrap_or("-").to_owned(),
        Field::Grade => profile.grade.as_deref().unwrap_or("-").to_owned(),
        Field::Fence => "-".to_owned(),
        Field::Count => "1".to_owned(),
        Field::Place => places.in_a_title(meeting.position),
    });
    Some(Statement {
        title,
        severity: rule.severity,
        position: meeting.position,
        position_age_s: None,
        region: Region::default(),
        count: 1,
        evidence: vec![format!("{distance_m} m from {}", other.id)],
    })
}

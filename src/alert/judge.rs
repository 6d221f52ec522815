//! The rules about one subject: what it did, what it is, where it is not.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use crate::alert::life::{ConditionKey, OpenAlerts, Statement, Trigger};
use crate::alert::rule::{Condition, Field, Rule, RuleEdit, RuleSet};
use crate::domain::alert::Alert;
use crate::domain::command::Command;
use crate::domain::fence::Fence;
use crate::domain::ids::{FenceId, Region, Subject};
use crate::domain::nearby::PlaceNames;
use crate::domain::position::Position;
use crate::domain::profile::Profile;
use crate::domain::reject::Reject;
use crate::domain::time::Timestamp;
use crate::domain::transition::{Cause, Transition, TransitionKind};

/// The rules about single subjects, and the alerts that they have open.
#[derive(Debug)]
pub struct AlertRules {
    set: RuleSet,
    /// Counts the edits of the set.
    edition: u64,
    alerts: OpenAlerts,
    places: Arc<dyn PlaceNames>,
}

/// What is known of a subject when the rules look at it.
#[derive(Clone, Debug)]
pub struct Known<'a> {
    /// Who.
    pub subject: &'a Subject,
    /// Its attributes now.
    pub profile: &'a Profile,
    /// Its newest position and how old that is.
    pub fix: Option<(Position, Duration)>,
    /// How fast it was there, metres a second.
    pub speed_mps: Option<f64>,
    /// Why an incident has no place; `None` for one that has.
    pub unplaced: Option<&'a Reject>,
    /// Whether it need not be looked at again.
    pub settled: &'a Settled,
}

/// That no rule about what a subject is holds of it, and nothing is open about it. True until it is another, which its
/// owner says, or the rules are others: so most reports are not looked at again.
#[derive(Debug, Default)]
pub struct Settled {
    by_edition: Cell<Option<u64>>,
}

impl AlertRules {
    /// Rules without an alert yet; `places` tells what a place is called.
    #[must_use]
    pub fn new(set: RuleSet, places: Arc<dyn PlaceNames>) -> Self {
        Self {
            set,
            edition: 0,
            alerts: OpenAlerts::default(),
            places,
        }
    }

    /// The alerts that open, change or close by what `known` reported and how the fences saw it.
    pub fn judge<'f>(
        &mut self,
        trigger: &Trigger,
        known: &Known,
        transitions: &[Transition],
        fence: impl Fn(&FenceId) -> Option<&'f Fence>,
    ) -> Vec<Alert> {
        let mut alerts = self.judge_transitions(trigger, known, transitions, fence);
        if known.settled.by_edition.get() == Some(self.edition) {
            return alerts;
        }
        let mut any_holds = false;
        let any_open = self.alerts.about(known.subject).next().is_some();
        for (number, rule) in self.set.rules.iter().enumerate() {
            let holds = match &rule.condition {
                Condition::Status { who } => who.matches(known.profile),
                Condition::Unplaced { who } => {
                    known.unplaced.is_some() && who.matches(known.profile)
                }
                Condition::Transition { .. }
                | Condition::Approach(_)
                | Condition::Members { .. }
                | Condition::Occupancy { .. }
                | Condition::Never => continue,
            };
            any_holds |= holds;
            if !holds && !any_open {
                continue;
            }
            let key = ConditionKey {
                subject: Some(known.subject.clone()),
                rule: number,
                fence: None,
                other: None,
            };
            alerts.extend(if holds {
                let statement = statement(rule, known, None, &*self.places);
                self.alerts
                    .raise(key, rule, &self.set.version, trigger, statement)
            } else {
                self.alerts.clear(&key, trigger)
            });
        }
        let is_settled = !any_holds && !any_open;
        known
            .settled
            .by_edition
            .set(is_settled.then_some(self.edition));
        alerts
    }

    /// The alerts that open or close by transitions of one subject alone: its own, or those that an
    /// edit of a fence made.
    pub fn judge_transitions<'f>(
        &mut self,
        trigger: &Trigger,
        known: &Known,
        transitions: &[Transition],
        fence: impl Fn(&FenceId) -> Option<&'f Fence>,
    ) -> Vec<Alert> {
        let mut alerts = Vec::new();
        for transition in transitions {
            let trigger = Trigger {
                cause: transition.cause.label(),
                ..trigger.clone()
            };
            let fence = transition.fence.as_ref().and_then(&fence);
            for (number, rule) in self.set.rules.iter().enumerate() {
                let key = || ConditionKey {
                    subject: Some(known.subject.clone()),
                    rule: number,
                    fence: transition.fence.clone(),
                    other: None,
                };
                if rule.is_ended_by(transition.kind) {
                    alerts.extend(self.alerts.clear(&key(), &trigger));
                }
                if let Some(fence) =
                    fence.filter(|fence| rule.is_opened_by(transition, fence, known.profile))
                {
                    let mut statement = statement(rule, known, Some(fence), &*self.places);
                    statement
                        .evidence
                        .extend(evidence(transition, fence, known));
                    let version = &self.set.version;
                    alerts.extend(self.alerts.raise(key(), rule, version, &trigger, statement));
                }
            }
        }
        alerts
    }

    /// Closes what is open about a subject that is gone, but for what is held for somebody to see.
    pub fn dismiss(&mut self, subject: &Subject, trigger: &Trigger) -> Vec<Alert> {
        let keys: Vec<_> = self.alerts.about(subject).cloned().collect();
        keys.iter()
            .filter_map(|key| self.alerts.clear(key, trigger))
            .collect()
    }

    /// A rule is another from `at` on: what it has open closes, but for what is held for somebody to
    /// see. A new condition is judged with the next report of each subject.
    pub fn edit(&mut self, at: Timestamp, edit: &RuleEdit) -> Vec<Alert> {
        self.edition += 1;
        let edited = self.set.edit(edit);
        edited.map_or_else(Vec::new, |edited| self.alerts.end_rule(at, edited))
    }

    /// The rules as they are now.
    #[must_use]
    pub fn set(&self) -> &RuleSet {
        &self.set
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
}

impl Rule {
    /// Whether `transition` of a subject of `profile` opens an alert of this rule.
    ///
    /// An exit counts only when the subject left: not when the fence went away under it, nor when the
    /// subject did.
    fn is_opened_by(&self, transition: &Transition, fence: &Fence, profile: &Profile) -> bool {
        let Condition::Transition {
            kinds,
            fences,
            who,
            except,
            certain,
            existing,
        } = &self.condition
        else {
            return false;
        };
        let left = matches!(transition.cause, Cause::Report | Cause::Condition);
        let found = transition.cause == Cause::FenceCreated;
        transition.detected
            && !(*certain && transition.uncertain)
            && (*existing || !found)
            && kinds.contains(&transition.kind)
            && (transition.kind != TransitionKind::Exit || left)
            && fences.matches(fence)
            && who.matches(profile)
            && !except
                .as_ref()
                .is_some_and(|except| except.matches(profile))
    }

    /// Whether a transition of `kind` ends what this rule's transitions began.
    fn is_ended_by(&self, kind: TransitionKind) -> bool {
        let Condition::Transition { kinds, .. } = &self.condition else {
            return false;
        };
        let opens_inside = [
            TransitionKind::Enter,
            TransitionKind::Inside,
            TransitionKind::Dwell,
            TransitionKind::Speed,
        ];
        let opens_outside = [TransitionKind::Exit, TransitionKind::Outside];
        match kind {
            TransitionKind::Exit => opens_inside.iter().any(|opening| kinds.contains(opening)),
            TransitionKind::Enter => opens_outside.iter().any(|opening| kinds.contains(opening)),
            TransitionKind::Cross
            | TransitionKind::Outside
            | TransitionKind::Inside
            | TransitionKind::Dwell
            | TransitionKind::Speed
            | TransitionKind::Absent
            | TransitionKind::Restored
            | TransitionKind::Approach
            | TransitionKind::Recede => false,
        }
    }
}

fn statement(
    rule: &Rule,
    known: &Known,
    fence: Option<&Fence>,
    places: &dyn PlaceNames,
) -> Statement {
    let mut evidence = Vec::new();
    if let Some(reject) = known.unplaced {
        evidence.push(reject.to_string());
    }
    Statement {
        title: rule.title.fill(|field| word(field, known, fence, places)),
        severity: fence
            .and_then(|fence| fence.severity)
            .unwrap_or(rule.severity),
        position: known.fix.map(|(position, _)| position),
        position_age_s: known.fix.map(|(_, age)| age.as_secs_f64()),
        region: fence.map_or_else(Region::default, |fence| fence.region.clone()),
        count: 1,
        evidence,
    }
}

/// What a transition rests on, beside what its kind says.
fn evidence(transition: &Transition, fence: &Fence, known: &Known) -> Option<String> {
    if transition.kind == TransitionKind::Speed {
        let (speed_mps, limit) = known.speed_mps.zip(fence.speed_limit)?;
        return Some(format!("{speed_mps} m/s, limit {} m/s", limit.above_mps));
    }
    transition
        .uncertain
        .then(|| "the edge is nearer than the fix is accurate".to_owned())
}

fn word(field: Field, known: &Known, fence: Option<&Fence>, places: &dyn PlaceNames) -> String {
    let profile = known.profile;
    let word = match field {
        Field::Subject => profile.name_of(known.subject),
        Field::Fence => fence.map_or("-", |fence| &fence.name),
        Field::Class => &profile.class,
        Field::Status => profile.standing().unwrap_or("-"),
        Field::Grade => profile.grade.as_deref().unwrap_or("-"),
        Field::Count => "1",
        Field::Other | Field::Distance => "-",
        Field::Place => return places.in_a_title(known.fix.map(|(position, _)| position)),
    };
    word.to_owned()
}

//! The life of alerts: opened once, changed while their condition holds, acknowledged, closed.

use std::collections::{BTreeMap, BTreeSet};

use crate::alert::rule::{Edited, Field, Rule};
use crate::domain::alert::{Alert, AlertState, Severity};
use crate::domain::command::{Action, Command};
use crate::domain::fence::Fence;
use crate::domain::ids::{AlertId, FenceId, Region, Subject, digest};
use crate::domain::nearby::PlaceNames;
use crate::domain::position::Position;
use crate::domain::report::Text;
use crate::domain::time::Timestamp;

/// What an alert is about: one open alert for each. Ordered by subject first, so that all that is
/// open about one subject stands together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConditionKey {
    /// Whom it is about.
    pub subject: Option<Subject>,
    /// Number of the rule in its set.
    pub rule: usize,
    /// The fence it is about.
    pub fence: Option<FenceId>,
    /// The other subject of a pair.
    pub other: Option<Subject>,
}

impl ConditionKey {
    /// A condition of rule `rule` that is about `fence` and nobody in particular.
    #[must_use]
    pub fn of_fence(rule: usize, fence: &FenceId) -> Self {
        Self {
            subject: None,
            rule,
            fence: Some(fence.clone()),
            other: None,
        }
    }
}

/// What made an alert change, and when.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// Event time.
    pub at: Timestamp,
    /// Event time as sent, where an impossible one was replaced.
    pub reported_at: Option<Timestamp>,
    /// How long after its event it reached us, seconds.
    pub late_s: f64,
    /// In a word.
    pub cause: &'static str,
}

impl Trigger {
    /// Something that happened without a report: time passed, or a fence was edited.
    #[must_use]
    pub fn plain(at: Timestamp, cause: &'static str) -> Self {
        Self {
            at,
            reported_at: None,
            late_s: 0.0,
            cause,
        }
    }
}

/// What an alert says when it opens.
#[derive(Clone, Debug)]
pub struct Statement {
    /// One line for people.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// Where.
    pub position: Option<Position>,
    /// How old that position is, seconds.
    pub position_age_s: Option<f64>,
    /// Area of command.
    pub region: Region,
    /// How many were counted; 1 for a single subject.
    pub count: u32,
    /// What it rests on, in words.
    pub evidence: Vec<String>,
}

impl Statement {
    /// What `rule` says of `fence` and nobody in particular; `count` are those in it. Its place in the title
    /// is the middle of the fence.
    #[must_use]
    pub fn of_fence(
        rule: &Rule,
        fence: &Fence,
        count: u32,
        evidence: Vec<String>,
        places: &dyn PlaceNames,
    ) -> Self {
        let title = rule.title.fill(|field| match field {
            Field::Fence => fence.name.to_string(),
            Field::Count => count.to_string(),
            Field::Subject
            | Field::Class
            | Field::Status
            | Field::Grade
            | Field::Other
            | Field::Distance => "-".to_owned(),
            Field::Place => places.in_a_title(fence.geometry.middle()),
        });
        Self {
            title,
            severity: fence.severity.unwrap_or(rule.severity),
            position: None,
            position_age_s: None,
            region: fence.region.clone(),
            count,
            evidence,
        }
    }
}

/// The alerts that are open.
#[derive(Debug, Default)]
pub struct OpenAlerts {
    open: BTreeMap<ConditionKey, OpenAlert>,
    keys: BTreeMap<AlertId, ConditionKey>,
    /// When an alert without a natural end closes.
    due: BTreeSet<(Timestamp, ConditionKey)>,
}

#[derive(Debug)]
struct OpenAlert {
    alert: Alert,
    /// Stays until acknowledged, also when its condition is over.
    hold: bool,
    /// Its condition is over; it waits for somebody to acknowledge it.
    over: bool,
    closes_at: Option<Timestamp>,
}

impl OpenAlerts {
    /// The condition `key` of `rule` holds. Opens its alert; where that is open already, counts the
    /// trigger, and tells only what people must know: a first position, or the condition's return.
    pub fn raise(
        &mut self,
        key: ConditionKey,
        rule: &Rule,
        version: &Text,
        trigger: &Trigger,
        statement: Statement,
    ) -> Option<Alert> {
        let closes_at = rule.close_after.map(|after| trigger.at + after);
        if let Some(open) = self.open.get_mut(&key) {
            if let Some(old) = std::mem::replace(&mut open.closes_at, closes_at) {
                self.due.remove(&(old, key.clone()));
            }
            if let Some(new) = closes_at {
                self.due.insert((new, key));
            }
            return open.repeated(trigger, &statement);
        }
        let alert = opened(&key, rule, version, trigger, statement);
        if let Some(closes_at) = closes_at {
            self.due.insert((closes_at, key.clone()));
        }
        self.keys.insert(alert.id.clone(), key.clone());
        let open = OpenAlert {
            alert: alert.clone(),
            hold: rule.hold,
            over: false,
            closes_at,
        };
        self.open.insert(key, open);
        Some(alert)
    }

    /// The condition `key` is over: its alert closes, unless it is held and nobody acknowledged it.
    pub fn clear(&mut self, key: &ConditionKey, trigger: &Trigger) -> Option<Alert> {
        let open = self.open.get_mut(key)?;
        if open.hold && open.alert.acknowledged_at.is_none() {
            if std::mem::replace(&mut open.over, true) {
                return None;
            }
            return Some(open.change(AlertState::Updated, trigger));
        }
        self.close(key, trigger)
    }

    /// The keys of the open alerts about `subject`.
    pub fn about(&self, subject: &Subject) -> impl Iterator<Item = &ConditionKey> {
        let first = ConditionKey {
            subject: Some(subject.clone()),
            rule: 0,
            fence: None,
            other: None,
        };
        self.open
            .range(first..)
            .map(|(key, _)| key)
            .take_while(move |key| key.subject.as_ref() == Some(subject))
    }

    /// Applies an operator's command to the alert that it names; `None` where that is not open here,
    /// or where the command changes nothing.
    pub fn command(&mut self, command: &Command) -> Option<Alert> {
        let key = self.keys.get(&AlertId::from(&*command.target))?.clone();
        let open = self.open.get_mut(&key)?;
        let trigger = Trigger::plain(command.at, "command");
        if command.note.is_some() {
            open.alert.note.clone_from(&command.note);
        }
        match command.action {
            Action::Note => Some(open.change(open.alert.state, &trigger)),
            Action::Acknowledge if open.alert.acknowledged_at.is_none() => {
                open.alert.acknowledged_by = Some(command.by.clone());
                open.alert.acknowledged_at = Some(command.at);
                if open.over {
                    return self.close(&key, &trigger);
                }
                Some(open.change(AlertState::Acknowledged, &trigger))
            }
            Action::Acknowledge | Action::Place(_) => None,
        }
    }

    /// A rule was edited at `at`: where its condition is another, what it has open is over.
    pub fn end_rule(&mut self, at: Timestamp, edited: Edited) -> Vec<Alert> {
        let Some(cause) = edited.ends else {
            return Vec::new();
        };
        let keys = self.open.keys();
        let keys: Vec<_> = keys
            .filter(|key| key.rule == edited.number)
            .cloned()
            .collect();
        let trigger = Trigger::plain(at, cause);
        let ended = keys.iter().filter_map(|key| self.clear(key, &trigger));
        ended.collect()
    }

    /// When the next alert closes by itself.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Closes the alert that is due next.
    pub fn fire_next(&mut self) -> Option<Alert> {
        let (at, key) = self.due.pop_first()?;
        let trigger = Trigger::plain(at, "close_after");
        self.clear(&key, &trigger)
    }

    fn close(&mut self, key: &ConditionKey, trigger: &Trigger) -> Option<Alert> {
        let mut open = self.open.remove(key)?;
        self.keys.remove(&open.alert.id);
        if let Some(closes_at) = open.closes_at {
            self.due.remove(&(closes_at, key.clone()));
        }
        Some(open.change(AlertState::Closed, trigger))
    }
}

impl OpenAlert {
    fn change(&mut self, state: AlertState, trigger: &Trigger) -> Alert {
        self.alert.state = state;
        // An alert whose opening time stands for an impossible one may be ahead: it never goes back.
        self.alert.at = self.alert.at.max(trigger.at);
        self.alert.late_s = trigger.late_s;
        self.alert.cause = trigger.cause.into();
        self.alert.sequence += 1;
        self.alert.clone()
    }

    fn repeated(&mut self, trigger: &Trigger, statement: &Statement) -> Option<Alert> {
        let returned = std::mem::take(&mut self.over);
        let located = self.alert.position.is_none() && statement.position.is_some();
        self.alert.count = self.alert.count.saturating_add(1);
        if !(returned || located) {
            return None;
        }
        self.alert.position = statement.position;
        self.alert.position_age_s = statement.position_age_s;
        // An acknowledged alert stays acknowledged: somebody has it.
        let state = match self.alert.acknowledged_at {
            Some(_) => AlertState::Acknowledged,
            None => AlertState::Updated,
        };
        Some(self.change(state, trigger))
    }
}

fn opened(
    key: &ConditionKey,
    rule: &Rule,
    version: &Text,
    trigger: &Trigger,
    statement: Statement,
) -> Alert {
    let kind = key
        .subject
        .as_ref()
        .map_or("", |subject| subject.kind.label());
    let subject = key.subject.as_ref().map_or("", |subject| &subject.id);
    let fence = key.fence.as_ref().map_or("", FenceId::as_str);
    let opening = trigger.at.millis().to_string();
    let mut parts = vec!["alert", rule.id.as_str(), kind, subject, fence, &opening];
    if let Some(other) = &key.other {
        parts.extend([other.kind.label(), &other.id]);
    }
    let id = digest(&parts);
    Alert {
        id: AlertId::from(id),
        rule: rule.id.clone(),
        rules_version: rule.version.as_ref().unwrap_or(version).clone(),
        state: AlertState::Open,
        severity: statement.severity,
        opened_at: trigger.at,
        at: trigger.at,
        late_s: trigger.late_s,
        title: statement.title,
        subject: key.subject.clone(),
        fence: key.fence.clone(),
        position: statement.position,
        position_age_s: statement.position_age_s,
        count: statement.count,
        region: statement.region,
        acknowledged_by: None,
        acknowledged_at: None,
        note: None,
        cause: trigger.cause.into(),
        evidence: statement.evidence,
        sequence: 1,
        reported_at: trigger.reported_at,
    }
}

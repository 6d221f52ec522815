//! An alert: one condition through its whole life.

use crate::domain::ids::{AlertId, FenceId, Region, RuleId, Subject};
use crate::domain::position::Position;
use crate::domain::report::Text;
use crate::domain::time::Timestamp;

/// One line of `alerts`: the state of an alert after `sequence` changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// The same through the alert's life.
    pub id: AlertId,
    /// The rule that opened it.
    pub rule: RuleId,
    /// The version of the rules that opened it.
    pub rules_version: Text,
    /// Where it stands.
    pub state: AlertState,
    /// How bad it is.
    pub severity: Severity,
    /// When the condition began, event time.
    pub opened_at: Timestamp,
    /// When it last changed, event time.
    pub at: Timestamp,
    /// How long after its event the change reached us, seconds.
    pub late_s: f64,
    /// One line for people.
    pub title: String,
    /// Whom it is about.
    pub subject: Option<Subject>,
    /// The fence it is about.
    pub fence: Option<FenceId>,
    /// Where.
    pub position: Option<Position>,
    /// Age of that position when the alert changed, seconds; `None` when no position is known.
    pub position_age_s: Option<f64>,
    /// How many: of triggers, or of those counted.
    pub count: u32,
    /// Area of command.
    pub region: Region,
    /// Who acknowledged it.
    pub acknowledged_by: Option<Text>,
    /// When it was acknowledged.
    pub acknowledged_at: Option<Timestamp>,
    /// What the operator noted last.
    pub note: Option<Text>,
    /// What made it change.
    pub cause: Text,
    /// What it rests on, in words.
    pub evidence: Vec<String>,
    /// 1, 2, 3 ... within one id.
    pub sequence: u32,
    /// Event time as sent, where an impossible one was replaced.
    pub reported_at: Option<Timestamp>,
}

/// Where an alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlertState {
    /// New.
    Open,
    /// Changed while open.
    Updated,
    /// Somebody has it.
    Acknowledged,
    /// Over.
    Closed,
}

impl AlertState {
    /// The word of the contract.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Updated => "updated",
            Self::Acknowledged => "acknowledged",
            Self::Closed => "closed",
        }
    }
}

/// How bad it is, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Life in danger.
    Critical,
    /// Act now.
    High,
    /// Act soon.
    Medium,
    /// Know about it.
    Low,
    /// For the record.
    Info,
}

impl Severity {
    /// Every severity, the worst first.
    pub const ALL: [Self; 5] = [
        Self::Critical,
        Self::High,
        Self::Medium,
        Self::Low,
        Self::Info,
    ];

    /// The word of the contract.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
        }
    }
}

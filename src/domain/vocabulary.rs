//! A force's own codes: statuses, classes and grades. Nothing of this is hard-coded; the defaults are
//! in `config/cordon.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::domain::report::Text;

/// The codes that reports are read with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vocabulary {
    /// Status codes that mean that an officer needs help now: so few that each report is compared with all of them.
    pub emergency: Vec<Text>,
    /// Codes that are messages, such as "call back": they change no state.
    pub messages: BTreeSet<Text>,
    /// Status codes that are states. A code that is in none of these sets is counted, not applied.
    pub states: BTreeSet<Text>,
    /// Classes of resource.
    pub classes: BTreeMap<Text, Class>,
    /// Class of a resource that says none, or one that is not listed.
    pub default_class: Text,
    /// Grades of incident, the most urgent first.
    pub grades: Vec<Text>,
    /// Silence after which an incident is forgotten.
    pub incident_expires_after: Duration,
}

/// What a class of resource implies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Class {
    /// Officers, where a report does not say.
    pub strength: u32,
    /// Silence after which its position is shown as stale.
    pub stale_after: Duration,
    /// Silence after which it leaves every fence and is forgotten; counted from its newest report.
    pub expire_after: Duration,
}

//! What an operator did: a record like any other, so that it survives a restart and is part of a replay.

use crate::domain::report::{Location, Text};
use crate::domain::time::Timestamp;

/// One record of `commands`.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// Made by the client; the same command sent twice acts once.
    pub id: Text,
    /// When it was given.
    pub at: Timestamp,
    /// Who gave it.
    pub by: Text,
    /// In which role.
    pub role: Option<Text>,
    /// To what: an alert's, subject's or fence's id.
    pub target: Text,
    /// Free words.
    pub note: Option<Text>,
    /// What is to be done.
    pub action: Action,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// I have this alert.
    Acknowledge,
    /// A remark on an alert.
    Note,
    /// This incident is here.
    Place(Location),
}

impl Action {
    /// The word of the contract.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Note => "note",
            Self::Place(_) => "place",
        }
    }
}

//! Why a record was refused. A reject is data: it goes to the dead letters and the batch goes on.

use std::fmt;

use crate::domain::position::InvalidPosition;

/// A refusal: what is wrong with a record, for the person who has to mend the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// The code of the contract.
    pub reason: Reason,
    /// What was wrong, with the offending value and what was expected.
    pub detail: String,
}

/// The codes of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Bad JSON, a wrong type, a number that is none, not exactly one form of location.
    Malformed,
    /// A required field is absent.
    MissingField,
    /// A number beyond its range, such as latitude 91.
    OutOfRange,
    /// Exactly 0,0.
    NullIsland,
    /// A report or command over 64 KiB, a fence over 8 MiB.
    TooLarge,
    /// A text, also an empty one, that is no place.
    Unlocatable,
    /// A text that is several places far apart.
    Ambiguous,
    /// Older than its subject's newest report by more than the feed's lateness.
    TooLate,
    /// Later than its Kafka timestamp by more than five minutes.
    Future,
    /// Seen before.
    Duplicate,
    /// A schema that this version does not read.
    UnknownSchema,
    /// A fence that cannot be one.
    InvalidFence,
}

impl Reason {
    /// Every code, in the order of the contract.
    pub const ALL: [Self; 12] = [
        Self::Malformed,
        Self::MissingField,
        Self::OutOfRange,
        Self::NullIsland,
        Self::TooLarge,
        Self::Unlocatable,
        Self::Ambiguous,
        Self::TooLate,
        Self::Future,
        Self::Duplicate,
        Self::UnknownSchema,
        Self::InvalidFence,
    ];

    /// The code as written in dead letters and metrics.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::MissingField => "missing_field",
            Self::OutOfRange => "out_of_range",
            Self::NullIsland => "null_island",
            Self::TooLarge => "too_large",
            Self::Unlocatable => "unlocatable",
            Self::Ambiguous => "ambiguous",
            Self::TooLate => "too_late",
            Self::Future => "future",
            Self::Duplicate => "duplicate",
            Self::UnknownSchema => "unknown_schema",
            Self::InvalidFence => "invalid_fence",
        }
    }
}

impl Reject {
    /// A refusal for `reason`.
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self {
            reason,
            detail: detail.into(),
        }
    }
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason.label(), self.detail)
    }
}

impl From<InvalidPosition> for Reject {
    fn from(invalid: InvalidPosition) -> Self {
        let reason = match invalid {
            InvalidPosition::NotFinite => Reason::Malformed,
            InvalidPosition::OutOfRange { .. } => Reason::OutOfRange,
            InvalidPosition::NullIsland => Reason::NullIsland,
        };
        Self::new(reason, invalid.to_string())
    }
}

//! What serving is fed with.

use std::sync::Arc;

use crate::domain::time::Timestamp;

/// One record of a topic that serving reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// Where it was read.
    pub topic: FeedTopic,
    /// Its partition.
    pub partition: i32,
    /// Its offset there.
    pub offset: i64,
    /// Its key.
    pub key: String,
    /// The record as it was written; `None` is a tombstone: the key holds no longer.
    pub value: Option<Arc<[u8]>>,
    /// When it arrived here, by this machine's clock.
    pub received: Timestamp,
    /// Its event time, where it is known.
    pub at: Option<Timestamp>,
}

/// The topics that serving reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FeedTopic {
    /// Subjects with a position.
    Located,
    /// Incidents that could not be placed.
    Unplaced,
    /// Enters, exits and what else fences see.
    Transitions,
    /// Alerts and what became of them.
    Alerts,
    /// Cell windows.
    Cells,
    /// Fences as drawn.
    Fences,
}

impl FeedTopic {
    /// Every topic, in order.
    pub const ALL: [Self; 6] = [
        Self::Located,
        Self::Unplaced,
        Self::Transitions,
        Self::Alerts,
        Self::Cells,
        Self::Fences,
    ];

    /// The word of the contract.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Located => "located",
            Self::Unplaced => "unplaced",
            Self::Transitions => "transitions",
            Self::Alerts => "alerts",
            Self::Cells => "cells",
            Self::Fences => "fences",
        }
    }
}

//! What the read model is fed with: one record of one topic, as bytes.

use crate::domain::time::Timestamp;

/// One record of a topic that the read model is rebuilt from.
///
/// Records of one partition come in the order of their offsets; a record may come again after a
/// restart of its producer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// Which topic.
    pub topic: FeedTopic,
    /// Its partition, from 0 on.
    pub partition: i32,
    /// Its offset in that partition, from 0 on.
    pub offset: i64,
    /// The record's key: a subject, an alert, a fence.
    pub key: Option<String>,
    /// The record's JSON; `None` deletes what its key names.
    pub value: Option<Vec<u8>>,
    /// When it came: the Kafka timestamp or the clock of whoever feeds.
    pub received: Timestamp,
}

/// The topics that the read model is rebuilt from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FeedTopic {
    /// `cordon.located`: placed reports.
    Located,
    /// `cordon.transitions`: what fences saw.
    Transitions,
    /// `cordon.alerts`: alerts through their lives.
    Alerts,
    /// `cordon.unplaced`: incidents without a place.
    Unplaced,
    /// `cordon.cells`: counts of windows in cells.
    Cells,
    /// `cordon.fences`: fences as `GeoJSON` Features.
    Fences,
    /// `cordon.commands`: what operators did.
    Commands,
}

impl FeedTopic {
    /// Every topic, in the order above.
    pub const ALL: [Self; 7] = [
        Self::Located,
        Self::Transitions,
        Self::Alerts,
        Self::Unplaced,
        Self::Cells,
        Self::Fences,
        Self::Commands,
    ];

    /// The word of the contract, without the `cordon.` before it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Located => "located",
            Self::Transitions => "transitions",
            Self::Alerts => "alerts",
            Self::Unplaced => "unplaced",
            Self::Cells => "cells",
            Self::Fences => "fences",
            Self::Commands => "commands",
        }
    }
}

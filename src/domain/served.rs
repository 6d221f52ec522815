//! A record as far as serving has to understand it: enough to filter by, and the rest as it was written.

use crate::domain::alert::{AlertState, Severity};
use crate::domain::ids::{FenceId, Region};
use crate::domain::position::Position;
use crate::domain::report::Text;
use crate::domain::time::Timestamp;

/// One record for clients.
#[derive(Clone, Debug, PartialEq)]
pub struct Served {
    /// The subject's, alert's or fence's id; empty where a record has none.
    pub id: Text,
    /// Event time; `None` for a fence.
    pub at: Option<Timestamp>,
    /// Where; `None` where no place is known.
    pub position: Option<Position>,
    /// The fences it is in, or about.
    pub fences: Vec<FenceId>,
    /// What it is.
    pub what: What,
    /// The JSON object that a client gets.
    pub data: Text,
}

/// What a record is about.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A resource with a position.
    Resource {
        /// Its class.
        class: Option<Text>,
    },
    /// An incident, placed or not.
    Incident {
        /// Its category.
        category: Option<Text>,
        /// It is over.
        is_closed: bool,
    },
    /// An alert.
    Alert {
        /// How bad it is.
        severity: Severity,
        /// Area of command.
        region: Region,
        /// Where it stands.
        state: AlertState,
        /// 1, 2, 3 ... within one id.
        sequence: i64,
    },
    /// What a fence saw.
    Transition,
    /// A cell window.
    Cell {
        /// What was counted.
        category: Text,
        /// How wide the window is, such as `PT1H`.
        window: Text,
        /// H3 resolution.
        resolution: i64,
        /// End of the window.
        end: Option<Timestamp>,
    },
    /// A fence as drawn.
    Fence,
}

impl What {
    /// The channel that carries it; `None` for a fence, which clients fetch.
    #[must_use]
    pub fn channel(&self) -> Option<Channel> {
        match self {
            Self::Resource { .. } => Some(Channel::Positions),
            Self::Incident { .. } => Some(Channel::Incidents),
            Self::Alert { .. } => Some(Channel::Alerts),
            Self::Transition => Some(Channel::Transitions),
            Self::Cell { .. } => Some(Channel::Cells),
            Self::Fence => None,
        }
    }
}

/// What a client can subscribe to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Resources.
    Positions,
    /// Incidents, placed or not.
    Incidents,
    /// Alerts.
    Alerts,
    /// What fences saw.
    Transitions,
    /// Cell windows.
    Cells,
}

impl Channel {
    /// Every channel, in the order of a snapshot.
    pub const ALL: [Self; 5] = [
        Self::Positions,
        Self::Incidents,
        Self::Alerts,
        Self::Transitions,
        Self::Cells,
    ];

    /// The word of the contract.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Positions => "positions",
            Self::Incidents => "incidents",
            Self::Alerts => "alerts",
            Self::Transitions => "transitions",
            Self::Cells => "cells",
        }
    }

    /// The type of a frame with one of its records.
    #[must_use]
    pub fn frame(self) -> &'static str {
        match self {
            Self::Positions => "position",
            Self::Incidents => "incident",
            Self::Alerts => "alert",
            Self::Transitions => "transition",
            Self::Cells => "cell",
        }
    }
}

/// What a client asks to be spared of, unchecked. An empty list and a `None` spare it nothing.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Wants {
    /// West, south, east, north in degrees.
    pub bbox: Option<Vec<f64>>,
    /// Ids of fences.
    pub fences: Vec<String>,
    /// Labels of fences.
    pub tags: Vec<String>,
    /// Classes of resource.
    pub classes: Vec<String>,
    /// Categories of incident.
    pub categories: Vec<String>,
    /// The least severity of an alert.
    pub min_severity: Option<String>,
    /// Area of command.
    pub region: Option<String>,
}

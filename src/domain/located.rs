//! A report with its place, an incident without one, and the answer to a query.

use std::sync::Arc;

use crate::domain::ids::FenceId;
use crate::domain::position::Position;
use crate::domain::reject::Reject;
use crate::domain::report::Report;
use crate::domain::time::Timestamp;

/// One line of `located`.
#[derive(Clone, Debug, PartialEq)]
pub struct Located {
    /// The report.
    pub report: Box<Report>,
    /// Its event time, or the time of arrival that stands for an impossible one.
    pub at: Timestamp,
    /// The impossible time that was replaced.
    pub reported_at: Option<Timestamp>,
    /// Where it is.
    pub placed: Placed,
    /// The fences that hold it, in order.
    pub fences: Vec<FenceId>,
    /// Older than its subject's newest.
    pub late: bool,
}

/// A position and how well it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// Where.
    pub position: Position,
    /// How well.
    pub precision: Precision,
    /// What was matched; `None` for given coordinates. A pointer, since it is moved along the path in words.
    pub matched: Option<Arc<str>>,
    /// 0 to 1; `None` for given coordinates.
    pub score: Option<f64>,
    /// Radius that holds the true place for nine answers in ten, metres.
    pub radius_m: Option<f64>,
}

/// How well a place is known, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// Given as coordinates.
    Exact,
    /// A house or premises.
    Address,
    /// Where two roads meet.
    Junction,
    /// Somewhere along a street.
    Street,
    /// Somewhere in a postcode.
    Postcode,
    /// A named place.
    Place,
    /// A district, ward or borough.
    Area,
}

impl Precision {
    /// The word of the contract.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Address => "address",
            Self::Junction => "junction",
            Self::Street => "street",
            Self::Postcode => "postcode",
            Self::Place => "place",
            Self::Area => "area",
        }
    }
}

/// One line of `unplaced`: an incident that goes on without a place, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Unplaced {
    /// The report.
    pub report: Box<Report>,
    /// Its event time.
    pub at: Timestamp,
    /// Why it has no place.
    pub reject: Reject,
    /// Places that its text may mean, the likeliest first.
    pub alternatives: Vec<Placed>,
}

/// One answer of `cordon geocode`.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The line that asked.
    pub query: String,
    /// Where it is, or why it is nowhere.
    pub found: Result<Found, Reject>,
    /// Other places that the query may mean, the best first.
    pub alternatives: Vec<Placed>,
}

/// What a query was found to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Where it is.
    pub placed: Placed,
    /// Easting and northing of EPSG:27700, metres; `None` beyond the National Grid.
    pub grid: Option<(f64, f64)>,
}

//! A count of a window in a cell.

use std::time::Duration;

use h3o::CellIndex;

use crate::domain::ids::Kind;
use crate::domain::report::Text;
use crate::domain::time::Timestamp;

/// One line of `cells`: how many distinct subjects a cell held in a window.
#[derive(Clone, Debug, PartialEq)]
pub struct CellCount {
    /// Width of the window.
    pub width: Duration,
    /// Slide of a rolling window; `None` for a tumbling one.
    pub slide: Option<Duration>,
    /// First moment of the window.
    pub start: Timestamp,
    /// First moment after the window.
    pub end: Timestamp,
    /// The cell; its resolution is in it.
    pub cell: CellIndex,
    /// What was counted.
    pub kind: Kind,
    /// Class of resource or category of incident.
    pub category: Text,
    /// Distinct subjects.
    pub count: u32,
    /// Nothing that comes can change it.
    pub is_final: bool,
}

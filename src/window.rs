//! Counts over time: panes, tumbling and rolling windows of H3 cells, and the queue that puts what
//! happened in order.

pub mod cells;
pub mod in_order;
pub mod rolling;
pub mod tumbling;

use std::time::Duration;

use h3o::{CellIndex, Resolution};

use crate::domain::position::{CellAround, Position};

/// A window to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowSpec {
    /// Width.
    pub width: Duration,
    /// Slide of a rolling window, a divisor of the width; `None` for a tumbling one.
    pub slide: Option<Duration>,
    /// Resolution of its cells, 6 to 10.
    pub resolution: Resolution,
}

/// The cell that counts for `position` at `resolution`: 9 and finer are computed from the position,
/// coarser ones are parents of the resolution-9 cell, so that their counts add up.
#[must_use]
pub fn counting_cell(position: Position, resolution: Resolution) -> CellIndex {
    counting_cell_around(position, resolution).cell
}

/// The same cell, and how far around `position` it goes, at least.
#[must_use]
pub fn counting_cell_around(position: Position, resolution: Resolution) -> CellAround {
    let mut around = position.cell_around(resolution.max(Resolution::Nine));
    around.cell = around.cell.parent(resolution).unwrap_or(around.cell);
    around
}

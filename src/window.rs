//! Counts over time: panes, tumbling and rolling windows of H3 cells, and the watermark that closes them.

use std::time::Duration;

use h3o::Resolution;

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

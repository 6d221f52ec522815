//! What is known of a place besides its text: enough to choose between two of one name, never enough to
//! make one.

use super::distance;
use crate::domain::position::Position;

/// Evidence from outside of the text. It breaks ties.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hints {
    /// The region that the feed covers: its middle and its radius in metres.
    pub region: Option<(Position, f64)>,
    /// Where the caller is, as the mast or the handset tells: position and radius in metres.
    pub caller: Option<(Position, f64)>,
    /// Where the incident was until now.
    pub previous: Option<Position>,
}

impl Hints {
    /// What the hints say for a place at `position`, in letters of a name.
    pub(super) fn worth(&self, position: Position) -> f64 {
        let within = |circle: Option<(Position, f64)>, worth: f64| {
            let (centre, radius_m) = circle?;
            (distance::between(centre, position) <= radius_m.max(500.0)).then_some(worth)
        };
        let previous = self.previous.map(|previous| (previous, 1500.0));
        [
            within(self.region, 4.0),
            within(self.caller, 5.0),
            within(previous, 5.0),
        ]
        .into_iter()
        .flatten()
        .sum()
    }
}

//! The fences that watch for somebody passing through, by the box around each: a move is looked up by
//! its own box.

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use crate::domain::position::{Position, UNITS_PER_DEGREE};
use crate::geofence::index::Slot;
use crate::geofence::shape::Envelope;

/// Fences by box.
#[derive(Clone, Debug, Default)]
pub(super) struct Crossings {
    tree: RTree<GeomWithData<Rectangle<[f64; 2]>, Slot>>,
}

impl Crossings {
    pub(super) fn insert(&mut self, slot: Slot, envelope: &Envelope) {
        self.tree.insert(entry(slot, envelope));
    }

    pub(super) fn remove(&mut self, slot: Slot, envelope: &Envelope) {
        self.tree.remove(&entry(slot, envelope));
    }

    /// The fences whose box meets that of the way from `from` to `to`, in no particular order and some
    /// of them twice.
    pub(super) fn near(&self, from: Position, to: Position) -> impl Iterator<Item = Slot> + '_ {
        const TURN: f64 = 360.0 * UNITS_PER_DEGREE;
        // A fence may be drawn a turn of the earth away from how its visitors count.
        let turns = if self.tree.size() == 0 {
            [].as_slice()
        } else {
            [-TURN, 0.0, TURN].as_slice()
        };
        let start = from.plane();
        let end = start.x + f64::from(from.eastward_e7(to));
        let (south, north) = (to.plane().y.min(start.y), to.plane().y.max(start.y));
        turns.iter().flat_map(move |turn| {
            let envelope = AABB::from_corners(
                [start.x.min(end) + turn, south],
                [start.x.max(end) + turn, north],
            );
            self.tree
                .locate_in_envelope_intersecting(&envelope)
                .map(|entry| entry.data)
        })
    }
}

fn entry(slot: Slot, envelope: &Envelope) -> GeomWithData<Rectangle<[f64; 2]>, Slot> {
    GeomWithData::new(
        Rectangle::from_corners(envelope.lower(), envelope.upper()),
        slot,
    )
}

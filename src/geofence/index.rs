//! Which fences may hold a position: an R-tree over their envelopes.

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use crate::domain::position::{Position, TURN};
use crate::geofence::shape::Envelope;

/// A fence's place in the table of fences.
pub type Slot = u32;

type Entry = GeomWithData<Rectangle<[f64; 2]>, Slot>;

/// Fences by the box that holds them; the authority for what is near.
#[derive(Clone, Debug, Default)]
pub struct FenceIndex {
    tree: RTree<Entry>,
}

impl FenceIndex {
    /// Adds the fence in `slot`, by the box around it.
    pub fn insert(&mut self, slot: Slot, envelope: &Envelope) {
        self.tree.insert(entry(slot, envelope));
    }

    /// Takes the fence in `slot` out; `envelope` is the one it was added with.
    pub fn remove(&mut self, slot: Slot, envelope: &Envelope) {
        self.tree.remove(&entry(slot, envelope));
    }

    /// The fences whose envelope holds `position`, in no particular order.
    pub fn candidates(&self, position: Position) -> impl Iterator<Item = Slot> + '_ {
        let plane = position.plane();
        self.tree
            .locate_all_at_point(&[plane.x, plane.y])
            .map(|entry| entry.data)
    }

    /// The fences whose envelope meets that of the way from `from` to `to`, in no particular order and
    /// some of them twice.
    pub fn near(&self, from: Position, to: Position) -> impl Iterator<Item = Slot> + '_ {
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

fn entry(slot: Slot, envelope: &Envelope) -> Entry {
    GeomWithData::new(
        Rectangle::from_corners(envelope.lower(), envelope.upper()),
        slot,
    )
}

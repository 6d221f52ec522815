//! Which fences may hold a position: an R-tree over their envelopes.

use rstar::RTree;
use rstar::primitives::{GeomWithData, Rectangle};

use crate::domain::position::Position;
use crate::geofence::shape::{Envelope, Shape};

/// A fence's place in the table of fences.
pub type Slot = u32;

type Entry = GeomWithData<Rectangle<[f64; 2]>, Slot>;

/// The authoritative index: every fence in force by the box that holds it.
#[derive(Clone, Debug, Default)]
pub struct FenceIndex {
    tree: RTree<Entry>,
}

impl FenceIndex {
    /// Adds the fence in `slot`.
    pub fn insert(&mut self, slot: Slot, shape: &Shape) {
        self.tree.insert(entry(slot, &shape.envelope()));
    }

    /// Takes the fence in `slot` out; `shape` is the one it was added with.
    pub fn remove(&mut self, slot: Slot, shape: &Shape) {
        self.tree.remove(&entry(slot, &shape.envelope()));
    }

    /// The fences whose envelope holds `position`, in no particular order.
    pub fn candidates(&self, position: Position) -> impl Iterator<Item = Slot> + '_ {
        let plane = position.plane();
        self.tree
            .locate_all_at_point(&[plane.x, plane.y])
            .map(|entry| entry.data)
    }
}

fn entry(slot: Slot, envelope: &Envelope) -> Entry {
    GeomWithData::new(
        Rectangle::from_corners(envelope.lower(), envelope.upper()),
        slot,
    )
}

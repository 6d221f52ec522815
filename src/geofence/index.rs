//! Which fences hold a position.
//!
//! An R-tree over the envelopes of all fences in force is the authority; a grid of cell programs that is
//! derived from the shapes (`cells`) answers on the path. Both change in place, one edit at a time, and a
//! property test holds them to the same answer.

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use crate::domain::position::{Position, UNITS_PER_DEGREE};
use crate::geofence::cells::Cells;
use crate::geofence::shape::{Envelope, Shape};

/// A fence's place in the table of fences.
pub type Slot = u32;

type Entry = GeomWithData<Rectangle<[f64; 2]>, Slot>;

/// Every fence in force by the places that it holds.
#[derive(Clone, Debug, Default)]
pub struct FenceIndex {
    tree: RTree<Entry>,
    cells: Cells,
    /// The few that the cells cannot hold, for an edge longer than a sixth of the earth's round.
    wide: RTree<Entry>,
}

impl FenceIndex {
    /// Adds the fence in `slot`, which is free.
    pub fn insert(&mut self, slot: Slot, shape: &Shape) {
        insert_boxes(&mut self.tree, slot, shape);
        if Cells::can_hold(slot, shape) {
            self.cells.insert(slot, shape);
        } else {
            insert_boxes(&mut self.wide, slot, shape);
        }
    }

    /// Takes the fence in `slot` out; `shape` is the one it was added with.
    pub fn remove(&mut self, slot: Slot, shape: &Shape) {
        remove_boxes(&mut self.tree, slot, shape);
        if Cells::can_hold(slot, shape) {
            self.cells.remove(slot, shape);
        } else {
            remove_boxes(&mut self.wide, slot, shape);
        }
    }

    /// The fences whose envelope holds `position`: what the cells are checked against, and where whoever
    /// asks for something other than what holds a place begins. In no particular order; one that goes all
    /// round the earth may come twice.
    pub fn candidates(&self, position: Position) -> impl Iterator<Item = Slot> + '_ {
        boxes_at(&self.tree, position)
    }

    /// Appends the fences that hold `position`, boundary included, each once and in no particular order.
    /// `covers` answers exactly for a fence that the cells cannot decide; it must be that of the shape
    /// that the slot was added with.
    pub fn containing(
        &self,
        position: Position,
        mut covers: impl FnMut(Slot) -> bool,
        holding: &mut Vec<Slot>,
    ) {
        self.cells.containing(position, &mut covers, holding);
        if self.wide.size() > 0 {
            let first = holding.len();
            for slot in boxes_at(&self.wide, position) {
                if !holding[first..].contains(&slot) && covers(slot) {
                    holding.push(slot);
                }
            }
        }
    }

    /// Bytes of heap that the cells take; the R-trees take about 90 more for each fence.
    #[must_use]
    pub fn cell_bytes(&self) -> usize {
        self.cells.heap_bytes()
    }
}

fn insert_boxes(tree: &mut RTree<Entry>, slot: Slot, shape: &Shape) {
    for entry in entries(slot, &shape.envelope()) {
        tree.insert(entry);
    }
}

fn remove_boxes(tree: &mut RTree<Entry>, slot: Slot, shape: &Shape) {
    for entry in entries(slot, &shape.envelope()) {
        tree.remove(&entry);
    }
}

fn boxes_at(tree: &RTree<Entry>, position: Position) -> impl Iterator<Item = Slot> + '_ {
    let plane = position.plane();
    tree.locate_all_at_point(&[plane.x, plane.y])
        .map(|entry| entry.data)
}

/// One box for each way to count longitude in which a position may lie in the envelope: an envelope
/// across the antimeridian has two.
fn entries(slot: Slot, envelope: &Envelope) -> impl Iterator<Item = Entry> + use<> {
    const TURN: f64 = 360.0 * UNITS_PER_DEGREE;
    let (lower, upper) = (envelope.lower(), envelope.upper());
    [-TURN, 0.0, TURN].into_iter().filter_map(move |turn| {
        let (west, east) = (lower[0] + turn, upper[0] + turn);
        let reaches = west <= TURN / 2.0 && east >= -TURN / 2.0;
        let corners = ([west, lower[1]], [east, upper[1]]);
        let rectangle = Rectangle::from_aabb(AABB::from_corners(corners.0, corners.1));
        reaches.then(|| GeomWithData::new(rectangle, slot))
    })
}

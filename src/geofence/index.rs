//! Which fences hold a position.
//!
//! An R-tree over the envelopes of all fences in force is the authority; a grid of cell programs that is
//! derived from the shapes (`cells`) answers on the path. Both change in place, one edit at a time, and a
//! property test holds them to the same answer.

use crate::domain::position::Position;
use crate::geofence::boxes::Boxes;
use crate::geofence::cells::Cells;
use crate::geofence::shape::Shape;
use crate::prefetch::Look;

/// A fence's place in the table of fences.
pub type Slot = u32;

/// Every fence in force by the places that it holds.
#[derive(Clone, Debug, Default)]
pub struct FenceIndex {
    boxes: Boxes,
    cells: Cells,
    /// The few that the cells cannot hold, for an edge longer than a sixth of the earth's round.
    wide: Boxes,
}

impl FenceIndex {
    /// Adds the fence in `slot`, which is free.
    pub fn insert(&mut self, slot: Slot, shape: &Shape) {
        let envelope = shape.envelope();
        self.boxes.insert(slot, &envelope);
        if Cells::can_hold(slot, shape) {
            self.cells.insert(slot, shape);
        } else {
            self.wide.insert(slot, &envelope);
        }
    }

    /// Takes the fence in `slot` out; `shape` is the one it was added with.
    pub fn remove(&mut self, slot: Slot, shape: &Shape) {
        let envelope = shape.envelope();
        self.boxes.remove(slot, &envelope);
        if Cells::can_hold(slot, shape) {
            self.cells.remove(slot, shape);
        } else {
            self.wide.remove(slot, &envelope);
        }
    }

    /// The fences whose envelope holds `position`: what the cells are checked against, and where whoever
    /// asks for something other than what holds a place begins. In no particular order; one that goes all
    /// round the earth may come twice.
    pub fn candidates(&self, position: Position) -> impl Iterator<Item = Slot> + '_ {
        self.boxes.at(position)
    }

    /// Asks for what `containing` will read.
    pub fn prefetch(&self, position: Position, look: Look) {
        self.cells.prefetch(position, look);
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
        if !self.wide.is_empty() {
            let first = holding.len();
            for slot in self.wide.at(position) {
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

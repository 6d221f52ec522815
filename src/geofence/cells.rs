//! The hot path of the index: a grid of square cells, each with a small program that tells which fences
//! hold a place in it. Derived from the shapes alone, so it can be dropped and built again at any time.
//!
//! Cells have four sizes (`place::LEVELS`); a fence is compiled into those of the finest size at which
//! its box has few enough of them. The cells hang in a tree of 16 × 16 blocks, so a place where there is no
//! fence costs one or two look-ups, and memory goes only where fences are.

mod block;
mod place;
mod plan;
mod program;
#[cfg(test)]
mod tests;

use crate::domain::position::Position;
use crate::geofence::cells::block::Block;
use crate::geofence::cells::place::{LEVELS, Place, Rect};
use crate::geofence::cells::plan::Plan;
use crate::geofence::cells::program::{Program, SLOTS};
use crate::geofence::index::Slot;
use crate::geofence::shape::{Polygon, Segment, Shape};
use crate::prefetch::Look;

/// Cells along a side of the whole grid, at the coarsest level.
const ROOT: usize = 1 << (32 - LEVELS[3]);
/// Cells along a side of a block.
const SIDE: u32 = 16;

/// A grid of cell programs.
#[derive(Clone, Debug)]
pub(super) struct Cells {
    root: Vec<Cell>,
}

/// A cell that may be divided further.
#[derive(Clone, Debug, Default)]
struct Cell {
    program: Program,
    inner: Inner,
}

#[derive(Clone, Debug, Default)]
enum Inner {
    #[default]
    Undivided,
    Cells(Box<[Cell]>),
    /// Of the finest level.
    Finest(Block),
}

impl Default for Cells {
    fn default() -> Self {
        Self {
            root: vec![Cell::default(); ROOT * ROOT],
        }
    }
}

impl Cells {
    /// Whether a shape can be compiled: in exact i64 arithmetic no edge may be longer than 53 degrees, and
    /// the slot must leave room for flags.
    pub(super) fn can_hold(slot: Slot, shape: &Shape) -> bool {
        const LONGEST: i64 = 1 << 29;
        let is_short = |Segment { from, to }| {
            let (east, north) = (to.0 - from.0, to.1 - from.1);
            east.abs() <= LONGEST && north.abs() <= LONGEST
        };
        slot < SLOTS
            && match shape {
                Shape::Polygons(polygons) => polygons.iter().flat_map(Polygon::edges).all(is_short),
                Shape::Circle { .. } | Shape::Corridor(_) => true,
            }
    }

    pub(super) fn insert(&mut self, slot: Slot, shape: &Shape) {
        let parts = shape.parts();
        let rects = Rect::all_of(&parts);
        let plan = Plan::new(slot, shape, &parts, &rects);
        let Some((_, _, Rect { level, .. })) = rects.first() else {
            return;
        };
        for planned in &plan.cells {
            self.change(*level, planned.column, planned.row, true, |program| {
                plan.apply(planned, program);
            });
        }
    }

    /// `shape` is the one that the slot was inserted with.
    pub(super) fn remove(&mut self, slot: Slot, shape: &Shape) {
        for (_, _, rect) in Rect::all_of(&shape.parts()) {
            for (column, row) in rect.cells() {
                self.change(rect.level, column, row, false, |program| {
                    program.remove(slot);
                });
            }
        }
    }

    /// Asks for the program of the finest cell around `position`; the few of the coarser ones are in the cache anyway.
    pub(super) fn prefetch(&self, position: Position, look: Look) {
        let place = Place::of(position);
        let mut cell = &self.root[root_index(place.x >> LEVELS[3], place.y >> LEVELS[3])];
        let mut level = LEVELS[3];
        loop {
            level -= 4;
            let index = block_index(place.x >> level, place.y >> level);
            match &cell.inner {
                Inner::Undivided => return,
                Inner::Cells(inner) => cell = &inner[index],
                Inner::Finest(block) => return block.prefetch(index, place.seen_at(level), look),
            }
        }
    }

    /// Appends the slots whose shape holds `position`, each once, in no particular order. `covers` answers
    /// for a shape that must be asked itself.
    #[inline(always)]
    pub(super) fn containing(
        &self,
        position: Position,
        mut covers: impl FnMut(Slot) -> bool,
        holding: &mut Vec<Slot>,
    ) {
        let place = Place::of(position);
        let mut cell = &self.root[root_index(place.x >> LEVELS[3], place.y >> LEVELS[3])];
        let mut level = LEVELS[3];
        loop {
            if !cell.program.is_empty() {
                cell.program.run(place.seen_at(level), &mut covers, holding);
            }
            level -= 4;
            let index = block_index(place.x >> level, place.y >> level);
            match &cell.inner {
                Inner::Undivided => return,
                Inner::Cells(inner) => cell = &inner[index],
                Inner::Finest(block) => {
                    let place = place.seen_at(level);
                    if let Some(program) = block.get(index, place) {
                        program.run(place, &mut covers, holding);
                    }
                    return;
                }
            }
        }
    }

    /// Bytes of heap that it takes.
    pub(super) fn heap_bytes(&self) -> usize {
        self.root.capacity() * size_of::<Cell>()
            + self.root.iter().map(Cell::heap_bytes).sum::<usize>()
    }

    /// Changes the program of a cell; where the grid does not go down to it, only if `make`.
    fn change(
        &mut self,
        level: u32,
        column: u32,
        row: u32,
        make: bool,
        change: impl FnOnce(&mut Program),
    ) {
        let top = LEVELS[3] - level;
        let mut cell = &mut self.root[root_index(column >> top, row >> top)];
        let mut above = LEVELS[3];
        while above != level {
            above -= 4;
            let shift = above - level;
            let index = block_index(column >> shift, row >> shift);
            if make && matches!(cell.inner, Inner::Undivided) {
                cell.inner = Inner::new(above);
            }
            match &mut cell.inner {
                Inner::Finest(block) => return block.change(index, make, change),
                Inner::Cells(inner) => cell = &mut inner[index],
                Inner::Undivided => return,
            }
        }
        change(&mut cell.program);
    }
}

impl Cell {
    fn heap_bytes(&self) -> usize {
        let inner = match &self.inner {
            Inner::Undivided => 0,
            Inner::Cells(inner) => {
                size_of_val(&**inner) + inner.iter().map(Self::heap_bytes).sum::<usize>()
            }
            Inner::Finest(block) => block.heap_bytes(),
        };
        self.program.heap_bytes() + inner
    }
}

impl Inner {
    fn new(level: u32) -> Self {
        if level == LEVELS[0] {
            Self::Finest(Block::default())
        } else {
            Self::Cells(vec![Cell::default(); (SIDE * SIDE) as usize].into())
        }
    }
}

fn root_index(column: u32, row: u32) -> usize {
    row as usize * ROOT + column as usize
}

fn block_index(column: u32, row: u32) -> usize {
    ((row % SIDE) * SIDE + column % SIDE) as usize
}

//! What a fence puts into each of its cells.

use crate::geofence::cells::place::Rect;
use crate::geofence::cells::program::EXACT;
use crate::geofence::index::Slot;
use crate::geofence::shape::Shape;

pub(super) mod border;
pub(super) mod round;

/// What a fence puts into its cells.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub(super) cells: Vec<Planned>,
    words: Vec<u32>,
    /// The record that asks the shape.
    exact: u32,
}

/// What a fence puts into one cell.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) column: u32,
    pub(super) row: u32,
    content: Content,
}

/// In order of precedence, where several polygons of a fence meet in a cell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Content {
    /// It holds the whole cell.
    Full,
    /// Its shape must be asked.
    Exact,
    /// Its records are these words.
    Records { start: usize, end: usize },
}

impl Plan {
    /// The cells of `rects` that a fence meets.
    pub(super) fn new(slot: Slot, shape: &Shape, rects: &[(usize, i64, Rect)]) -> Self {
        let mut plan = Self {
            exact: slot | EXACT,
            ..Self::default()
        };
        for &(part, turn, rect) in rects {
            match shape {
                Shape::Polygons(polygons) => {
                    border::plan(&polygons.0[part], turn, rect, slot, &mut plan);
                }
                Shape::Circle { centre, radius_m } => {
                    round::plan(*centre, *radius_m, rect, &mut plan);
                }
                // Seldom wider than a cell: each place is measured.
                Shape::Corridor(_) => {
                    for cell in rect.cells() {
                        plan.put(cell, Content::Exact);
                    }
                }
            }
        }
        if rects.len() > 1 {
            plan.merge();
        }
        plan
    }

    /// The records of a cell; `None` where the fence holds all of it.
    pub(super) fn records(&self, planned: &Planned) -> Option<&[u32]> {
        match planned.content {
            Content::Full => None,
            Content::Exact => Some(std::slice::from_ref(&self.exact)),
            Content::Records { start, end } => Some(&self.words[start..end]),
        }
    }

    fn put(&mut self, (column, row): (u32, u32), content: Content) {
        self.cells.push(Planned {
            column,
            row,
            content,
        });
    }

    fn put_records(&mut self, cell: (u32, u32), write: impl FnOnce(&mut Vec<u32>)) {
        let start = self.words.len();
        write(&mut self.words);
        let end = self.words.len();
        self.put(cell, Content::Records { start, end });
    }

    /// One full cell stands for whatever else the fence has there; so does a word that asks its shape.
    fn merge(&mut self) {
        self.cells
            .sort_by(|a, b| (a.row, a.column, &a.content).cmp(&(b.row, b.column, &b.content)));
        self.cells.dedup_by(|later, first| {
            (later.row, later.column) == (first.row, first.column)
                && matches!(first.content, Content::Full | Content::Exact)
        });
    }
}

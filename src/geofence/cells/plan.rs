//! What a fence puts into each of its cells.

use crate::geofence::cells::place::{Reach, Rect};
use crate::geofence::cells::program::{EXACT, Program};
use crate::geofence::index::Slot;
use crate::geofence::shape::{Envelope, Shape};

pub(super) mod border;
pub(super) mod round;

/// What a fence puts into its cells.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub(super) cells: Vec<Planned>,
    words: Vec<u32>,
    slot: Slot,
}

/// What a fence puts into one cell.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) column: u32,
    pub(super) row: u32,
    reach: Reach,
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
    pub(super) fn new(
        slot: Slot,
        shape: &Shape,
        parts: &[Envelope],
        rects: &[(usize, i64, Rect)],
    ) -> Self {
        let mut plan = Self {
            slot,
            ..Self::default()
        };
        for &(part, turn, rect) in rects {
            let first = plan.cells.len();
            match shape {
                Shape::Polygons(polygons) => {
                    border::plan(&polygons[part], turn, rect, &mut plan);
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
            for planned in &mut plan.cells[first..] {
                planned.reach = rect.reach((planned.column, planned.row), &parts[part], turn);
            }
        }
        if rects.len() > 1 {
            plan.merge();
        }
        plan
    }

    /// Puts what is planned for a cell into its program.
    pub(super) fn apply(&self, planned: &Planned, program: &mut Program) {
        match planned.content {
            Content::Full => program.add_full(self.slot),
            Content::Exact => program.add_record(self.slot | EXACT, planned.reach, &[]),
            Content::Records { start, end } => {
                let (head, rest) = (self.words[start], &self.words[start + 1..end]);
                program.add_record(head | self.slot, planned.reach, rest);
            }
        }
    }

    fn put(&mut self, (column, row): (u32, u32), content: Content) {
        self.cells.push(Planned {
            column,
            row,
            reach: Reach::ALL,
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
            let is_told = (later.row, later.column) == (first.row, first.column)
                && matches!(first.content, Content::Full | Content::Exact);
            if is_told {
                first.reach = first.reach.and(later.reach);
            }
            is_told
        });
    }
}

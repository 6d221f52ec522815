//! The last of what passes: transitions, and the cells of the windows that count now.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::domain::served::{Served, What};
use crate::domain::time::Timestamp;

/// Cells are shown until so long after the end of their window, by the newest end that was heard of.
const SHOWN_FOR: Duration = Duration::from_hours(2);

/// Bounded: the oldest transitions and, where there are too many cells, the newest rows do not fit in.
#[derive(Debug, Default)]
pub(super) struct Passing {
    transitions: VecDeque<Arc<Served>>,
    cells: BTreeMap<String, Arc<Served>>,
    newest_end: Option<Timestamp>,
}

impl Passing {
    pub(super) fn add_transition(&mut self, served: &Arc<Served>, most: usize) {
        if self.transitions.len() >= most.max(1) {
            self.transitions.pop_front();
        }
        self.transitions.push_back(Arc::clone(served));
    }

    /// The row `key`; false where it did not fit in.
    pub(super) fn put_cell(&mut self, key: &str, served: &Arc<Served>, most: usize) -> bool {
        let end = end(served);
        if end > self.newest_end {
            self.newest_end = end;
        }
        let fits = self.cells.len() < most || self.cells.contains_key(key);
        if fits {
            self.cells.insert(key.to_owned(), Arc::clone(served));
        }
        fits
    }

    pub(super) fn remove_cell(&mut self, key: &str) {
        self.cells.remove(key);
    }

    /// Drops the cells of windows that are long over.
    pub(super) fn forget(&mut self) {
        let Some(newest) = self.newest_end else {
            return;
        };
        self.cells
            .retain(|_, cell| end(cell).is_none_or(|end| newest.since(end) <= SHOWN_FOR));
    }

    /// The oldest first.
    pub(super) fn transitions(&self) -> impl Iterator<Item = &Arc<Served>> {
        self.transitions.iter()
    }

    /// In order of their keys.
    pub(super) fn cells(&self) -> impl Iterator<Item = &Arc<Served>> {
        self.cells.values()
    }
}

fn end(served: &Served) -> Option<Timestamp> {
    if let What::Cell { end, .. } = &served.what {
        *end
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(hour: i64) -> Arc<Served> {
        Arc::new(Served {
            id: "".into(),
            at: None,
            position: None,
            fences: Vec::new(),
            what: What::Cell {
                category: "x".into(),
                window: "PT1H".into(),
                resolution: 9,
                end: Timestamp::from_millis(hour * 3_600_000),
            },
            data: "{}".into(),
        })
    }

    #[test]
    fn cells_are_held_by_key_while_their_windows_count() {
        let mut passing = Passing::default();
        for (key, hour) in [("a", 1), ("a", 2), ("b", 3), ("c", 4)] {
            passing.put_cell(key, &cell(hour), 2);
        }
        passing.forget();
        let ends: Vec<_> = passing.cells().map(|cell| end(cell)).collect();
        assert_eq!(ends, [cell(2), cell(3)].map(|cell| end(&cell)));
        passing.put_cell("b", &cell(5), 2);
        passing.forget();
        assert_eq!(passing.cells().count(), 1);
    }
}

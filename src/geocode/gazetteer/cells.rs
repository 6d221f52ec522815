//! Cells by which what is near a place is found.

use crate::domain::position::Position;

/// Units of latitude and of longitude in a cell: about 560 m by 560 m in the middle of Britain.
const UNITS: (i64, i64) = (50_000, 80_000);
const COLUMNS: i64 = 3_600_000_000 / UNITS.1 + 1;

/// Row and column of the cell that holds `position`.
pub(super) fn row_and_column(position: Position) -> (i64, i64) {
    let row = (i64::from(position.lat_e7()) + 900_000_000) / UNITS.0;
    let column = (i64::from(position.lng_e7()) + 1_800_000_000) / UNITS.1;
    (row, column)
}

/// The number of a cell.
pub(super) fn number(row: i64, column: i64) -> u32 {
    u32::try_from(row * COLUMNS + column).unwrap_or(u32::MAX)
}

/// The number of the cell that holds `position`.
pub(super) fn cell(position: Position) -> u32 {
    let (row, column) = row_and_column(position);
    number(row, column)
}

/// The cells that the stretch between two positions goes through, straight in longitude and latitude; a
/// neighbour too many where it runs along a border.
pub(super) fn of_stretch(from: Position, to: Position) -> Vec<u32> {
    let (from, to) = if from <= to { (from, to) } else { (to, from) };
    let ((first, west), (last, east)) = (row_and_column(from), row_and_column(to));
    if first == last {
        let columns = west.min(east)..=west.max(east);
        return columns.map(|column| number(first, column)).collect();
    }
    let (south, start) = (i128::from(from.lat_e7()), i128::from(from.lng_e7()));
    let (up, across) = (
        i128::from(to.lat_e7()) - south,
        i128::from(to.lng_e7()) - start,
    );
    // The longitude where it enters a row, in units, rounded down; one more is allowed for.
    let at_row = |row: i64| {
        let border = i128::from(row * UNITS.0 - 900_000_000);
        start + (border - south) * across / up
    };
    let column = |lng: i128| {
        let east_of_edge = lng + 1_800_000_000;
        i64::try_from(east_of_edge / i128::from(UNITS.1)).unwrap_or_default()
    };
    let mut cells = Vec::new();
    for row in first..=last {
        let enters = if row == first { start } else { at_row(row) };
        let leaves = if row == last {
            start + across
        } else {
            at_row(row + 1)
        };
        let (low, high) = (enters.min(leaves) - 1, enters.max(leaves) + 1);
        cells.extend((column(low)..=column(high)).map(|column| number(row, column)));
    }
    cells
}

/// A block of cells around a position that grows ring by ring.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    row: i64,
    column: i64,
    /// Units from the middle cell's south-western corner.
    north: i64,
    east: i64,
}

impl Block {
    pub(super) fn around(position: Position) -> Self {
        let (row, column) = row_and_column(position);
        Self {
            row,
            column,
            north: i64::from(position.lat_e7()) + 900_000_000 - row * UNITS.0,
            east: i64::from(position.lng_e7()) + 1_800_000_000 - column * UNITS.1,
        }
    }

    /// Runs of neighbouring cells, first and last, of the ring at `step` cells from the middle.
    pub(super) fn ring(self, step: i64) -> impl Iterator<Item = (u32, u32)> {
        let columns = (
            (self.column - step).max(0),
            (self.column + step).min(COLUMNS - 1),
        );
        (-step..=step)
            .map(move |row| (row, self.row + row))
            .filter(|(_, row)| *row >= 0)
            .flat_map(move |(from_middle, row)| {
                let cell = move |column| number(row, column);
                let whole = (cell(columns.0), cell(columns.1));
                let ends = [whole.0, whole.1].map(|end| (end, end));
                let is_whole = from_middle.abs() == step;
                let runs = if is_whole {
                    [Some(whole), None]
                } else {
                    ends.map(Some)
                };
                runs.into_iter().flatten()
            })
    }

    /// Units of latitude and of longitude from the position to what lies beyond the ring at `step`.
    pub(super) fn beyond(self, step: i64) -> (i64, i64) {
        let margin = |within: i64, side: i64| within.min(side - within) + step * side;
        (margin(self.north, UNITS.0), margin(self.east, UNITS.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_stretch_is_in_the_cells_of_all_its_points(
            from in (51.0..51.1, -0.2..0.2), to in (51.0..51.1, -0.2..0.2), share in 0.0..1.0,
        ) {
            let at = |(lat, lng): (f64, f64)| Position::new(lat, lng).unwrap();
            let (from, to) = (at(from), at(to));
            let cells = of_stretch(from, to);
            for point in [from, to, from.towards(to, share)] {
                prop_assert!(cells.contains(&cell(point)));
            }
            let mut other_way = of_stretch(to, from);
            other_way.reverse();
            prop_assert_eq!(cells.len(), other_way.len());
        }
    }
}

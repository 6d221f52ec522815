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

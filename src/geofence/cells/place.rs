//! Where a place is in the grid: four sizes of square cells, each sixteen times as wide as the next.
//!
//! Longitude and latitude in units of 1e-7 degree are counted from -2^31, so that every place of the
//! earth is a pair of u32 and a cell is the top bits of both.

use crate::domain::position::{Position, TURN_E7};
use crate::geofence::shape::Envelope;

/// Bits of a cell's side, finest first: about 180, 2,900, 47,000 and 750,000 m of latitude.
pub(super) const LEVELS: [u32; 4] = [14, 18, 22, 26];
/// Most cells that the boxes of a fence may have at its level.
const MOST_CELLS: usize = 4096;
/// Half a cell's side, at the finest level.
pub(super) const HALF: u32 = 1 << (LEVELS[0] - 1);

const ORIGIN: i64 = 1 << 31;

/// A place as counted from the corner of the grid.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) x: u32,
    pub(super) y: u32,
}

/// A place as seen from the cell that it is in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Local {
    /// East of the centre, units.
    pub(super) x: i32,
    /// North of the centre, units.
    pub(super) y: i32,
    /// East of the western side, in parts of which a cell has `2 * HALF`.
    pub(super) fine_x: u32,
    /// North of the southern side, the same.
    pub(super) fine_y: u32,
}

impl Place {
    pub(super) fn of(position: Position) -> Self {
        let count = |units: i32| units.cast_unsigned() ^ (1 << 31);
        Self {
            x: count(position.lng_e7()),
            y: count(position.lat_e7()),
        }
    }

    pub(super) fn seen_at(self, level: u32) -> Local {
        let (mask, half) = ((1u32 << level) - 1, 1u32 << (level - 1));
        let (x, y) = (self.x & mask, self.y & mask);
        let from_centre = |units: u32| units.cast_signed() - half.cast_signed();
        let shift = level - LEVELS[0];
        Local {
            x: from_centre(x),
            y: from_centre(y),
            fine_x: x >> shift,
            fine_y: y >> shift,
        }
    }
}

/// A box within a cell, its sides in parts of 1/256 of the cell's: what lies outside is outside the fence. Never
/// too small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reach(u32);

impl Reach {
    /// The whole cell.
    pub(super) const ALL: Self = Self(0xFF00_FF00);

    pub(super) fn of_word(word: u32) -> Self {
        Self(word)
    }

    pub(super) fn word(self) -> u32 {
        self.0
    }

    pub(super) fn holds(self, place: Local) -> bool {
        let [west, east, south, north] = self.0.to_le_bytes().map(u32::from);
        let (x, y) = (place.fine_x >> 6, place.fine_y >> 6);
        west <= x && x <= east && south <= y && y <= north
    }

    pub(super) fn and(self, other: Self) -> Self {
        let (a, b) = (self.0.to_le_bytes(), other.0.to_le_bytes());
        Self(u32::from_le_bytes([
            a[0].min(b[0]),
            a[1].max(b[1]),
            a[2].min(b[2]),
            a[3].max(b[3]),
        ]))
    }
}

/// A rectangle of cells of one level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rect {
    pub(super) level: u32,
    pub(super) west: u32,
    pub(super) south: u32,
    pub(super) columns: u32,
    pub(super) rows: u32,
}

impl Rect {
    /// The cells that hold the parts of one fence, all of one level: for each rectangle the part, and by how
    /// many units that was turned round the earth to stand there. A part across the antimeridian has cells
    /// at both ends of the grid.
    pub(super) fn all_of(parts: &[Envelope]) -> Vec<(usize, i64, Self)> {
        let at = |level: u32| {
            let turned = parts.iter().enumerate().flat_map(move |(part, envelope)| {
                let turns = [-TURN_E7, 0, TURN_E7].into_iter();
                turns.filter_map(move |turn| Some((part, turn, Self::of(envelope, turn, level)?)))
            });
            turned.collect::<Vec<_>>()
        };
        for level in LEVELS {
            let rects = at(level);
            let cells = rects.iter().map(|(_, _, rect)| rect.len()).sum::<usize>();
            if cells <= MOST_CELLS || level == LEVELS[3] {
                return rects;
            }
        }
        Vec::new()
    }

    fn of(envelope: &Envelope, turn: i64, level: u32) -> Option<Self> {
        let (west, south) = whole(envelope.lower());
        let (east, north) = whole(envelope.upper());
        let (west, columns) = span(
            (west + turn).max(-TURN_E7 / 2),
            (east + turn).min(TURN_E7 / 2),
            level,
        )?;
        let (south, rows) = span(south.max(-TURN_E7 / 4), north.min(TURN_E7 / 4), level)?;
        Some(Self {
            level,
            west,
            south,
            columns,
            rows,
        })
    }

    /// Every cell, row by row, as column and row of the grid.
    pub(super) fn cells(self) -> impl Iterator<Item = (u32, u32)> {
        (0..self.rows).flat_map(move |row| {
            (0..self.columns).map(move |column| (self.west + column, self.south + row))
        })
    }

    /// The part of a cell of the grid that an envelope, turned round the earth, has.
    pub(super) fn reach(self, (column, row): (u32, u32), envelope: &Envelope, turn: i64) -> Reach {
        let (west, south) = whole(envelope.lower());
        let (east, north) = whole(envelope.upper());
        let part = |units: i64, cell: u32| {
            let inner = units - start(cell, 0, self.level);
            u8::try_from((inner >> (self.level - 8)).clamp(0, 255)).unwrap_or(0)
        };
        Reach(u32::from_le_bytes([
            part(west + turn, column),
            part(east + turn, column),
            part(south, row),
            part(north, row),
        ]))
    }

    pub(super) fn len(self) -> usize {
        self.columns as usize * self.rows as usize
    }

    /// The range of its columns, from 0, that units `low` to `high` of longitude meet.
    pub(super) fn columns_of(self, low: i64, high: i64) -> std::ops::Range<usize> {
        part(self.west, self.columns, low, high, self.level)
    }

    /// The range of its rows, from 0, that units `low` to `high` of latitude meet.
    pub(super) fn rows_of(self, low: i64, high: i64) -> std::ops::Range<usize> {
        part(self.south, self.rows, low, high, self.level)
    }

    /// Column and row, from 0, of the one cell of it that everything between two corners is in, and everything
    /// within two units of that.
    pub(super) fn only_cell(self, low: (i64, i64), high: (i64, i64)) -> Option<(usize, usize)> {
        let column = only(self.west, self.columns, low.0 - 2, high.0 + 2, self.level)?;
        let row = only(self.south, self.rows, low.1 - 2, high.1 + 2, self.level)?;
        Some((column, row))
    }

    /// Western side of a column of it.
    pub(super) fn west_of(self, column: usize) -> i64 {
        start(self.west, column, self.level)
    }

    /// Southern side of a row of it.
    pub(super) fn south_of(self, row: usize) -> i64 {
        start(self.south, row, self.level)
    }

    /// Units of a cell's side.
    pub(super) fn side(self) -> i64 {
        1 << self.level
    }
}

/// First cell and number of cells from `low` to `high`, if there is one.
fn span(low: i64, high: i64, level: u32) -> Option<(u32, u32)> {
    let (first, last) = ((low + ORIGIN) >> level, (high + ORIGIN) >> level);
    let count = u32::try_from(last - first + 1).ok()?;
    (low <= high).then_some((u32::try_from(first).ok()?, count))
}

fn part(from: u32, count: u32, low: i64, high: i64, level: u32) -> std::ops::Range<usize> {
    let cell = |units: i64| ((units + ORIGIN) >> level) - i64::from(from);
    let first = cell(low).clamp(0, i64::from(count));
    let end = (cell(high) + 1).clamp(first, i64::from(count));
    let index = |cell: i64| usize::try_from(cell).unwrap_or(0);
    index(first)..index(end)
}

fn only(from: u32, count: u32, low: i64, high: i64, level: u32) -> Option<usize> {
    let (first, last) = ((low + ORIGIN) >> level, (high + ORIGIN) >> level);
    let cell = u32::try_from(first - i64::from(from)).ok()?;
    (first == last && cell < count).then_some(cell as usize)
}

fn start(from: u32, cell: usize, level: u32) -> i64 {
    let cell = i64::try_from(cell).unwrap_or(0);
    ((i64::from(from) + cell) << level) - ORIGIN
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "envelopes are whole numbers of at most a few turns"
)]
fn whole([x, y]: [f64; 2]) -> (i64, i64) {
    (x as i64, y as i64)
}

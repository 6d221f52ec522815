//! What lies around a position: cell by cell, from the middle outwards; and the areas that hold it.

use super::cells::Block;
use super::layout::Table;
use super::things::{POINT_ROW, Thing};
use super::{Gazetteer, read_position};
use crate::domain::position::{Position, UNITS_PER_DEGREE};

const CELL_ROW: usize = 12;
const MEETING_ROW: usize = 12;
const OUTLINE_ROW: usize = 28;

/// Rings beyond the middle that are looked at: enough for two kilometres up to 80° of latitude, where
/// cells become narrow.
const MOST_RINGS: i64 = 16;

/// Bits of a row of a cell that say what it is of.
const KIND_SHIFT: u32 = 29;

/// What lies in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::geocode) enum What {
    /// A point of a street.
    Point(u32),
    /// A stretch of a street's line.
    Stretch(u32),
    /// A venue, station, place or marker.
    Thing(u32),
    /// A postcode, by its row.
    Postcode(u32),
    /// Where lines of streets meet, by its first row.
    Meeting(u32),
}

impl What {
    pub(super) fn number(self) -> u32 {
        let (kind, number) = match self {
            Self::Point(street) => (0, street),
            Self::Stretch(street) => (1, street),
            Self::Thing(thing) => (2, thing),
            Self::Postcode(row) => (3, row),
            Self::Meeting(row) => (4, row),
        };
        kind << KIND_SHIFT | number
    }

    fn of(number: u32) -> Option<Self> {
        let rest = number & ((1 << KIND_SHIFT) - 1);
        Some(match number >> KIND_SHIFT {
            0 => Self::Point(rest),
            1 => Self::Stretch(rest),
            2 => Self::Thing(rest),
            3 => Self::Postcode(rest),
            4 => Self::Meeting(rest),
            _ => return None,
        })
    }
}

/// Something in a cell: a stretch has two ends, everything else is where it begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::geocode) struct Lying {
    pub what: What,
    pub from: Position,
    pub to: Position,
}

/// An area with its boundary.
#[derive(Clone, Copy, Debug)]
pub(in crate::geocode) struct Outline<'a> {
    gazetteer: &'a Gazetteer,
    pub thing: Thing<'a>,
    first: u32,
    pieces: u32,
}

impl Gazetteer {
    /// Calls `each` with all that lies in the cells around `from`, ring by ring, until `is_enough` says so
    /// of the units of latitude and of longitude within which everything has been seen. What lies on the
    /// border of cells may come more than once.
    pub(in crate::geocode) fn around(
        &self,
        from: Position,
        mut each: impl FnMut(Lying),
        mut is_enough: impl FnMut((i64, i64)) -> bool,
    ) {
        let block = Block::around(from);
        let mut seen = |(first, last)| {
            for row in self.in_cells(first, last) {
                each(row);
            }
        };
        for step in 0..MOST_RINGS {
            block.ring(step).for_each(&mut seen);
            if is_enough(block.beyond(step)) {
                return;
            }
        }
    }

    fn in_cells(&self, first: u32, last: u32) -> impl Iterator<Item = Lying> {
        let row = |at| self.tables.row(Table::Cells, CELL_ROW, at);
        let rows = self.tables.rows(Table::Cells, CELL_ROW);
        let (mut low, mut high) = (0, rows);
        while low < high {
            let middle = low + (high - low) / 2;
            if row(middle).u32(0) < first {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low..rows)
            .map(row)
            .take_while(move |row| row.u32(0) <= last)
            .filter_map(|row| self.lying(What::of(row.u32(4))?, row.u32(8)))
    }

    fn lying(&self, what: What, at: u32) -> Option<Lying> {
        let point = |at| read_position(self.tables.row(Table::Points, POINT_ROW, at), 0);
        let (from, to) = match what {
            What::Point(_) => (point(at)?, None),
            What::Stretch(_) => (point(at)?, point(at + 1)),
            What::Thing(number) => (self.thing(number)?.position, None),
            What::Postcode(row) => (self.postcode_at(row)?.1, None),
            What::Meeting(row) => {
                let row = self.tables.row(Table::Meetings, MEETING_ROW, row);
                (read_position(row, 0)?, None)
            }
        };
        Some(Lying {
            what,
            from,
            to: to.unwrap_or(from),
        })
    }

    /// The streets that meet at the place whose first row is `first`.
    pub(in crate::geocode) fn meeting(&self, first: u32) -> impl Iterator<Item = u32> {
        let row = |at| self.tables.row(Table::Meetings, MEETING_ROW, at);
        let rows = self.tables.rows(Table::Meetings, MEETING_ROW);
        let place = (row(first).u32(0), row(first).u32(4));
        (first..rows)
            .map(row)
            .take_while(move |row| (row.u32(0), row.u32(4)) == place)
            .map(|row| row.u32(8))
    }

    /// Every area with a boundary whose box, made wider by so many units of latitude and longitude, holds
    /// `position`.
    pub(in crate::geocode) fn outlines(
        &self,
        position: Position,
        wider: (i32, i32),
    ) -> impl Iterator<Item = Outline<'_>> {
        let (lat, lng) = (position.lat_e7(), position.lng_e7());
        (0..self.tables.rows(Table::Outlines, OUTLINE_ROW)).filter_map(move |at| {
            let row = self.tables.row(Table::Outlines, OUTLINE_ROW, at);
            let (south_west, north_east) = ((row.i32(12), row.i32(16)), (row.i32(20), row.i32(24)));
            let holds = south_west.0.saturating_sub(wider.0) <= lat
                && lat <= north_east.0.saturating_add(wider.0)
                && south_west.1.saturating_sub(wider.1) <= lng
                && lng <= north_east.1.saturating_add(wider.1);
            holds.then_some(())?;
            Some(Outline {
                gazetteer: self,
                thing: self.thing(row.u32(0))?,
                first: row.u32(4),
                pieces: row.u32(8),
            })
        })
    }
}

impl<'a> Outline<'a> {
    /// The stretches of its rings, in units of 1e-7 degree: latitude and longitude.
    fn stretches(self) -> impl Iterator<Item = ((i64, i64), (i64, i64))> + 'a {
        let tables = &self.gazetteer.tables;
        (self.first..self.first.saturating_add(self.pieces)).flat_map(move |at| {
            let piece = tables.row(Table::Pieces, 8, at);
            let (first, count) = (piece.u32(0), piece.u32(4));
            let vertex = |at| {
                let row = tables.row(Table::Points, POINT_ROW, at);
                (i64::from(row.i32(0)), i64::from(row.i32(4)))
            };
            (first..first.saturating_add(count.saturating_sub(1)))
                .map(move |at| (vertex(at), vertex(at + 1)))
        })
    }

    /// Whether `position` is inside, or on the boundary: inside of an odd number of its rings.
    pub(in crate::geocode) fn holds(self, position: Position) -> bool {
        let (lat, lng) = (i64::from(position.lat_e7()), i64::from(position.lng_e7()));
        let mut inside = false;
        for (one, other) in self.stretches() {
            let (low, high) = if one <= other {
                (one, other)
            } else {
                (other, one)
            };
            // Positive where the position is west of the stretch, which goes north.
            let side = i128::from(high.1 - low.1) * i128::from(lat - low.0)
                - i128::from(lng - low.1) * i128::from(high.0 - low.0);
            let between = |value: i64, a: i64, b: i64| a.min(b) <= value && value <= a.max(b);
            if side == 0 && between(lat, low.0, high.0) && between(lng, low.1, high.1) {
                return true;
            }
            if low.0 <= lat && lat < high.0 && side > 0 {
                inside = !inside;
            }
        }
        inside
    }

    /// Its boundary, stretch by stretch.
    pub(in crate::geocode) fn boundary(self) -> impl Iterator<Item = (Position, Position)> + 'a {
        #[expect(clippy::cast_precision_loss, reason = "33 bits fit a double")]
        let degrees = |units: i64| units as f64 / UNITS_PER_DEGREE;
        let place = move |(lat, lng)| Position::new(degrees(lat), degrees(lng)).ok();
        self.stretches()
            .filter_map(move |(from, to)| Some((place(from)?, place(to)?)))
    }
}

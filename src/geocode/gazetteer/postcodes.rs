//! Postcodes as numbers whose order is that of outcode, sector and unit.

use super::layout::{Table, Tables};
use super::read_position;
use crate::domain::position::Position;

pub(super) const POSTCODE_ROW: usize = 32;
pub(super) const SECTOR_ROW: usize = 24;

/// A postcode, a sector or an outcode: its outward half in four bytes, its inward half in three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::geocode) struct Code(u64);

impl Code {
    /// The code of a postcode, sector (`SW9 8`) or outcode in capitals, its halves apart.
    pub(in crate::geocode) fn new(outward: &str, inward: &str) -> Option<Self> {
        if !(2..=4).contains(&outward.len()) || inward.len() > 3 {
            return None;
        }
        let mut bytes = [0; 8];
        for (to, from) in bytes.iter_mut().zip(outward.bytes()) {
            *to = from;
        }
        for (to, from) in bytes.iter_mut().skip(4).zip(inward.bytes()) {
            *to = from;
        }
        Some(Self(u64::from_be_bytes(bytes)))
    }

    /// The code of a postcode as `SW9 8HH`, or of an outcode or a sector.
    pub(in crate::geocode) fn parse(text: &str) -> Option<Self> {
        let (outward, inward) = text.split_once(' ').unwrap_or((text, ""));
        Self::new(outward, inward)
    }

    /// Its sector: without the last two signs of a unit.
    pub(in crate::geocode) fn sector(self) -> Self {
        Self(self.0 & 0xffff_ffff_ff00_0000)
    }

    /// Its outcode.
    pub(in crate::geocode) fn outcode(self) -> Self {
        Self(self.0 & 0xffff_ffff_0000_0000)
    }

    /// Whether it is no more than an outcode.
    fn is_outcode(self) -> bool {
        self.outcode() == self
    }

    pub(super) fn number(self) -> u64 {
        self.0
    }

    pub(super) fn of_number(number: u64) -> Self {
        Self(number)
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, byte) in self.0.to_be_bytes().into_iter().enumerate() {
            if at == 4 && byte != 0 {
                f.write_str(" ")?;
            }
            if byte != 0 {
                write!(f, "{}", char::from(byte))?;
            }
        }
        Ok(())
    }
}

/// A postcode unit as the gazetteer has it.
#[derive(Clone, Copy, Debug)]
pub(in crate::geocode) struct Unit {
    pub position: Position,
    /// It exists no more.
    pub ended: bool,
}

/// A sector or an outcode: the middle of its units and a radius that holds nine in ten.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::geocode) struct Circle {
    pub centre: Position,
    pub radius_m: f64,
}

pub(super) fn unit(tables: &Tables, code: Code) -> Option<Unit> {
    let row = tables.first_from(Table::Postcodes, POSTCODE_ROW, code.number());
    let (found, unit) = unit_at(tables, row)?;
    (found == code).then_some(unit)
}

/// The postcode in row `at`, and whether it exists no more.
pub(super) fn unit_at(tables: &Tables, at: u32) -> Option<(Code, Unit)> {
    let row = tables.row(Table::Postcodes, POSTCODE_ROW, at);
    let unit = Unit {
        position: read_position(row, 8)?,
        ended: row.u32(16) & 1 != 0,
    };
    Some((Code(row.u64(0)), unit))
}

/// The sector or outcode `code`.
pub(super) fn circle(tables: &Tables, code: Code) -> Option<Circle> {
    let row = tables.first_from(Table::Sectors, SECTOR_ROW, code.number());
    let found = tables.row(Table::Sectors, SECTOR_ROW, row);
    (found.u64(0) == code.number()).then_some(Circle {
        centre: read_position(found, 8)?,
        radius_m: f64::from(found.u32(16)),
    })
}

/// Outcodes that begin with `beginning`, in their order.
pub(super) fn outcodes(tables: &Tables, beginning: &str, most: usize) -> Vec<(Code, Circle)> {
    let Some(low) = Code::new(beginning, "") else {
        return Vec::new();
    };
    let codes = circles(tables, low.0, after(low.0, beginning.len()));
    codes
        .filter(|(code, _)| code.is_outcode())
        .take(most)
        .collect()
}

/// Sectors of the outcode `outward`, in their order.
pub(super) fn sectors(tables: &Tables, outward: Code, most: usize) -> Vec<(Code, Circle)> {
    let codes = circles(tables, outward.0 + 1, after(outward.0, 4));
    codes.take(most).collect()
}

/// Units whose code begins with the whole `outward` and with `inward`, in their order.
pub(super) fn units(
    tables: &Tables,
    outward: &str,
    inward: &str,
    most: usize,
) -> Vec<(Code, Unit)> {
    let Some(low) = Code::new(outward, inward) else {
        return Vec::new();
    };
    let high = after(low.0, 4 + inward.len());
    let first = tables.first_from(Table::Postcodes, POSTCODE_ROW, low.0);
    (first..tables.rows(Table::Postcodes, POSTCODE_ROW))
        .map_while(|at| unit_at(tables, at))
        .take_while(|(code, _)| code.0 < high)
        .take(most)
        .collect()
}

fn circles(tables: &Tables, low: u64, high: u64) -> impl Iterator<Item = (Code, Circle)> {
    let first = tables.first_from(Table::Sectors, SECTOR_ROW, low);
    (first..tables.rows(Table::Sectors, SECTOR_ROW))
        .map(|at| Code(tables.row(Table::Sectors, SECTOR_ROW, at).u64(0)))
        .take_while(move |code| code.0 < high)
        .filter_map(|code| Some((code, circle(tables, code)?)))
}

/// The number after all those that begin with the first `signs` bytes of `low`.
fn after(low: u64, signs: usize) -> u64 {
    low + (1 << (8 * (8 - signs)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_stand_in_the_order_of_outcode_sector_and_unit() {
        let unit = Code::parse("SW9 8HH").unwrap();
        assert_eq!(unit.sector(), Code::parse("SW9 8").unwrap());
        assert_eq!(unit.outcode(), Code::parse("SW9").unwrap());
        assert!(unit.outcode() < unit.sector() && unit.sector() < unit);
        assert_eq!(unit.to_string(), "SW9 8HH");
        assert_eq!(unit.sector().to_string(), "SW9 8");
        assert_eq!(unit.outcode().to_string(), "SW9");
        assert_eq!(Code::parse("X"), None);
    }
}

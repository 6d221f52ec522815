//! What is where: names, streets, house numbers, postcodes and places, in one piece of memory that is
//! used as it lies in its file.

pub(super) mod around;
mod build;
mod cells;
mod layout;
pub(super) mod names;
pub(super) mod postcodes;
pub(super) mod spelling_mistakes;
pub(super) mod things;

pub use build::build;
use build::is_road_number;
pub use layout::{Bytes, InvalidGazetteer, VERSION};

use crate::domain::position::Position;
use layout::{Row, Table, Tables};
use postcodes::{Circle, Code, Unit};
use spelling_mistakes::Automaton;

/// A gazetteer, ready to be asked.
///
/// ```
/// use cordon::geocode::gazetteer::{Gazetteer, build};
/// use std::sync::Arc;
///
/// let bytes: Vec<u8> = build(std::iter::empty());
/// let gazetteer = Gazetteer::open(Arc::new(bytes))?;
/// assert_eq!(gazetteer.postcodes(), 0);
/// # Ok::<(), cordon::geocode::gazetteer::InvalidGazetteer>(())
/// ```
#[derive(Clone, Debug)]
pub struct Gazetteer {
    tables: Tables,
    automaton: Automaton,
}

impl Gazetteer {
    /// Opens the bytes that `build` made. They are checked once, by their SHA-256, and used in place.
    ///
    /// # Errors
    /// For bytes that are no gazetteer, one of another version, and one that is cut short or damaged.
    pub fn open(bytes: Bytes) -> Result<Self, InvalidGazetteer> {
        Ok(Self {
            tables: Tables::open(bytes)?,
            automaton: Automaton::new(),
        })
    }

    /// How many postcode units it has.
    #[must_use]
    pub fn postcodes(&self) -> u32 {
        self.tables.rows(Table::Postcodes, postcodes::POSTCODE_ROW)
    }

    /// How many streets it has.
    #[must_use]
    pub fn streets(&self) -> u32 {
        self.tables.rows(Table::Streets, things::STREET_ROW)
    }

    /// How many places, venues, stations and areas it has.
    #[must_use]
    pub fn places(&self) -> u32 {
        self.tables.rows(Table::Things, things::THING_ROW)
    }

    pub(super) fn unit(&self, code: Code) -> Option<Unit> {
        postcodes::unit(&self.tables, code)
    }

    /// Outcodes that begin with `beginning`.
    pub(super) fn outcodes(&self, beginning: &str, most: usize) -> Vec<(Code, Circle)> {
        postcodes::outcodes(&self.tables, beginning, most)
    }

    /// Sectors of an outcode.
    pub(super) fn sectors(&self, outward: Code, most: usize) -> Vec<(Code, Circle)> {
        postcodes::sectors(&self.tables, outward, most)
    }

    /// Postcodes of the outcode `outward` whose other half begins with `inward`.
    pub(super) fn units(&self, outward: &str, inward: &str, most: usize) -> Vec<(Code, Unit)> {
        postcodes::units(&self.tables, outward, inward, most)
    }

    /// The postcode in a row of the table.
    pub(super) fn postcode_at(&self, row: u32) -> Option<(Code, Position)> {
        let (code, unit) = postcodes::unit_at(&self.tables, row)?;
        Some((code, unit.position))
    }

    /// The sector or outcode `code`.
    pub(super) fn circle(&self, code: Code) -> Option<Circle> {
        postcodes::circle(&self.tables, code)
    }

    pub(super) fn uprn(&self, uprn: u64) -> Option<Position> {
        let row = self.tables.first_from(Table::Uprns, 16, uprn);
        let found = self.tables.row(Table::Uprns, 16, row);
        (found.u64(0) == uprn).then(|| read_position(found, 8))?
    }

    /// The street with a USRN.
    pub(super) fn usrn(&self, usrn: u64) -> Option<u32> {
        let row = self.tables.first_from(Table::Usrns, 16, usrn);
        let found = self.tables.row(Table::Usrns, 16, row);
        (found.u64(0) == usrn).then(|| found.u32(8))
    }
}

fn read_position(row: Row<'_>, at: usize) -> Option<Position> {
    Position::of_units(row.i32(at), row.i32(at + 4))
}

#[cfg(test)]
mod tests;

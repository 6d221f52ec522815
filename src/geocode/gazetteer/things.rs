//! Streets, house numbers, and whatever else has a place.

use super::layout::{NONE, Row, Table};
use super::names::Bearer;
use super::{Gazetteer, read_position};
use crate::domain::feature::FeatureKind;
use crate::domain::position::Position;

pub(super) const STREET_ROW: usize = 56;
pub(super) const THING_ROW: usize = 48;
const NUMBER_ROW: usize = 20;

/// A street.
#[derive(Clone, Copy, Debug)]
pub(in crate::geocode) struct Street<'a> {
    gazetteer: &'a Gazetteer,
    row: Row<'a>,
    /// The middle of its points.
    pub centre: Position,
}

/// A house number on a street, and where it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::geocode) struct House {
    pub low: u32,
    pub high: u32,
    pub position: Position,
}

/// A venue, station, place or area.
#[derive(Clone, Copy, Debug)]
pub(in crate::geocode) struct Thing<'a> {
    gazetteer: &'a Gazetteer,
    row: Row<'a>,
    pub kind: FeatureKind,
    pub position: Position,
}

/// Kinds in the order of their numbers in the file.
const KINDS: [FeatureKind; 10] = [
    FeatureKind::Street,
    FeatureKind::Postcode,
    FeatureKind::Premises,
    FeatureKind::Venue,
    FeatureKind::Station,
    FeatureKind::Place,
    FeatureKind::Area,
    FeatureKind::Road,
    FeatureKind::Marker,
    FeatureKind::Uprn,
];

/// The number of a kind in the file.
pub(super) fn kind_number(kind: FeatureKind) -> u32 {
    let at = KINDS.iter().position(|other| *other == kind);
    super::layout::count(at.unwrap_or_default())
}

impl Gazetteer {
    pub(in crate::geocode) fn street(&self, number: u32) -> Option<Street<'_>> {
        let row = self.tables.row(Table::Streets, STREET_ROW, number);
        let centre = read_position(row, 8)?;
        Some(Street {
            gazetteer: self,
            row,
            centre,
        })
    }

    pub(in crate::geocode) fn thing(&self, number: u32) -> Option<Thing<'_>> {
        let row = self.tables.row(Table::Things, THING_ROW, number);
        let position = read_position(row, 12)?;
        let kind = *KINDS.get(row.u32(0) as usize)?;
        Some(Thing {
            gazetteer: self,
            row,
            kind,
            position,
        })
    }

    /// The area with a name, as people are shown it.
    pub(in crate::geocode) fn area_title(&self, name: u32) -> Option<&str> {
        self.bearers(name).find_map(|bearer| match bearer {
            Bearer::Street(_) => None,
            Bearer::Thing(number) => {
                let thing = self.thing(number)?;
                (thing.kind == FeatureKind::Area).then(|| thing.title())
            }
        })
    }

    fn areas_in(&self, first: u32, count: u32) -> impl Iterator<Item = u32> {
        (first..first.saturating_add(count)).map(|at| self.tables.row(Table::Areas, 4, at).u32(0))
    }
}

impl<'a> Street<'a> {
    /// The letters of its name.
    pub(in crate::geocode) fn key(&self) -> &'a str {
        self.gazetteer.key(self.row.u32(0))
    }

    pub(in crate::geocode) fn title(&self) -> &'a str {
        self.gazetteer.tables.text(self.row.u32(4))
    }

    /// Radius around its middle that holds nine in ten of its points, metres.
    pub(in crate::geocode) fn reach_m(&self) -> f64 {
        f64::from(self.row.u32(16))
    }

    /// Its points, in no order along it.
    pub(in crate::geocode) fn points(self) -> impl Iterator<Item = Position> + Clone + 'a {
        self.points_in(self.row.u32(20), self.row.u32(24))
    }

    /// The pieces of its line.
    pub(in crate::geocode) fn pieces(
        self,
    ) -> impl Iterator<Item = impl Iterator<Item = Position> + Clone + 'a> + 'a {
        let (first, count) = (self.row.u32(28), self.row.u32(32));
        (first..first.saturating_add(count)).map(move |at| {
            let piece = self.gazetteer.tables.row(Table::Pieces, 8, at);
            self.points_in(piece.u32(0), piece.u32(4))
        })
    }

    fn points_in(self, first: u32, count: u32) -> impl Iterator<Item = Position> + Clone + 'a {
        let gazetteer = self.gazetteer;
        (first..first.saturating_add(count))
            .filter_map(|at| read_position(gazetteer.tables.row(Table::Points, 8, at), 0))
    }

    /// Its house numbers, in the order of their beginnings.
    pub(in crate::geocode) fn houses(&self) -> impl Iterator<Item = House> + Clone + 'a {
        let (this, first, count) = (*self, self.row.u32(36), self.row.u32(40));
        (first..first.saturating_add(count)).filter_map(move |at| this.house(at))
    }

    /// How many points it has.
    pub(in crate::geocode) fn point_count(&self) -> u32 {
        self.row.u32(24)
    }

    /// The house with the lowest number, and that with the highest beginning.
    pub(in crate::geocode) fn ends(&self) -> Option<(House, House)> {
        let (first, count) = (self.row.u32(36), self.row.u32(40));
        let last = first + count.checked_sub(1)?;
        Some((self.house(first)?, self.house(last)?))
    }

    fn house(&self, at: u32) -> Option<House> {
        let row = self.gazetteer.tables.row(Table::Numbers, NUMBER_ROW, at);
        let position = read_position(row, 8)?;
        Some(House {
            low: row.u32(0),
            high: row.u32(4),
            position,
        })
    }

    /// The areas it lies in, by their names.
    pub(in crate::geocode) fn areas(&self) -> impl Iterator<Item = u32> + 'a {
        self.gazetteer.areas_in(self.row.u32(44), self.row.u32(48))
    }
}

impl<'a> Thing<'a> {
    /// Whether a source has it: an area that only addresses name has no identifier.
    pub(in crate::geocode) fn has_id(&self) -> bool {
        self.row.u32(44) != NONE
    }

    pub(in crate::geocode) fn title(&self) -> &'a str {
        self.gazetteer.tables.text(self.row.u32(8))
    }

    /// How far it reaches from its position, metres.
    pub(in crate::geocode) fn reach_m(&self) -> f64 {
        f64::from(self.row.u32(20))
    }

    /// The street it is on.
    pub(in crate::geocode) fn street(&self) -> Option<u32> {
        Some(self.row.u32(24)).filter(|street| *street != NONE)
    }

    /// The areas it lies in, by their names.
    pub(in crate::geocode) fn areas(&self) -> impl Iterator<Item = u32> + 'a {
        self.gazetteer.areas_in(self.row.u32(36), self.row.u32(40))
    }
}

//! Streets, house numbers, and whatever else has a place.

use super::layout::{NONE, Row, Table};
use super::{Gazetteer, read_position};
use crate::domain::feature::FeatureKind;
use crate::domain::position::Position;

pub(super) const STREET_ROW: usize = 72;
pub(super) const THING_ROW: usize = 48;
pub(super) const NUMBER_ROW: usize = 24;
pub(super) const POINT_ROW: usize = 16;

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

    fn areas_in(&self, first: u32, count: u32) -> impl Iterator<Item = u32> {
        (first..first.saturating_add(count)).map(|at| self.tables.row(Table::Areas, 4, at).u32(0))
    }
}

impl<'a> Street<'a> {
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
            .filter_map(|at| read_position(gazetteer.tables.row(Table::Points, POINT_ROW, at), 0))
    }

    /// Its house numbers, in the order of their beginnings.
    pub(in crate::geocode) fn houses(&self) -> impl Iterator<Item = House> + Clone + 'a {
        let (this, first, count) = (*self, self.row.u32(36), self.row.u32(40));
        (first..first.saturating_add(count)).filter_map(move |at| this.house(at))
    }

    /// Its points and its houses that lie in the area of that name.
    pub(in crate::geocode) fn part_in(self, area: u32) -> (Vec<Position>, Vec<House>) {
        let is_in = |first, count| {
            self.gazetteer
                .areas_in(first, count)
                .any(|other| other == area)
        };
        let rows = |table, width, first: u32, count: u32| {
            (first..first.saturating_add(count))
                .map(move |at| self.gazetteer.tables.row(table, width, at))
        };
        let points = rows(Table::Points, POINT_ROW, self.row.u32(20), self.row.u32(24))
            .filter(|row| is_in(row.u32(8), row.u32(12)))
            .filter_map(|row| read_position(row, 0));
        let houses = rows(
            Table::Numbers,
            NUMBER_ROW,
            self.row.u32(36),
            self.row.u32(40),
        )
        .filter(|row| is_in(row.u32(16), row.u32(20)))
        .filter_map(house);
        (points.collect(), houses.collect())
    }

    /// How much of it lies in the area of that name, by its points; 0 to 1.
    pub(in crate::geocode) fn share_in(self, area: u32) -> f64 {
        let (first, count) = (self.row.u32(20), self.row.u32(24));
        if self.row.u32(48) < 2 {
            return 1.0;
        }
        let points = (first..first.saturating_add(count))
            .map(|at| self.gazetteer.tables.row(Table::Points, POINT_ROW, at));
        let is_in = |row: &Row<'_>| {
            let mut areas = self.gazetteer.areas_in(row.u32(8), row.u32(12));
            areas.any(|other| other == area)
        };
        let inside = super::layout::count(points.filter(is_in).count());
        f64::from(inside) / f64::from(count.max(1))
    }

    /// Where most of it is, and the radius around that, metres.
    pub(in crate::geocode) fn middle(&self) -> Option<(Position, f64)> {
        Some((read_position(self.row, 56)?, f64::from(self.row.u32(64))))
    }

    /// How many of its points are close together where most of it is.
    pub(in crate::geocode) fn density(&self) -> f64 {
        f64::from(self.row.u32(68)) / 10.0
    }

    /// The house with the lowest number, and that with the highest beginning.
    pub(in crate::geocode) fn ends(&self) -> Option<(House, House)> {
        let (first, count) = (self.row.u32(36), self.row.u32(40));
        let last = first + count.checked_sub(1)?;
        Some((self.house(first)?, self.house(last)?))
    }

    fn house(&self, at: u32) -> Option<House> {
        house(self.gazetteer.tables.row(Table::Numbers, NUMBER_ROW, at))
    }

    /// The areas it lies in, by their names.
    pub(in crate::geocode) fn areas(&self) -> impl Iterator<Item = u32> + 'a {
        self.gazetteer.areas_in(self.row.u32(44), self.row.u32(48))
    }
}

fn house(row: Row<'_>) -> Option<House> {
    let position = read_position(row, 8)?;
    Some(House {
        low: row.u32(0),
        high: row.u32(4),
        position,
    })
}

impl<'a> Thing<'a> {
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

//! Streets, house numbers, and whatever else has a place.

use super::is_road_number;
use super::layout::{NONE, Row, Table};
use super::names::Bearer;
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

/// How much a point of a street counts: the logarithm of how often something happens there, in
/// thousandths, so that the busy end counts for more and a single busy corner not for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Weight(u32);

impl Weight {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the logarithm of 32 bits is below 23, and not negative"
    )]
    pub(super) fn of(times: u32) -> Self {
        Self((f64::from(times.max(1)).ln_1p() * 1000.0).round() as u32)
    }

    pub(super) fn value(self) -> f64 {
        f64::from(self.0) / 1000.0
    }

    /// The weight in one number with a count of areas.
    pub(super) fn beside(self, areas: u32) -> u32 {
        self.0 << 16 | areas.min(0xffff)
    }

    fn of_row(row: Row<'_>) -> Self {
        Self(row.u32(12) >> 16)
    }
}

/// The areas of a point: the first, and how many.
fn areas_of_point(row: Row<'_>) -> (u32, u32) {
    (row.u32(8), row.u32(12) & 0xffff)
}

/// A house number on a street, and where it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::geocode) struct House {
    pub low: u32,
    pub high: u32,
    pub position: Position,
    /// Its position is only that of its postcode.
    pub is_rough: bool,
}

/// Bit beside the count of a house's areas: its position is only that of its postcode.
pub(super) const ROUGH: u32 = 1 << 31;

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
    /// Whether its name is the number of a road, such as A23.
    pub(in crate::geocode) fn is_road_number(&self) -> bool {
        let key = std::str::from_utf8(self.gazetteer.key(self.row.u32(0)));
        key.is_ok_and(is_road_number)
    }

    /// How many points it has.
    pub(in crate::geocode) fn point_count(&self) -> u32 {
        self.row.u32(24)
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
            .filter_map(|at| read_position(gazetteer.tables.row(Table::Points, POINT_ROW, at), 0))
    }

    /// Its house numbers, in the order of their beginnings.
    pub(in crate::geocode) fn houses(&self) -> impl Iterator<Item = House> + Clone + 'a {
        let (this, first, count) = (*self, self.row.u32(36), self.row.u32(40));
        (first..first.saturating_add(count)).filter_map(move |at| this.house(at))
    }

    /// Its points with how much each counts, those that lie in the area of that name.
    pub(in crate::geocode) fn points_in_area(self, area: Option<u32>) -> Vec<(Position, f64)> {
        let rows = self.point_rows();
        let rows =
            rows.filter(|row| area.is_none_or(|area| self.is_in(area, areas_of_point(*row))));
        rows.filter_map(|row| Some((read_position(row, 0)?, Weight::of_row(row).value())))
            .collect()
    }

    /// Its houses that lie in the area of that name.
    pub(in crate::geocode) fn houses_in_area(self, area: u32) -> Vec<House> {
        let (first, count) = (self.row.u32(36), self.row.u32(40));
        (first..first.saturating_add(count))
            .map(|at| self.gazetteer.tables.row(Table::Numbers, NUMBER_ROW, at))
            .filter(|row| self.is_in(area, (row.u32(16), row.u32(20) & !ROUGH)))
            .filter_map(house)
            .collect()
    }

    fn is_in(self, area: u32, (first, count): (u32, u32)) -> bool {
        let mut areas = self.gazetteer.areas_in(first, count);
        areas.any(|other| other == area)
    }

    fn point_rows(self) -> impl Iterator<Item = Row<'a>> + Clone + 'a {
        let (first, count) = (self.row.u32(20), self.row.u32(24));
        let gazetteer = self.gazetteer;
        (first..first.saturating_add(count))
            .map(|at| gazetteer.tables.row(Table::Points, POINT_ROW, at))
    }

    /// How much of what happens on it does so in the area of that name; 0 to 1.
    pub(in crate::geocode) fn share_in(self, area: u32) -> f64 {
        let (mut inside, mut all) = (0, 0);
        for row in self.point_rows() {
            let Weight(weight) = Weight::of_row(row);
            all += weight;
            if self.is_in(area, areas_of_point(row)) {
                inside += weight;
            }
        }
        f64::from(inside) / f64::from(all.max(1))
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
        is_rough: row.u32(20) & ROUGH != 0,
    })
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

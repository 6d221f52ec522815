//! A candidate as a place: where, how well known, how sure, and under what name.

mod score;
pub(super) mod twins;

use super::candidate::{Candidate, Ground, What};
use super::gazetteer::Gazetteer;
use super::gazetteer::postcodes::Unit;
use super::gazetteer::things::Thing;
use super::matching::{Found, house_number};
use super::street::{Part, Spot};
use super::text::reading::Mark;
use super::{junction, street};
use twins::{Field, Member, Twins};

use crate::domain::feature::FeatureKind;
use crate::domain::located::{Placed, Precision};
use crate::domain::position::Position;
use crate::domain::report::Text;

/// Radii by what a place rests on, metres. These and those of streets and junctions are set so that of all
/// answers nine in ten hold the truth, by premises and crossings held out for it: `geocode_eval
/// calibration`. `make geocode-eval` prints how they hold on the query files.
mod radius {
    /// A postcode of which the street is known as well.
    pub(super) const POSTCODE: f64 = 125.0;
    /// What only begins as the text does: `Greenwich` for Greenwich Market.
    pub(super) const PART_OF_A_NAME: f64 = 1200.0;
    /// Up to here the radius of a place on a street is as its points tell.
    pub(super) const USUAL_STREET: f64 = 340.0;
    /// A relation: outside, opposite, near.
    pub(super) const BESIDE: f64 = 20.0;
}

/// From here on a radius is not widened.
const SURE: f64 = 0.8;

/// The score of a place that is not sure.
const UNSURE: f64 = 0.75;

/// A place with a wider radius is vague, metres.
const VAGUE_M: f64 = 600.0;

/// Within a wider radius is more than one street, metres.
const SEVERAL_STREETS_M: f64 = 2000.0;

/// The place of a candidate, one of `field`.
pub(super) fn placed(
    gazetteer: &Gazetteer,
    found: &Found,
    field: &Field<'_>,
    member: Member<'_>,
) -> Option<Placed> {
    let candidate = member.candidate;
    let (spot, precision, title) = match candidate.what {
        What::Street(number) => on_street(gazetteer, found, candidate, number)?,
        What::Junction(one, other) => {
            let (one, other) = (gazetteer.street(one)?, gazetteer.street(other)?);
            let junction = junction::of(one, other, 450.0)?;
            let title = format!("{} / {}", one.title(), other.title()).into();
            (junction.spot, Precision::Junction, title)
        }
        What::Thing(number) => of_thing(gazetteer.thing(number)?),
    };
    let beside = (0..candidate.hit.from).any(|at| found.reading.mark(at) == Mark::Beside);
    let beside_m = if beside { radius::BESIDE } else { 0.0 };
    let score = score::score(gazetteer, found, candidate);
    let own_m = (spot.radius_m + beside_m) * doubt(score);
    let twins = field.twins(member);
    let least_m = if score::goes_on(found, candidate) {
        twins.reach_m.max(radius::PART_OF_A_NAME)
    } else {
        twins.reach_m
    };
    let radius_m = own_m.max(least_m);
    let given_m = if precision == Precision::Street {
        stretched(own_m).max(least_m)
    } else {
        radius_m
    };
    Some(Placed {
        position: spot.position,
        precision: at_least(precision, radius_m),
        matched: Some(title.into()),
        score: Some(rounded(score.min(ceiling(twins, radius_m)))),
        radius_m: Some(given_m.round()),
    })
}

/// The radius of a place on a street: what is known worse than usual is known worse still than its points
/// tell. Of held-out premises 80 to 86 in a hundred lay within wide radii, and 96 within narrow ones.
fn stretched(radius_m: f64) -> f64 {
    radius_m + (radius_m - radius::USUAL_STREET).max(0.0)
}

/// The precision that a radius leaves: a house of a street with a twin is not known as a house is, and one
/// of several streets far apart is no more than somewhere in an area.
fn at_least(precision: Precision, radius_m: f64) -> Precision {
    match precision {
        Precision::Address | Precision::Street if radius_m > SEVERAL_STREETS_M => Precision::Area,
        Precision::Address if radius_m > VAGUE_M => Precision::Street,
        Precision::Exact
        | Precision::Address
        | Precision::Junction
        | Precision::Street
        | Precision::Postcode
        | Precision::Place
        | Precision::Area => precision,
    }
}

/// How much wider the radius of a place is the less sure it is.
fn doubt(score: f64) -> f64 {
    1.0 + 2.5 * (SURE - score).max(0.0)
}

/// The highest score of a place: one that is vague, or has a twin, is never sure.
fn ceiling(twins: Twins, radius_m: f64) -> f64 {
    if radius_m > VAGUE_M || twins.any {
        UNSURE
    } else {
        1.0
    }
}

fn rounded(score: f64) -> f64 {
    (score.clamp(0.05, 0.99) * 100.0).round() / 100.0
}

fn on_street(
    gazetteer: &Gazetteer,
    found: &Found,
    candidate: &Candidate,
    number: u32,
) -> Option<(Spot, Precision, Text)> {
    let street = gazetteer.street(number)?;
    let house = house_number(&found.reading, candidate.hit);
    let title = match house {
        Some((low, high)) if low != high => format!("{low}-{high} {}", street.title()).into(),
        Some((low, _)) => format!("{low} {}", street.title()).into(),
        None => street.title().into(),
    };
    if let Some(Ground::Unit(position)) = found.ground
        && candidate.doubts == 0
    {
        let spot = Spot {
            position,
            radius_m: radius::POSTCODE,
            by_number: false,
        };
        return Some((spot, Precision::Postcode, title));
    }
    let within = match found.ground {
        Some(Ground::Circle(circle)) => Some(circle),
        Some(Ground::Unit(_)) | None => None,
    };
    if house.is_none() && candidate.beside.is_none() && candidate.area.is_none() && within.is_none()
    {
        return Some((street::whole(street), Precision::Street, title));
    }
    let part = Part::new(street, candidate.area, within);
    let by_number = house.and_then(|(low, high)| part.at_number(low, high));
    if let Some(spot) = by_number {
        let precision = if spot.by_number {
            Precision::Address
        } else {
            Precision::Street
        };
        return Some((spot, precision, title));
    }
    if let Some(position) = candidate.beside {
        return Some((
            Spot {
                position,
                radius_m: 280.0,
                by_number: false,
            },
            Precision::Street,
            title,
        ));
    }
    Some((part.middle(), Precision::Street, title))
}

fn of_thing(thing: Thing<'_>) -> (Spot, Precision, Text) {
    let spot = |radius_m: f64| Spot {
        position: thing.position,
        radius_m,
        by_number: false,
    };
    let title = thing.title().into();
    match thing.kind {
        FeatureKind::Area => (spot(thing.reach_m().max(300.0)), Precision::Area, title),
        FeatureKind::Premises | FeatureKind::Venue => (spot(100.0), Precision::Place, title),
        FeatureKind::Station
        | FeatureKind::Place
        | FeatureKind::Marker
        | FeatureKind::Street
        | FeatureKind::Road
        | FeatureKind::Postcode
        | FeatureKind::Uprn => (spot(thing.reach_m() + 180.0), Precision::Place, title),
    }
}

/// The place of a postcode, sector or outcode alone.
pub(super) fn of_ground(found: &Found) -> Option<Placed> {
    let written = found.reading.postcode?;
    let (position, radius_m, precision) = match found.ground? {
        Ground::Unit(position) => (position, radius::POSTCODE, Precision::Postcode),
        Ground::Circle(circle) => (circle.centre, circle.radius_m, Precision::Area),
    };
    Some(Placed {
        position,
        precision,
        matched: Some(written.code.to_string().into()),
        score: Some(if written.mended { 0.85 } else { 1.0 }),
        radius_m: Some(radius_m.round()),
    })
}

/// The place of a postcode unit.
pub(super) fn of_unit(postcode: &str, unit: &Unit) -> Placed {
    let matched = if unit.ended {
        format!("{postcode} (ended)")
    } else {
        postcode.to_owned()
    };
    Placed {
        position: unit.position,
        precision: Precision::Postcode,
        matched: Some(matched.into()),
        score: Some(1.0),
        radius_m: Some(radius::POSTCODE),
    }
}

/// The place of something known by its number alone.
pub(super) fn of_number(
    position: Position,
    precision: Precision,
    number: &str,
    radius_m: f64,
) -> Placed {
    Placed {
        position,
        precision,
        matched: Some(number.into()),
        score: Some(1.0),
        radius_m: Some(radius_m.round()),
    }
}

/// The street with a USRN.
pub(super) fn of_usrn(gazetteer: &Gazetteer, usrn: u64) -> Option<Placed> {
    let street = gazetteer.street(gazetteer.usrn(usrn)?)?;
    let spot = street::whole(street);
    Some(of_number(
        spot.position,
        Precision::Street,
        street.title(),
        spot.radius_m,
    ))
}

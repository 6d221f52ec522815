//! A candidate as a place: where, how well known, how sure, and under what name.

use super::candidate::{Candidate, Ground, What};
use super::distance;
use super::gazetteer::Gazetteer;
use super::gazetteer::postcodes::Unit;
use super::gazetteer::things::Thing;
use super::hit::mask;
use super::matching::{Found, house_number, joins};
use super::street::{Part, Spot};
use super::text::abbreviations::is_kind_of_street;
use super::text::reading::Mark;
use super::text::words::Gap;
use super::{junction, street};
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
    /// A relation: outside, opposite, near.
    pub(super) const BESIDE: f64 = 20.0;
}

/// Beyond this two candidates are two places, metres.
const FAR_APART_M: f64 = 1000.0;

/// Candidates so near in value are equally good, in letters of a name.
const AS_GOOD: f64 = 1.0;

/// The same for two of one name.
const AS_GOOD_TWIN: f64 = 0.15;

/// Alternatives of an answer, at most.
const MOST_ALTERNATIVES: usize = 4;

/// From here on a radius is not widened.
const SURE: f64 = 0.8;

/// The score of a place that is not sure.
const UNSURE: f64 = 0.75;

/// A place with a wider radius is vague, metres.
const VAGUE_M: f64 = 600.0;

/// Within a wider radius is more than one street, metres.
const SEVERAL_STREETS_M: f64 = 2000.0;

/// Up to here one of the same name makes an answer less sure.
const NEARLY_AS_GOOD: f64 = 6.0;

/// The place of a candidate.
pub(super) fn placed(
    gazetteer: &Gazetteer,
    found: &Found,
    candidate: &Candidate,
) -> Option<Placed> {
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
    let radius_m = spot.radius_m + if beside { radius::BESIDE } else { 0.0 };
    let score = score(gazetteer, found, candidate);
    let radius_m = (radius_m * doubt(score)).max(to_twins(found, candidate));
    let radius_m = if goes_on(found, candidate) {
        radius_m.max(radius::PART_OF_A_NAME)
    } else {
        radius_m
    };
    Some(Placed {
        position: spot.position,
        precision: at_least(precision, radius_m),
        matched: Some(title),
        score: Some(rounded(score.min(ceiling(found, candidate, radius_m)))),
        radius_m: Some(radius_m.round()),
    })
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
fn ceiling(found: &Found, candidate: &Candidate, radius_m: f64) -> f64 {
    if radius_m > VAGUE_M || has_twin(found, candidate) {
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

/// How sure a candidate is, 0 to 1.
fn score(gazetteer: &Gazetteer, found: &Found, candidate: &Candidate) -> f64 {
    let words = &found.reading.words;
    let letters = |of: u64| -> f64 {
        let count: usize = (0..words.len().min(64))
            .filter(|at| of >> at & 1 == 1)
            .map(|at| words.word(at).len())
            .sum();
        #[expect(clippy::cast_precision_loss, reason = "a count of letters")]
        let count = count as f64;
        count
    };
    let open = letters(found.unexplained & !unlisted_venue(found, candidate));
    let share = open / (open + letters(candidate.explained)).max(1.0);
    let alone = candidate.agreements == 0 && gazetteer.bearer_count(candidate.hit.name) > 1;
    let half = !matches!(candidate.what, What::Junction(..))
        && joins(&found.reading, 0, words.len())
        && found.unexplained != 0;
    let is_junction = matches!(candidate.what, What::Junction(..));
    let when = |is_so: bool, penalty: f64| if is_so { penalty } else { 0.0 };
    0.97 - 0.025 * candidate.cost
        - 0.2 * f64::from(candidate.doubts.min(3))
        - 0.25 * share
        - when(candidate.doubts > candidate.agreements, 0.3)
        - when(lost_number(found, candidate), 0.3)
        - when(lost_street(found, candidate), 0.3)
        - when(alone && !is_junction, 0.25)
        - when(half, 0.15)
        - when(is_only_context(found, candidate), 0.25)
        - when(is_bare_area(gazetteer, found, candidate), 0.25)
}

/// The words between OUTSIDE and a street: a venue that nobody has listed says nothing against the street.
fn unlisted_venue(found: &Found, candidate: &Candidate) -> u64 {
    let is_street = matches!(candidate.what, What::Street(_));
    if is_street && !candidate.is_area_name && found.reading.mark(0) == Mark::Beside {
        mask(0, candidate.hit.from)
    } else {
        0
    }
}

/// Whether a house number stands before words that the candidate does not explain: those are its street.
fn lost_number(found: &Found, candidate: &Candidate) -> bool {
    let reading = &found.reading;
    let open = |at: usize| found.unexplained >> at.min(63) & 1 == 1;
    let is_lost = |at: usize| matches!(reading.mark(at), Mark::Number { .. }) && open(at + 1);
    house_number(reading, candidate.hit).is_none() && (0..reading.words.len()).any(is_lost)
}

/// Whether a word for a kind of street stands unexplained behind another: an unknown street's name.
fn lost_street(found: &Found, candidate: &Candidate) -> bool {
    let open = |at: usize| found.unexplained >> at.min(63) & 1 == 1;
    let words = &found.reading.words;
    let is_lost = |at: usize| is_kind_of_street(words.word(at)) && open(at) && open(at - 1);
    // Before the street it may be a part of a venue's name.
    let from = match candidate.what {
        What::Junction(..) => words.len(),
        What::Street(_) if !candidate.is_area_name => candidate.hit.to,
        What::Street(_) | What::Thing(_) => 1,
    };
    (from.max(1)..words.len()).any(is_lost)
}

/// Whether the text goes on with a word that makes another name of it: `New Street Square` is not on
/// New Street, and Greenwich Market is somewhere in Greenwich.
fn goes_on(found: &Found, candidate: &Candidate) -> bool {
    let (reading, at) = (&found.reading, candidate.hit.to);
    let is_open = found.unexplained >> at.min(63) & 1 == 1;
    let is_next = is_open && reading.mark(at) == Mark::Name && reading.words.gap(at) == Gap::Blank;
    is_next
        && match candidate.what {
            What::Thing(_) => true,
            What::Street(_) => candidate.is_area_name || is_kind_of_street(reading.words.word(at)),
            What::Junction(..) => false,
        }
}

/// Whether nothing before the last comma is explained: then what was found is where the place lies, and
/// not the place.
fn is_only_context(found: &Found, candidate: &Candidate) -> bool {
    let (reading, from) = (&found.reading, candidate.hit.from);
    let before = mask(0, from);
    let is_last = from > 0 && reading.words.gap(from) == Gap::Comma;
    is_last && candidate.explained & before == 0 && found.unexplained & before != 0
}

/// Whether the candidate is an area, and the text says more than its name.
fn is_bare_area(gazetteer: &Gazetteer, found: &Found, candidate: &Candidate) -> bool {
    let What::Thing(thing) = candidate.what else {
        return false;
    };
    let is_area = gazetteer
        .thing(thing)
        .is_some_and(|thing| thing.kind == FeatureKind::Area);
    let marks = (0..found.reading.words.len()).map(|at| found.reading.mark(at));
    is_area
        && (found.unexplained != 0
            || marks
                .into_iter()
                .any(|mark| matches!(mark, Mark::Number { .. })))
}

/// Whether something of the same name at another place is nearly as good.
fn has_twin(found: &Found, candidate: &Candidate) -> bool {
    found
        .candidates
        .iter()
        .any(|other| is_twin(candidate, other, NEARLY_AS_GOOD))
}

/// How far what has the same name and is nearly as good is away, metres: the place may be there, unless a
/// hint says that it is here.
fn to_twins(found: &Found, candidate: &Candidate) -> f64 {
    let twins = found
        .candidates
        .iter()
        .filter(|other| is_twin(candidate, other, NEARLY_AS_GOOD))
        .filter(|other| other.hinted >= candidate.hinted);
    twins
        .map(|twin| distance::between(candidate.position, twin.position))
        .fold(0.0, f64::max)
}

fn is_twin(candidate: &Candidate, other: &Candidate, margin: f64) -> bool {
    other.hit.name == candidate.hit.name
        && other.value > candidate.value - margin
        && distance::between(candidate.position, other.position) > FAR_APART_M
}

/// How much less a candidate may be worth and still be as good as the best. A place of another kind has
/// been weighed in another way; two of one name differ by what tells them apart.
fn as_good(best: &Candidate, candidate: &Candidate) -> f64 {
    if candidate.hit.name == best.hit.name {
        AS_GOOD_TWIN
    } else {
        AS_GOOD
    }
}

/// Candidates as good as the best, at other places: the best of each, the best first.
pub(super) fn rivals(found: &Found) -> Vec<Candidate> {
    others(found, as_good)
}

/// Candidates nearly as good as the best, at other places.
pub(super) fn alternatives(found: &Found) -> Vec<Candidate> {
    others(found, |_, _| NEARLY_AS_GOOD)
}

fn others(found: &Found, margin: impl Fn(&Candidate, &Candidate) -> f64) -> Vec<Candidate> {
    let Some(best) = found.candidates.first() else {
        return Vec::new();
    };
    let mut others: Vec<Candidate> = Vec::new();
    for candidate in &found.candidates {
        let is_apart = |from: Position| distance::between(from, candidate.position) > FAR_APART_M;
        let is_apart =
            is_apart(best.position) && others.iter().all(|other| is_apart(other.position));
        let is_good = candidate.value > best.value - margin(best, candidate);
        if is_apart && is_good && others.len() < MOST_ALTERNATIVES {
            others.push(*candidate);
        }
    }
    others
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

//! Where on a street a house number is, or where most of the street is.

use super::distance::{self, Offset, Plane};
use super::gazetteer::postcodes::Circle;
use super::gazetteer::things::{House, Street};
use crate::domain::position::Position;

/// A place with how far the true one may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spot {
    pub position: Position,
    /// Metres.
    pub radius_m: f64,
    /// A house number was known or lies between known ones.
    pub by_number: bool,
}

/// From here on how far a street is makes no difference, metres.
const FAR_M: f64 = 3000.0;

/// More points than these are thinned out before their middle is looked for.
const MOST_POINTS: usize = 32;

/// Radius of a house whose number is known, metres.
const KNOWN_HOUSE_M: f64 = 60.0;

/// The same where only the middle of its postcode is known, metres.
const KNOWN_POSTCODE_M: f64 = 125.0;

/// A house number so near to the nearest known one is where that is.
const NEAR_NUMBER: u32 = 12;

/// Length of street from one number to the next, metres: half a plot, since a side has every other one.
const NUMBER_M: f64 = 4.5;

/// Radius of the shortest streets, metres.
const LEAST_STREET_M: f64 = 160.0;

/// What is added for streets of few points, metres, for each the less the more there are.
const FEW_POINTS_M: f64 = 180.0;

/// What a house number adds to the weight of its point.
const HOUSE: f64 = 1.0;

/// What is so near to a point is close by, metres.
const CLOSE_M: f64 = 250.0;

/// Known houses further apart tell nothing of what lies between, metres.
const WIDEST_STEP_M: f64 = 2500.0;

/// Distance from `to` to the street, metres: to its line, else to the nearest of its points.
pub(super) fn distance_to(street: Street<'_>, to: Position) -> f64 {
    let plane = Plane::around(to);
    let away = plane.distance(street.centre) - street.reach_m() * 1.5;
    if away > FAR_M {
        return away;
    }
    let points = street
        .points()
        .map(|point| plane.distance(point))
        .fold(f64::MAX, f64::min);
    nearest_on_line(street, &plane).map_or(points, |offset| points.min(offset.length()))
}

/// The point of the street's line that is nearest to the middle of `plane`.
pub(super) fn nearest_on_line(street: Street<'_>, plane: &Plane) -> Option<Offset> {
    let mut best: Option<Offset> = None;
    for piece in street.pieces() {
        let offsets = piece.map(|vertex| plane.offset(vertex));
        for (start, end) in offsets.clone().zip(offsets.skip(1)) {
            let nearest = distance::nearest_on(start, end, Offset::default());
            if best.is_none_or(|best| nearest.length() < best.length()) {
                best = Some(nearest);
            }
        }
    }
    best
}

/// A street, or the part of it that the rest of the text leaves.
#[derive(Clone, Debug)]
pub(super) struct Part {
    points: Vec<(Position, f64)>,
    houses: Vec<House>,
    reach_m: f64,
    centre: Position,
}

impl Part {
    /// The part of `street` in an area, within a circle, or both; where nothing of it is, all of it.
    pub(super) fn new(street: Street<'_>, area: Option<u32>, within: Option<Circle>) -> Self {
        let mut points = street.points_in_area(area);
        if points.is_empty() {
            points = street.points_in_area(None);
        }
        let houses_in = |area| street.houses_in_area(area);
        let mut houses = area.map(houses_in).unwrap_or_default();
        if houses.is_empty() {
            houses = street.houses().collect();
        }
        if let Some(circle) = within {
            let plane = Plane::around(circle.centre);
            let inside = |position: Position| plane.distance(position) <= circle.radius_m * 1.2;
            if points.iter().any(|(point, _)| inside(*point)) {
                points.retain(|(point, _)| inside(*point));
            }
            if houses.iter().any(|house| inside(house.position)) {
                houses.retain(|house| inside(house.position));
            }
        }
        Self {
            points,
            houses,
            reach_m: street.reach_m(),
            centre: street.centre,
        }
    }

    /// Where number `low` to `high` is.
    pub(super) fn at_number(&self, low: u32, high: u32) -> Option<Spot> {
        among(&self.houses, low, high).or_else(|| self.beyond(low))
    }

    /// Where a number is that is beyond the known ones: on from the nearest, away from the others, as
    /// far as its number is from that one's.
    fn beyond(&self, number: u32) -> Option<Spot> {
        let gap = |house: &House| {
            house
                .low
                .saturating_sub(number)
                .max(number.saturating_sub(house.high))
        };
        let nearest = self.houses.iter().min_by_key(|house| gap(house))?;
        let far = f64::from(gap(nearest)) * NUMBER_M;
        let plane = Plane::around(nearest.position);
        let others = self.houses.iter().fold(Offset::default(), |sum, house| {
            sum.plus(1.0, plane.offset(house.position))
        });
        let miss = |point: &Position| {
            let step = plane.offset(*point);
            let is_away = self.houses.len() < 2 || step.dot(others) <= 0.0;
            is_away.then_some((step.length() - far).abs())
        };
        let reached = self
            .points
            .iter()
            .filter_map(|(point, _)| Some((miss(point)?, *point)));
        let (_, position) = reached.min_by(|one, other| one.0.total_cmp(&other.0))?;
        Some(Spot {
            position,
            radius_m: 230.0 + 0.42 * far.min(self.reach_m * 1.5),
            by_number: false,
        })
    }

    /// Where most of it is.
    pub(super) fn middle(&self) -> Spot {
        let houses = self.houses.iter().map(|house| house.position);
        let middle = middle_of(self.points.iter().copied(), houses);
        let unknown = Spot {
            position: self.centre,
            radius_m: self.reach_m.max(LEAST_STREET_M),
            by_number: false,
        };
        middle.map_or(unknown, |middle| middle.spot)
    }
}

/// Where most of `street` is.
pub(super) fn whole(street: Street<'_>) -> Spot {
    let (position, radius_m) = street.middle().unwrap_or((street.centre, street.reach_m()));
    Spot {
        position,
        radius_m,
        by_number: false,
    }
}

/// Where most of a street is, and how much.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Middle {
    pub spot: Spot,
    /// How many points are close to it, the nearer the more.
    pub density: f64,
}

/// Where most of a street is that is known by `points`, each with how much it counts, and by those of
/// `houses` that have a number: they count as points already, and a little more, since they say where
/// people are.
pub(super) fn middle_of(
    points: impl Iterator<Item = (Position, f64)>,
    houses: impl Iterator<Item = Position>,
) -> Option<Middle> {
    let all: Vec<(Position, f64)> = points.chain(houses.map(|house| (house, HOUSE))).collect();
    let every = all.len().div_ceil(MOST_POINTS).max(1);
    let kept: Vec<(Position, f64)> = all.into_iter().step_by(every).collect();
    let density = |from: Position| {
        let plane = Plane::around(from);
        kept.iter()
            .map(|(point, weight)| weight * close(plane.offset(*point)))
            .sum::<f64>()
    };
    let densities = kept.iter().map(|(point, _)| (density(*point), *point));
    let (density, position) = densities.max_by(|one, other| one.0.total_cmp(&other.0))?;
    #[expect(clippy::cast_precision_loss, reason = "a count of points")]
    let (count, every) = (kept.len() as f64, every as f64);
    // What is known by few points may be long.
    let least_m = LEAST_STREET_M + FEW_POINTS_M / count;
    let points: Vec<Position> = kept.iter().map(|(point, _)| *point).collect();
    let radius_m = ninth(&points, position) * 0.85 + least_m;
    let spot = Spot {
        position,
        radius_m,
        by_number: false,
    };
    Some(Middle {
        spot,
        density: density * every,
    })
}

fn among(houses: &[House], low: u32, high: u32) -> Option<Spot> {
    let is_side = |house: &House| house.low % 2 == low % 2;
    let same = houses.iter().filter(|house| {
        house.low <= high && house.high >= low && (is_side(house) || house.low != house.high)
    });
    let (rough, own): (Vec<&House>, Vec<&House>) = same.partition(|house| house.is_rough);
    let of = |houses: Vec<&House>| {
        houses
            .iter()
            .map(|house| house.position)
            .collect::<Vec<_>>()
    };
    if let Some(spot) = middle(&of(own), KNOWN_HOUSE_M) {
        return Some(Spot {
            by_number: true,
            ..spot
        });
    }
    if let Some(spot) = middle(&of(rough), KNOWN_POSTCODE_M) {
        return Some(spot);
    }
    [true, false].into_iter().find_map(|side| {
        let houses = || houses.iter().filter(move |house| !side || is_side(house));
        let below = houses()
            .filter(|house| house.high < low)
            .max_by_key(|house| house.high);
        let above = houses()
            .filter(|house| house.low > high)
            .min_by_key(|house| house.low);
        between(low, below.copied(), above.copied())
    })
}

fn between(number: u32, below: Option<House>, above: Option<House>) -> Option<Spot> {
    match (below, above) {
        (Some(below), Some(above)) => {
            let plane = Plane::around(below.position);
            let step = plane.offset(above.position);
            let share = f64::from(number - below.high) / f64::from(above.low - below.high);
            let position = plane.position(Offset::default().plus(share, step));
            let radius_m = 230.0 + step.length() * 0.09;
            (step.length() < WIDEST_STEP_M).then_some(Spot {
                position,
                radius_m,
                by_number: false,
            })
        }
        (below, above) => {
            let gap_below = below.map(|house| (number - house.high, house.position));
            let gap_above = above.map(|house| (house.low.saturating_sub(number), house.position));
            let (gap, position) = [gap_below, gap_above]
                .into_iter()
                .flatten()
                .min_by_key(|(gap, _)| *gap)?;
            let radius_m = 235.0 + NUMBER_M * f64::from(gap);
            (gap <= NEAR_NUMBER).then_some(Spot {
                position,
                radius_m,
                by_number: false,
            })
        }
    }
}

/// What it says for a street that a house number is on it, in letters of a name: much if the number or
/// one nearby is known, something within the known ones, and far beyond them something against it.
pub(super) fn worth_of_number(street: Street<'_>, low: u32, high: u32) -> f64 {
    let Some((first, last)) = street.ends() else {
        return 0.0;
    };
    let gap = |house: House| {
        low.saturating_sub(house.high)
            .max(house.low.saturating_sub(high))
    };
    let nearest = street.houses().map(gap).min().unwrap_or(u32::MAX);
    let is_within = first.low <= high && low <= last.high;
    match nearest {
        0..=6 => 3.0,
        _ if is_within => 2.0,
        7..=40 => 1.0,
        41..=100 => 0.0,
        _ => -2.0,
    }
}

/// The one of `points` from which the others are least far, with a radius that holds nine in ten of
/// them.
fn middle(points: &[Position], least_m: f64) -> Option<Spot> {
    let total = |from: &Position| {
        let plane = Plane::around(*from);
        points
            .iter()
            .map(|point| plane.distance(*point))
            .sum::<f64>()
    };
    let best = points
        .iter()
        .map(|point| (total(point), point))
        .min_by(|one, other| one.0.total_cmp(&other.0))?
        .1;
    Some(Spot {
        position: *best,
        radius_m: ninth(points, *best) + least_m,
        by_number: false,
    })
}

/// 1 for what is here, less the farther it is, and little beyond `CLOSE_M`.
fn close(step: Offset) -> f64 {
    let squared = step.dot(step) / (CLOSE_M * CLOSE_M);
    1.0 / (1.0 + squared * squared)
}

fn ninth(points: &[Position], from: Position) -> f64 {
    let mut reach: Vec<f64> = points
        .iter()
        .map(|point| distance::between(from, *point))
        .collect();
    reach.sort_by(f64::total_cmp);
    reach.get(reach.len() * 9 / 10).copied().unwrap_or_default()
}

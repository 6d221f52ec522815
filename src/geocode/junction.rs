//! Where two streets meet: by their lines where those are known, else by what their points tell.

use super::distance::{self, Offset, Plane};
use super::gazetteer::things::Street;
use super::street::Spot;

/// A junction, and how far apart the nearest known points of its streets are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Junction {
    pub spot: Spot,
    pub gap_m: f64,
}

/// More points than these of a street are not paired.
const MOST_POINTS: usize = 200;

/// Points so near to the closest pair tell the direction of a street there, metres.
const AROUND_M: f64 = 450.0;

/// The least radius of a meeting that points tell, metres.
const LEAST_M: f64 = 80.0;

/// From here on a radius grows faster than the distance of the points, metres.
const FAR_M: f64 = 98.0;

/// The junction of two streets that come within `most_m` of each other.
pub(super) fn of(one: Street<'_>, other: Street<'_>, most_m: f64) -> Option<Junction> {
    let apart = distance::between(one.centre, other.centre);
    if apart > 2.5 * (one.reach_m() + other.reach_m()) + most_m {
        return None;
    }
    let plane = Plane::around(other.centre);
    let (here, there) = (offsets(one, &plane), offsets(other, &plane));
    let (from, to) = closest(&here, &there)?;
    let gap_m = to.minus(from).length();
    if let Some(crossing) = crossing_of_lines(one, other, &plane) {
        let spot = Spot {
            position: plane.position(crossing),
            radius_m: 60.0,
            by_number: false,
        };
        return Some(Junction { spot, gap_m: 0.0 });
    }
    if gap_m > most_m {
        return None;
    }
    let (meeting, radius_m) = meeting(&here, &there, from, to);
    let spot = Spot {
        position: plane.position(meeting),
        radius_m,
        by_number: false,
    };
    Some(Junction { spot, gap_m })
}

fn offsets(street: Street<'_>, plane: &Plane) -> Vec<Offset> {
    let houses = street.houses().map(|house| house.position);
    street
        .points()
        .chain(houses)
        .take(MOST_POINTS)
        .map(|point| plane.offset(point))
        .collect()
}

fn closest(here: &[Offset], there: &[Offset]) -> Option<(Offset, Offset)> {
    let pairs = here
        .iter()
        .flat_map(|from| there.iter().map(move |to| (*from, *to)));
    pairs.min_by(|one, other| {
        one.1
            .minus(one.0)
            .length()
            .total_cmp(&other.1.minus(other.0).length())
    })
}

/// Where the lines of two streets come nearest, if that is as near as streets meet.
fn crossing_of_lines(one: Street<'_>, other: Street<'_>, plane: &Plane) -> Option<Offset> {
    let mut best: Option<(f64, Offset)> = None;
    let segments = |street: Street<'_>| -> Vec<(Offset, Offset)> {
        let pieces = street.pieces();
        pieces
            .flat_map(|piece| {
                let vertices = piece.map(|vertex| plane.offset(vertex));
                vertices.clone().zip(vertices.skip(1)).collect::<Vec<_>>()
            })
            .collect()
    };
    let there = segments(other);
    for here in segments(one) {
        for across in &there {
            let nearest = between_stretches(here, *across);
            if best.is_none_or(|(gap, _)| nearest.0 < gap) {
                best = Some(nearest);
            }
        }
    }
    best.filter(|(gap, _)| *gap < 40.0).map(|(_, place)| place)
}

fn between_stretches(one: (Offset, Offset), other: (Offset, Offset)) -> (f64, Offset) {
    if let Some(crossing) = lines_cross(one.0, one.1.minus(one.0), other.0, other.1.minus(other.0))
        && crossing.1 >= 0.0
        && crossing.1 <= 1.0
        && crossing.2 >= 0.0
        && crossing.2 <= 1.0
    {
        return (0.0, crossing.0);
    }
    let ends = [
        (one.0, distance::nearest_on(other.0, other.1, one.0)),
        (one.1, distance::nearest_on(other.0, other.1, one.1)),
        (other.0, distance::nearest_on(one.0, one.1, other.0)),
        (other.1, distance::nearest_on(one.0, one.1, other.1)),
    ];
    let gaps = ends.map(|(end, near)| (near.minus(end).length(), end.plus(0.5, near.minus(end))));
    gaps.into_iter()
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .unwrap_or_default()
}

/// Where two lines cross, and how far along each, in lengths of its direction.
fn lines_cross(
    start: Offset,
    along: Offset,
    other: Offset,
    across: Offset,
) -> Option<(Offset, f64, f64)> {
    let turn = along.cross(across);
    if turn.abs() < 0.25 * along.length() * across.length() || turn == 0.0 {
        return None;
    }
    let from = other.minus(start);
    let share = from.cross(across) / turn;
    Some((start.plus(share, along), share, from.cross(along) / turn))
}

/// The meeting of two streets known by points: the crossing of the lines through the points nearby
/// where that is near, else the middle of the closest pair.
fn meeting(here: &[Offset], there: &[Offset], from: Offset, to: Offset) -> (Offset, f64) {
    let gap = to.minus(from).length();
    let middle = from.plus(0.5, to.minus(from));
    let crossing = || {
        let (along, across) = (direction(here, from)?, direction(there, to)?);
        let (place, ..) = lines_cross(from, along, to, across)?;
        let farthest = place.minus(from).length().max(place.minus(to).length());
        (farthest < gap * 1.5 + 60.0).then_some(place)
    };
    match crossing() {
        Some(place) => (place, radius(50.0 + 0.34 * gap)),
        None => (middle, radius(65.0 + 0.42 * gap)),
    }
}

/// The radius of a meeting: points close together tell no more than points a street's width apart, and
/// those far apart less than their distance says.
fn radius(guess_m: f64) -> f64 {
    guess_m.max(LEAST_M) + 0.8 * (guess_m - FAR_M).max(0.0)
}

/// The direction of a street around one of its points: the main axis of the points nearby.
fn direction(points: &[Offset], around: Offset) -> Option<Offset> {
    let near = points
        .iter()
        .map(|point| point.minus(around))
        .filter(|step| step.length() < AROUND_M);
    let (mut xx, mut xy, mut yy, mut count) = (0.0, 0.0, 0.0, 0);
    for step in near {
        xx += step.east * step.east;
        xy += step.east * step.north;
        yy += step.north * step.north;
        count += usize::from(step.length() > 5.0);
    }
    if count == 0 {
        return None;
    }
    let angle = 0.5 * (2.0 * xy).atan2(xx - yy);
    Some(Offset {
        east: angle.cos(),
        north: angle.sin(),
    })
}

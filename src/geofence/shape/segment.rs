//! Whether a move meets a shape. A move is straight in longitude and latitude, as edges are, and goes
//! the short way round the earth.
//!
//! Against polygons it is decided exactly, in whole numbers of 1e-7 degree. Against a circle the nearest
//! place of the way is sought in the plane around it and its distance is the geodesic, as for a
//! position; the place is rounded to a centimetre.

use geo::Line;

use crate::domain::position::{Position, TURN_E7, UNITS_PER_DEGREE};
use crate::geofence::shape::local::LocalPlane;
use crate::geofence::shape::{Polygon, Shape};

/// A way is looked at in pieces of at most these many degrees, so that the plane around each is true.
const PIECE_DEGREES: f64 = 0.5;

impl Shape {
    /// Whether the straight move from `from` to `to` touches the shape anywhere; its ends belong to it.
    #[must_use]
    pub fn meets_segment(&self, from: Position, to: Position) -> bool {
        match self {
            Self::Polygons(polygons) => {
                let way = Segment::between(from, to);
                let turns = [way.turned(-TURN_E7), way, way.turned(TURN_E7)];
                polygons
                    .iter()
                    .any(|polygon| turns.iter().any(|way| way.meets_edge_of(polygon)))
                    || self.covers(from)
            }
            Self::Circle { centre, radius_m } => distance_to_way_m(*centre, from, to) <= *radius_m,
            Self::Corridor(corridor) => corridor.meets_way(from, to),
        }
    }
}

/// A place of the plane: east and north in units of 1e-7 degree, any number of turns round the earth.
pub(in crate::geofence) type Place = (i64, i64);

#[derive(Clone, Copy)]
pub(in crate::geofence) struct Segment {
    pub(in crate::geofence) from: Place,
    pub(in crate::geofence) to: Place,
}

impl Segment {
    fn between(from: Position, to: Position) -> Self {
        let start = (i64::from(from.lng_e7()), i64::from(from.lat_e7()));
        let end = (
            start.0 + i64::from(from.eastward_e7(to)),
            i64::from(to.lat_e7()),
        );
        Self {
            from: start,
            to: end,
        }
    }

    pub(super) fn of(edge: Line<f64>) -> Self {
        Self {
            from: place(edge.start),
            to: place(edge.end),
        }
    }

    fn turned(self, by: i64) -> Self {
        Self {
            from: (self.from.0 + by, self.from.1),
            to: (self.to.0 + by, self.to.1),
        }
    }

    fn meets_edge_of(&self, polygon: &Polygon) -> bool {
        polygon.edges().any(|edge| self.meets(&edge))
    }

    /// Whether two segments have a point in common; their ends belong to them.
    pub(super) fn meets(&self, other: &Self) -> bool {
        if !self.boxes_meet(other) {
            return false;
        }
        let ends = (other.side(self.from), other.side(self.to));
        let others = (self.side(other.from), self.side(other.to));
        // The boxes meet: so two segments of one line do too, where neither end is to any side.
        ends.0 * ends.1 <= 0 && others.0 * others.1 <= 0
    }

    fn boxes_meet(&self, other: &Self) -> bool {
        let overlap = |a: (i64, i64), b: (i64, i64)| {
            a.0.min(a.1) <= b.0.max(b.1) && b.0.min(b.1) <= a.0.max(a.1)
        };
        overlap((self.from.0, self.to.0), (other.from.0, other.to.0))
            && overlap((self.from.1, self.to.1), (other.from.1, other.to.1))
    }

    /// On which side of the line through this segment `at` lies: 1 on the left, 0 on the line, or -1.
    pub(super) fn side(&self, at: Place) -> i128 {
        let ((x1, y1), (x2, y2)) = (self.from, self.to);
        let product = |a: i64, b: i64| i128::from(a) * i128::from(b);
        (product(x2 - x1, at.1 - y1) - product(y2 - y1, at.0 - x1)).signum()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "vertices are whole numbers of at most a few turns"
)]
pub(super) fn place(vertex: geo::Coord<f64>) -> Place {
    (vertex.x as i64, vertex.y as i64)
}

/// The geodesic from `centre` to the nearest place of the way from `from` to `to`, metres.
fn distance_to_way_m(centre: Position, from: Position, to: Position) -> f64 {
    let north = f64::from(to.lat_e7()) - f64::from(from.lat_e7());
    let east = f64::from(from.eastward_e7(to));
    let pieces = (north.abs().max(east.abs()) / (PIECE_DEGREES * UNITS_PER_DEGREE)).ceil();
    let mut nearest = centre.distance_m(from);
    let mut done = 0.0;
    while done < pieces {
        let (start, end) = (
            from.towards(to, done / pieces),
            from.towards(to, (done + 1.0) / pieces),
        );
        nearest = nearest.min(distance_to_piece_m(centre, start, end));
        done += 1.0;
    }
    nearest
}

fn distance_to_piece_m(centre: Position, start: Position, end: Position) -> f64 {
    let seen = |at: Position| {
        let north = f64::from(at.lat_e7()) - f64::from(centre.lat_e7());
        (f64::from(centre.eastward_e7(at)), north)
    };
    let middle = f64::midpoint(centre.lat(), start.towards(end, 0.5).lat());
    let (part, _) = LocalPlane::around(middle).nearest(seen(start), seen(end));
    centre.distance_m(start.towards(end, part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fence::Geometry;
    use proptest::prelude::*;

    fn at(lat: f64, lng: f64) -> Position {
        Position::new(lat, lng).unwrap()
    }

    fn polygon(ring: &[(f64, f64)]) -> Shape {
        Shape::compile(&Geometry::Polygons(vec![vec![ring.to_vec()]])).unwrap()
    }

    fn circle(centre: (f64, f64), radius_m: f64) -> Shape {
        Shape::compile(&Geometry::Circle { centre, radius_m }).unwrap()
    }

    #[test]
    fn c26c_a_way_through_a_circle_meets_it_and_one_beyond_does_not() {
        let red_square = circle((55.754_14, 37.620_4), 100.0);
        let north = |from, to| red_square.meets_segment(at(from, 37.6204), at(to, 37.6204));
        assert!(north(55.752_14, 55.756_14));
        assert!(!north(55.764_14, 55.774_14));
    }

    #[test]
    fn a_long_way_is_straight_in_degrees_not_along_a_great_circle() {
        assert!(circle((10.0, 10.0), 10_000.0).meets_segment(at(0.0, 0.001), at(20.0, 20.0)));
    }

    #[test]
    fn a_touch_is_a_meeting_and_a_centimetre_beside_is_none() {
        let square = polygon(&[
            (51.49, -0.14),
            (51.49, -0.10),
            (51.51, -0.10),
            (51.51, -0.14),
        ]);
        let along = |lat| square.meets_segment(at(lat, -0.16), at(lat, -0.08));
        assert!(along(51.5) && along(51.51) && along(51.49));
        assert!(!along(51.510_000_1) && !along(51.489_999_9));
        assert!(
            square.meets_segment(at(51.5, -0.13), at(51.5, -0.12)),
            "inside it"
        );
        assert!(
            square.meets_segment(at(51.51, -0.13), at(51.51, -0.12)),
            "on its edge"
        );
        assert!(!square.meets_segment(at(51.52, -0.13), at(51.53, -0.12)));
    }

    #[test]
    fn a_way_across_the_antimeridian_is_the_short_one() {
        let east = polygon(&[(0.0, 179.5), (0.0, 180.0), (1.0, 180.0), (1.0, 179.5)]);
        let west = polygon(&[(0.0, -180.0), (0.0, -179.5), (1.0, -179.5), (1.0, -180.0)]);
        let greenwich = polygon(&[(0.0, -1.0), (0.0, 1.0), (1.0, 1.0), (1.0, -1.0)]);
        for (from, to) in [(179.0, -179.0), (-179.0, 179.0)] {
            let meets = |shape: &Shape| shape.meets_segment(at(0.5, from), at(0.5, to));
            assert!(meets(&east) && meets(&west) && !meets(&greenwich));
        }
        let circle = circle((0.5, 180.0), 1_000.0);
        assert!(circle.meets_segment(at(0.5, 179.0), at(0.5, -179.0)));
    }

    /// A multiple of all whole numbers up to 12, by which a way may go north or east: so a step stands on every
    /// place where it meets a line of the grid.
    const STEPS: u32 = 27_720;

    proptest! {
        /// Small whole numbers against asking at every step along the way.
        #[test]
        fn meeting_equals_walking_the_way(
            ends in prop::array::uniform4(-6i32..=6),
            (south, west, north, east) in (-4i32..4, -4i32..4, 1i32..4, 1i32..4),
        ) {
            let degrees = |steps: i32| f64::from(steps) * 0.01;
            let ring = [(south, west), (south, west + east), (south + north, west + east), (south + north, west)];
            let square = polygon(&ring.map(|(lat, lng)| (51.0 + degrees(lat), 10.0 + degrees(lng))));
            let place = |lat: i32, lng: i32| at(51.0 + degrees(lat), 10.0 + degrees(lng));
            let (from, to) = (place(ends[0], ends[1]), place(ends[2], ends[3]));
            let walked = (0..=STEPS).any(|step| square.covers(from.towards(to, f64::from(step) / f64::from(STEPS))));
            // Where a walk only just touches a corner, its steps are rounded beside it.
            let meets = square.meets_segment(from, to);
            prop_assert!(meets || !walked);
            if meets && !walked {
                let near = (0..=STEPS).any(|step| {
                    square.distance_to_edge_m(from.towards(to, f64::from(step) / f64::from(STEPS))) < 0.02
                });
                prop_assert!(near);
            }
        }
    }
}

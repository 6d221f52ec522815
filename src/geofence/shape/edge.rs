//! How far a position is from the edge of a shape, whichever side of it the position is on.

use crate::domain::position::{Position, TURN_E7};
use crate::geofence::shape::local::LocalPlane;
use crate::geofence::shape::segment::{Place, Segment};
use crate::geofence::shape::{Polygon, Shape};

impl Shape {
    /// Distance from `position` to the nearest point of the edge, metres; 0 on it. Of a circle and a corridor
    /// from their geodesic; of a polygon in the plane around the position, true to 0.02 % within a kilometre.
    #[must_use]
    pub fn distance_to_edge_m(&self, position: Position) -> f64 {
        match self {
            Self::Circle { centre, radius_m } => (centre.distance_m(position) - radius_m).abs(),
            Self::Corridor(corridor) => corridor.distance_to_edge_m(position),
            Self::Polygons(polygons) => {
                let plane = LocalPlane::around(position.lat());
                let edges = polygons.iter().flat_map(Polygon::edges);
                edges
                    .map(|edge| {
                        let (start, end) = seen_from(position, edge);
                        plane.nearest(start, end).1
                    })
                    .fold(f64::INFINITY, f64::min)
            }
        }
    }

    /// Whether the edge is nearer to `position` than `reach_m` metres: as `distance_to_edge_m` says, but no
    /// farther edge is measured.
    #[must_use]
    pub fn has_edge_within(&self, position: Position, reach_m: f64) -> bool {
        let Self::Polygons(polygons) = self else {
            return self.distance_to_edge_m(position) < reach_m;
        };
        let plane = LocalPlane::around(position.lat());
        let (east, north) = plane.units(reach_m);
        let mut edges = polygons.iter().flat_map(Polygon::edges);
        edges.any(|edge| {
            let (start, end) = seen_from(position, edge);
            let is_beyond = |from: f64, to: f64, reach: f64| {
                (from > reach && to > reach) || (from < -reach && to < -reach)
            };
            !is_beyond(start.0, end.0, east)
                && !is_beyond(start.1, end.1, north)
                && plane.nearest(start, end).1 < reach_m
        })
    }
}

/// Both ends of an edge as east and north of `position`, units of 1e-7 degree: of the places a turn of
/// the earth apart that the edge stands for, the one that is nearest.
#[expect(
    clippy::cast_precision_loss,
    reason = "a few turns of the earth are below 2^53 units"
)]
fn seen_from(position: Position, edge: Segment) -> ((f64, f64), (f64, f64)) {
    let (x, y) = (i64::from(position.lng_e7()), i64::from(position.lat_e7()));
    // Twice as far as the middle of the edge is.
    let middle = edge.from.0 + edge.to.0 - 2 * x;
    // Neither end is more than a turn and a half away.
    let turn = if middle.abs() > TURN_E7 {
        TURN_E7 * middle.signum()
    } else {
        0
    };
    let seen = |vertex: Place| ((vertex.0 - x - turn) as f64, (vertex.1 - y) as f64);
    (seen(edge.from), seen(edge.to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fence::Geometry;
    use proptest::prelude::*;

    fn at(lat: f64, lng: f64) -> Position {
        Position::new(lat, lng).unwrap()
    }

    #[test]
    fn the_edge_is_as_far_from_inside_as_from_outside_and_a_hole_has_one_too() {
        let ring = |lat: f64, lng: f64, size: f64| {
            vec![
                (lat, lng),
                (lat, lng + size),
                (lat + size, lng + size),
                (lat + size, lng),
            ]
        };
        let rings = vec![ring(51.49, -0.14, 0.04), ring(51.495, -0.13, 0.01)];
        let shape = Shape::compile(&Geometry::Polygons(vec![rings])).unwrap();
        // Due east and west of a meridian at latitude 51.5 a degree is 69,441 m.
        for (lng, metres) in [
            (-0.100_217, 15.07),
            (-0.099_783, 15.07),
            (-0.1, 0.0),
            (-0.121, 69.4),
        ] {
            let found = shape.distance_to_edge_m(at(51.5, lng));
            assert!((found - metres).abs() < 0.05, "{lng}: {found}");
        }
    }

    proptest! {
        #[test]
        fn an_edge_is_within_reach_if_it_is_nearer(
            ring in prop::collection::vec((-40i32..40, -40i32..40), 3..9),
            (lat, lng) in prop_oneof![Just((51.5, -0.12)), Just((-80.0, 180.0))],
            (north, east) in (-60i32..60, -60i32..60),
            reach_m in prop_oneof![0.0f64..30.0, 0.0f64..500.0],
        ) {
            let degrees = |steps: i32| f64::from(steps) * 1e-5;
            let ring = ring.iter().map(|(n, e)| (lat + degrees(*n), lng + degrees(*e)));
            let geometry = Geometry::Polygons(vec![vec![ring.collect()]]);
            let Ok(shape) = Shape::compile(&geometry) else { return Ok(()) };
            let east = lng + degrees(east);
            let east = if east > 180.0 { east - 360.0 } else { east };
            let position = at(lat + degrees(north), east);
            let distance_m = shape.distance_to_edge_m(position);
            for reach_m in [reach_m, distance_m, distance_m.next_up()] {
                let is_within = shape.has_edge_within(position, reach_m);
                prop_assert_eq!(is_within, distance_m < reach_m, "{} {}", distance_m, reach_m);
            }
        }
    }

    #[test]
    fn the_edge_of_a_circle_is_its_geodesic() {
        let circle = Geometry::Circle {
            centre: (51.5, -0.12),
            radius_m: 1000.0,
        };
        let shape = Shape::compile(&circle).unwrap();
        let far = at(51.5, -0.12).distance_m(at(51.52, -0.12));
        let found = shape.distance_to_edge_m(at(51.52, -0.12));
        assert!((found - (far - 1000.0)).abs() < 1e-6);
        assert!((shape.distance_to_edge_m(at(51.5, -0.12)) - 1000.0).abs() < 1e-6);
    }

    #[test]
    fn an_edge_across_the_antimeridian_is_near_from_both_sides() {
        let ring = vec![(0.0, 179.0), (0.0, 180.0), (1.0, 180.0), (1.0, 179.0)];
        let shape = Shape::compile(&Geometry::Polygons(vec![vec![ring]])).unwrap();
        let found = shape.distance_to_edge_m(at(0.5, -179.999));
        assert!((found - 111.3).abs() < 0.1, "{found}");
    }
}

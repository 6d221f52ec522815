//! How far a position is from the edge of a shape, whichever side of it the position is on.

use geo::{Coord, LineString};

use crate::domain::position::{Position, TURN};
use crate::geofence::shape::Shape;
use crate::geofence::shape::local::LocalPlane;

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
                let edges = polygons.iter().flat_map(|polygon| {
                    let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
                    rings.flat_map(LineString::lines)
                });
                edges
                    .map(|edge| {
                        let (start, end) = seen_from(position, edge.start, edge.end);
                        plane.nearest(start, end).1
                    })
                    .fold(f64::INFINITY, f64::min)
            }
        }
    }
}

/// Both ends of an edge as east and north of `position`, units of 1e-7 degree: of the places a turn of
/// the earth apart that the edge stands for, the one that is nearest.
fn seen_from(position: Position, start: Coord<f64>, end: Coord<f64>) -> ((f64, f64), (f64, f64)) {
    let here = position.plane();
    let middle = f64::midpoint(start.x, end.x) - here.x;
    // Neither end is more than a turn and a half away.
    let turn = if middle.abs() > TURN / 2.0 {
        TURN.copysign(middle)
    } else {
        0.0
    };
    let origin = here.x + turn;
    let seen = |vertex: Coord<f64>| (vertex.x - origin, vertex.y - here.y);
    (seen(start), seen(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fence::Geometry;

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

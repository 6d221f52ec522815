//! A fence's geometry, checked once and then asked many times.
//!
//! The plane is longitude and latitude in units of 1e-7 degree, held as whole numbers in f64, which
//! `geo` decides exactly (robust predicates). An edge is straight in longitude and latitude. The
//! boundary is inside.

mod edge;
mod local;
mod segment;

use geo::coordinate_position::CoordPos;
use geo::kernels::{Kernel, Orientation, RobustKernel};
use geo::line_intersection::{LineIntersection, line_intersection};
use geo::{BoundingRect, CoordinatePosition, LineString, MultiPolygon, Polygon};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree, RTreeObject};

use crate::domain::fence::{Geometry, Ring};
use crate::domain::position::{Position, UNITS_PER_DEGREE, plane_vertex};

/// A box in the plane: the envelope under which the index keeps a shape.
pub type Envelope = AABB<[f64; 2]>;

/// An area that can be asked whether it holds a position.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Polygons with holes, in the plane.
    Polygons(MultiPolygon<f64>),
    /// All positions at most this many metres of geodesic from the centre.
    Circle {
        /// Centre.
        centre: Position,
        /// Radius, metres.
        radius_m: f64,
    },
}

/// Why a geometry is no area, with the place to mend.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum InvalidShape {
    /// A polygon without a ring, or a list without a polygon.
    #[error("it has no ring: a polygon needs an outer ring of at least 3 different vertices")]
    Empty,
    /// Fewer than three different vertices.
    #[error("{ring} has {vertices} different vertices; a ring needs at least 3")]
    TooFewVertices {
        /// Which ring.
        ring: RingName,
        /// Different vertices that it has.
        vertices: usize,
    },
    /// A vertex that is no place.
    #[error(
        "vertex {vertex} of {ring} is lat {lat}, lon {lng}: latitude goes to ±90, longitude to ±180 degrees (GeoJSON writes longitude first)"
    )]
    VertexOutOfRange {
        /// Which ring.
        ring: RingName,
        /// Its number from 0.
        vertex: usize,
        /// Degrees north.
        lat: f64,
        /// Degrees east.
        lng: f64,
    },
    /// Two edges of a ring cross.
    #[error(
        "{ring} crosses itself at lat {lat:.7}, lon {lng:.7} (the edges after vertices {first} and {second}): reorder its vertices, or split it there into two polygons"
    )]
    CrossesItself {
        /// Which ring.
        ring: RingName,
        /// Number of the vertex that starts the one edge.
        first: usize,
        /// Number of the vertex that starts the other.
        second: usize,
        /// Place of the crossing, degrees north.
        lat: f64,
        /// Place of the crossing, degrees east.
        lng: f64,
    },
    /// All vertices on one line.
    #[error("{ring} has no area: its vertices lie on one line")]
    NoArea {
        /// Which ring.
        ring: RingName,
    },
    /// A circle around no place.
    #[error("the centre is no place: {0}")]
    Centre(#[from] crate::domain::position::InvalidPosition),
    /// A radius that is none.
    #[error("radius_m is {0}: a circle needs a radius above 0 metres")]
    Radius(f64),
    /// A line with a width.
    #[error("a LineString (corridor) is not available yet: draw it as a Polygon")]
    Corridor,
}

/// A ring of a geometry, as people count them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RingName {
    /// Number of the polygon from 0.
    pub polygon: usize,
    /// Number of the ring in it: 0 is the outer one.
    pub ring: usize,
}

impl std::fmt::Display for RingName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.ring {
            0 => write!(f, "the outer ring of polygon {}", self.polygon),
            hole => write!(f, "hole {hole} of polygon {}", self.polygon),
        }
    }
}

impl Shape {
    /// Checks a geometry. An open ring is closed, repeated vertices are dropped and either winding is
    /// taken, since what is meant is plain.
    ///
    /// # Errors
    /// When it is not one plain area; the first fault found, with its ring and vertex.
    pub fn compile(geometry: &Geometry) -> Result<Self, InvalidShape> {
        match geometry {
            Geometry::Polygons(polygons) => {
                let polygons: Vec<_> = polygons
                    .iter()
                    .enumerate()
                    .map(|(number, rings)| compile_polygon(number, rings))
                    .collect::<Result<_, _>>()?;
                if polygons.is_empty() {
                    return Err(InvalidShape::Empty);
                }
                Ok(Self::Polygons(MultiPolygon(polygons)))
            }
            Geometry::Circle { centre, radius_m } => {
                if !(radius_m.is_finite() && *radius_m > 0.0) {
                    return Err(InvalidShape::Radius(*radius_m));
                }
                let centre = Position::new(centre.0, centre.1)?;
                Ok(Self::Circle {
                    centre,
                    radius_m: *radius_m,
                })
            }
            Geometry::Corridor { .. } => Err(InvalidShape::Corridor),
        }
    }

    /// Whether `position` is inside or exactly on the boundary (`covers` of DE-9IM).
    #[must_use]
    pub fn covers(&self, position: Position) -> bool {
        match self {
            // Not `intersects`: that computes a bounding box anew at every call.
            Self::Polygons(polygons) => polygons
                .iter()
                .any(|polygon| polygon.coordinate_position(&position.plane()) != CoordPos::Outside),
            Self::Circle { centre, radius_m } => centre.distance_m(position) <= *radius_m,
        }
    }

    /// A box that holds every position of the shape.
    #[must_use]
    pub fn envelope(&self) -> Envelope {
        match self {
            Self::Polygons(polygons) => polygons.bounding_rect().map_or_else(
                || AABB::from_point([0.0, 0.0]),
                |bounds| AABB::from_corners(bounds.min().into(), bounds.max().into()),
            ),
            Self::Circle { centre, radius_m } => circle_envelope(*centre, *radius_m),
        }
    }
}

fn compile_polygon(number: usize, rings: &[Ring]) -> Result<Polygon<f64>, InvalidShape> {
    let mut compiled = rings.iter().enumerate().map(|(ring, vertices)| {
        let name = RingName {
            polygon: number,
            ring,
        };
        compile_ring(name, vertices)
    });
    let outer = compiled.next().ok_or(InvalidShape::Empty)??;
    let holes = compiled.collect::<Result<_, _>>()?;
    Ok(Polygon::new(outer, holes))
}

fn compile_ring(ring: RingName, vertices: &Ring) -> Result<LineString<f64>, InvalidShape> {
    let mut line = Vec::with_capacity(vertices.len() + 1);
    let mut numbers = Vec::with_capacity(vertices.len() + 1);
    for (vertex, &(lat, lng)) in vertices.iter().enumerate() {
        if !(lat.abs() <= 90.0 && lng.abs() <= 180.0) {
            return Err(InvalidShape::VertexOutOfRange {
                ring,
                vertex,
                lat,
                lng,
            });
        }
        let coordinate = plane_vertex(lat, lng);
        if line.last() != Some(&coordinate) {
            line.push(coordinate);
            numbers.push(vertex);
        }
    }
    if line.len() > 1 && line.first() == line.last() {
        line.pop();
    }
    if line.len() < 3 {
        let vertices = line.len();
        return Err(InvalidShape::TooFewVertices { ring, vertices });
    }
    line.push(line[0]);
    let line = LineString(line);
    if on_one_line(&line) {
        return Err(InvalidShape::NoArea { ring });
    }
    refuse_crossing(ring, &line, &numbers)?;
    Ok(line)
}

/// Whether every vertex lies on one line. The area would not tell: a bow tie's two wings cancel.
fn on_one_line(line: &LineString<f64>) -> bool {
    let on_a_line = |corner: &[geo::Coord<f64>]| {
        RobustKernel::orient2d(corner[0], corner[1], corner[2]) == Orientation::Collinear
    };
    line.0.windows(3).all(on_a_line)
}

/// Refuses a ring two of whose edges cross or run over each other. A ring that touches itself in a
/// vertex is taken: its inside is plain.
fn refuse_crossing(
    ring: RingName,
    line: &LineString<f64>,
    numbers: &[usize],
) -> Result<(), InvalidShape> {
    let edges: Vec<_> = line.lines().collect();
    let envelope = |edge: &geo::Line<f64>| {
        Rectangle::<[f64; 2]>::from_corners(edge.start.into(), edge.end.into())
    };
    let tree = RTree::bulk_load(
        edges
            .iter()
            .enumerate()
            .map(|(number, edge)| GeomWithData::new(envelope(edge), number))
            .collect(),
    );
    for (first, edge) in edges.iter().enumerate() {
        for near in tree.locate_in_envelope_intersecting(&envelope(edge).envelope()) {
            let second = near.data;
            if second <= first {
                continue;
            }
            let at = match line_intersection(*edge, edges[second]) {
                Some(LineIntersection::SinglePoint {
                    intersection,
                    is_proper: true,
                }) => intersection,
                Some(LineIntersection::Collinear { intersection })
                    if intersection.start != intersection.end =>
                {
                    intersection.start
                }
                _ => continue,
            };
            return Err(InvalidShape::CrossesItself {
                ring,
                first: numbers[first],
                second: numbers[second],
                lat: at.y / UNITS_PER_DEGREE,
                lng: at.x / UNITS_PER_DEGREE,
            });
        }
    }
    Ok(())
}

/// Least length of a degree of latitude on the WGS 84 ellipsoid, at the equator, metres.
const LATITUDE_DEGREE_M: f64 = 110_574.0;
/// Length of a degree of longitude at the equator of the WGS 84 ellipsoid, rounded down, metres.
const EQUATOR_DEGREE_M: f64 = 111_319.0;

/// The box of a circle, never too small: a degree is taken at its shortest, and a circle over a pole
/// or the antimeridian has every longitude.
fn circle_envelope(centre: Position, radius_m: f64) -> Envelope {
    let reach_lat = radius_m / LATITUDE_DEGREE_M;
    let south = (centre.lat() - reach_lat).max(-90.0);
    let north = (centre.lat() + reach_lat).min(90.0);
    let widest = south.abs().max(north.abs()).to_radians().cos();
    // 1 % for the ellipsoid: a parallel's true radius is at most 0.34 % from cos(lat).
    let reach_lng = 1.01 * radius_m / (EQUATOR_DEGREE_M * widest.max(1e-9));
    let (west, east) = (centre.lng() - reach_lng, centre.lng() + reach_lng);
    let (west, east) = if west < -180.0 || east > 180.0 {
        (-180.0, 180.0)
    } else {
        (west, east)
    };
    AABB::from_corners(
        [
            (west * UNITS_PER_DEGREE).floor(),
            (south * UNITS_PER_DEGREE).floor(),
        ],
        [
            (east * UNITS_PER_DEGREE).ceil(),
            (north * UNITS_PER_DEGREE).ceil(),
        ],
    )
}

#[cfg(test)]
mod tests;

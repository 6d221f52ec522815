//! A fence's geometry, checked once and then asked many times.
//!
//! The plane is longitude and latitude in units of 1e-7 degree, held as whole numbers in f64, and decided
//! in whole numbers. An edge is straight in longitude and latitude. The boundary is inside. A place is
//! inside a polygon where the way out of it crosses its rings an odd number of times.
//!
//! A polygon across the antimeridian is held unbroken: its westernmost longitude is from -180 to 180
//! degrees, and the others run on beyond 180. A position is looked for at its own longitude and a turn
//! round the earth away.

mod corridor;
mod edge;
mod invalid;
mod local;
mod ring;
mod segment;

use geo::{BoundingRect, LineString, MapCoordsInPlace, MultiPolygon, Polygon};
use rstar::{AABB, Envelope as _};

use crate::domain::fence::Geometry;
use crate::domain::position::{Position, TURN, TURN_E7, UNITS_PER_DEGREE};
use crate::domain::time::Timestamp;
use crate::geofence::shape::segment::{Place, Segment};

pub use corridor::Corridor;
pub use invalid::{InvalidShape, LineName, RingName};

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
    /// All positions at most half a width from a line.
    Corridor(Corridor),
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
                    .map(|(number, rings)| ring::polygon(number, rings))
                    .collect::<Result<_, _>>()?;
                if polygons.is_empty() {
                    return Err(InvalidShape::Empty);
                }
                let mut polygons = MultiPolygon(polygons);
                if polygons.0.len() > 1 {
                    draw_together(&mut polygons);
                }
                Ok(Self::Polygons(polygons))
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
            Geometry::Corridor {
                line,
                width_m,
                sections,
            } => {
                let sections: Vec<_> = sections
                    .iter()
                    .map(|section| (section.from, section.to))
                    .collect();
                let whole = [(0, line.len().saturating_sub(1))];
                let parts = if sections.is_empty() {
                    &whole[..]
                } else {
                    &sections
                };
                Corridor::new(line, *width_m, parts).map(Self::Corridor)
            }
        }
    }

    /// The shape that a geometry has at `at`, which differs from another time's only for a corridor with
    /// sections. Where none of them counts, that is the shape of them all.
    ///
    /// # Errors
    /// As `compile`, whatever the time.
    pub fn compile_at(geometry: &Geometry, at: Timestamp) -> Result<Self, InvalidShape> {
        let all = Self::compile(geometry)?;
        match (geometry, geometry.sections_at(at)) {
            (Geometry::Corridor { line, width_m, .. }, Some(parts)) if !parts.is_empty() => {
                Corridor::new(line, *width_m, &parts).map(Self::Corridor)
            }
            _ => Ok(all),
        }
    }

    /// Whether `position` is inside or exactly on the boundary (`covers` of DE-9IM).
    #[must_use]
    pub fn covers(&self, position: Position) -> bool {
        match self {
            Self::Polygons(polygons) => polygons.iter().any(|polygon| covers(polygon, position)),
            Self::Circle { centre, radius_m } => is_within(*centre, position, *radius_m),
            Self::Corridor(corridor) => corridor.covers(position),
        }
    }

    /// A box that holds every position of the shape, at its own longitude or a turn round the earth away.
    #[must_use]
    pub fn envelope(&self) -> Envelope {
        let mut parts = self.parts().into_iter();
        let first = parts.next().unwrap_or_else(|| AABB::from_point([0.0, 0.0]));
        parts.fold(first, |all, part| all.merged(&part))
    }

    /// A box for each polygon, for the one circle, or for each piece of a corridor.
    pub(in crate::geofence) fn parts(&self) -> Vec<Envelope> {
        match self {
            Self::Polygons(polygons) => polygons.iter().filter_map(polygon_envelope).collect(),
            Self::Circle { centre, radius_m } => {
                let centre = centre.plane();
                vec![grown(&AABB::from_point(centre.into()), *radius_m)]
            }
            Self::Corridor(corridor) => corridor.parts(),
        }
    }
}

fn polygon_envelope(polygon: &Polygon<f64>) -> Option<Envelope> {
    let bounds = polygon.bounding_rect()?;
    Some(AABB::from_corners(bounds.min().into(), bounds.max().into()))
}

/// Puts polygons side by side that lie on both sides of the antimeridian, where that makes their common
/// box narrower.
fn draw_together(polygons: &mut MultiPolygon<f64>) {
    let width = |polygons: &MultiPolygon<f64>| {
        polygons
            .bounding_rect()
            .map_or(0.0, |bounds| bounds.max().x - bounds.min().x)
    };
    let mut turned = polygons.clone();
    for polygon in &mut turned.0 {
        let west = polygon_envelope(polygon).map_or(0.0, |envelope| envelope.lower()[0]);
        if west < 0.0 {
            polygon.map_coords_in_place(|mut vertex| {
                vertex.x += TURN;
                vertex
            });
        }
    }
    let eastmost = turned.bounding_rect().map_or(0.0, |bounds| bounds.max().x);
    // A position is looked for one turn away, not two.
    if width(&turned) < width(polygons) && eastmost <= 1.5 * TURN {
        *polygons = turned;
    }
}

/// Whether a position is in a polygon or on its boundary.
fn covers(polygon: &Polygon<f64>, position: Position) -> bool {
    let (x, y) = (i64::from(position.lng_e7()), i64::from(position.lat_e7()));
    let eastmost = polygon.exterior().0.iter().map(|vertex| vertex.x);
    let is_beyond = eastmost.fold(f64::NEG_INFINITY, f64::max) >= TURN / 2.0;
    covers_at(polygon, (x, y))
        || (is_beyond && covers_at(polygon, (x + TURN_E7, y)))
        // 180 east is 180 west.
        || (x >= TURN_E7 / 2 && covers_at(polygon, (x - TURN_E7, y)))
}

fn covers_at(polygon: &Polygon<f64>, (x, y): Place) -> bool {
    let mut is_inside = false;
    let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
    for edge in rings.flat_map(LineString::lines).map(Segment::of) {
        let ((x1, y1), (x2, y2)) = (edge.from, edge.to);
        if y < y1.min(y2) || y > y1.max(y2) || x > x1.max(x2) {
            continue;
        }
        let side = edge.side((x, y));
        if side == 0 && x >= x1.min(x2) {
            return true;
        }
        // Towards the east: an edge counts with its lower end and without its upper one.
        is_inside ^= (y1 > y) != (y2 > y) && (side > 0) == (y2 > y1);
    }
    is_inside
}

/// Least length of a degree of latitude on the WGS 84 ellipsoid, at the equator, metres.
const LATITUDE_DEGREE_M: f64 = 110_574.0;
/// Length of a degree of longitude at the equator of the WGS 84 ellipsoid, rounded down, metres.
const EQUATOR_DEGREE_M: f64 = 111_319.0;

/// A box and all places at most `reach_m` of geodesic from it, never too small: a degree is taken at its
/// shortest, and what comes over a pole has every longitude. Across the antimeridian it runs on beyond 180
/// degrees.
fn grown(around: &Envelope, reach_m: f64) -> Envelope {
    let ([west, south], [east, north]) = (around.lower(), around.upper());
    let pole = 90.0 * UNITS_PER_DEGREE;
    let reach_lat = UNITS_PER_DEGREE * reach_m / LATITUDE_DEGREE_M;
    let (south, north) = (south - reach_lat, north + reach_lat);
    let farthest = south.abs().max(north.abs()).min(pole) / UNITS_PER_DEGREE;
    // 1 % for the ellipsoid: a parallel's true radius is at most 0.34 % from cos(lat).
    let parallel = farthest.to_radians().cos().max(1e-9);
    let reach_lng = UNITS_PER_DEGREE * 1.01 * reach_m / (EQUATOR_DEGREE_M * parallel);
    let (west, east) = if reach_lng >= TURN / 2.0 || south <= -pole || north >= pole {
        (-TURN / 2.0, TURN / 2.0)
    } else {
        (west - reach_lng, east + reach_lng)
    };
    AABB::from_corners(
        [west.floor(), south.max(-pole).floor()],
        [east.ceil(), north.min(pole).ceil()],
    )
}

/// Whether two positions are at most `reach_m` of geodesic apart. An angle on the sphere decides where it
/// can, since a geodesic is between `R1` and `R2` times that; it takes a tenth of the time.
fn is_within(centre: Position, position: Position, reach_m: f64) -> bool {
    let sin2 = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
    let shrink = centre.lat().to_radians().cos() * position.lat().to_radians().cos();
    let chord = sin2(position.lat() - centre.lat()) + shrink * sin2(position.lng() - centre.lng());
    let angle = 2.0 * chord.clamp(0.0, 1.0).sqrt().asin();
    // A millimetre for the rounding of the angle.
    if R2 * angle + 0.001 <= reach_m {
        return true;
    }
    R1 * angle - 0.001 <= reach_m && centre.distance_m(position) <= reach_m
}

/// Least radius of curvature of the WGS 84 ellipsoid, rounded down, metres: of a meridian at the equator.
pub(in crate::geofence) const R1: f64 = 6_335_439.0;
/// Greatest radius of curvature of the WGS 84 ellipsoid, rounded up, metres: at the poles.
pub(in crate::geofence) const R2: f64 = 6_399_594.0;

#[cfg(test)]
mod tests;

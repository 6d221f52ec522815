//! A fence's geometry, checked once and then asked many times.
//!
//! The plane is longitude and latitude in whole units of 1e-7 degree. An edge is straight in longitude and
//! latitude. The boundary is inside. A place is inside a polygon where the way out of it crosses its rings an
//! odd number of times.
//!
//! A polygon across the antimeridian is held unbroken: its westernmost longitude is from -180 to 180
//! degrees, and the others run on beyond 180. A position is looked for at its own longitude and a turn
//! round the earth away.

mod corridor;
mod edge;
mod invalid;
mod local;
mod polygon;
mod ring;
mod segment;

use rstar::{AABB, Envelope as _};

use crate::domain::fence::Geometry;
use crate::domain::position::{Position, TURN, TURN_E7, UNITS_PER_DEGREE};
use crate::domain::time::Timestamp;

pub use corridor::Corridor;
pub use invalid::{InvalidShape, LineName, RingName};
pub use polygon::Polygon;
pub(in crate::geofence) use segment::Segment;

/// A box in the plane: the envelope under which the index keeps a shape.
pub type Envelope = AABB<[f64; 2]>;

/// An area that can be asked whether it holds a position.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Polygons with holes, in the plane.
    Polygons(Box<[Polygon]>),
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
                let mut polygons: Box<[_]> = polygons
                    .iter()
                    .enumerate()
                    .map(|(number, rings)| ring::polygon(number, rings))
                    .collect::<Result<_, _>>()?;
                if polygons.is_empty() {
                    return Err(InvalidShape::Empty);
                }
                if polygons.len() > 1 {
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
            Self::Polygons(polygons) => polygons.iter().any(|polygon| polygon.covers(position)),
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
            Self::Polygons(polygons) => polygons.iter().map(Polygon::envelope).collect(),
            Self::Circle { centre, radius_m } => {
                let centre = centre.plane();
                vec![grown(&AABB::from_point(centre.into()), *radius_m)]
            }
            Self::Corridor(corridor) => corridor.parts(),
        }
    }
}

/// Puts polygons side by side that lie on both sides of the antimeridian, where that makes their common
/// box narrower.
fn draw_together(polygons: &mut [Polygon]) {
    let mut turned = polygons.to_vec();
    for polygon in &mut turned {
        if polygon.envelope().lower()[0] < 0.0 {
            polygon.turn(TURN_E7);
        }
    }
    let reach = |polygons: &[Polygon]| {
        let boxes = polygons.iter().map(Polygon::envelope);
        let all = boxes.reduce(|all, one| all.merged(&one));
        all.map_or((0.0, 0.0), |all| (all.lower()[0], all.upper()[0]))
    };
    let ((west, east), (turned_west, turned_east)) = (reach(polygons), reach(&turned));
    // A position is looked for one turn away, not two.
    if turned_east - turned_west < east - west && turned_east <= 1.5 * TURN {
        polygons.clone_from_slice(&turned);
    }
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

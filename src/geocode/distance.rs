//! Distances and directions on a plane around a place: within a hundred kilometres good to
//! three thousandths, and that is enough to rank candidates.

use crate::domain::position::{Position, UNITS_PER_DEGREE};

/// Metres in a unit of latitude: a degree of the equator, which is at most 0.7 % from one of latitude.
const UNIT_M: f64 = 111_320.0 / UNITS_PER_DEGREE;

const RADIANS_PER_UNIT: f64 = std::f64::consts::PI / 180.0 / UNITS_PER_DEGREE;

/// Distance, metres.
pub(super) fn between(one: Position, other: Position) -> f64 {
    Plane::around(one).offset(other).length()
}

/// A step on the plane, metres east and north.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Offset {
    pub east: f64,
    pub north: f64,
}

impl Offset {
    pub(super) fn length(self) -> f64 {
        (self.east * self.east + self.north * self.north).sqrt()
    }

    pub(super) fn dot(self, other: Self) -> f64 {
        self.east * other.east + self.north * other.north
    }

    pub(super) fn cross(self, other: Self) -> f64 {
        self.east * other.north - self.north * other.east
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self {
            east: self.east - other.east,
            north: self.north - other.north,
        }
    }

    /// This and `by` times `step`.
    pub(super) fn plus(self, by: f64, step: Self) -> Self {
        Self {
            east: self.east + by * step.east,
            north: self.north + by * step.north,
        }
    }
}

/// A plane that touches the earth at a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plane {
    origin: Position,
    east_m: f64,
}

impl Plane {
    pub(super) fn around(origin: Position) -> Self {
        Self {
            origin,
            east_m: UNIT_M * cosine(f64::from(origin.lat_e7()) * RADIANS_PER_UNIT),
        }
    }

    pub(super) fn offset(&self, position: Position) -> Offset {
        let east = i64::from(position.lng_e7()) - i64::from(self.origin.lng_e7());
        let north = i64::from(position.lat_e7()) - i64::from(self.origin.lat_e7());
        #[expect(clippy::cast_precision_loss, reason = "33 bits fit a double")]
        let (east, north) = (east as f64, north as f64);
        Offset {
            east: east * self.east_m,
            north: north * UNIT_M,
        }
    }

    /// Metres of so many units of latitude or of longitude, whichever is shorter.
    pub(super) fn least(&self, (north, east): (i64, i64)) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "33 bits fit a double")]
        let (north, east) = (north as f64, east as f64);
        (north * UNIT_M).min(east * self.east_m)
    }

    /// Units of latitude and of longitude in so many metres, rounded up.
    pub(super) fn units(&self, metres: f64) -> (i32, i32) {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a turn of the earth at most"
        )]
        let whole = |units: f64| units.clamp(0.0, 1.8e9).ceil() as i32;
        (
            whole(metres / UNIT_M),
            whole(metres / self.east_m.max(1e-9)),
        )
    }

    pub(super) fn distance(&self, position: Position) -> f64 {
        self.offset(position).length()
    }

    /// The position `offset` away from the origin; the origin where that is beyond a pole.
    pub(super) fn position(&self, offset: Offset) -> Position {
        let lat = self.origin.lat() + offset.north / UNIT_M / UNITS_PER_DEGREE;
        let lng = self.origin.lng() + offset.east / self.east_m.max(1e-9) / UNITS_PER_DEGREE;
        Position::new(lat, lng).unwrap_or(self.origin)
    }
}

/// The cosine of an angle between the poles to within a millionth: a plane is made for every candidate,
/// and the library's takes four times as long.
fn cosine(radians: f64) -> f64 {
    let square = radians * radians;
    let terms = [1.0 / 40_320.0, -1.0 / 720.0, 1.0 / 24.0, -0.5, 1.0];
    terms
        .into_iter()
        .fold(-1.0 / 3_628_800.0, |sum, term| sum * square + term)
}

/// The point of the stretch from `start` to `end` that is nearest to `to`.
pub(super) fn nearest_on(start: Offset, end: Offset, to: Offset) -> Offset {
    let along = end.minus(start);
    let squared = along.dot(along);
    if squared <= 0.0 {
        return start;
    }
    let share = (to.minus(start).dot(along) / squared).clamp(0.0, 1.0);
    start.plus(share, along)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cosine_is_near_enough() {
        for lat in -90_i32..=90 {
            let radians = f64::from(lat).to_radians();
            assert!((cosine(radians) - radians.cos()).abs() < 1e-6, "{lat}");
        }
    }

    #[test]
    fn the_plane_is_the_earth_nearby() {
        let one = Position::new(51.5, -0.12).unwrap();
        let other = Position::new(51.53, -0.05).unwrap();
        let error = between(one, other) / one.distance_m(other) - 1.0;
        assert!(error.abs() < 0.003, "{error}");
        let plane = Plane::around(one);
        assert_eq!(plane.position(plane.offset(other)), other);
    }
}

//! The plane around a position, in metres: true to 0.02 % within a kilometre, which is what edges and
//! moves are measured in; a question about many kilometres is asked piece by piece.

use crate::domain::position::UNITS_PER_DEGREE;

/// The WGS 84 ellipsoid: half of the longer axis, metres, and the square of its eccentricity.
const SEMI_MAJOR_M: f64 = 6_378_137.0;
const ECCENTRICITY_2: f64 = 0.006_694_379_990_14;

/// Metres to a unit of 1e-7 degree around a latitude.
#[derive(Clone, Copy, Debug)]
pub(super) struct LocalPlane {
    lng_m: f64,
    lat_m: f64,
}

impl LocalPlane {
    /// The plane around `latitude`, degrees.
    pub(super) fn around(latitude: f64) -> Self {
        let unit = (1.0 / UNITS_PER_DEGREE).to_radians();
        let (sin, cos) = latitude.to_radians().sin_cos();
        let bulge = 1.0 - ECCENTRICITY_2 * sin * sin;
        let normal = SEMI_MAJOR_M / bulge.sqrt();
        Self {
            lng_m: unit * normal * cos,
            lat_m: unit * normal * (1.0 - ECCENTRICITY_2) / bulge,
        }
    }

    /// How many units east, and how many north, are more than `metres`.
    pub(super) fn units(self, metres: f64) -> (f64, f64) {
        // A unit more, for what is rounded.
        (metres / self.lng_m + 1.0, metres / self.lat_m + 1.0)
    }

    /// How far along the edge from `a` to `b` the origin comes nearest to it, 0 to 1, and how far away it
    /// is there, metres. Both ends are relative to the origin: units of 1e-7 degree east and north.
    pub(super) fn nearest(self, a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
        let metres = |(east, north): (f64, f64)| (east * self.lng_m, north * self.lat_m);
        let (ax, ay) = metres(a);
        let (bx, by) = metres(b);
        let (dx, dy) = (bx - ax, by - ay);
        let length2 = dx * dx + dy * dy;
        let part = if length2 > 0.0 {
            (-(ax * dx + ay * dy) / length2).clamp(0.0, 1.0)
        } else {
            0.0
        };
        let (x, y) = (ax + part * dx, ay + part * dy);
        // Metres on the earth: their squares are far from what a float cannot hold, so it need not be `hypot`.
        (part, (x * x + y * y).sqrt())
    }
}

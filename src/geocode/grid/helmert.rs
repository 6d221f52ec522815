//! OSGB36 to and from WGS 84 without the table of OSTN15: good to about five metres.
//!
//! Ordnance Survey, "A guide to coordinate systems in Great Britain": section 6.2 (the Helmert
//! transformation), section 6.6 (its parameters), annexe B (Cartesian coordinates). The height is 0
//! throughout.

use super::mercator::Ellipsoid;

/// WGS 84 to OSGB36, metres.
const SHIFT: [f64; 3] = [-446.448, 125.157, -542.060];
/// WGS 84 to OSGB36, seconds of arc about x, y and z.
const TURN: [f64; 3] = [-0.1502, -0.2470, -0.8421];
/// WGS 84 to OSGB36, 20.4894 parts in a million.
const GROWTH: f64 = 20.4894e-6;

/// Latitude and longitude on WGS 84 of those on Airy 1830; radians.
pub(super) fn to_wgs84(lat: f64, lng: f64) -> (f64, f64) {
    let airy = cartesian(Ellipsoid::AIRY_1830, lat, lng);
    // Reversed signs would be a centimetre off: what is wanted is the point that `transform` brings here.
    let mut point = airy;
    for _ in 0..4 {
        let there = transform(point);
        for axis in 0..3 {
            point[axis] += airy[axis] - there[axis];
        }
    }
    ellipsoidal(Ellipsoid::GRS80, point)
}

/// Latitude and longitude on Airy 1830 of those on WGS 84; radians.
pub(super) fn to_airy(lat: f64, lng: f64) -> (f64, f64) {
    let point = cartesian(Ellipsoid::GRS80, lat, lng);
    ellipsoidal(Ellipsoid::AIRY_1830, transform(point))
}

fn transform([x, y, z]: [f64; 3]) -> [f64; 3] {
    let [rx, ry, rz] = TURN.map(|seconds| (seconds / 3600.0).to_radians());
    let grown = 1.0 + GROWTH;
    [
        SHIFT[0] + grown * x - rz * y + ry * z,
        SHIFT[1] + rz * x + grown * y - rx * z,
        SHIFT[2] - ry * x + rx * y + grown * z,
    ]
}

fn cartesian(ellipsoid: Ellipsoid, lat: f64, lng: f64) -> [f64; 3] {
    let nu = ellipsoid.a / (1.0 - ellipsoid.e2() * lat.sin().powi(2)).sqrt();
    [
        nu * lat.cos() * lng.cos(),
        nu * lat.cos() * lng.sin(),
        (1.0 - ellipsoid.e2()) * nu * lat.sin(),
    ]
}

fn ellipsoidal(ellipsoid: Ellipsoid, [x, y, z]: [f64; 3]) -> (f64, f64) {
    let e2 = ellipsoid.e2();
    let p = x.hypot(y);
    let mut lat = z.atan2(p * (1.0 - e2));
    // Each step is about 1,000 times nearer than the one before.
    for _ in 0..5 {
        let nu = ellipsoid.a / (1.0 - e2 * lat.sin().powi(2)).sqrt();
        lat = (z + e2 * nu * lat.sin()).atan2(p);
    }
    (lat, y.atan2(x))
}

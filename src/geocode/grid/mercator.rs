//! The transverse Mercator projection of the National Grid.
//!
//! Formulas, letters and the constants of the projection are those of Ordnance Survey, "A guide to
//! coordinate systems in Great Britain", annexe A (constants) and annexe C (C.1 to, C.2 from eastings
//! and northings).

/// An ellipsoid of revolution.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ellipsoid {
    /// Semi-major axis, metres.
    pub a: f64,
    /// Semi-minor axis, metres.
    pub b: f64,
}

impl Ellipsoid {
    /// That of OSGB36.
    pub(super) const AIRY_1830: Self = Self {
        a: 6_377_563.396,
        b: 6_356_256.909,
    };
    /// That of ETRS89, and to a tenth of a millimetre that of WGS 84.
    pub(super) const GRS80: Self = Self {
        a: 6_378_137.0,
        b: 6_356_752.314_1,
    };

    /// The eccentricity squared.
    pub(super) fn e2(self) -> f64 {
        1.0 - (self.b * self.b) / (self.a * self.a)
    }
}

/// Scale on the central meridian.
const F0: f64 = 0.999_601_271_7;
/// Latitude of the true origin, 49° N.
const PHI0: f64 = 49.0 * std::f64::consts::PI / 180.0;
/// Longitude of the true origin, 2° W.
const LAMBDA0: f64 = -2.0 * std::f64::consts::PI / 180.0;
/// Easting of the true origin, metres.
const E0: f64 = 400_000.0;
/// Northing of the true origin, metres.
const N0: f64 = -100_000.0;

/// The radii of curvature at a latitude, scaled: ν, ρ and η².
fn radii(ellipsoid: Ellipsoid, phi: f64) -> (f64, f64, f64) {
    let e2 = ellipsoid.e2();
    let curve = 1.0 - e2 * phi.sin().powi(2);
    let nu = ellipsoid.a * F0 / curve.sqrt();
    let rho = ellipsoid.a * F0 * (1.0 - e2) / curve.powf(1.5);
    (nu, rho, nu / rho - 1.0)
}

/// M: the scaled length of the meridian from the true origin to a latitude, metres.
fn meridian(ellipsoid: Ellipsoid, phi: f64) -> f64 {
    let n = (ellipsoid.a - ellipsoid.b) / (ellipsoid.a + ellipsoid.b);
    let (n2, n3) = (n * n, n * n * n);
    let (minus, plus) = (phi - PHI0, phi + PHI0);
    ellipsoid.b
        * F0
        * ((1.0 + n + 1.25 * n2 + 1.25 * n3) * minus
            - (3.0 * n + 3.0 * n2 + 2.625 * n3) * minus.sin() * plus.cos()
            + (1.875 * n2 + 1.875 * n3) * (2.0 * minus).sin() * (2.0 * plus).cos()
            - 35.0 / 24.0 * n3 * (3.0 * minus).sin() * (3.0 * plus).cos())
}

/// Easting and northing, metres, of a latitude and longitude on the ellipsoid, radians.
pub(super) fn project(ellipsoid: Ellipsoid, phi: f64, lambda: f64) -> (f64, f64) {
    let (nu, rho, eta2) = radii(ellipsoid, phi);
    let (sin, cos, t2) = (phi.sin(), phi.cos(), phi.tan().powi(2));
    let t4 = t2 * t2;
    let i = meridian(ellipsoid, phi) + N0;
    let ii = nu / 2.0 * sin * cos;
    let iii = nu / 24.0 * sin * cos.powi(3) * (5.0 - t2 + 9.0 * eta2);
    let iii_a = nu / 720.0 * sin * cos.powi(5) * (61.0 - 58.0 * t2 + t4);
    let iv = nu * cos;
    let v = nu / 6.0 * cos.powi(3) * (nu / rho - t2);
    let vi = nu / 120.0 * cos.powi(5) * (5.0 - 18.0 * t2 + t4 + 14.0 * eta2 - 58.0 * t2 * eta2);
    let l = lambda - LAMBDA0;
    let l2 = l * l;
    (
        E0 + l * (iv + l2 * (v + l2 * vi)),
        i + l2 * (ii + l2 * (iii + l2 * iii_a)),
    )
}

/// Latitude and longitude on the ellipsoid, radians, of an easting and northing, metres.
pub(super) fn unproject(ellipsoid: Ellipsoid, easting: f64, northing: f64) -> (f64, f64) {
    let phi = foot(ellipsoid, northing);
    let (nu, rho, eta2) = radii(ellipsoid, phi);
    let (t, sec) = (phi.tan(), 1.0 / phi.cos());
    let t2 = t * t;
    let (t4, t6) = (t2 * t2, t2 * t2 * t2);
    let vii = t / (2.0 * rho * nu);
    let viii = t / (24.0 * rho * nu.powi(3)) * (5.0 + 3.0 * t2 + eta2 - 9.0 * t2 * eta2);
    let ix = t / (720.0 * rho * nu.powi(5)) * (61.0 + 90.0 * t2 + 45.0 * t4);
    let x = sec / nu;
    let xi = sec / (6.0 * nu.powi(3)) * (nu / rho + 2.0 * t2);
    let xii = sec / (120.0 * nu.powi(5)) * (5.0 + 28.0 * t2 + 24.0 * t4);
    let xii_a = sec / (5040.0 * nu.powi(7)) * (61.0 + 662.0 * t2 + 1320.0 * t4 + 720.0 * t6);
    let d = easting - E0;
    let d2 = d * d;
    (
        phi - d2 * (vii - d2 * (viii - d2 * ix)),
        LAMBDA0 + d * (x - d2 * (xi - d2 * (xii - d2 * xii_a))),
    )
}

/// φ′: the latitude whose meridian length is that of `northing`. Each step is about 1,000 times nearer
/// than the one before, so six are a bound and not a hope.
fn foot(ellipsoid: Ellipsoid, northing: f64) -> f64 {
    let mut phi = PHI0;
    for _ in 0..6 {
        phi += (northing - N0 - meridian(ellipsoid, phi)) / (ellipsoid.a * F0);
    }
    phi
}

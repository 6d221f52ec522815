//! The vector of a place given in units of 1e-7 degree: sines and cosines by a table and what is left over.

use crate::domain::cell::face::Vector;
use crate::domain::position::UNITS_PER_DEGREE;

/// Bits of the units in a step: 0.21 degrees, so that of the series of sine and cosine the first two terms leave less
/// than a float holds (half a step is 0.0018 radians; its fifth power by 5! is 2e-16).
const STEP_BITS: u32 = 21;

const HALF_STEP: u32 = 1 << (STEP_BITS - 1);

/// Steps round the circle of all 2^32 units, of which 360 degrees are less.
const STEPS: usize = 1 << (32 - STEP_BITS);

/// Sine and cosine in the middle of each step, from -2^31 units on.
#[derive(Debug)]
pub(super) struct Circle([(f64, f64); STEPS]);

impl Circle {
    pub(super) fn new() -> Self {
        Self(std::array::from_fn(|step| {
            let middle = i64::try_from(step << STEP_BITS).unwrap_or(0) + i64::from(HALF_STEP);
            radians(middle + i64::from(i32::MIN)).sin_cos()
        }))
    }

    pub(super) fn vector(&self, lat_e7: i32, lng_e7: i32) -> Vector {
        let ((sin_lat, cos_lat), (sin_lng, cos_lng)) = (self.sin_cos(lat_e7), self.sin_cos(lng_e7));
        Vector {
            x: cos_lat * cos_lng,
            y: cos_lat * sin_lng,
            z: sin_lat,
        }
    }

    /// By the sum of the middle of a step and what is left over.
    fn sin_cos(&self, units: i32) -> (f64, f64) {
        let above = units.cast_unsigned() ^ 1 << 31;
        let (step, left) = (above >> STEP_BITS, above % (1 << STEP_BITS));
        let (sin, cos) = self.0[step as usize];
        let left = f64::from(left.wrapping_sub(HALF_STEP).cast_signed()) * RADIANS;
        let square = left * left;
        let (left_sin, left_cos_less_1) = (
            left * sum(square, -1.0 / 6.0, 1.0),
            square * sum(square, 1.0 / 24.0, -0.5),
        );
        (
            sin + sum(sin, left_cos_less_1, cos * left_sin),
            cos + sum(cos, left_cos_less_1, -(sin * left_sin)),
        )
    }
}

const RADIANS: f64 = std::f64::consts::PI / 180.0 / UNITS_PER_DEGREE;

#[expect(clippy::cast_precision_loss, reason = "less than 2^32")]
fn radians(units: i64) -> f64 {
    (units as f64 / UNITS_PER_DEGREE).to_radians()
}

/// `a` times `b` and `c`: in one where the processor can, since it is long to imitate.
pub(super) fn sum(a: f64, b: f64, c: f64) -> f64 {
    if cfg!(target_feature = "fma") {
        a.mul_add(b, c)
    } else {
        a * b + c
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Of units of the sphere; a hexagon of resolution 15 is 10^8 times as wide as these.
    const NEARLY: f64 = 1e-15;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn sine_and_cosine_are_those_of_the_library(units: i32, near_edge in any::<bool>(), off in -2..2_i32) {
            let edge = (units >> STEP_BITS << STEP_BITS).wrapping_add(off);
            let units = if near_edge { edge } else { units };
            let (sin, cos) = Circle::new().sin_cos(units);
            let (sin_told, cos_told) = radians(units.into()).sin_cos();
            prop_assert!((sin - sin_told).abs() < NEARLY && (cos - cos_told).abs() < NEARLY);
        }
    }
}

//! Numbers as they are written, digits and decimals, as the floats nearest to them.

/// Digits of a number that a float holds whatever they are: 10^15 is below 2^53.
pub(super) const EXACT_DIGITS: usize = 15;
/// A float holds each of these exactly, and no other.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// The float nearest to `digits` of which `decimals` stand behind the point, at most [`EXACT_DIGITS`] of them: both they
/// and the power of ten are exact in a float, and so their quotient is rounded once (Clinger 1990, "How to read
/// floating point numbers accurately"). `None` with more than 22 decimals.
#[inline(always)]
pub(super) fn nearest(digits: i64, decimals: usize) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "at most 15 digits, below 2^53")]
    let digits = digits as f64;
    Some(digits / POWERS.get(decimals)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_as_the_standard_library_does(digits in -999_999_999_999_999..=999_999_999_999_999_i64, decimals in 0..=22_usize) {
            prop_assert_eq!(nearest(digits, decimals), format!("{digits}e-{decimals}").parse().ok());
        }
    }

    #[test]
    fn the_next_power_is_not_exact() {
        assert_eq!(nearest(1, 23), None);
    }
}

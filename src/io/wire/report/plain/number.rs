//! The numbers of a plain record.

use crate::io::wire::decimal::{self, EXACT_DIGITS};
use crate::io::wire::eights::{self, POWERS};
use crate::io::wire::report::plain::scanner::{Scanner, byte_of};

/// A number as it is written: `digits` without the point.
#[derive(Clone, Copy)]
pub(super) struct Number {
    digits: i64,
    /// How many of them stand behind the point.
    decimals: usize,
}

impl Number {
    /// `None` of -0, which no whole number is.
    #[inline(always)]
    fn of(is_negative: bool, digits: i64, decimals: usize) -> Option<Self> {
        if is_negative && digits == 0 {
            return None;
        }
        let digits = if is_negative { -digits } else { digits };
        Some(Self { digits, decimals })
    }

    #[inline(always)]
    pub(super) fn as_f64(self) -> Option<f64> {
        decimal::nearest(self.digits, self.decimals)
    }
}

impl Scanner<'_> {
    /// A number of at most 15 digits. What may not follow a number does not follow a value either.
    ///
    /// All forms of up to eight digits take the same branches: which form is next cannot be foreseen where the names
    /// of a record stand in any order.
    #[inline(always)]
    #[expect(
        clippy::needless_bitwise_bool,
        reason = "no branch for what is seldom so"
    )]
    pub(super) fn number(&mut self) -> Option<Number> {
        let mut eight = self.eight(self.at);
        if byte_of(eight, 0) == b' ' {
            self.pass_spaces();
            eight = self.eight(self.at);
        }
        let is_negative = byte_of(eight, 0) == b'-';
        let start = self.at + usize::from(is_negative);
        // Behind the sign it is one byte less, and what has so many digits is of the long ones.
        let eight = eight >> (8 * u32::from(is_negative));
        let length = eights::digits(eight);
        if length >= 7 {
            return self.long();
        }
        let has_point = byte_of(eight, length) == b'.';
        let behind = self.eight(start + length + 1);
        let decimals = eights::digits(behind) * usize::from(has_point);
        if length + decimals > 8 {
            return self.long();
        }
        let is_led_by_zero = (length > 1) & (byte_of(eight, 0) == b'0');
        let is_open = has_point & (decimals == 0);
        if (length == 0) | is_led_by_zero | is_open {
            return None;
        }
        self.at = start + length + usize::from(has_point) + decimals;
        let without_point = (eight & !(u64::MAX << (8 * length))) | (behind << (8 * length));
        let digits = eights::number(without_point, length + decimals);
        Number::of(is_negative, digits, decimals)
    }

    /// A number without a sign and a point, of 13 digits as a time in milliseconds has.
    #[inline(always)]
    pub(super) fn whole_number(&mut self) -> Option<i64> {
        self.peek()?;
        let (_, digits) = self.whole_digits()?;
        Some(digits)
    }

    /// Passes the digits before a point, 15 at most: how many, and the number they are.
    #[inline(always)]
    fn whole_digits(&mut self) -> Option<(usize, i64)> {
        let is_led_by_zero = self.here()? == b'0';
        let (length, digits) = self.digits(0)?;
        if length == 0 || length > EXACT_DIGITS || (is_led_by_zero && length > 1) {
            return None;
        }
        Some((length, digits))
    }

    #[inline(always)]
    fn long(&mut self) -> Option<Number> {
        let (number, behind) = self.long_number()?;
        *self = behind;
        Some(number)
    }

    /// The same of a number of more digits than eight.
    #[inline(never)]
    fn long_number(mut self) -> Option<(Number, Self)> {
        let is_negative = self.here()? == b'-';
        self.at += usize::from(is_negative);
        let (length, digits) = self.whole_digits()?;
        if self.here() != Some(b'.') {
            return Some((Number::of(is_negative, digits, 0)?, self));
        }
        self.at += 1;
        let (decimals, digits) = self.digits(digits)?;
        if decimals == 0 || length + decimals > EXACT_DIGITS {
            return None;
        }
        Some((Number::of(is_negative, digits, decimals)?, self))
    }

    /// Passes digits, 16 at most: how many, and the number they are with `before` in front, which is of
    /// no use if that has more than 15.
    #[inline(always)]
    fn digits(&mut self, before: i64) -> Option<(usize, i64)> {
        let (length, number) = self.some_digits(before)?;
        if length < 8 {
            return Some((length, number));
        }
        let (more, number) = self.some_digits(number)?;
        Some((8 + more, number))
    }

    #[inline(always)]
    fn some_digits(&mut self, before: i64) -> Option<(usize, i64)> {
        let eight = self.eight(self.at);
        let length = eights::digits(eight);
        self.at += length;
        let before = before.wrapping_mul(*POWERS.get(length)?);
        Some((length, before.wrapping_add(eights::number(eight, length))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same digit by digit: what it is, and what follows.
    fn number_slowly(text: &str) -> Option<(f64, bool, &str)> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let is_digit = |digit: char| digit.is_ascii_digit();
        let behind = unsigned.trim_start_matches(is_digit);
        let whole = unsigned.strip_suffix(behind)?;
        let is_decimal = behind.starts_with('.');
        let rest = behind.strip_prefix('.').unwrap_or(behind);
        let after = if is_decimal {
            rest.trim_start_matches(is_digit)
        } else {
            rest
        };
        let decimals = rest.strip_suffix(after)?;
        let is_led_by_zero = whole.len() > 1 && whole.starts_with('0');
        let number: f64 = text.strip_suffix(after)?.parse().ok()?;
        let is_minus_zero = number == 0.0 && text.starts_with('-');
        let is_exact = !whole.is_empty() && whole.len() + decimals.len() <= 15;
        let is_number = is_exact && !is_led_by_zero && is_decimal != decimals.is_empty();
        (is_number && !is_minus_zero).then_some((number, is_decimal, after))
    }

    fn number(text: &str) -> Option<(f64, bool, &str)> {
        let mut scanner = Scanner::of(text.as_bytes()).expect("eight bytes");
        let number = scanner.number()?;
        let is_decimal = number.decimals > 0;
        Some((number.as_f64()?, is_decimal, text.get(scanner.at..)?))
    }

    proptest! {
        #[test]
        fn numbers_are_read_as_digit_by_digit(
            text in "-?(0|[0-9]{0,18})(\\.[0-9]{0,18})?",
            behind in "[,}.e \"0-9-]{8}|[0-9]",
        ) {
            let text = format!("{text},{behind}");
            prop_assume!(text.len() >= 8);
            prop_assert_eq!(number(&text), number_slowly(&text));
        }

        /// As above, but to the last byte.
        #[test]
        fn a_number_may_be_the_last(text in "[0-9]{1,9}\\.[0-9]{8}|[1-9][0-9]{8,14}") {
            prop_assert_eq!(number(&text), number_slowly(&text));
        }
    }
}

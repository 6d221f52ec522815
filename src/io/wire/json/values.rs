//! Values in JSON: texts, numbers, degrees.

use crate::io::wire::eights;
use crate::io::wire::short;
use crate::io::wire::text::Text;

pub(super) fn write_texts<V: AsRef<str>>(values: &[V], out: &mut impl Text) {
    for (index, value) in values.iter().enumerate() {
        put(if index == 0 { b"[" } else { b"," }, out);
        write_text(value.as_ref(), out);
    }
    put(b"]", out);
}

/// Appends bytes of a length that is known: so copying them is a store or two.
#[inline(always)]
pub(in crate::io::wire) fn put(bytes: &[u8], out: &mut impl Text) {
    out.put_all(bytes);
}

// What is written seldom is apart, `write_long_...`: so the way without it is short.

pub(in crate::io::wire) fn write_text(text: &str, out: &mut impl Text) {
    put(b"\"", out);
    write_and_quote(text, out);
}

/// Appends a text behind its first quote.
#[inline(always)]
pub(super) fn write_and_quote(text: &str, out: &mut impl Text) {
    if !short::push_and_quote(text.as_bytes(), out) {
        write_long_text(text, out);
    }
}

#[inline(never)]
fn write_long_text(text: &str, out: &mut impl Text) {
    if eights::is_plain(text.as_bytes()) {
        out.put_all(text.as_bytes());
        return out.put_all(b"\"");
    }
    let plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| !plain(byte)) {
        // An escaped byte is ASCII, so both cuts are between characters.
        let (words, from) = rest.split_at(at);
        let (escaped, after) = from.split_at(1);
        out.put_all(words.as_bytes());
        write_escape(escaped.as_bytes()[0], out);
        rest = after;
    }
    out.put_all(rest.as_bytes());
    out.put_all(b"\"");
}

fn write_escape(byte: u8, out: &mut impl Text) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match byte {
        b'"' | b'\\' => out.put_all(&[b'\\', byte]),
        b'\n' => out.put_all(b"\\n"),
        b'\r' => out.put_all(b"\\r"),
        b'\t' => out.put_all(b"\\t"),
        _ => {
            let [high, low] = [byte >> 4, byte & 15].map(|digit| HEX[usize::from(digit)]);
            out.put_all(&[b'\\', b'u', b'0', b'0', high, low]);
        }
    }
}

/// A whole number without decimals, any other with the fewest that read back as itself; null for one
/// that JSON cannot hold.
#[inline(always)]
pub(in crate::io::wire) fn write_number(value: f64, out: &mut impl Text) {
    if let Some(whole) = short_whole(value) {
        short::push_whole(whole < 0, whole.unsigned_abs(), out);
    } else if let Some(size) = ten_millionths(value.abs()) {
        short::push_ten_millionths(value < 0.0, size, out);
    } else {
        write_long_number(value, out);
    }
}

#[inline(never)]
fn write_long_number(value: f64, out: &mut impl Text) {
    if let Some(whole) = whole(value) {
        return write_integer(whole, out);
    }
    // Writing a number cannot fail.
    out.put_all(&serde_json::to_vec(&value).unwrap_or_default());
}

/// From here on as far again a float holds whole numbers and no more, in its lowest bits: added to a smaller one it
/// rounds it.
const WHOLE: f64 = 1.5 * 4_503_599_627_370_496.0; // 2^52

/// A whole number that `push_whole` takes; `None` of any other.
#[expect(
    clippy::float_cmp,
    reason = "what is lost shows in that it is not the same any more"
)]
fn short_whole(value: f64) -> Option<i64> {
    let sum = value + WHOLE;
    let whole = sum.to_bits().wrapping_sub(WHOLE.to_bits()).cast_signed();
    (sum - WHOLE == value && whole.unsigned_abs() < 10_000_000).then_some(whole)
}

/// A whole number; `None` of one that is none or too large to be exact in an i64.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::float_cmp,
    reason = "what is lost shows in that it is not the same any more"
)]
fn whole(value: f64) -> Option<i64> {
    let whole = value as i64;
    (whole as f64 == value && whole.unsigned_abs() < 9_000_000_000_000_000).then_some(whole)
}

/// The ten-millionths of a number that has no smaller decimals; `None` of one that is near 0 or far from it.
///
/// To read a decimal is to round a quotient, which is what the division does. Of at most fifteen digits, as here, no
/// two decimals read as the same number: so there is none with fewer digits.
fn ten_millionths(size: f64) -> Option<u64> {
    if !(1e-3..1e7).contains(&size) {
        return None;
    }
    let sum = size * 1e7 + WHOLE;
    let read = (sum - WHOLE) / 1e7;
    (read.to_bits() == size.to_bits()).then(|| sum.to_bits() - WHOLE.to_bits())
}

pub(in crate::io::wire) fn write_integer(value: i64, out: &mut impl Text) {
    match value.unsigned_abs() {
        size @ ..10_000_000 => short::push_whole(value < 0, size, out),
        _ => write_long_integer(value, out),
    }
}

#[inline(never)]
fn write_long_integer(value: i64, out: &mut impl Text) {
    out.put_all(value.to_string().as_bytes());
}

/// Degrees from units of 1e-7, with as many decimals as there are.
#[inline(always)]
pub(in crate::io::wire) fn write_degrees(units: i32, out: &mut impl Text) {
    short::push_ten_millionths(units < 0, units.unsigned_abs().into(), out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::wire::json::tests::written;
    use proptest::prelude::*;

    #[test]
    fn degrees_have_only_the_decimals_that_there_are() {
        for (units, text) in [
            (0, "0"),
            (-1, "-0.0000001"),
            (515_098_000, "51.5098"),
            (-1_264_000, "-0.1264"),
            (1_800_000_000, "180"),
        ] {
            assert_eq!(written(|out| write_degrees(units, out)), text);
        }
    }

    #[test]
    fn numbers_are_short_and_never_invalid() {
        for (number, text) in [
            (271.0, "271"),
            (8.2, "8.2"),
            (-0.5, "-0.5"),
            (f64::NAN, "null"),
        ] {
            assert_eq!(written(|out| write_number(number, out)), text);
        }
        assert_eq!(
            written(|out| write_integer(i64::MIN, out)),
            i64::MIN.to_string()
        );
    }

    /// The obvious way.
    fn number_as_formatted(value: f64) -> String {
        if value.fract() == 0.0 && value.abs() < 9.0e15 {
            // The sum makes 0 of -0.
            format!("{:.0}", value + 0.0)
        } else {
            serde_json::to_string(&value).unwrap()
        }
    }

    #[test]
    fn numbers_are_as_formatted_where_they_change_their_way() {
        for power in -8..19 {
            for near in [-1.0, -0.5, -0.1, -1e-7, 0.0, 1e-7, 0.1, 0.5, 1.0] {
                let number = 10_f64.powi(power) + near;
                for number in [number, -number, number.next_up(), number.next_down()] {
                    assert_eq!(
                        written(|out| write_number(number, out)),
                        number_as_formatted(number)
                    );
                }
            }
        }
        for number in [
            0.0,
            -0.0,
            f64::MIN_POSITIVE,
            f64::MAX,
            f64::INFINITY,
            -2_f64.powi(63),
            2_f64.powi(63),
        ] {
            assert_eq!(
                written(|out| write_number(number, out)),
                number_as_formatted(number)
            );
        }
    }

    proptest! {
        #[test]
        fn numbers_and_degrees_are_as_formatted(
            number in any::<f64>(), size in any::<i64>(), power in 0..19, units in any::<i32>(), bits in 0..64,
        ) {
            #[expect(clippy::cast_precision_loss, reason = "any number will do")]
            for number in [number, size as f64 / 10_f64.powi(power), (size >> bits) as f64 / 10_f64.powi(power)] {
                prop_assert_eq!(written(|out| write_number(number, out)), number_as_formatted(number));
            }
            for integer in [size, size >> bits] {
                prop_assert_eq!(written(|out| write_integer(integer, out)), integer.to_string());
            }
            let sign = if units < 0 { "-" } else { "" };
            let size = units.unsigned_abs();
            let degrees = format!("{sign}{}.{:07}", size / 10_000_000, size % 10_000_000);
            let degrees = degrees.trim_end_matches('0').trim_end_matches('.');
            prop_assert_eq!(written(|out| write_degrees(units, out)), degrees);
        }

        #[test]
        fn a_plain_text_is_the_text_in_quotes(text in "[ !#-\\[\\]-~\u{80}-\u{fff}]{0,40}") {
            prop_assert_eq!(written(|out| write_text(&text, out)), format!("\"{text}\""));
        }

        #[test]
        fn what_is_written_reads_back(text: String, number in any::<f64>(), units in any::<i32>()) {
            let json = written(|out| write_text(&text, out));
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
            let json = written(|out| write_degrees(units, out));
            let degrees: f64 = json.parse().unwrap();
            prop_assert_eq!(degrees.to_bits(), (f64::from(units) / 1e7).to_bits());
            if number.is_finite() {
                let json = written(|out| write_number(number, out));
                let read: f64 = json.parse().unwrap();
                prop_assert_eq!(read.to_bits() << 1, number.to_bits() << 1, "but for the sign of 0");
            }
        }
    }
}

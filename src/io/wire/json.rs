//! Writes JSON objects field by field straight into a buffer: the order of the fields is the order of
//! the calls.

use crate::domain::position::Position;
use crate::domain::time::Timestamp;
use crate::io::wire::eights;
use crate::io::wire::short;
use crate::io::wire::text::Text;
use crate::io::wire::time::rfc3339;

/// An object being written; `end` closes it.
pub(super) struct Object<'o, T = Vec<u8>> {
    out: &'o mut T,
    /// Where it begins.
    start: usize,
}

#[expect(
    clippy::inline_always,
    reason = "nearly every name is a literal, and where it is seen to be one it is written in one go"
)]
impl<'o, T: Text> Object<'o, T> {
    #[inline(always)]
    pub(super) fn open(out: &'o mut T) -> Self {
        let start = out.length();
        Self { out, start }
    }

    /// Each field has a comma before it: in place of the first one the object is opened.
    #[inline(always)]
    pub(super) fn end(self) {
        self.out.set(self.start, b'{');
        put(b"}", self.out);
    }

    /// Writes the name of a field; its value has to follow.
    #[inline(always)]
    pub(super) fn name(&mut self, name: &str) -> &mut T {
        self.name_and(name, b"\":")
    }

    /// Writes the name of a field, and what stands between it and the first byte of its value that is not the same
    /// always.
    #[inline(always)]
    fn name_and(&mut self, name: &str, behind: &[u8]) -> &mut T {
        let before = b",\"";
        let length = before.len() + name.len() + behind.len();
        if length > 32 {
            self.out.put_all(before);
            self.out.put_all(name.as_bytes());
            self.out.put_all(behind);
            return self.out;
        }
        let mut whole = [0; 32];
        whole[..2].copy_from_slice(before);
        whole[2..name.len() + 2].copy_from_slice(name.as_bytes());
        whole[name.len() + 2..length].copy_from_slice(behind);
        // More than is needed, which takes less.
        if let (true, Some(first)) = (length <= 16, whole.first_chunk::<16>()) {
            self.out.put(|room| {
                *room = *first;
                length
            });
        } else {
            self.out.put(|room| {
                *room = whole;
                length
            });
        }
        self.out
    }

    /// Writes whole fields, a comma before each.
    #[inline(always)]
    pub(super) fn fields(&mut self, fields: &[u8]) {
        put(fields, self.out);
    }

    #[inline(always)]
    pub(super) fn null(&mut self, name: &str) {
        put(b"null", self.name(name));
    }

    #[inline(always)]
    pub(super) fn text(&mut self, name: &str, value: &str) {
        write_and_quote(value, self.name_and(name, b"\":\""));
    }

    #[inline(always)]
    pub(super) fn number(&mut self, name: &str, value: f64) {
        write_number(value, self.name(name));
    }

    #[inline(always)]
    pub(super) fn integer(&mut self, name: &str, value: i64) {
        write_integer(value, self.name(name));
    }

    #[inline(always)]
    pub(super) fn bool(&mut self, name: &str, value: bool) {
        let out = self.name(name);
        if value {
            put(b"true", out);
        } else {
            put(b"false", out);
        }
    }

    #[inline(always)]
    pub(super) fn time(&mut self, name: &str, at: Timestamp) {
        let out = self.name_and(name, b"\":\"");
        out.put(|room: &mut [u8; 32]| {
            room[..24].copy_from_slice(&rfc3339(at));
            room[24] = b'"';
            25
        });
    }

    #[inline(always)]
    pub(super) fn position(&mut self, position: Position) {
        write_degrees(position.lat_e7(), self.name("lat"));
        write_degrees(position.lng_e7(), self.name("lon"));
    }

    #[inline(always)]
    pub(super) fn texts<V: AsRef<str>>(&mut self, name: &str, values: &[V]) {
        let out = self.name(name);
        if values.is_empty() {
            put(b"[]", out);
        } else {
            write_texts(values, out);
        }
    }

    /// A text, or null where there is none.
    #[inline(always)]
    pub(super) fn text_or_null(&mut self, name: &str, value: Option<&str>) {
        match value {
            Some(value) => self.text(name, value),
            None => self.null(name),
        }
    }

    /// A number, or null where there is none.
    #[inline(always)]
    pub(super) fn number_or_null(&mut self, name: &str, value: Option<f64>) {
        match value {
            Some(value) => self.number(name, value),
            None => self.null(name),
        }
    }

    /// `lat` and `lon`, or null in both where there is no position.
    pub(super) fn position_or_null(&mut self, position: Option<Position>) {
        if let Some(position) = position {
            self.position(position);
        } else {
            self.null("lat");
            self.null("lon");
        }
    }

    /// A text, or nothing at all.
    #[inline(always)]
    pub(super) fn text_if(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// A number, or nothing at all.
    #[inline(always)]
    pub(super) fn number_if(&mut self, name: &str, value: Option<f64>) {
        if let Some(value) = value {
            self.number(name, value);
        }
    }

    /// A list, or nothing at all where it is empty.
    #[inline(always)]
    pub(super) fn texts_if<V: AsRef<str>>(&mut self, name: &str, values: &[V]) {
        if !values.is_empty() {
            self.texts(name, values);
        }
    }
}

fn write_texts<V: AsRef<str>>(values: &[V], out: &mut impl Text) {
    for (index, value) in values.iter().enumerate() {
        put(if index == 0 { b"[" } else { b"," }, out);
        write_text(value.as_ref(), out);
    }
    put(b"]", out);
}

/// Appends bytes of a length that is known: so copying them is a store or two.
#[expect(clippy::inline_always, reason = "where it is, the length is known")]
#[inline(always)]
pub(super) fn put(bytes: &[u8], out: &mut impl Text) {
    out.put_all(bytes);
}

// What is written seldom is apart, `write_long_...`: so the way without it is short.

pub(super) fn write_text(text: &str, out: &mut impl Text) {
    put(b"\"", out);
    write_and_quote(text, out);
}

/// Appends a text behind its first quote.
#[expect(
    clippy::inline_always,
    reason = "for the end of a `Room` not to be in memory"
)]
#[inline(always)]
fn write_and_quote(text: &str, out: &mut impl Text) {
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
#[expect(
    clippy::inline_always,
    reason = "for the end of a `Room` not to be in memory"
)]
#[inline(always)]
pub(super) fn write_number(value: f64, out: &mut impl Text) {
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

pub(super) fn write_integer(value: i64, out: &mut impl Text) {
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
#[expect(
    clippy::inline_always,
    reason = "for the end of a `Room` not to be in memory"
)]
#[inline(always)]
pub(super) fn write_degrees(units: i32, out: &mut impl Text) {
    short::push_ten_millionths(units < 0, units.unsigned_abs().into(), out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

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

    #[test]
    fn an_object_has_its_fields_in_order_be_their_names_short_or_long() {
        assert_eq!(written(|out| Object::open(out).end()), "{}");
        let names: Vec<_> = (0..40).map(|length| "n".repeat(length)).collect();
        let text = written(|out| {
            let mut object = Object::open(out);
            for name in &names {
                Object::open(object.name(name)).end();
            }
            object.end();
        });
        let fields: Vec<_> = names
            .iter()
            .map(|name| format!("\"{name}\":{{}}"))
            .collect();
        assert_eq!(text, format!("{{{}}}", fields.join(",")));
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

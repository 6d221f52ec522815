//! Writes JSON objects field by field straight into a buffer: the order of the fields is the order of
//! the calls.

use crate::domain::position::Position;
use crate::domain::time::Timestamp;
use crate::io::wire::eights;
use crate::io::wire::short;
use crate::io::wire::time::rfc3339;

/// An object being written; `end` closes it.
pub(super) struct Object<'o> {
    out: &'o mut Vec<u8>,
    /// Where it begins.
    start: usize,
}

#[expect(
    clippy::inline_always,
    reason = "nearly every name is a literal, and where it is seen to be one it is written in one go"
)]
impl<'o> Object<'o> {
    pub(super) fn open(out: &'o mut Vec<u8>) -> Self {
        let start = out.len();
        Self { out, start }
    }

    /// Each field has a comma before it: in place of the first one the object is opened.
    pub(super) fn end(self) {
        match self.out.get_mut(self.start) {
            Some(comma) => *comma = b'{',
            None => self.out.push(b'{'),
        }
        self.out.push(b'}');
    }

    /// Writes the name of a field; its value has to follow.
    #[inline(always)]
    pub(super) fn name(&mut self, name: &str) -> &mut Vec<u8> {
        let (before, behind) = (b",\"", b"\":");
        let mut whole = [0; 32];
        if let Some(whole) = whole.get_mut(..name.len() + 4) {
            whole[..2].copy_from_slice(before);
            whole[2..name.len() + 2].copy_from_slice(name.as_bytes());
            whole[name.len() + 2..].copy_from_slice(behind);
            self.out.extend_from_slice(whole);
        } else {
            self.out.extend_from_slice(before);
            self.out.extend_from_slice(name.as_bytes());
            self.out.extend_from_slice(behind);
        }
        self.out
    }

    #[inline(always)]
    pub(super) fn null(&mut self, name: &str) {
        self.name(name).extend_from_slice(b"null");
    }

    #[inline(always)]
    pub(super) fn text(&mut self, name: &str, value: &str) {
        write_text(value, self.name(name));
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
            out.extend_from_slice(b"true");
        } else {
            out.extend_from_slice(b"false");
        }
    }

    #[inline(always)]
    pub(super) fn time(&mut self, name: &str, at: Timestamp) {
        let mut quoted = [b'"'; 26];
        quoted[1..25].copy_from_slice(&rfc3339(at));
        self.name(name).extend_from_slice(&quoted);
    }

    pub(super) fn position(&mut self, position: Position) {
        write_degrees(position.lat_e7(), self.name("lat"));
        write_degrees(position.lng_e7(), self.name("lon"));
    }

    #[inline(always)]
    pub(super) fn texts<T: AsRef<str>>(&mut self, name: &str, values: &[T]) {
        let out = self.name(name);
        if values.is_empty() {
            out.extend_from_slice(b"[]");
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
    pub(super) fn texts_if<T: AsRef<str>>(&mut self, name: &str, values: &[T]) {
        if !values.is_empty() {
            self.texts(name, values);
        }
    }
}

fn write_texts<T: AsRef<str>>(values: &[T], out: &mut Vec<u8>) {
    for (index, value) in values.iter().enumerate() {
        out.push(if index == 0 { b'[' } else { b',' });
        write_text(value.as_ref(), out);
    }
    out.push(b']');
}

// What is written seldom is apart, `write_long_...`: so the way without it is short.

pub(super) fn write_text(text: &str, out: &mut Vec<u8>) {
    if !short::push_quoted(text.as_bytes(), out) {
        write_long_text(text, out);
    }
}

#[inline(never)]
fn write_long_text(text: &str, out: &mut Vec<u8>) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    if eights::is_plain(text.as_bytes()) {
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
        return;
    }
    let plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| !plain(byte)) {
        // An escaped byte is ASCII, so both cuts are between characters.
        let (words, from) = rest.split_at(at);
        let (escaped, after) = from.split_at(1);
        out.extend_from_slice(words.as_bytes());
        write_escape(escaped.as_bytes()[0], out);
        rest = after;
    }
    out.extend_from_slice(rest.as_bytes());
    out.push(b'"');
}

fn write_escape(byte: u8, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match byte {
        b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        _ => {
            out.extend_from_slice(b"\\u00");
            out.push(HEX[usize::from(byte >> 4)]);
            out.push(HEX[usize::from(byte & 15)]);
        }
    }
}

/// A whole number without decimals, any other with the fewest that read back as itself; null for one
/// that JSON cannot hold.
pub(super) fn write_number(value: f64, out: &mut Vec<u8>) {
    if let Some(whole) = whole(value) {
        write_integer(whole, out);
    } else if let Some(size) = ten_millionths(value.abs()) {
        short::push_ten_millionths(value < 0.0, size, out);
    } else {
        write_long_number(value, out);
    }
}

#[inline(never)]
fn write_long_number(value: f64, out: &mut Vec<u8>) {
    // Writing to a Vec cannot fail.
    let _ = serde_json::to_writer(out, &value);
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
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "below 10^14"
    )]
    let (units, read) = {
        let units = (size * 1e7 + 0.5) as i64;
        (units, units as f64 / 1e7)
    };
    (read.to_bits() == size.to_bits()).then_some(units.unsigned_abs())
}

pub(super) fn write_integer(value: i64, out: &mut Vec<u8>) {
    match value.unsigned_abs() {
        size @ ..10_000_000 => short::push_whole(value < 0, size, out),
        _ => write_long_integer(value, out),
    }
}

#[inline(never)]
fn write_long_integer(value: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(value.to_string().as_bytes());
}

/// Degrees from units of 1e-7, with as many decimals as there are.
pub(super) fn write_degrees(units: i32, out: &mut Vec<u8>) {
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

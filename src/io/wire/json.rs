//! Writes JSON objects field by field straight into a buffer: the order of the fields is the order of
//! the calls.

use crate::domain::position::Position;
use crate::domain::time::Timestamp;
use crate::io::wire::eights;
use crate::io::wire::time::write_rfc3339;

/// An object being written; `end` closes it.
pub(super) struct Object<'o> {
    out: &'o mut Vec<u8>,
    /// What stands before the next name.
    before: u8,
}

impl<'o> Object<'o> {
    pub(super) fn open(out: &'o mut Vec<u8>) -> Self {
        Self { out, before: b'{' }
    }

    pub(super) fn end(self) {
        if self.before == b'{' {
            self.out.push(b'{');
        }
        self.out.push(b'}');
    }

    /// Writes the name of a field; its value has to follow.
    pub(super) fn name(&mut self, name: &str) -> &mut Vec<u8> {
        self.out.extend_from_slice(&[self.before, b'"']);
        self.before = b',';
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    pub(super) fn null(&mut self, name: &str) {
        self.name(name).extend_from_slice(b"null");
    }

    pub(super) fn text(&mut self, name: &str, value: &str) {
        write_text(value, self.name(name));
    }

    pub(super) fn number(&mut self, name: &str, value: f64) {
        write_number(value, self.name(name));
    }

    pub(super) fn integer(&mut self, name: &str, value: i64) {
        write_integer(value, self.name(name));
    }

    pub(super) fn bool(&mut self, name: &str, value: bool) {
        let word: &[u8] = if value { b"true" } else { b"false" };
        self.name(name).extend_from_slice(word);
    }

    pub(super) fn time(&mut self, name: &str, at: Timestamp) {
        let out = self.name(name);
        out.push(b'"');
        write_rfc3339(at, out);
        out.push(b'"');
    }

    pub(super) fn position(&mut self, position: Position) {
        write_degrees(position.lat_e7(), self.name("lat"));
        write_degrees(position.lng_e7(), self.name("lon"));
    }

    pub(super) fn texts<T: AsRef<str>>(&mut self, name: &str, values: &[T]) {
        let out = self.name(name);
        out.push(b'[');
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            write_text(value.as_ref(), out);
        }
        out.push(b']');
    }

    /// A text, or null where there is none.
    pub(super) fn text_or_null(&mut self, name: &str, value: Option<&str>) {
        match value {
            Some(value) => self.text(name, value),
            None => self.null(name),
        }
    }

    /// A number, or null where there is none.
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
    pub(super) fn text_if(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// A number, or nothing at all.
    pub(super) fn number_if(&mut self, name: &str, value: Option<f64>) {
        if let Some(value) = value {
            self.number(name, value);
        }
    }

    /// A list, or nothing at all where it is empty.
    pub(super) fn texts_if<T: AsRef<str>>(&mut self, name: &str, values: &[T]) {
        if !values.is_empty() {
            self.texts(name, values);
        }
    }
}

pub(super) fn write_text(text: &str, out: &mut Vec<u8>) {
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
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a whole number below 2^53 is exact in an i64"
    )]
    if value.fract() == 0.0 && value.abs() < 9.0e15 {
        write_integer(value as i64, out);
    } else {
        // Writing to a Vec cannot fail.
        let _ = serde_json::to_writer(out, &value);
    }
}

pub(super) fn write_integer(value: i64, out: &mut Vec<u8>) {
    let mut digits = [0_u8; 20];
    let mut start = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        start -= 1;
        // The remainder is below 10.
        digits[start] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[start..]);
}

/// Degrees from units of 1e-7, with as many decimals as there are.
pub(super) fn write_degrees(units: i32, out: &mut Vec<u8>) {
    let size = units.unsigned_abs();
    let mut text = *b"-000.0000000";
    let (mut whole, mut rest) = (size / 10_000_000, size % 10_000_000);
    let mut put = |at: usize, number: &mut u32| {
        text[at] += u8::try_from(*number % 10).unwrap_or(0);
        *number /= 10;
    };
    (5..12).rev().for_each(|at| put(at, &mut rest));
    (1..4).rev().for_each(|at| put(at, &mut whole));
    let zeros = text.iter().rev().take_while(|byte| **byte == b'0').count();
    let end = if zeros >= 7 { 4 } else { text.len() - zeros };
    let start = text[1..3].iter().take_while(|byte| **byte == b'0').count();
    if units < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&text[1 + start..end]);
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

    proptest! {
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

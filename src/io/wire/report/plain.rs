//! The plain form of a record: one flat object, texts without an escape, numbers that a float holds as
//! they are written. Nearly every position has it, and it is read in a third of the time. What is not
//! plain is left to `serde_json`; a property test holds both to the same answer.

use std::borrow::Cow;

use crate::io::wire::report::{MAX_BYTES, Raw};
use crate::io::wire::value::Value;

/// The fields of a plain record; `None` for any other, be it right or wrong.
pub(super) fn fields(bytes: &[u8]) -> Option<Raw<'_>> {
    // Counted to the end, so that many bytes are looked at at once.
    let is_odd = |byte: &&u8| **byte < b' ' || **byte == b'\\';
    if bytes.iter().filter(is_odd).count() > 0 || bytes.len() > MAX_BYTES {
        return None;
    }
    let mut scanner = Scanner {
        text: std::str::from_utf8(bytes).ok()?,
        at: 0,
    };
    let mut raw = Raw::default();
    scanner.take(b'{')?;
    loop {
        let name = scanner.quoted()?;
        scanner.take(b':')?;
        let value = scanner.value()?;
        let field = raw.plain_field(name)?;
        // A second one is a mistake, which serde_json tells.
        if !field.is_absent() {
            return None;
        }
        *field = value;
        match scanner.next()? {
            b',' => {}
            b'}' => return scanner.is_at_end().then_some(raw),
            _ => return None,
        }
    }
}

impl<'a> Raw<'a> {
    /// The field of that name, if it may be plain.
    fn plain_field(&mut self, name: &str) -> Option<&mut Value<'a>> {
        Some(match name {
            "subject" => &mut self.subject,
            "at" => &mut self.at,
            "lat" => &mut self.lat,
            "lon" => &mut self.lon,
            "accuracy_m" => &mut self.accuracy_m,
            "speed_mps" => &mut self.speed_mps,
            "heading_deg" => &mut self.heading_deg,
            "class" => &mut self.class,
            "status" => &mut self.status,
            "callsign" => &mut self.callsign,
            "agency" => &mut self.agency,
            "unit" => &mut self.unit,
            "parent" => &mut self.parent,
            "strength" => &mut self.strength,
            "assigned" => &mut self.assigned,
            "source" => &mut self.source,
            "id" => &mut self.id,
            _ => return None,
        })
    }
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scanner<'t> {
    fn peek(&mut self) -> Option<u8> {
        // Of what JSON takes for space only this is left.
        while self.text.as_bytes().get(self.at) == Some(&b' ') {
            self.at += 1;
        }
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn take(&mut self, expected: u8) -> Option<()> {
        (self.next()? == expected).then_some(())
    }

    fn is_at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    fn quoted(&mut self) -> Option<&'t str> {
        self.take(b'"')?;
        let rest = self.text.get(self.at..)?;
        let length = rest.bytes().position(|byte| byte == b'"')?;
        self.at += length + 1;
        rest.get(..length)
    }

    fn value(&mut self) -> Option<Value<'t>> {
        match self.peek()? {
            b'"' => Some(Value::Text(Cow::Borrowed(self.quoted()?))),
            b'-' | b'0'..=b'9' => self.number(),
            _ => None,
        }
    }

    /// A number of at most 15 digits, so that both it and the power of ten of its decimals are exact in a
    /// float, and their quotient is the float nearest to what is written (Clinger 1990, "How to read
    /// floating point numbers accurately").
    fn number(&mut self) -> Option<Value<'t>> {
        const POWERS: [f64; 16] = [
            1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
        ];
        let bytes = self.text.as_bytes().get(self.at..)?;
        let is_negative = bytes.first() == Some(&b'-');
        let start = usize::from(is_negative);
        let (mut digits, mut point) = (0_i64, None);
        let mut length = start;
        for byte in bytes.get(start..)? {
            match byte {
                b'0'..=b'9' => digits = digits * 10 + i64::from(byte - b'0'),
                b'.' if point.is_none() => point = Some(length),
                _ => break,
            }
            length += 1;
            if length > 17 {
                return None;
            }
        }
        let whole = point.unwrap_or(length) - start;
        let decimals = point.map_or(0, |point| length - point - 1);
        let is_led_by_zero = whole > 1 && bytes.get(start) == Some(&b'0');
        let is_exact = whole > 0 && whole + decimals <= 15 && !is_led_by_zero;
        let goes_on = matches!(bytes.get(length), Some(b'e' | b'E' | b'.'));
        let is_minus_zero = is_negative && digits == 0;
        if !is_exact || goes_on || is_minus_zero || (point.is_some() && decimals == 0) {
            return None;
        }
        self.at += length;
        let digits = if is_negative { -digits } else { digits };
        if point.is_none() {
            return Some(Value::Integer(digits));
        }
        #[expect(clippy::cast_precision_loss, reason = "at most 15 digits, below 2^53")]
        Some(Value::Float(digits as f64 / POWERS.get(decimals)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_same(record: &str) {
        if let Some(plain) = fields(record.as_bytes()) {
            let read: Raw<'_> = serde_json::from_str(record).expect(record);
            assert_eq!(format!("{plain:?}"), format!("{read:?}"), "{record}");
        }
    }

    #[test]
    fn what_the_contract_shows_is_plain() {
        let record = r#"{"subject":"MP-CX04","at":"2026-08-30T21:14:05.120Z","lat":51.5098,"lon":-0.1264, "strength": 2}"#;
        assert!(fields(record.as_bytes()).is_some());
        is_same(record);
    }

    #[test]
    fn what_is_not_plain_is_left() {
        for record in [
            "",
            "{",
            "{}",
            "{\"lat\":1,}",
            "{\"lat\":1}x",
            "{\"lat\":1,\"lat\":1}",
            "{\"lat\":null}",
            "{\"lat\":-0.0}",
            "{\"lat\":01}",
            "{\"lat\":1.}",
            "{\"lat\":.1}",
            "{\"lat\":1.1.1}",
            "{\"lat\":1e2}",
            "{\"lat\":-}",
            "{\"lat\":0.1234567890123456}",
            "{\"lat\":true}",
            "{\"x\":1}",
            "{\"id\":\"a\\n\"}",
            "{\"id\":\"\t\"}",
            "{\"destination\":{}}",
        ] {
            assert!(fields(record.as_bytes()).is_none(), "{record}");
        }
    }

    proptest! {
        /// Pieces that make records, right and wrong ones.
        #[test]
        fn plain_is_as_serde_reads_it(pieces in prop::collection::vec(prop::sample::select(vec![
            "{", "}", ",", ":", " ", "\"", "\"lat\":", "\"subject\":", "\"class\":", "\"é\"", "1", "0", "-", ".", "12.5",
            "null", "\"a\"", "[1]", "e3", "{\"lat\":5}", "\"\\u0041\"",
        ]), 0..12)) {
            is_same(&pieces.concat());
        }

        #[test]
        fn numbers_are_as_serde_reads_them(number in "-?[0-9]{1,9}(\\.[0-9]{1,9})?") {
            is_same(&format!("{{\"lat\":{number}}}"));
        }

        #[test]
        fn every_coordinate_is_as_serde_reads_it(units in -1_800_000_000_i64..=1_800_000_000) {
            let (whole, rest) = (units.abs() / 10_000_000, units.abs() % 10_000_000);
            let sign = if units < 0 { "-" } else { "" };
            is_same(&format!("{{\"lon\":{sign}{whole}.{rest:07}}}"));
        }

        #[test]
        fn texts_are_as_serde_reads_them(text in "[^\"\\\\]{0,20}") {
            is_same(&format!("{{\"id\":\"{text}\"}}"));
        }
    }
}

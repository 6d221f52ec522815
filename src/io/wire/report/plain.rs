//! The plain form of a resource's report: one flat object, texts without an escape, numbers that a float holds
//! as they are written, each field of its first type. Nearly every position has it, and it is read in a fifth
//! of the time. What is not plain is left to `serde_json`; a property test holds both to the same answer.

use crate::domain::ids::{Kind, Subject};
use crate::domain::report::{Arrival, Body, Location, Report, Resource, Text};
use crate::domain::time::Timestamp;
use crate::io::wire::eights;
use crate::io::wire::report::MAX_BYTES;
use crate::io::wire::time::parse_rfc3339;

/// What a plain record reports; `None` for any other, be it right or wrong.
pub(super) fn report(bytes: &[u8], arrival: Arrival) -> Option<Box<Report>> {
    // Looked through to the end, since so it goes many bytes at a time.
    let is_odd = |byte: &u8| *byte < b' ' || *byte == b'\\';
    let odd = bytes.iter().fold(false, |odd, byte| odd | is_odd(byte));
    if odd || bytes.len() > MAX_BYTES {
        return None;
    }
    let mut scanner = Scanner {
        text: std::str::from_utf8(bytes).ok()?,
        at: 0,
    };
    let mut plain = Plain::new(arrival);
    scanner.take(b'{')?;
    loop {
        let name = scanner.quoted()?;
        scanner.take(b':')?;
        plain.read(name, &mut scanner)?;
        match scanner.next()? {
            b',' => {}
            b'}' if scanner.is_at_end() => return plain.into_report(),
            _ => return None,
        }
    }
}

/// What was read so far, in its place from the beginning.
struct Plain {
    report: Box<Report>,
    subject: Option<Text>,
    lat: Option<f64>,
    lng: Option<f64>,
}

impl Plain {
    fn new(arrival: Arrival) -> Self {
        let report = Box::new(Report {
            subject: Subject {
                id: Text::default(),
                kind: Kind::Resource,
            },
            at: None,
            location: None,
            body: Body::Resource(Resource::default()),
            id: None,
            flaw: None,
            arrival,
        });
        Self {
            report,
            subject: None,
            lat: None,
            lng: None,
        }
    }

    /// Reads the value of a field. A second one of the same name is a mistake, which `serde_json` tells.
    fn read(&mut self, name: &str, scanner: &mut Scanner<'_>) -> Option<()> {
        let Self {
            report,
            subject,
            lat,
            lng,
        } = self;
        let Body::Resource(resource) = &mut report.body else {
            return None;
        };
        // As bytes, which are compared without a call.
        match name.as_bytes() {
            b"subject" => once(subject, scanner.quoted()?.into()),
            b"at" => once(&mut report.at, scanner.time()?),
            b"lat" => once(lat, scanner.number()?.as_f64()),
            b"lon" => once(lng, scanner.number()?.as_f64()),
            b"accuracy_m" => once(&mut resource.accuracy_m, scanner.number()?.as_f64()),
            b"speed_mps" => once(&mut resource.speed_mps, scanner.number()?.as_f64()),
            b"heading_deg" => once(&mut resource.heading_deg, scanner.number()?.as_f64()),
            b"class" => once(&mut resource.class, scanner.quoted()?.into()),
            b"status" => once(&mut resource.status, scanner.quoted()?.into()),
            b"callsign" => once(&mut resource.callsign, scanner.quoted()?.into()),
            b"agency" => once(&mut resource.agency, scanner.quoted()?.into()),
            b"unit" => once(&mut resource.unit, scanner.quoted()?.into()),
            b"parent" => once(&mut resource.parent, scanner.quoted()?.into()),
            b"strength" => once(&mut resource.strength, scanner.number()?.as_count()?),
            b"assigned" => once(&mut resource.assigned, scanner.quoted()?.into()),
            b"source" => once(&mut resource.source, scanner.quoted()?.into()),
            b"id" => once(&mut report.id, scanner.quoted()?.into()),
            _ => None,
        }
    }

    fn into_report(mut self) -> Option<Box<Report>> {
        self.report.location = match (self.lat, self.lng) {
            (Some(lat), Some(lng)) => Some(Location::Degrees { lat, lng }),
            (None, None) => None,
            _ => return None,
        };
        self.report.subject.id = self.subject.filter(|subject| !subject.is_empty())?;
        self.report.at.is_some().then_some(self.report)
    }
}

fn once<T>(field: &mut Option<T>, value: T) -> Option<()> {
    field.replace(value).is_none().then_some(())
}

/// A number as it is written.
#[derive(Clone, Copy)]
enum Number {
    Whole(i64),
    Decimal(f64),
}

impl Number {
    #[expect(clippy::cast_precision_loss, reason = "at most 15 digits, below 2^53")]
    fn as_f64(self) -> f64 {
        match self {
            Self::Whole(number) => number as f64,
            Self::Decimal(number) => number,
        }
    }

    fn as_count(self) -> Option<u32> {
        match self {
            Self::Whole(number) => u32::try_from(number).ok(),
            Self::Decimal(_) => None,
        }
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
        let start = self.at;
        let length = eights::first(b'"', self.text.as_bytes().get(start..)?)?;
        self.at += length + 1;
        self.text.get(start..start + length)
    }

    fn time(&mut self) -> Option<Timestamp> {
        if self.peek()? == b'"' {
            return parse_rfc3339(self.quoted()?);
        }
        match self.number()? {
            Number::Whole(ms) => Timestamp::from_millis(ms),
            Number::Decimal(_) => None,
        }
    }

    /// A number of at most 15 digits, so that both it and the power of ten of its decimals are exact in a
    /// float, and their quotient is the float nearest to what is written (Clinger 1990, "How to read
    /// floating point numbers accurately").
    fn number(&mut self) -> Option<Number> {
        const POWERS: [f64; 16] = [
            1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
        ];
        self.peek()?;
        let bytes = self.text.as_bytes().get(self.at..)?;
        let is_negative = bytes.first() == Some(&b'-');
        let start = usize::from(is_negative);
        let (mut digits, mut point) = (0_i64, None);
        let mut length = start;
        while let Some(byte) = bytes.get(length) {
            let digit = byte.wrapping_sub(b'0');
            if digit <= 9 {
                // Of more digits than are allowed below the value does not matter.
                digits = digits.wrapping_mul(10).wrapping_add(i64::from(digit));
            } else if *byte == b'.' && point.is_none() {
                point = Some(length);
            } else {
                break;
            }
            length += 1;
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
            return Some(Number::Whole(digits));
        }
        #[expect(clippy::cast_precision_loss, reason = "at most 15 digits, below 2^53")]
        Some(Number::Decimal(digits as f64 / POWERS.get(decimals)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::wire::fields::Fields;
    use crate::io::wire::report::{Raw, Record};
    use proptest::prelude::*;

    const ARRIVAL: Arrival = Arrival {
        received: Timestamp::MIN,
        delay: std::time::Duration::ZERO,
        lateness: std::time::Duration::ZERO,
    };

    fn is_plain(record: &str) -> bool {
        report(record.as_bytes(), ARRIVAL).is_some()
    }

    /// Whatever stands in `fields`, if it is plain, `serde_json` reads the same.
    fn is_same(fields: &str) {
        for record in [
            fields.to_owned(),
            format!(r#"{{"subject":"a","at":1,{fields}}}"#),
        ] {
            if let Some(plain) = report(record.as_bytes(), ARRIVAL) {
                let raw: Raw<'_> = serde_json::from_str(&record).expect(&record);
                let read = raw.into_record(Kind::Resource, ARRIVAL, Fields::default());
                assert_eq!(read, Ok(Record::Report(plain)), "{record}");
            }
        }
    }

    #[test]
    fn what_the_contract_shows_is_plain() {
        let fields = r#""lat":51.5098,"lon":-0.1264,"accuracy_m":6.0,"speed_mps":8.2,"heading_deg":271,
            "class":"vehicle","status":"2","callsign":"CX04","agency":"MPS","unit":"PSU-214","parent":"BX-2","strength":2,
            "assigned":"CAD-8812-30AUG26","source":"avl","id":"optional""#.replace('\n', "");
        let time = r#""at":"2026-08-30T21:14:05.120Z""#;
        assert!(is_plain(&format!(
            r#"{{"subject":"MP-CX04",{time}, {fields}}}"#
        )));
        is_same(&fields);
    }

    #[test]
    fn what_is_not_plain_is_left() {
        assert!(is_plain(r#"{"subject":"a","at":1,"lat":1,"lon":1}"#));
        for fields in [
            r#""lat":1,"#,
            r#""lat":1"#,
            r#""lat":1,"lat":1,"lon":1"#,
            r#""lat":null,"lon":1"#,
            r#""lat":-0.0,"lon":1"#,
            r#""lat":01,"lon":1"#,
            r#""lat":1.,"lon":1"#,
            r#""lat":.1,"lon":1"#,
            r#""lat":1.1.1,"lon":1"#,
            r#""lat":1e2,"lon":1"#,
            r#""lat":-,"lon":1"#,
            r#""lat":0.1234567890123456,"lon":1"#,
            r#""lat":true,"lon":1"#,
            r#""strength":1.5"#,
            r#""status":2"#,
            r#""x":1"#,
            r#""id":"a\n""#,
            "\"id\":\"\t\"",
            r#""destination":{}"#,
            r#""deleted":true"#,
            r#""at":2"#,
        ] {
            let record = format!(r#"{{"subject":"a","at":1,{fields}}}"#);
            assert!(!is_plain(&record), "{record}");
        }
        for record in [
            "",
            "{",
            "{}",
            r#"{"at":1}"#,
            r#"{"subject":"","at":1}"#,
            r#"{"subject":"","subject":"b","at":1}"#,
            r#"{"subject":"a","at":1}x"#,
            r#"{"subject":"a"}"#,
        ] {
            assert!(!is_plain(record), "{record}");
        }
    }

    proptest! {
        /// Pieces that make records, right and wrong ones.
        #[test]
        fn plain_is_as_serde_reads_it(pieces in prop::collection::vec(prop::sample::select(vec![
            "{", "}", ",", ":", " ", "\"", "\"lat\":", "\"lon\":", "\"strength\":", "\"status\":", "\"subject\":", "\"class\":", "\"é\"", "1", "0", "-", ".", "12.5",
            "null", "\"a\"", "[1]", "e3", "{\"lat\":5}", "\"\\u0041\"",
        ]), 0..12)) {
            is_same(&pieces.concat());
        }

        #[test]
        fn numbers_are_as_serde_reads_them(number in "-?[0-9]{1,9}(\\.[0-9]{1,9})?") {
            is_same(&format!("\"lat\":{number},\"lon\":{number}"));
        }

        #[test]
        fn every_coordinate_is_as_serde_reads_it(units in -1_800_000_000_i64..=1_800_000_000) {
            let (whole, rest) = (units.abs() / 10_000_000, units.abs() % 10_000_000);
            let sign = if units < 0 { "-" } else { "" };
            is_same(&format!("\"lat\":1,\"lon\":{sign}{whole}.{rest:07}"));
        }

        #[test]
        fn texts_are_as_serde_reads_them(text in "[^\"\\\\]{0,20}") {
            is_same(&format!("\"id\":\"{text}\""));
        }
    }
}

//! The plain form of a resource's report: one flat object, texts without an escape, numbers that a float holds
//! as they are written, each field of its first type. Nearly every position has it, and it is read in a fifth
//! of the time. What is not plain is left to `serde_json`; a property test holds both to the same answer.

mod number;
mod scanner;
mod texts;

use crate::domain::ids::{Kind, Subject};
use crate::domain::report::{Arrival, Body, Location, Report, Resource, Text};
use crate::domain::time::Timestamp;
use crate::io::wire::report::MAX_BYTES;
use crate::io::wire::report::plain::number::Number;
use crate::io::wire::report::plain::scanner::{Scanner, eight_of};
pub use crate::io::wire::report::plain::texts::Texts;

/// What a plain record reports; `None` for any other, be it right or wrong.
#[inline(always)]
pub(super) fn report(bytes: &[u8], arrival: Arrival, texts: &mut Texts) -> Option<Box<Report>> {
    if bytes.len() > MAX_BYTES {
        return None;
    }
    let mut scanner = Scanner::of(bytes)?;
    // In its place from the beginning: it is too large to be moved for nothing.
    let mut report = Box::write(
        Box::new_uninit(),
        Report {
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
        },
    );
    let Body::Resource(resource) = &mut report.body else {
        return None;
    };
    let mut plain = Plain {
        subject: None,
        at: &mut report.at,
        lat: None,
        lng: None,
        resource,
        id: &mut report.id,
    };
    scanner.take(b'{')?;
    scanner.take(b'"')?;
    loop {
        let field = plain.field(&mut scanner)?;
        field.read(&mut scanner, texts)?;
        if !scanner.goes_on()? {
            break;
        }
    }
    report.location = match (plain.lat, plain.lng) {
        (Some(lat), Some(lng)) => Some(Location::Degrees { lat, lng }),
        (None, None) => None,
        _ => return None,
    };
    report.subject.id = plain.subject.filter(|subject| !subject.is_empty())?;
    report.at.is_some().then_some(report)
}

/// Passes a name that is open with its colon and says what it is. The names differ in their first eight bytes, which
/// are one comparison.
macro_rules! by_name {
    ($scanner:ident, { $($name:literal => $field:expr,)* }) => {{
        let begins = $scanner.name_begins();
        let (length, ends, field) = $(if begins == const { eight_of($name, 0) } {
            (const { $name.len() }, const { eight_of($name, 8) }, $field)
        } else)* {
            return None;
        };
        $scanner.name_ends(length, ends)?;
        Some(field)
    }};
}

/// What was read so far, in its place from the beginning.
struct Plain<'r> {
    subject: Option<Text>,
    at: &'r mut Option<Timestamp>,
    lat: Option<f64>,
    lng: Option<f64>,
    resource: &'r mut Resource,
    id: &'r mut Option<Text>,
}

impl Plain<'_> {
    /// Passes the name of a field and its colon.
    #[inline(always)]
    fn field(&mut self, scanner: &mut Scanner<'_>) -> Option<Field<'_>> {
        let resource = &mut *self.resource;
        by_name!(scanner, {
            b"subject\"" => Field::Id(&mut self.subject),
            b"at\"" => Field::Time(self.at),
            b"lat\"" => Field::Number(&mut self.lat),
            b"lon\"" => Field::Number(&mut self.lng),
            b"accuracy_m\"" => Field::Number(&mut resource.accuracy_m),
            b"speed_mps\"" => Field::Number(&mut resource.speed_mps),
            b"heading_deg\"" => Field::Number(&mut resource.heading_deg),
            b"class\"" => Field::Text(&mut resource.class),
            b"status\"" => Field::Text(&mut resource.status),
            b"callsign\"" => Field::Text(&mut resource.callsign),
            b"agency\"" => Field::Text(&mut resource.agency),
            b"unit\"" => Field::Text(&mut resource.unit),
            b"parent\"" => Field::Text(&mut resource.parent),
            b"strength\"" => Field::Count(&mut resource.strength),
            b"assigned\"" => Field::Text(&mut resource.assigned),
            b"source\"" => Field::Text(&mut resource.source),
            b"id\"" => Field::Id(self.id),
        })
    }
}

/// Where the value of a field goes, by what it is.
enum Field<'p> {
    Id(&'p mut Option<Text>),
    Text(&'p mut Option<Text>),
    Number(&'p mut Option<f64>),
    Count(&'p mut Option<u32>),
    Time(&'p mut Option<Timestamp>),
}

impl Field<'_> {
    /// Reads the value. A second one of the same name is a mistake, which `serde_json` tells.
    #[inline(always)]
    fn read(self, scanner: &mut Scanner<'_>, texts: &mut Texts) -> Option<()> {
        // In this way each kind of value is read at one place only, and all of it becomes one loop.
        let number = match self {
            Self::Id(field) => return once(field, scanner.id()?),
            Self::Text(field) => return once(field, scanner.text(texts)?.clone()),
            Self::Time(field) if scanner.peek()? == b'"' => {
                let (at, behind) = scanner.written_time()?;
                *scanner = behind;
                return once(field, at);
            }
            Self::Number(_) | Self::Count(_) | Self::Time(_) => scanner.number()?,
        };
        match (self, number) {
            (Self::Number(field), number) => once(field, number.as_f64()),
            (Self::Count(field), Number::Whole(number)) => once(field, u32::try_from(number).ok()?),
            (Self::Time(field), Number::Whole(ms)) => once(field, Timestamp::from_millis(ms)?),
            _ => None,
        }
    }
}

#[inline(always)]
fn once<T>(field: &mut Option<T>, value: T) -> Option<()> {
    if field.is_some() {
        return None;
    }
    *field = Some(value);
    Some(())
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
        report(record.as_bytes(), ARRIVAL, &mut Texts::default()).is_some()
    }

    /// Whatever stands in `fields`, if it is plain, `serde_json` reads the same.
    fn is_same(fields: &str) {
        for record in [
            fields.to_owned(),
            format!(r#"{{"subject":"a","at":1,{fields}}}"#),
        ] {
            if let Some(plain) = report(record.as_bytes(), ARRIVAL, &mut Texts::default()) {
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

        /// Whatever the order of the names and the spaces between them.
        #[test]
        fn every_order_is_plain(
            fields in Just(vec![
                r#""subject":"a""#, r#""at": 1"#, r#""lat" :51.5"#, r#""lon":-0.12"#, r#""accuracy_m":6.0"#,
                r#""speed_mps":8.2"#, r#""heading_deg":271"#, r#""class":"vehicle""#, r#""status":"2""#,
                r#""callsign":"CX04 of the north""#, r#""strength":2"#, r#""unit":"""#, r#""id":"é""#,
            ]).prop_shuffle(),
            comma in "[ ]{0,2},[ ]{0,2}",
        ) {
            let record = format!("{{{}}}", fields.join(&comma));
            prop_assert!(is_plain(&record), "{}", record);
            is_same(&fields[1..].join(&comma));
            let raw: Raw<'_> = serde_json::from_str(&record).unwrap();
            let read = raw.into_record(Kind::Resource, ARRIVAL, Fields::default());
            let plain = report(record.as_bytes(), ARRIVAL, &mut Texts::default());
            prop_assert_eq!(read, Ok(Record::Report(plain.unwrap())));
        }

        /// Records are read the same whatever was read before.
        #[test]
        fn texts_that_are_kept_change_nothing(
            records in prop::collection::vec(("[ab\"é]{0,9}", "[a-d]{0,2}|[é😀]{0,3}", any::<[u8; 2]>()), 0..200),
        ) {
            let mut texts = Texts::keeping();
            for (class, status, odd) in records {
                let record = format!(r#"{{"subject":"a","at":1,"class":"{class}","status":"{status}","unit":""#);
                let record = [record.as_bytes(), &odd, b"\"}"].concat();
                let alone = report(&record, ARRIVAL, &mut Texts::default());
                prop_assert_eq!(report(&record, ARRIVAL, &mut texts), alone);
            }
        }

        #[test]
        fn texts_are_as_serde_reads_them(text in "[^\"\\\\]{0,20}") {
            is_same(&format!("\"id\":\"{text}\""));
        }
    }
}

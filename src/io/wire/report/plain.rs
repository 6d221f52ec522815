//! The plain form of a resource's report: one flat object, texts without an escape, numbers that a float holds
//! as they are written, each field of its first type. Nearly every position has it, and it is read in a fifth
//! of the time. What is not plain is left to `serde_json`; a property test holds both to the same answer.

mod names;
mod number;
mod scanner;
mod texts;

use crate::domain::ids::{Kind, Subject};
use crate::domain::report::{Arrival, Body, Location, Report, Resource, Text};
use crate::domain::time::Timestamp;
use crate::io::wire::report::MAX_BYTES;
use crate::io::wire::report::plain::names::{Name, Order, name};
use crate::io::wire::report::plain::scanner::Scanner;
use crate::io::wire::report::plain::texts::Texts;

/// What a source's records were like, so that the next is read faster; what is read of it is the same without.
#[derive(Debug, Default)]
pub struct Habits {
    texts: Texts,
    order: Order,
}

impl Habits {
    /// Remembers, which pays for more than some records.
    #[must_use]
    pub fn kept() -> Self {
        Self {
            texts: Texts::keeping(),
            order: Order::keeping(),
        }
    }
}

/// What a plain record reports; `None` for any other, be it right or wrong.
#[inline(always)]
pub(super) fn report(bytes: &[u8], arrival: Arrival, habits: &mut Habits) -> Option<Box<Report>> {
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
    let (mut subject, mut lat, mut lng) = (None, None, None);
    let Habits { texts, order } = habits;
    let mut values = Values {
        ids: [&mut subject, &mut report.id],
        texts: [
            &mut resource.class,
            &mut resource.status,
            &mut resource.callsign,
            &mut resource.agency,
            &mut resource.unit,
            &mut resource.parent,
            &mut resource.assigned,
            &mut resource.source,
        ],
        numbers: [
            &mut lat,
            &mut lng,
            &mut resource.accuracy_m,
            &mut resource.speed_mps,
            &mut resource.heading_deg,
        ],
        count: &mut resource.strength,
        time: &mut report.at,
    };
    scanner.take(b'{')?;
    scanner.take(b'"')?;
    for number in 0.. {
        let field = scanner.name(order, number)?;
        values.read(field, &mut scanner, texts)?;
        if !scanner.goes_on()? {
            break;
        }
    }
    report.location = match (lat, lng) {
        (Some(lat), Some(lng)) => Some(Location::Degrees { lat, lng }),
        (None, None) => None,
        _ => return None,
    };
    report.subject.id = subject.filter(|subject| !subject.is_empty())?;
    report.at.is_some().then_some(report)
}

/// Of which kind a value is, and which of [`Values`] of that kind.
#[derive(Clone, Copy, Debug)]
enum Field {
    Id(usize),
    Text(usize),
    Number(usize),
    Count,
    Time,
}

/// The fields of a report that a plain record may hold.
const NAMES: &[Name] = &[
    name("subject\":", Field::Id(0)),
    name("id\":", Field::Id(1)),
    name("class\":", Field::Text(0)),
    name("status\":", Field::Text(1)),
    name("callsign\":", Field::Text(2)),
    name("agency\":", Field::Text(3)),
    name("unit\":", Field::Text(4)),
    name("parent\":", Field::Text(5)),
    name("assigned\":", Field::Text(6)),
    name("source\":", Field::Text(7)),
    name("lat\":", Field::Number(0)),
    name("lon\":", Field::Number(1)),
    name("accuracy_m\":", Field::Number(2)),
    name("speed_mps\":", Field::Number(3)),
    name("heading_deg\":", Field::Number(4)),
    name("strength\":", Field::Count),
    name("at\":", Field::Time),
];

/// Where each value goes: in its place from the beginning.
struct Values<'r> {
    ids: [&'r mut Option<Text>; 2],
    texts: [&'r mut Option<Text>; 8],
    numbers: [&'r mut Option<f64>; 5],
    count: &'r mut Option<u32>,
    time: &'r mut Option<Timestamp>,
}

impl Values<'_> {
    /// Reads one. A second one of the same name is a mistake, which `serde_json` tells.
    #[inline(always)]
    fn read(&mut self, field: Field, scanner: &mut Scanner<'_>, texts: &mut Texts) -> Option<()> {
        match field {
            Field::Id(which) => once(self.ids.get_mut(which)?, scanner.id()?),
            Field::Text(which) => once(self.texts.get_mut(which)?, scanner.text(texts)?.clone()),
            Field::Number(which) => once(self.numbers.get_mut(which)?, scanner.number()?.as_f64()?),
            Field::Count => {
                let count = scanner.whole_number()?;
                once(self.count, u32::try_from(count).ok()?)
            }
            Field::Time if scanner.peek()? == b'"' => {
                let (at, behind) = scanner.written_time()?;
                *scanner = behind;
                once(self.time, at)
            }
            Field::Time => {
                let ms = scanner.whole_number()?;
                once(self.time, Timestamp::from_millis(ms)?)
            }
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

    /// Every one beside the subject and the time.
    const FIELDS: [&str; 15] = [
        r#""lat":51.5"#,
        r#""lon":-0.12"#,
        r#""accuracy_m":6.0"#,
        r#""speed_mps":8.2"#,
        r#""heading_deg":271"#,
        r#""class":"vehicle""#,
        r#""status":"2""#,
        r#""callsign":"CX04 of the north""#,
        r#""agency":"MPS""#,
        r#""unit":"""#,
        r#""parent":"BX-2""#,
        r#""strength":2"#,
        r#""assigned":"CAD-8812""#,
        r#""source":"avl""#,
        r#""id":"é""#,
    ];

    fn is_plain(record: &str) -> bool {
        report(record.as_bytes(), ARRIVAL, &mut Habits::default()).is_some()
    }

    /// Whatever stands in `fields`, if it is plain, `serde_json` reads the same.
    fn is_same(fields: &str) {
        for record in [
            fields.to_owned(),
            format!(r#"{{"subject":"a","at":1,{fields}}}"#),
        ] {
            if let Some(plain) = report(record.as_bytes(), ARRIVAL, &mut Habits::default()) {
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

        /// Whatever the order of the names and the spaces around them.
        #[test]
        fn every_order_is_plain(
            fields in Just([&FIELDS[..], &[r#""subject":"a""#, r#""at":1"#]].concat()).prop_shuffle(),
            comma in "[ ]{0,2},[ ]{0,2}",
            colon in "[ ]{0,2}:[ ]{0,2}",
        ) {
            let record = format!("{{{}}}", fields.join(&comma).replace(':', &colon));
            prop_assert!(is_plain(&record), "{}", record);
            let raw: Raw<'_> = serde_json::from_str(&record).unwrap();
            let read = raw.into_record(Kind::Resource, ARRIVAL, Fields::default());
            let plain = report(record.as_bytes(), ARRIVAL, &mut Habits::default());
            prop_assert_eq!(read, Ok(Record::Report(plain.unwrap())));
        }

        /// Records are read the same whatever was read before.
        #[test]
        fn habits_change_nothing(
            records in prop::collection::vec((
                "[ab\"é]{0,9}",
                "[a-d]{0,2}|[é😀]{0,3}",
                any::<[u8; 2]>(),
                0..=FIELDS.len(),
                Just(FIELDS.to_vec()).prop_shuffle(),
            ), 0..100),
        ) {
            let mut habits = Habits::kept();
            for (class, status, odd, count, fields) in records {
                let fields = [&["\"at\":1"], &fields[..count]].concat().join(",");
                let fields = fields.replace("vehicle", &class).replace("\"2\"", &format!("\"{status}\""));
                let record = format!(r#"{{"subject":"a",{fields},"unit":""#);
                let record = [record.as_bytes(), &odd, b"\"}"].concat();
                let alone = report(&record, ARRIVAL, &mut Habits::default());
                prop_assert_eq!(report(&record, ARRIVAL, &mut habits), alone);
            }
        }

        #[test]
        fn texts_are_as_serde_reads_them(text in "[^\"\\\\]{0,20}") {
            is_same(&format!("\"id\":\"{text}\""));
        }
    }
}

//! Rejects out: what was refused, why, and what it was.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::domain::reject::Reject;
use crate::io::wire::json::{Object, write_integer, write_number, write_text};

/// Most bytes of a record that a reject carries.
pub const MAX_RECORD_BYTES: usize = 4096;

/// Where a refused record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The topic, file or feed.
    pub source: &'a str,
    /// Of a topic; `None` for a file.
    pub partition: Option<i32>,
    /// In a topic; for a file the 1-based line.
    pub offset: i64,
}

/// Appends one line of `rejects`.
///
/// A record that is a JSON object stays one, with those fields only that the contract names; anything
/// else is a text. Over 4 KiB it is a text cut between characters, and `truncated` is true.
pub fn encode(reject: &Reject, origin: Origin<'_>, record: &[u8], out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    object.text("reason", reject.reason.label());
    object.text("detail", &reject.detail);
    object.text("source", origin.source);
    match origin.partition {
        Some(partition) => object.integer("partition", i64::from(partition)),
        None => object.null("partition"),
    }
    object.integer("offset", origin.offset);
    let kept = kept(record);
    let is_cut = kept.as_deref().unwrap_or(record).len() > MAX_RECORD_BYTES;
    match kept {
        Some(kept) if !is_cut => object.name("record").extend_from_slice(&kept),
        Some(kept) => object.text("record", &cut(&kept)),
        None => object.text("record", &cut(record)),
    }
    if is_cut {
        object.bool("truncated", true);
    }
    object.end();
    out.push(b'\n');
}

fn cut(record: &[u8]) -> String {
    let start = record.get(..MAX_RECORD_BYTES).unwrap_or(record);
    let whole = match std::str::from_utf8(start) {
        Err(error) if error.error_len().is_none() && start.len() < record.len() => {
            start.get(..error.valid_up_to()).unwrap_or(start)
        }
        _ => start,
    };
    String::from_utf8_lossy(whole).into_owned()
}

/// The record with the contract's fields only; `None` where it is no JSON object.
fn kept(record: &[u8]) -> Option<Vec<u8>> {
    if record.trim_ascii_start().first() != Some(&b'{') {
        return None;
    }
    let mut out = Vec::new();
    let mut deserializer = serde_json::Deserializer::from_slice(record);
    Keep(&mut out).deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    Some(out)
}

/// The names of the contract's input records, sorted; with a dot, those of a feed's targets.
const NAMES: [&str; 64] = [
    "accuracy_m",
    "action",
    "agency",
    "approval",
    "assigned",
    "at",
    "attended_at",
    "by",
    "callsign",
    "category",
    "class",
    "codes",
    "coordinates",
    "deleted",
    "destination",
    "destination.fence",
    "detect",
    "dwell_s",
    "easting",
    "exit_margin_m",
    "features",
    "fence",
    "for",
    "geometry",
    "grade",
    "grid",
    "heading_deg",
    "id",
    "kind",
    "lat",
    "linked",
    "location",
    "lon",
    "min_inside_s",
    "name",
    "northing",
    "note",
    "operation",
    "parent",
    "postcode",
    "properties",
    "radius_m",
    "region",
    "revision",
    "role",
    "rvp",
    "rvp.lat",
    "rvp.lon",
    "severity",
    "source",
    "speed_mps",
    "state",
    "status",
    "strength",
    "subject",
    "tags",
    "target",
    "text",
    "type",
    "unit",
    "uprn",
    "valid_from",
    "valid_until",
    "width_m",
];

/// Copies a JSON value, leaving out the fields that the contract does not name.
struct Keep<'o>(&'o mut Vec<u8>);

impl<'de> DeserializeSeed<'de> for Keep<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Keep<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.0.extend_from_slice(b"null");
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.0.extend_from_slice(value.to_string().as_bytes());
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        write_integer(value, self.0);
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.0.extend_from_slice(value.to_string().as_bytes());
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        write_number(value, self.0);
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        write_text(text, self.0);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.0.push(b'[');
        let start = self.0.len();
        loop {
            let before = self.0.len();
            if before > start {
                self.0.push(b',');
            }
            if items.next_element_seed(Keep(&mut *self.0))?.is_none() {
                self.0.truncate(before);
                break;
            }
        }
        self.0.push(b']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let mut object = Object::open(self.0);
        while let Some(name) = fields.next_key::<std::borrow::Cow<'de, str>>()? {
            if NAMES.binary_search(&&*name).is_ok() {
                fields.next_value_seed(Keep(object.name(&name)))?;
            } else {
                fields.next_value::<IgnoredAny>()?;
            }
        }
        object.end();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reject::Reason;
    use proptest::prelude::*;

    fn written(record: &[u8]) -> String {
        let origin = Origin {
            source: "a.ndjson",
            partition: None,
            offset: 3,
        };
        let mut out = Vec::new();
        encode(
            &Reject::new(Reason::TooLate, "by 1 s"),
            origin,
            record,
            &mut out,
        );
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_record_keeps_the_fields_of_the_contract_only() {
        let line = written(
            br#"{"victim":{"name":"x"},"subject":"A\n","location":{"lat":1.5,"house":[1]},"codes":[1,[],"b",null,true]}"#,
        );
        assert_eq!(
            line,
            "{\"reason\":\"too_late\",\"detail\":\"by 1 s\",\"source\":\"a.ndjson\",\"partition\":null,\"offset\":3,\
             \"record\":{\"subject\":\"A\\n\",\"location\":{\"lat\":1.5},\"codes\":[1,[],\"b\",null,true]}}\n"
        );
    }

    #[test]
    fn what_is_no_object_is_a_text_and_a_long_one_is_cut_between_characters() {
        assert!(written(b"{\"subject\":").contains(r#""record":"{\"subject\":"}"#));
        assert!(written(b"\xff").contains("\"record\":\"\u{fffd}\"}"));
        let long = format!("a{}", "é".repeat(3000));
        let line = written(long.as_bytes());
        let cut = format!(
            "\"record\":\"a{}\",\"truncated\":true}}\n",
            "é".repeat(2047)
        );
        assert!(line.ends_with(&cut), "{line}");
    }

    #[test]
    fn names_are_sorted() {
        assert!(NAMES.is_sorted());
    }

    proptest! {
        #[test]
        fn any_record_gives_one_line_of_json(record in prop::collection::vec(any::<u8>(), 0..6000)) {
            let line = written(&record);
            prop_assert_eq!(line.find('\n'), Some(line.len() - 1));
            prop_assert!(serde_json::from_str::<serde_json::Value>(&line).is_ok());
        }
    }
}

//! Answers of `cordon geocode` out: NDJSON, or CSV with one header.

use crate::domain::located::{Answer, Found, Placed};
use crate::io::wire::json::{Object, write_degrees, write_number};

/// The columns of the CSV form, ended by a line feed. Where a query has no answer only `query` and
/// `reason` are filled.
pub const CSV_HEADER: &str =
    "query,lat,lon,easting,northing,precision,match,score,radius_m,reason\n";

/// Appends one answer as a line of NDJSON. Coordinates and grid references score 1.
pub fn encode(answer: &Answer, out: &mut Vec<u8>) {
    write(answer, None, out);
    out.push(b'\n');
}

/// One answer as an object; what is no place is told in words as well.
#[must_use]
pub fn encode_told(answer: &Answer) -> String {
    let mut out = Vec::new();
    let detail = answer.found.as_ref().err().map(|reject| &*reject.detail);
    write(answer, detail, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

fn write(answer: &Answer, detail: Option<&str>, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    object.text("query", &answer.query);
    match &answer.found {
        Ok(Found { placed, grid }) => {
            object.position(placed.position);
            object.number_or_null("easting", grid.map(|(easting, _)| easting));
            object.number_or_null("northing", grid.map(|(_, northing)| northing));
            object.text("precision", placed.precision.label());
            object.text_or_null("match", placed.matched.as_deref());
            object.number("score", placed.score.unwrap_or(1.0));
            object.number_or_null("radius_m", placed.radius_m);
        }
        Err(reject) => object.text("reason", reject.reason.label()),
    }
    object.text_if("detail", detail);
    write_alternatives(&answer.alternatives, object.name("alternatives"));
    object.end();
}

pub(super) fn write_alternatives(alternatives: &[Placed], out: &mut Vec<u8>) {
    out.push(b'[');
    for (index, placed) in alternatives.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        let mut object = Object::open(out);
        object.position(placed.position);
        object.text("precision", placed.precision.label());
        object.text_or_null("match", placed.matched.as_deref());
        object.number("score", placed.score.unwrap_or(1.0));
        object.number_or_null("radius_m", placed.radius_m);
        object.end();
    }
    out.push(b']');
}

/// Appends one answer as a row under `CSV_HEADER`; what is null in NDJSON is empty.
pub fn encode_csv(answer: &Answer, out: &mut Vec<u8>) {
    write_cell(&answer.query, out);
    match &answer.found {
        Ok(Found { placed, grid }) => {
            out.push(b',');
            write_degrees(placed.position.lat_e7(), out);
            out.push(b',');
            write_degrees(placed.position.lng_e7(), out);
            let numbers = |numbers: &[Option<f64>], out: &mut Vec<u8>| {
                for number in numbers {
                    out.push(b',');
                    if let Some(number) = number {
                        write_number(*number, out);
                    }
                }
            };
            numbers(&[grid.map(|(e, _)| e), grid.map(|(_, n)| n)], out);
            out.push(b',');
            out.extend_from_slice(placed.precision.label().as_bytes());
            out.push(b',');
            write_cell(placed.matched.as_deref().unwrap_or_default(), out);
            numbers(&[Some(placed.score.unwrap_or(1.0)), placed.radius_m], out);
            out.push(b',');
        }
        Err(reject) => {
            out.extend_from_slice(b",,,,,,,,,");
            out.extend_from_slice(reject.reason.label().as_bytes());
        }
    }
    out.push(b'\n');
}

/// RFC 4180: quoted where it has to be. A lone carriage return stays inside its quotes.
fn write_cell(text: &str, out: &mut Vec<u8>) {
    if !text.contains(['"', ',', '\n', '\r']) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::located::Precision;
    use crate::domain::position::Position;
    use crate::domain::reject::{Reason, Reject};

    fn both(answer: &Answer) -> (String, String) {
        let (mut json, mut csv) = (Vec::new(), Vec::new());
        encode(answer, &mut json);
        encode_csv(answer, &mut csv);
        (
            String::from_utf8(json).unwrap(),
            String::from_utf8(csv).unwrap(),
        )
    }

    #[test]
    fn a_place_is_written_with_every_field() {
        let mut answer = Answer {
            query: "TQ 311,756".into(),
            found: Ok(Found {
                placed: Placed {
                    position: Position::new(51.465_013_2, -0.112_5).unwrap(),
                    precision: Precision::Area,
                    matched: Some("TQ 311 756".into()),
                    score: Some(1.0),
                    radius_m: Some(71.0),
                },
                grid: Some((531_150.0, 175_650.25)),
            }),
            alternatives: Vec::new(),
        };
        let (json, csv) = both(&answer);
        assert_eq!(
            json,
            "{\"query\":\"TQ 311,756\",\"lat\":51.4650132,\"lon\":-0.1125,\"easting\":531150,\"northing\":175650.25,\
             \"precision\":\"area\",\"match\":\"TQ 311 756\",\"score\":1,\"radius_m\":71,\"alternatives\":[]}\n"
        );
        assert_eq!(
            csv,
            "\"TQ 311,756\",51.4650132,-0.1125,531150,175650.25,area,TQ 311 756,1,71,\n"
        );
        answer.found = Ok(Found {
            placed: Placed {
                position: Position::new(-33.9, 151.2).unwrap(),
                precision: Precision::Exact,
                matched: None,
                score: None,
                radius_m: None,
            },
            grid: None,
        });
        let (json, csv) = both(&answer);
        assert_eq!(
            json,
            "{\"query\":\"TQ 311,756\",\"lat\":-33.9,\"lon\":151.2,\"easting\":null,\"northing\":null,\
             \"precision\":\"exact\",\"match\":null,\"score\":1,\"radius_m\":null,\"alternatives\":[]}\n"
        );
        assert_eq!(csv, "\"TQ 311,756\",-33.9,151.2,,,exact,,1,,\n");
    }

    #[test]
    fn no_place_is_a_reason_and_every_row_has_every_column() {
        let answer = Answer {
            query: "a \"b\"".into(),
            found: Err(Reject::new(Reason::Unlocatable, "no gazetteer is loaded")),
            alternatives: Vec::new(),
        };
        let (json, csv) = both(&answer);
        assert_eq!(
            json,
            "{\"query\":\"a \\\"b\\\"\",\"reason\":\"unlocatable\",\"alternatives\":[]}\n"
        );
        assert_eq!(csv, "\"a \"\"b\"\"\",,,,,,,,,unlocatable\n");
        let placed = |lat| Placed {
            position: Position::new(lat, -0.1).unwrap(),
            precision: Precision::Street,
            matched: Some("High Street".into()),
            score: Some(0.7),
            radius_m: Some(300.0),
        };
        let ambiguous = Answer {
            query: "high st".into(),
            found: Err(Reject::new(Reason::Ambiguous, "two places")),
            alternatives: vec![placed(51.4), placed(51.6)],
        };
        let (json, _) = both(&ambiguous);
        assert_eq!(
            json,
            "{\"query\":\"high st\",\"reason\":\"ambiguous\",\"alternatives\":[\
             {\"lat\":51.4,\"lon\":-0.1,\"precision\":\"street\",\"match\":\"High Street\",\"score\":0.7,\"radius_m\":300},\
             {\"lat\":51.6,\"lon\":-0.1,\"precision\":\"street\",\"match\":\"High Street\",\"score\":0.7,\"radius_m\":300}]}\n"
        );
        let columns = CSV_HEADER.matches(',').count();
        assert_eq!(csv.matches(',').count(), columns);
    }
}

//! Located and unplaced out.

use h3o::Resolution;

use crate::domain::located::{Located, Placed, Precision, Unplaced};
use crate::io::wire::answer::write_alternatives;
use crate::io::wire::digits;
use crate::io::wire::json::Object;
use crate::io::wire::report;

/// Appends one line of `located`.
pub fn encode(located: &Located, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    object.text("subject", &located.report.subject.id);
    object.time("at", located.at);
    if let Some(reported_at) = located.reported_at {
        object.time("reported_at", reported_at);
    }
    object.position(located.placed.position);
    report::write_fields(&located.report, &mut object);
    let cell = located.placed.position.cell(Resolution::Twelve);
    write_cell(cell, object.name("h3"));
    write_match(&located.placed, object.name("match"));
    object.texts("fences", &located.fences);
    object.bool("late", located.late);
    object.end();
    out.push(b'\n');
}

/// Appends one line of `unplaced`: `{"subject","at","reason","detail","report","alternatives"}`; the
/// report is in the form in which it was sent.
pub fn encode_unplaced(unplaced: &Unplaced, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    object.text("subject", &unplaced.report.subject.id);
    object.time("at", unplaced.at);
    object.text("reason", unplaced.reject.reason.label());
    object.text("detail", &unplaced.reject.detail);
    report::encode(&unplaced.report, object.name("report"));
    write_alternatives(&unplaced.alternatives, object.name("alternatives"));
    object.end();
    out.push(b'\n');
}

fn write_match(placed: &Placed, out: &mut Vec<u8>) {
    match placed {
        // Coordinates, as nearly all are.
        Placed {
            precision: Precision::Exact,
            score: None,
            matched: None,
            radius_m: None,
            position: _,
        } => out.extend_from_slice(br#"{"precision":"exact"}"#),
        _ => write_any_match(placed, out),
    }
}

fn write_any_match(placed: &Placed, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    object.text("precision", placed.precision.label());
    object.number_if("score", placed.score);
    object.text_if("text", placed.matched.as_deref());
    object.number_if("radius_m", placed.radius_m);
    object.end();
}

/// A cell as 15 hex digits.
pub(super) fn write_cell(cell: h3o::CellIndex, out: &mut Vec<u8>) {
    let index = u64::from(cell);
    let [high, low] = [index >> 32, index & 0xffff_ffff].map(digits::hexadecimal);
    let mut quoted = [b'"'; 17];
    // The sixteenth digit, the highest, is 0 in every cell, and its place the quote's.
    quoted[..8].copy_from_slice(&high);
    quoted[8..16].copy_from_slice(&low);
    quoted[0] = b'"';
    out.extend_from_slice(&quoted);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::position::Position;

    #[test]
    fn coordinates_are_a_match_as_any_other() {
        let placed = Placed {
            position: Position::new(51.5, -0.1).unwrap(),
            precision: Precision::Exact,
            matched: None,
            score: None,
            radius_m: None,
        };
        let (mut short, mut long) = (Vec::new(), Vec::new());
        write_match(&placed, &mut short);
        write_any_match(&placed, &mut long);
        assert_eq!(short, long);
    }

    #[test]
    fn a_cell_is_fifteen_digits() {
        for cell in [
            h3o::CellIndex::base_cells().next().unwrap(),
            Position::new(51.5, -0.1).unwrap().cell(Resolution::Twelve),
        ] {
            let mut out = Vec::new();
            write_cell(cell, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), format!("\"{cell}\""));
        }
    }
}

//! Located and unplaced out.

use h3o::Resolution;

use crate::domain::located::{Located, Placed, Precision, Unplaced};
use crate::io::wire::answer::write_alternatives;
use crate::io::wire::json::{Object, put};
use crate::io::wire::text::{self, Text};
use crate::io::wire::{digits, report};

/// Appends one line of `located`.
#[inline(always)]
pub fn encode(located: &Located, out: &mut Vec<u8>) {
    if !text::fits(out, |room| write(located, room)) {
        write(located, out);
    }
}

fn write(located: &Located, out: &mut impl Text) {
    let mut object = Object::open(out);
    object.text("subject", &located.report.subject.id);
    object.time("at", located.at);
    if let Some(reported_at) = located.reported_at {
        object.time("reported_at", reported_at);
    }
    object.position(located.placed.position);
    report::write_fields(&located.report, &mut object);
    let cell = located.placed.position.cell_index(Resolution::Twelve);
    write_cell(cell, object.name("h3"));
    if is_exact(&located.placed) && located.fences.is_empty() && !located.late {
        object.fields(br#","match":{"precision":"exact"},"fences":[],"late":false"#);
    } else {
        write_match(&located.placed, object.name("match"));
        object.texts("fences", &located.fences);
        object.bool("late", located.late);
    }
    object.end();
    put(b"\n", out);
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

/// Whether it was coordinates, as nearly all are.
fn is_exact(placed: &Placed) -> bool {
    matches!(
        placed,
        Placed {
            precision: Precision::Exact,
            score: None,
            matched: None,
            radius_m: None,
            position: _,
        }
    )
}

fn write_match(placed: &Placed, out: &mut impl Text) {
    let mut object = Object::open(out);
    object.text("precision", placed.precision.label());
    object.number_if("score", placed.score);
    object.text_if("text", placed.matched.as_deref());
    object.number_if("radius_m", placed.radius_m);
    object.end();
}

/// A cell, of which this is the number, as 15 hex digits.
pub(super) fn write_cell(index: u64, out: &mut impl Text) {
    let [high, low] = [index >> 32, index & 0xffff_ffff].map(digits::hexadecimal);
    out.put(|room: &mut [u8; 17]| {
        // The sixteenth digit, the highest, is 0 in every cell, and its place the quote's.
        room[..8].copy_from_slice(&high);
        room[8..16].copy_from_slice(&low);
        (room[0], room[16]) = (b'"', b'"');
        17
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::position::Position;

    #[test]
    fn a_cell_is_fifteen_digits() {
        for cell in [
            h3o::CellIndex::base_cells().next().unwrap(),
            Position::new(51.5, -0.1).unwrap().cell(Resolution::Twelve),
        ] {
            let mut out = Vec::new();
            write_cell(cell.into(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), format!("\"{cell}\""));
        }
    }
}

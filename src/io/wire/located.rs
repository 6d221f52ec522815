//! Located and unplaced out.

use h3o::Resolution;

use crate::domain::located::{Located, Placed, Unplaced};
use crate::io::wire::answer::write_alternatives;
use crate::io::wire::json::{Object, write_text};
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
    let fences = object.name("fences");
    fences.push(b'[');
    for (index, fence) in located.fences.iter().enumerate() {
        if index > 0 {
            fences.push(b',');
        }
        write_text(fence.as_str(), fences);
    }
    fences.push(b']');
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
    let mut object = Object::open(out);
    object.text("precision", placed.precision.label());
    object.number_if("score", placed.score);
    object.text_if("text", placed.matched.as_deref());
    object.number_if("radius_m", placed.radius_m);
    object.end();
}

/// A cell as 15 hex digits.
pub(super) fn write_cell(cell: h3o::CellIndex, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let index = u64::from(cell);
    // The sixteenth digit, the highest, is 0 in every cell.
    let digit = |place: usize| HEX[usize::try_from(index >> (4 * (14 - place)) & 15).unwrap_or(0)];
    let digits: [u8; 15] = std::array::from_fn(digit);
    out.push(b'"');
    out.extend_from_slice(&digits);
    out.push(b'"');
}

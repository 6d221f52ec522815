//! Cell windows out.

use std::time::Duration;

use crate::domain::window::CellCount;
use crate::io::wire::json::{Object, write_text};
use crate::io::wire::located::write_cell;

/// Appends one line of `cells`. `harm` is null: this version knows no weights.
pub fn encode(count: &CellCount, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    write_text(&iso_8601(count.width), object.name("window"));
    if let Some(slide) = count.slide {
        write_text(&iso_8601(slide), object.name("slide"));
    }
    object.time("start", count.start);
    object.time("end", count.end);
    object.integer("resolution", i64::from(u8::from(count.cell.resolution())));
    write_cell(count.cell.into(), object.name("cell"));
    object.text("kind", count.kind.label());
    object.text("category", &count.category);
    object.integer("count", i64::from(count.count));
    object.null("harm");
    object.bool("final", count.is_final);
    object.end();
    out.push(b'\n');
}

/// A span as an ISO 8601 duration in hours, minutes and seconds: `PT1H`, `PT15M`, `PT1H30M`.
#[must_use]
pub fn iso_8601(span: Duration) -> String {
    let seconds = span.as_secs();
    let ms = span.subsec_millis();
    let part = |amount: u64, unit| {
        let text = format!("{amount}{unit}");
        if amount > 0 { text } else { String::new() }
    };
    let fraction = format!(".{ms:03}");
    let fraction = fraction.trim_end_matches(['0', '.']);
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let of_minute = if rest > 0 || ms > 0 || seconds == 0 {
        format!("{rest}{fraction}S")
    } else {
        String::new()
    };
    format!("PT{}{}{of_minute}", part(hours, 'H'), part(minutes, 'M'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_written_in_hours_minutes_and_seconds() {
        for (ms, text) in [
            (3_600_000, "PT1H"),
            (900_000, "PT15M"),
            (5_400_000, "PT1H30M"),
            (86_400_000, "PT24H"),
            (61_250, "PT1M1.25S"),
            (0, "PT0S"),
        ] {
            assert_eq!(iso_8601(Duration::from_millis(ms)), text);
        }
    }
}

//! Durations as people write them: a whole number and a unit.

use std::time::Duration;

/// Units by their milliseconds, the longest first.
const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// Reads `250ms`, `10s`, `5m`, `1h` or `7d`; `None` for anything else.
#[must_use]
pub fn parse(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(digits)?;
    let (_, unit_ms) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
    let ms = number.parse::<u64>().ok()?.checked_mul(unit_ms)?;
    Some(Duration::from_millis(ms))
}

/// Writes a duration as [`parse`] reads it, in the longest unit that leaves nothing over; what is
/// shorter than a millisecond is cut off.
#[must_use]
pub fn show(duration: Duration) -> String {
    let ms = duration.as_millis();
    let (unit, unit_ms) = UNITS
        .into_iter()
        .find(|(_, unit_ms)| ms > 0 && ms.is_multiple_of(u128::from(*unit_ms)))
        .unwrap_or(("s", 1_000));
    format!("{}{unit}", ms / u128::from(unit_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_read_and_written() {
        for (text, ms) in [
            ("250ms", 250),
            ("10s", 10_000),
            ("5m", 300_000),
            ("1h", 3_600_000),
            ("7d", 604_800_000),
            ("0s", 0),
        ] {
            let duration = Duration::from_millis(ms);
            assert_eq!(parse(text), Some(duration), "{text}");
            assert_eq!(show(duration), text);
        }
    }

    #[test]
    fn anything_else_is_no_duration() {
        for text in [
            "",
            "10",
            "s",
            "1.5h",
            "-1s",
            "1 h",
            "1h30m",
            "9w",
            "99999999999999999d",
            "1é",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}

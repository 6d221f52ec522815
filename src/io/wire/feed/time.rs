//! How a feed writes a time.

use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::tz::TimeZone;

use crate::domain::time::Timestamp;
use crate::io::wire::time::parse_rfc3339;

/// How a time is written, and in which zone where it does not say.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeFormat {
    layout: Layout,
    zone: Option<TimeZone>,
}

#[derive(Clone, Debug, PartialEq)]
enum Layout {
    Rfc3339,
    UnixSeconds,
    UnixMillis,
    Pattern(String),
}

/// A format or zone that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTimeFormat {
    /// Not an IANA name.
    #[error("zone \"{0}\" is not known: use an IANA name such as \"Europe/London\"")]
    UnknownZone(String),
    /// Neither a known word nor a strftime pattern.
    #[error(
        "format \"{pattern}\" cannot be used ({reason}): use rfc3339, unix_s, unix_ms or a strftime pattern such as \"%Y-%m-%d %H:%M:%S\""
    )]
    InvalidPattern {
        /// As given.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing says which moment a local time is.
    #[error("format \"{0}\" holds no offset: add %z to it, or zone = \"Europe/London\" beside it")]
    NoZone(String),
}

impl TimeFormat {
    /// The format `format` (`rfc3339`, `unix_s`, `unix_ms` or a strftime pattern) with local times in
    /// the IANA zone `zone`.
    ///
    /// # Errors
    /// When the zone is not known, the pattern cannot be read back, or neither holds an offset.
    pub fn new(format: &str, zone: Option<&str>) -> Result<Self, InvalidTimeFormat> {
        let zone = zone
            .map(|name| {
                TimeZone::get(name).map_err(|_| InvalidTimeFormat::UnknownZone(name.to_owned()))
            })
            .transpose()?;
        let layout = match format {
            "rfc3339" => Layout::Rfc3339,
            "unix_s" => Layout::UnixSeconds,
            "unix_ms" => Layout::UnixMillis,
            pattern => {
                let written =
                    read_back(pattern).map_err(|reason| InvalidTimeFormat::InvalidPattern {
                        pattern: pattern.to_owned(),
                        reason,
                    })?;
                if zone.is_none() && !holds_offset(&written) {
                    return Err(InvalidTimeFormat::NoZone(pattern.to_owned()));
                }
                Layout::Pattern(pattern.to_owned())
            }
        };
        Ok(Self { layout, zone })
    }
}

/// What the pattern leaves of a moment that it wrote itself.
fn read_back(pattern: &str) -> Result<BrokenDownTime, String> {
    let moment = jiff::Timestamp::UNIX_EPOCH.to_zoned_datetime(TimeZone::UTC);
    let text = strtime::format(pattern, &moment).map_err(|error| error.to_string())?;
    let written = strtime::parse(pattern, text).map_err(|error| error.to_string())?;
    if written.timestamp().is_none() {
        written.to_datetime().map_err(|error| error.to_string())?;
    }
    Ok(written)
}

fn holds_offset(written: &BrokenDownTime) -> bool {
    written.offset().is_some() || written.timestamp().is_some()
}

impl TimeFormat {
    /// The moment that `text` names; `None` where it is not written in this format.
    pub(super) fn read(&self, text: &str) -> Option<Timestamp> {
        match &self.layout {
            Layout::Rfc3339 => parse_rfc3339(text).or_else(|| self.read_local(text)),
            Layout::UnixSeconds => read_unix(text, 1000),
            Layout::UnixMillis => read_unix(text, 1),
            Layout::Pattern(pattern) => {
                let written = strtime::parse(pattern, text).ok()?;
                let moment = if holds_offset(&written) {
                    written.to_timestamp().ok()?
                } else {
                    self.zone
                        .as_ref()?
                        .to_timestamp(written.to_datetime().ok()?)
                        .ok()?
                };
                Timestamp::from_millis(moment.as_millisecond())
            }
        }
    }

    /// What is expected, for a message.
    pub(super) fn expected(&self) -> String {
        match &self.layout {
            Layout::Rfc3339 if self.zone.is_some() => "RFC 3339 or a local time".to_owned(),
            Layout::Rfc3339 => "RFC 3339 with an offset".to_owned(),
            Layout::UnixSeconds => "seconds since 1970".to_owned(),
            Layout::UnixMillis => "milliseconds since 1970".to_owned(),
            Layout::Pattern(pattern) => format!("a time written as \"{pattern}\""),
        }
    }

    fn read_local(&self, text: &str) -> Option<Timestamp> {
        let zone = self.zone.as_ref()?;
        // jiff would read over an offset that is not RFC 3339, and so take it for local time.
        let of_day = text.get(10..)?;
        if of_day.contains(['+', '-', 'Z', 'z', '[']) {
            return None;
        }
        let local: jiff::civil::DateTime = text.parse().ok()?;
        Timestamp::from_millis(zone.to_timestamp(local).ok()?.as_millisecond())
    }
}

/// A whole or decimal number of units of `unit_ms` milliseconds.
fn read_unix(text: &str, unit_ms: i32) -> Option<Timestamp> {
    if let Ok(whole) = text.parse::<i64>() {
        return Timestamp::from_millis(whole.checked_mul(i64::from(unit_ms))?);
    }
    let ms = (text.parse::<f64>().ok()? * f64::from(unit_ms)).round();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "beyond an i64 the cast gives its end, which is no time"
    )]
    let ms = ms.is_finite().then_some(ms as i64)?;
    Timestamp::from_millis(ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: &str, zone: Option<&str>, text: &str) -> Option<String> {
        let at = TimeFormat::new(format, zone).unwrap().read(text)?;
        let mut out = Vec::new();
        crate::io::wire::time::write_rfc3339(at, &mut out);
        Some(String::from_utf8(out).unwrap())
    }

    #[test]
    fn local_times_are_read_across_clock_changes() {
        let london = |text| read("%d/%m/%Y %H:%M", Some("Europe/London"), text);
        for (local, utc) in [
            ("15/01/2024 12:00", "2024-01-15T12:00:00.000Z"),
            ("15/07/2024 12:00", "2024-07-15T11:00:00.000Z"),
            // Clocks go back at 02:00 on 27 October: 01:30 is twice, the earlier is meant.
            ("27/10/2024 01:30", "2024-10-27T00:30:00.000Z"),
            // Clocks go forward at 01:00 on 31 March: 01:30 is skipped, and becomes 02:30.
            ("31/03/2024 01:30", "2024-03-31T01:30:00.000Z"),
        ] {
            assert_eq!(london(local).as_deref(), Some(utc), "{local}");
        }
        assert_eq!(london("2024-01-15"), None);
    }

    #[test]
    fn an_offset_in_the_text_wins_over_the_zone() {
        let read = |text| read("rfc3339", Some("Europe/London"), text);
        let noon = Some("2024-07-15T12:00:00.000Z".to_owned());
        assert_eq!(read("2024-07-15T14:00:00+02:00"), noon);
        assert_eq!(read("2024-07-15 13:00"), noon);
        assert_eq!(read("2024-07-15T13:00:00+02"), None);
    }

    #[test]
    fn seconds_and_milliseconds_may_have_decimals() {
        let expected = Some("1970-01-01T00:00:01.500Z".to_owned());
        assert_eq!(read("unix_s", None, "1.5"), expected);
        assert_eq!(read("unix_ms", None, "1500"), expected);
        assert_eq!(read("%s", None, "1").unwrap(), "1970-01-01T00:00:01.000Z");
        for text in ["", "x", "NaN", "1e300", "9223372036854775807"] {
            assert_eq!(read("unix_s", None, text), None, "{text}");
        }
    }

    #[test]
    fn a_format_that_names_no_moment_is_refused() {
        let message = |format, zone| TimeFormat::new(format, zone).unwrap_err().to_string();
        assert!(message("%H:%M", Some("UTC")).starts_with("format \"%H:%M\" cannot be used"));
        assert!(message("%Q!", None).starts_with("format \"%Q!\" cannot be used"));
        assert!(message("iso", None).starts_with("format \"iso\" cannot be used"));
        assert!(message("%Y-%m-%d %H:%M", None).contains("holds no offset"));
        assert!(message("rfc3339", Some("Mars")).starts_with("zone \"Mars\" is not known"));
    }
}

//! How a feed writes a time.

use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::tz::TimeZone;

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

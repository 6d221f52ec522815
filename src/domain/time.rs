//! Event time: milliseconds since 1970, UTC.

use std::ops::{Add, Sub};
use std::time::Duration;

/// A moment in event time, to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Before all data: where a clock that has seen nothing stands.
    pub const MIN: Self = Self(i64::MIN);
    /// After all data.
    pub const MAX: Self = Self(i64::MAX);
    /// The first and last moments that can be written as RFC 3339: the years 0000 to 9999.
    const WRITABLE: std::ops::RangeInclusive<i64> = -62_167_219_200_000..=253_402_300_799_999;

    /// The moment `ms` milliseconds after 1970-01-01T00:00:00Z; `None` outside the years 0 to 9999.
    #[must_use]
    pub fn from_millis(ms: i64) -> Option<Self> {
        Self::WRITABLE.contains(&ms).then_some(Self(ms))
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn millis(self) -> i64 {
        self.0
    }

    /// Time from `earlier` to this moment; zero when `earlier` is the later of the two.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let ms = self.0.saturating_sub(earlier.0);
        Duration::from_millis(u64::try_from(ms).unwrap_or(0))
    }

    /// The start of the pane of width `width` that holds this moment; panes are counted from 1970,
    /// so hours and minutes start on the UTC hour and minute.
    #[must_use]
    pub fn floor(self, width: Duration) -> Self {
        let width = millis_of(width).max(1);
        Self(self.0 - self.0.rem_euclid(width))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(millis_of(span)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(millis_of(span)))
    }
}

fn millis_of(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_start_on_the_hour_also_before_1970() {
        let hour = Duration::from_hours(1);
        let at = |ms| Timestamp::from_millis(ms).unwrap();
        assert_eq!(at(3_600_000).floor(hour), at(3_600_000));
        assert_eq!(at(3_599_999).floor(hour), at(0));
        assert_eq!(at(-1).floor(hour), at(-3_600_000));
    }

    #[test]
    fn the_clock_that_has_seen_nothing_can_be_moved() {
        assert_eq!(Timestamp::MIN - Duration::from_secs(1), Timestamp::MIN);
        assert_eq!(Timestamp::MAX + Duration::from_secs(1), Timestamp::MAX);
    }
}

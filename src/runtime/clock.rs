//! The only place of the live half that reads the wall clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::domain::time::Timestamp;

/// Now.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the place")]
pub fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO);
    i64::try_from(since.as_millis())
        .ok()
        .and_then(Timestamp::from_millis)
        .unwrap_or_default()
}

/// Tells when a span has passed, again and again.
#[derive(Debug)]
pub struct Every {
    span: Duration,
    last: Instant,
}

impl Every {
    /// Once every `span`.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the place")]
    pub fn new(span: Duration) -> Self {
        Self {
            span,
            last: Instant::now(),
        }
    }

    /// Whether the span has passed since it last had.
    pub fn is_due(&mut self) -> bool {
        let due = self.last.elapsed() >= self.span;
        if due {
            self.last += self.last.elapsed();
        }
        due
    }
}

/// The event time of an input that may fall quiet: it goes on at the pace of the wall clock, as far
/// behind it as the newest record was. So a unit that falls silent expires also when nobody else
/// reports, and a feed that lags by an hour expires nobody.
#[derive(Clone, Copy, Debug)]
pub struct InputClock {
    newest: Timestamp,
    received: Timestamp,
}

impl Default for InputClock {
    fn default() -> Self {
        Self {
            newest: Timestamp::MIN,
            received: Timestamp::MIN,
        }
    }
}

impl InputClock {
    /// A record of event time `at` came at `received`.
    pub fn see(&mut self, at: Timestamp, received: Timestamp) {
        if at >= self.newest {
            (self.newest, self.received) = (at, received);
        }
    }

    /// The newest event time.
    #[must_use]
    pub fn newest(&self) -> Timestamp {
        self.newest
    }

    /// The event time at the moment `now` of a quiet input; `None` before the first record.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Option<Timestamp> {
        (self.newest > Timestamp::MIN).then(|| self.newest + now.since(self.received))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quiet_input_goes_on_as_far_behind_as_it_was() {
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000).unwrap();
        let mut clock = InputClock::default();
        assert_eq!(clock.at(at(5)), None);
        clock.see(at(100), at(103));
        clock.see(at(90), at(104));
        assert_eq!(clock.newest(), at(100));
        assert_eq!(clock.at(at(113)), Some(at(110)));
    }
}

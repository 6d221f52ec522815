//! What real feeds do wrong.

use std::time::Duration;

use crate::domain::reject::Reason;
use crate::domain::report::{Body, Location, Report};
use crate::domain::time::Timestamp;
use crate::io::wire;
use crate::simulate::random::Random;

/// 2099-01-01T00:00:00Z.
const FAR_FUTURE_MS: i64 = 4_070_908_800_000;

/// A fault, told by what becomes of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A report overtaken by its successor, still in time.
    Late,
    /// A record that is refused.
    Refused(Reason),
}

/// All of them; a feed has each in turn.
const FAULTS: [Fault; 10] = [
    Fault::Late,
    Fault::Refused(Reason::Duplicate),
    Fault::Refused(Reason::Malformed),
    Fault::Late,
    Fault::Refused(Reason::OutOfRange),
    Fault::Refused(Reason::NullIsland),
    Fault::Late,
    Fault::Refused(Reason::Duplicate),
    Fault::Refused(Reason::MissingField),
    Fault::Refused(Reason::TooLate),
];
/// Good records between two faults, on average.
const EVERY: f64 = 150.0;

/// When the next fault is, and which.
#[derive(Debug)]
pub(super) struct Faults {
    random: Random,
    left: f64,
    next: usize,
}

impl Faults {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed ^ 0xFA17),
            left: 10.0,
            next: 0,
        }
    }

    /// The fault that follows a good report, and the line that shows it.
    pub(super) fn after(&mut self, good: &Report) -> Option<(Fault, Report, Vec<u8>)> {
        self.left -= 1.0;
        if self.left > 0.0 {
            return None;
        }
        self.left = EVERY * self.random.between(0.5, 1.5);
        // A clock in the far future is rare; every eleventh fault is one.
        let fault = *FAULTS
            .get(self.next % (FAULTS.len() + 1))
            .unwrap_or(&Fault::Refused(Reason::Future));
        self.next += 1;
        let mut report = good.clone();
        let ago = match fault {
            Fault::Late => self.random.between(1.0, 25.0),
            Fault::Refused(Reason::TooLate) => self.random.between(60.0, 600.0),
            Fault::Refused(_) => 0.0,
        };
        if let Some(at) = &mut report.at {
            *at = *at - Duration::from_secs_f64(ago);
        }
        spoil(&mut report, fault);
        let mut line = Vec::new();
        wire::report::encode(&report, &mut line);
        if fault == Fault::Refused(Reason::Malformed) {
            line.truncate(line.len() / 2);
        }
        Some((fault, report, line))
    }
}

fn spoil(report: &mut Report, fault: Fault) {
    let degrees = |lat, lng| Some(Location::Degrees { lat, lng });
    match fault {
        Fault::Refused(Reason::OutOfRange) => report.location = degrees(91.0, -0.1276),
        Fault::Refused(Reason::NullIsland) => report.location = degrees(0.0, 0.0),
        Fault::Refused(Reason::MissingField) => report.at = None,
        Fault::Refused(Reason::Future) => report.at = Timestamp::from_millis(FAR_FUTURE_MS),
        Fault::Late | Fault::Refused(_) => {}
    }
    if let (Fault::Late, Body::Resource(resource)) = (fault, &mut report.body) {
        // Another receiver's fix: no copy of what was already sent.
        resource.source = Some("backup".into());
    }
}

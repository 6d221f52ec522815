//! Alerts that come faster than people can read. A storm is told beside the alerts and takes none away.

use std::collections::VecDeque;
use std::time::Duration;

use crate::domain::alert::Severity;
use crate::domain::served::{Served, What};
use crate::domain::time::Timestamp;

/// Openings are counted over so long.
pub const STORM_WINDOW: Duration = Duration::from_secs(10);
/// So many openings in the window are a storm: five a second are more than a desk can read.
const BEGINS_AT: usize = 50;
/// So few end it.
const ENDS_BELOW: usize = 10;
/// Openings that are remembered; more than that need no exact number.
const MOST_REMEMBERED: usize = 100_000;

/// A storm as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Storm {
    /// False for the last word on it.
    pub is_on: bool,
    /// When it began, by arrival.
    pub since: Timestamp,
    /// Alerts that opened since.
    pub count: u64,
    /// How many of them are critical.
    pub critical: u64,
}

/// Watches for storms.
#[derive(Debug, Default)]
pub struct StormWatch {
    openings: VecDeque<(Timestamp, bool)>,
    storm: Option<Storm>,
    told: Option<Storm>,
}

impl StormWatch {
    /// A record of `alerts` came in at `received`.
    pub fn hear(&mut self, alert: &Served, received: Timestamp) {
        let What::Alert {
            sequence: 1,
            severity,
            ..
        } = alert.what
        else {
            return;
        };
        let is_critical = severity == Severity::Critical;
        if self.openings.len() >= MOST_REMEMBERED {
            self.openings.pop_front();
        }
        self.openings.push_back((received, is_critical));
        if let Some(storm) = &mut self.storm {
            storm.count += 1;
            storm.critical += u64::from(is_critical);
            return;
        }
        self.drop_old(received);
        if self.openings.len() >= BEGINS_AT {
            let critical = self.openings.iter().filter(|(_, is)| *is).count();
            let whole = |count| u64::try_from(count).unwrap_or(u64::MAX);
            self.storm = Some(Storm {
                is_on: true,
                since: self.openings.front().map_or(received, |(at, _)| *at),
                count: whole(self.openings.len()),
                critical: whole(critical),
            });
        }
    }

    /// What is to be told at `now`: a storm that began, grew or ended since the last time.
    pub fn tell(&mut self, now: Timestamp) -> Option<Storm> {
        self.drop_old(now);
        let storm = self.storm.as_mut()?;
        if self.openings.len() < ENDS_BELOW {
            storm.is_on = false;
        }
        let storm = *storm;
        if !storm.is_on {
            self.storm = None;
        }
        let is_news = self.told != Some(storm);
        self.told = Some(storm);
        is_news.then_some(storm)
    }

    /// The storm that is on.
    #[must_use]
    pub fn current(&self) -> Option<Storm> {
        self.storm
    }

    fn drop_old(&mut self, now: Timestamp) {
        while let Some((at, _)) = self.openings.front()
            && now.since(*at) > STORM_WINDOW
        {
            self.openings.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alert::AlertState;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(1_000_000 + ms).unwrap()
    }

    fn alert(severity: Severity, sequence: i64) -> Served {
        Served {
            id: "a".into(),
            at: None,
            position: None,
            fences: Vec::new(),
            what: What::Alert {
                severity,
                region: "default".into(),
                state: AlertState::Open,
                sequence,
            },
            data: "{}".into(),
        }
    }

    #[test]
    fn a_storm_is_counted_from_its_first_alert_to_its_end() {
        let mut watch = StormWatch::default();
        for number in 0..49 {
            watch.hear(&alert(Severity::High, 1), at(number * 100));
            watch.hear(&alert(Severity::High, 2), at(number * 100));
        }
        assert_eq!(watch.tell(at(4900)), None);
        watch.hear(&alert(Severity::Critical, 1), at(4900));
        let begun = Storm {
            is_on: true,
            since: at(0),
            count: 50,
            critical: 1,
        };
        assert_eq!(watch.tell(at(5000)), Some(begun));
        assert_eq!(watch.tell(at(5500)), None);
        watch.hear(&alert(Severity::Low, 1), at(6000));
        let over = Storm {
            is_on: false,
            count: 51,
            ..begun
        };
        assert_eq!(watch.tell(at(15_500)), Some(over));
        assert_eq!(watch.tell(at(16_000)), None);
    }

    #[test]
    fn steady_alerts_are_no_storm() {
        let mut watch = StormWatch::default();
        for number in 0..1000 {
            watch.hear(&alert(Severity::High, 1), at(number * 300));
            assert_eq!(watch.tell(at(number * 300)), None);
        }
    }
}

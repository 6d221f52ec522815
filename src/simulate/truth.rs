//! What really happened, from the records as they are written.

use std::collections::BTreeMap;

use crate::domain::reject::Reason;
use crate::domain::time::Timestamp;
use crate::io::wire;
use crate::io::wire::truth::Truth as Line;
use crate::simulate::ground::{Spot, Zone};

/// Writes the truth down, report by report.
#[derive(Debug)]
pub(super) struct Truth {
    zones: Vec<Zone>,
    subjects: BTreeMap<String, Seen>,
    /// Lines not taken out yet.
    pub(super) lines: Vec<u8>,
    /// Lines so far.
    pub(super) count: u64,
}

#[derive(Debug)]
struct Seen {
    newest: Timestamp,
    /// Ids of the zones it is in.
    inside: Vec<&'static str>,
}

impl Truth {
    pub(super) fn new(zones: &[Zone]) -> Self {
        Self {
            zones: zones.to_vec(),
            subjects: BTreeMap::new(),
            lines: Vec::new(),
            count: 0,
        }
    }

    /// `subject` says at `at` that it is at `spot`, or nothing of that.
    pub(super) fn report(&mut self, subject: &str, at: Timestamp, spot: Option<Spot>) {
        let seen = match self.subjects.get_mut(subject) {
            Some(seen) => seen,
            None => self.subjects.entry(subject.to_owned()).or_insert(Seen {
                newest: at,
                inside: Vec::new(),
            }),
        };
        if at < seen.newest {
            if spot.is_some() {
                self.expect(&Line::Late { at, subject });
            }
            return;
        }
        seen.newest = at;
        let Some(spot) = spot else { return };
        let holding = |zone: &&Zone| zone.shape.holds(spot);
        let now: Vec<_> = self
            .zones
            .iter()
            .filter(holding)
            .map(|zone| zone.id)
            .collect();
        let before = std::mem::replace(&mut seen.inside, now.clone());
        self.compare(subject, at, &before, &now);
    }

    /// `subject` is closed: it is in no fence any more.
    pub(super) fn close(&mut self, subject: &str, at: Timestamp) {
        if let Some(seen) = self.subjects.remove(subject) {
            self.compare(subject, at, &seen.inside, &[]);
        }
    }

    fn compare(&mut self, subject: &str, at: Timestamp, before: &[&str], now: &[&str]) {
        for fence in before.iter().filter(|fence| !now.contains(fence)) {
            self.expect(&Line::Exit { at, subject, fence });
        }
        for fence in now.iter().filter(|fence| !before.contains(fence)) {
            self.expect(&Line::Enter { at, subject, fence });
        }
    }

    pub(super) fn reject(&mut self, reason: Reason, file: &str, line: u64) {
        self.expect(&Line::Reject { reason, file, line });
    }

    pub(super) fn alert(&mut self, rule: &str, subject: &str, at: Timestamp) {
        self.expect(&Line::Alert { at, rule, subject });
    }

    fn expect(&mut self, line: &Line<'_>) {
        self.count += 1;
        wire::truth::encode(line, &mut self.lines);
    }
}

//! What really happened, from the records as they are written.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::domain::reject::Reason;
use crate::domain::time::Timestamp;
use crate::io::wire;
use crate::io::wire::truth::Truth as Line;
use crate::simulate::ground::{Spot, Zone};

/// Codes of those who could be sent to the next call.
const DEPLOYABLE: [&str; 3] = ["2", "3", "7"];
/// So long a sector may be left without them.
const EMPTY_FOR: Duration = Duration::from_mins(5);

/// Writes the truth down, report by report.
#[derive(Debug)]
pub(super) struct Truth {
    zones: Vec<Zone>,
    subjects: BTreeMap<String, Seen>,
    sectors: Vec<Sector>,
    /// Newest time of any report.
    newest: Option<Timestamp>,
    /// Lines not taken out yet.
    pub(super) lines: Vec<u8>,
    /// Lines so far.
    pub(super) count: u64,
}

#[derive(Debug)]
struct Seen {
    newest: Timestamp,
    inside: Vec<Zone>,
    deployable: bool,
}

/// What a report says that is not where.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Said<'a> {
    /// Of a resource only.
    pub(super) class: Option<&'a str>,
    pub(super) status: Option<&'a str>,
}

/// A sector, and who in it could be sent to the next call.
#[derive(Debug)]
struct Sector {
    id: &'static str,
    deployable: BTreeSet<String>,
    /// Since when nobody could, unless that was told.
    empty_since: Option<Timestamp>,
}

impl Truth {
    pub(super) fn new(zones: &[Zone]) -> Self {
        Self {
            zones: zones.to_vec(),
            subjects: BTreeMap::new(),
            sectors: zones
                .iter()
                .filter(|zone| zone.class == "sector")
                .map(|zone| Sector {
                    id: zone.id,
                    deployable: BTreeSet::new(),
                    empty_since: None,
                })
                .collect(),
            newest: None,
            lines: Vec::new(),
            count: 0,
        }
    }

    /// `subject` says at `at` that it is at `spot`, or nothing of that.
    pub(super) fn report(
        &mut self,
        subject: &str,
        at: Timestamp,
        spot: Option<Spot>,
        said: Said<'_>,
    ) {
        self.pass(at);
        let seen = match self.subjects.get_mut(subject) {
            Some(seen) => seen,
            None => self.subjects.entry(subject.to_owned()).or_insert(Seen {
                newest: at,
                inside: Vec::new(),
                deployable: false,
            }),
        };
        if at < seen.newest {
            if spot.is_some() {
                self.expect(&Line::Late { at, subject });
            }
            return;
        }
        seen.newest = at;
        if let Some(status) = said.status {
            seen.deployable = DEPLOYABLE.contains(&status);
        }
        if let Some(spot) = spot {
            let zones = self.zones.iter().copied();
            let now = zones.filter(|zone| zone.shape.holds(spot)).collect();
            let before = std::mem::replace(&mut seen.inside, now);
            let (now, deployable) = (seen.inside.clone(), seen.deployable);
            self.compare(subject, at, said.class, &before, &now);
            self.count(subject, at, &now, deployable);
        } else {
            let (now, deployable) = (seen.inside.clone(), seen.deployable);
            self.count(subject, at, &now, deployable);
        }
    }

    /// `subject` is closed: it is in no fence any more.
    pub(super) fn close(&mut self, subject: &str, at: Timestamp) {
        self.pass(at);
        if let Some(seen) = self.subjects.remove(subject) {
            self.compare(subject, at, None, &seen.inside, &[]);
        }
    }

    /// The world ended: what was due by its last report happens.
    pub(super) fn end(&mut self) {
        if let Some(newest) = self.newest {
            self.ring_for_sectors(|due| due <= newest);
        }
    }

    /// Time has come to `at`. What is due at that very moment may still be mended.
    fn pass(&mut self, at: Timestamp) {
        if self.newest.is_none() {
            for sector in &mut self.sectors {
                sector.empty_since = Some(at);
            }
        }
        let newest = self.newest.map_or(at, |newest| newest.max(at));
        self.newest = Some(newest);
        self.ring_for_sectors(|due| due < newest);
    }

    fn ring_for_sectors(&mut self, is_due: impl Fn(Timestamp) -> bool) {
        let mut due = Vec::new();
        for sector in &mut self.sectors {
            let at = sector.empty_since.map(|since| since + EMPTY_FOR);
            if let Some(at) = at.filter(|at| is_due(*at)) {
                sector.empty_since = None;
                due.push((at, sector.id));
            }
        }
        for (at, fence) in due {
            self.expect(&Line::Alert {
                at,
                rule: "sector-empty",
                subject: None,
                fence: Some(fence),
            });
        }
    }

    /// Counts `subject` where it is, if it could be sent.
    fn count(&mut self, subject: &str, at: Timestamp, inside: &[Zone], deployable: bool) {
        for sector in &mut self.sectors {
            let is_there = deployable && inside.iter().any(|zone| zone.id == sector.id);
            let was_empty = sector.deployable.is_empty();
            if is_there {
                sector.deployable.insert(subject.to_owned());
                sector.empty_since = None;
            } else {
                sector.deployable.remove(subject);
                if !was_empty && sector.deployable.is_empty() {
                    sector.empty_since = Some(at);
                }
            }
        }
    }

    fn compare(
        &mut self,
        subject: &str,
        at: Timestamp,
        class: Option<&str>,
        before: &[Zone],
        now: &[Zone],
    ) {
        let is_in = |zones: &[Zone], zone: &Zone| zones.iter().any(|other| other.id == zone.id);
        for zone in before.iter().filter(|zone| !is_in(now, zone)) {
            let fence = zone.id;
            self.expect(&Line::Exit { at, subject, fence });
            if zone.class == "cordon" && class.is_some() {
                self.alert_in("cordon-left", subject, fence, at);
            }
        }
        for zone in now.iter().filter(|zone| !is_in(before, zone)) {
            let fence = zone.id;
            self.expect(&Line::Enter { at, subject, fence });
            if zone.class == "sterile" && class.is_some_and(|class| class != "firearms") {
                self.alert_in("sterile-zone-breach", subject, fence, at);
            }
        }
    }

    pub(super) fn reject(&mut self, reason: Reason, file: &str, line: u64) {
        self.expect(&Line::Reject { reason, file, line });
    }

    pub(super) fn alert(&mut self, rule: &str, subject: &str, at: Timestamp) {
        self.expect(&Line::Alert {
            at,
            rule,
            subject: Some(subject),
            fence: None,
        });
    }

    fn alert_in(&mut self, rule: &str, subject: &str, fence: &str, at: Timestamp) {
        self.expect(&Line::Alert {
            at,
            rule,
            subject: Some(subject),
            fence: Some(fence),
        });
    }

    fn expect(&mut self, line: &Line<'_>) {
        self.count += 1;
        wire::truth::encode(line, &mut self.lines);
    }
}

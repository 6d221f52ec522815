//! Tumbling windows: one after the other, each counted once and then final.
//!
//! Sightings come in event-time order; what comes later than that is for the caller to refuse. A
//! resource counts in every cell where it was present, from its report until the next in another cell
//! or until it leaves; an incident counts once, in the window of its first placed report, at its latest
//! place when that window closes.

use std::collections::{BTreeMap, BTreeSet};

use h3o::CellIndex;

use crate::domain::ids::{Kind, Subject};
use crate::domain::report::Text;
use crate::domain::time::Timestamp;
use crate::domain::window::CellCount;
use crate::window::WindowSpec;

/// Where a subject is counted: the cell, and its class or category.
pub type Bucket = (CellIndex, Text);

/// One tumbling window over subjects of one kind.
#[derive(Debug)]
pub struct Tumbling {
    spec: WindowSpec,
    kind: Kind,
    /// Start of the open pane; `None` before the first sighting.
    start: Option<Timestamp>,
    /// Who was where in the open pane. For an incident only its latest place.
    pane: BTreeMap<Bucket, BTreeSet<Subject>>,
    /// Where everybody is now.
    present: BTreeMap<Subject, Bucket>,
    /// Whether those present at the start of the open pane are in it. They are put in once the pane's
    /// first moment has passed: who moves at that very moment was in the pane before only.
    seeded: bool,
    /// Incidents that an earlier pane has counted.
    counted: BTreeSet<Subject>,
}

impl Tumbling {
    /// A window that has seen nothing.
    #[must_use]
    pub fn new(spec: WindowSpec, kind: Kind) -> Self {
        Self {
            spec,
            kind,
            start: None,
            pane: BTreeMap::new(),
            present: BTreeMap::new(),
            seeded: true,
            counted: BTreeSet::new(),
        }
    }

    /// `subject` is in `bucket` from `at` on. Closes the panes that end by then.
    pub fn observe(&mut self, at: Timestamp, subject: &Subject, bucket: Bucket) -> Vec<CellCount> {
        let closed = self.advance(at);
        if at > *self.start.get_or_insert(at.floor(self.spec.width)) {
            self.seed();
        }
        let before = self.present.insert(subject.clone(), bucket.clone());
        match self.kind {
            Kind::Incident if self.counted.contains(subject) => {}
            Kind::Incident => {
                if let Some(before) = before {
                    self.take_out(&before, subject);
                }
                self.pane.entry(bucket).or_default().insert(subject.clone());
            }
            Kind::Resource => {
                self.pane.entry(bucket).or_default().insert(subject.clone());
            }
        }
        closed
    }

    /// `subject` is gone from `at` on. Closes the panes that end by then.
    pub fn leave(&mut self, at: Timestamp, subject: &Subject) -> Vec<CellCount> {
        let closed = self.advance(at);
        if self.start.is_some_and(|start| at > start) {
            self.seed();
        }
        self.present.remove(subject);
        self.counted.remove(subject);
        closed
    }

    /// Closes the panes that end at or before `to`.
    pub fn advance(&mut self, to: Timestamp) -> Vec<CellCount> {
        let mut closed = Vec::new();
        while let Some(start) = self.start.filter(|start| *start + self.spec.width <= to) {
            closed.extend(self.close());
            let next = start + self.spec.width;
            // With nobody there every pane up to `to` is empty: go on at the next sighting.
            let stays = self.kind == Kind::Resource && !self.present.is_empty();
            self.start = stays.then_some(next);
            self.seeded = !stays;
        }
        closed
    }

    /// Closes the open pane, whatever its end: the input has ended.
    pub fn finish(&mut self) -> Vec<CellCount> {
        let closed = self.close();
        self.start = None;
        closed
    }

    /// The rows of the open pane, which is then empty.
    fn close(&mut self) -> Vec<CellCount> {
        let Some(start) = self.start else {
            return Vec::new();
        };
        self.seed();
        let pane = std::mem::take(&mut self.pane);
        if self.kind == Kind::Incident {
            self.counted.extend(pane.values().flatten().cloned());
        }
        let rows = pane
            .into_iter()
            .map(|((cell, category), subjects)| CellCount {
                width: self.spec.width,
                slide: None,
                start,
                end: start + self.spec.width,
                cell,
                kind: self.kind,
                category,
                count: u32::try_from(subjects.len()).unwrap_or(u32::MAX),
                is_final: true,
            });
        rows.collect()
    }

    fn seed(&mut self) {
        if std::mem::replace(&mut self.seeded, true) {
            return;
        }
        for (subject, bucket) in &self.present {
            self.pane
                .entry(bucket.clone())
                .or_default()
                .insert(subject.clone());
        }
    }

    fn take_out(&mut self, bucket: &Bucket, subject: &Subject) {
        if let Some(subjects) = self.pane.get_mut(bucket) {
            subjects.remove(subject);
            if subjects.is_empty() {
                self.pane.remove(bucket);
            }
        }
    }
}

#[cfg(test)]
mod tests;

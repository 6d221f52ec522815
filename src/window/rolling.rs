//! Rolling windows: the last `width`, told again at every slide.
//!
//! Sightings come in event-time order. A subject counts in a bucket while any pane of the window saw it
//! there; so each (bucket, subject) needs only the last pane that did.

use std::collections::{BTreeMap, VecDeque};

use crate::domain::ids::{Kind, Subject};
use crate::domain::time::Timestamp;
use crate::domain::window::CellCount;
use crate::window::WindowSpec;
use crate::window::tumbling::Bucket;

/// One rolling window over subjects of one kind.
#[derive(Debug)]
pub struct Rolling {
    spec: WindowSpec,
    slide: std::time::Duration,
    kind: Kind,
    /// Start of the newest pane.
    pane: Option<Timestamp>,
    /// The last pane that saw a subject in a bucket.
    last: BTreeMap<(Bucket, Subject), Timestamp>,
    /// What each pane saw, the oldest first: what to look at when it falls out.
    seen: VecDeque<(Timestamp, Vec<(Bucket, Subject)>)>,
    counts: BTreeMap<Bucket, u32>,
    /// Where everybody is now.
    present: BTreeMap<Subject, Bucket>,
    /// Whether those present at the start of the newest pane are in it; see `Tumbling`.
    seeded: bool,
}

impl Rolling {
    /// A window that has seen nothing, sliding by `slide`.
    #[must_use]
    pub fn new(spec: WindowSpec, slide: std::time::Duration, kind: Kind) -> Self {
        Self {
            spec,
            slide,
            kind,
            pane: None,
            last: BTreeMap::new(),
            seen: VecDeque::new(),
            counts: BTreeMap::new(),
            present: BTreeMap::new(),
            seeded: true,
        }
    }

    /// `subject` is in `bucket` from `at` on. Gives the windows that end by then.
    pub fn observe(&mut self, at: Timestamp, subject: &Subject, bucket: Bucket) -> Vec<CellCount> {
        let ended = self.advance(at);
        let pane = *self.pane.get_or_insert(at.floor(self.slide));
        if at > pane {
            self.seed(pane);
        }
        let before = self.present.insert(subject.clone(), bucket.clone());
        match (self.kind, before) {
            // An incident counts once, from its first placed report on, at its latest place.
            (Kind::Incident, Some(before)) => self.move_count(&before, &bucket, subject),
            (Kind::Incident | Kind::Resource, _) => self.see(pane, bucket, subject),
        }
        ended
    }

    /// `subject` is gone from `at` on. Gives the windows that end by then.
    pub fn leave(&mut self, at: Timestamp, subject: &Subject) -> Vec<CellCount> {
        let ended = self.advance(at);
        if let Some(pane) = self.pane.filter(|pane| at > *pane) {
            self.seed(pane);
        }
        self.present.remove(subject);
        ended
    }

    /// The windows that end at or before `to`, the earliest first.
    pub fn advance(&mut self, to: Timestamp) -> Vec<CellCount> {
        let mut ended = Vec::new();
        while let Some(pane) = self.pane.filter(|pane| *pane + self.slide <= to) {
            let end = pane + self.slide;
            self.seed(pane);
            ended.extend(self.rows(end));
            self.drop_before(end + self.slide - self.spec.width);
            let stays = self.kind == Kind::Resource && !self.present.is_empty();
            // With nothing left to count, go on at the next sighting.
            self.pane = (stays || !self.counts.is_empty()).then_some(end);
            self.seeded = !stays;
        }
        ended
    }

    fn seed(&mut self, pane: Timestamp) {
        if std::mem::replace(&mut self.seeded, true) {
            return;
        }
        for (subject, bucket) in self.present.clone() {
            self.see(pane, bucket, &subject);
        }
    }

    fn see(&mut self, pane: Timestamp, bucket: Bucket, subject: &Subject) {
        let key = (bucket, subject.clone());
        let known = self.last.insert(key.clone(), pane);
        if known.is_none() {
            *self.counts.entry(key.0.clone()).or_default() += 1;
        }
        if known != Some(pane) {
            if self.seen.back().is_none_or(|(newest, _)| *newest != pane) {
                self.seen.push_back((pane, Vec::new()));
            }
            if let Some((_, keys)) = self.seen.back_mut() {
                keys.push(key);
            }
        }
    }

    /// Moves the count of an incident to where it is now, in the pane that it was counted in.
    fn move_count(&mut self, from: &Bucket, to: &Bucket, subject: &Subject) {
        let old = (from.clone(), subject.clone());
        let Some(pane) = self.last.remove(&old) else {
            return; // it was first reported before this window
        };
        self.uncount(from);
        let new = (to.clone(), subject.clone());
        self.last.insert(new.clone(), pane);
        *self.counts.entry(to.clone()).or_default() += 1;
        if let Some((_, keys)) = self.seen.iter_mut().find(|(seen, _)| *seen == pane) {
            keys.retain(|key| *key != old);
            keys.push(new);
        }
    }

    fn drop_before(&mut self, start: Timestamp) {
        while self.seen.front().is_some_and(|(pane, _)| *pane < start) {
            for key in self
                .seen
                .pop_front()
                .map_or_else(Vec::new, |(_, keys)| keys)
            {
                if self.last.get(&key).is_some_and(|last| *last < start) {
                    self.last.remove(&key);
                    self.uncount(&key.0);
                }
            }
        }
    }

    fn uncount(&mut self, bucket: &Bucket) {
        if let Some(count) = self.counts.get_mut(bucket) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(bucket);
            }
        }
    }

    fn rows(&self, end: Timestamp) -> Vec<CellCount> {
        let rows = self
            .counts
            .iter()
            .map(|((cell, category), count)| CellCount {
                width: self.spec.width,
                slide: Some(self.slide),
                start: end - self.spec.width,
                end,
                cell: *cell,
                kind: self.kind,
                category: category.clone(),
                count: *count,
                is_final: true,
            });
        rows.collect()
    }
}

#[cfg(test)]
mod tests;

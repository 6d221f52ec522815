//! The windows over the subjects of one kind, fed in event-time order.

use std::time::Duration;

use crate::domain::fact::{Change, Fact};
use crate::domain::ids::{Kind, Subject};
use crate::domain::time::Timestamp;
use crate::domain::window::CellCount;
use crate::window::in_order::InOrder;
use crate::window::rolling::Rolling;
use crate::window::tumbling::{Bucket, Tumbling};
use crate::window::{WindowSpec, counting_cell};

/// Windows that close together: over one kind, `lateness` behind the clock.
#[derive(Debug)]
pub struct CellWindows {
    kind: Kind,
    lateness: Duration,
    held: InOrder<Subject, Fact>,
    /// All facts up to here are counted; an older one comes too late for these windows.
    counted_to: Timestamp,
    late: u64,
    windows: Vec<(WindowSpec, Window)>,
}

#[derive(Debug)]
enum Window {
    Tumbling(Tumbling),
    Rolling(Rolling),
}

impl CellWindows {
    /// Windows that have seen nothing.
    #[must_use]
    pub fn new(
        kind: Kind,
        lateness: Duration,
        specs: impl IntoIterator<Item = WindowSpec>,
    ) -> Self {
        let window = |spec: WindowSpec| match spec.slide {
            Some(slide) => (spec, Window::Rolling(Rolling::new(spec, slide, kind))),
            None => (spec, Window::Tumbling(Tumbling::new(spec, kind))),
        };
        Self {
            kind,
            lateness,
            held: InOrder::default(),
            counted_to: Timestamp::MIN,
            late: 0,
            windows: specs.into_iter().map(window).collect(),
        }
    }

    /// Takes in a fact about where a subject is; others do not concern the windows.
    pub fn observe(&mut self, fact: &Fact) {
        let concerns = matches!(fact.change, Change::At(..) | Change::Gone(_));
        if !concerns || fact.subject.kind != self.kind || self.windows.is_empty() {
            return;
        }
        if fact.at < self.counted_to {
            self.late += 1;
            return;
        }
        self.held.push(fact.at, fact.subject.clone(), fact.clone());
    }

    /// Closes what ends by the watermark: `clock` less the lateness.
    pub fn advance(&mut self, clock: Timestamp) -> Vec<CellCount> {
        let watermark = clock - self.lateness;
        let mut closed = Vec::new();
        while let Some((at, fact)) = self.held.pop(watermark) {
            for (spec, window) in &mut self.windows {
                closed.extend(window.take_in(at, &fact, *spec));
            }
        }
        for (_, window) in &mut self.windows {
            closed.extend(window.advance(watermark));
        }
        self.counted_to = self.counted_to.max(watermark);
        closed
    }

    /// Closes everything: the input ended at `clock`.
    pub fn finish(&mut self, clock: Timestamp) -> Vec<CellCount> {
        self.lateness = Duration::ZERO;
        let mut closed = self.advance(clock);
        for (_, window) in &mut self.windows {
            if let Window::Tumbling(tumbling) = window {
                closed.extend(tumbling.finish());
            }
        }
        closed
    }

    /// How many facts came too late for these windows.
    #[must_use]
    pub fn late(&self) -> u64 {
        self.late
    }
}

impl Window {
    fn take_in(&mut self, at: Timestamp, fact: &Fact, spec: WindowSpec) -> Vec<CellCount> {
        let bucket: Option<Bucket> = match &fact.change {
            Change::At(position, profile) => Some((
                counting_cell(*position, spec.resolution),
                profile.class.clone(),
            )),
            Change::Gone(_)
            | Change::Entered(..)
            | Change::Left(_)
            | Change::Became(_)
            | Change::Moved(..) => None,
        };
        match (self, bucket) {
            (Self::Tumbling(window), Some(bucket)) => window.observe(at, &fact.subject, bucket),
            (Self::Tumbling(window), None) => window.leave(at, &fact.subject),
            (Self::Rolling(window), Some(bucket)) => window.observe(at, &fact.subject, bucket),
            (Self::Rolling(window), None) => window.leave(at, &fact.subject),
        }
    }

    fn advance(&mut self, to: Timestamp) -> Vec<CellCount> {
        match self {
            Self::Tumbling(window) => window.advance(to),
            Self::Rolling(window) => window.advance(to),
        }
    }
}

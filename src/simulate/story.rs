//! The story that the demo plays: ten minutes in a loop, told in named chapters.
//!
//! A quiet afternoon in which a post on a cordon is left within seconds; a march; somebody in the sterile
//! zone; an officer who calls for help; a sector left empty for more than five minutes; disorder; and a
//! feed that freezes.

use crate::domain::ids::Kind;
use crate::domain::report::Report;
use crate::domain::time::Timestamp;
use crate::io::wire;
use crate::simulate::ground::{FenceFeature, Zone};
use crate::simulate::script::{self, CHAPTERS, STORY_S};
use crate::simulate::world::World;
use crate::simulate::{MAX_RESOURCES, MIN_RESOURCES};

/// Resources of the demo unless it is told otherwise.
pub const DEFAULT_RESOURCES: usize = 2000;

/// Which feed a record belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// Reports of resources.
    Positions,
    /// Reports about incidents.
    Incidents,
}

/// A record of the story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Out {
    /// Its feed.
    pub topic: Topic,
    /// Its subject.
    pub key: String,
    /// The canonical JSON.
    pub value: Vec<u8>,
}

/// The story, as far as it has been told.
#[derive(Clone, Debug)]
pub struct Story {
    world: World,
    told: Option<u64>,
}

impl Story {
    /// The story of `seed` with so many resources, 20 to a million; a number beyond is the nearest.
    #[must_use]
    pub fn new(seed: u64, resources: usize) -> Self {
        let resources = resources.clamp(MIN_RESOURCES, MAX_RESOURCES);
        Self {
            world: World::new(seed, resources, script::story(resources)),
            told: None,
        }
    }

    /// The fences, the same all along.
    #[must_use]
    pub fn fences(&self) -> Vec<FenceFeature> {
        self.world.zones.iter().map(Zone::feature).collect()
    }

    /// What is reported in `second`, from 0 on without an end, at `at`. Of seconds that were skipped
    /// the positions are missing; a second that was told before, or is older, is silent.
    pub fn tick(&mut self, second: u64, at: Timestamp) -> Vec<Out> {
        let mut out = Vec::new();
        let next = self.told.map_or(0, |told| told + 1);
        for moment in next..=second {
            self.told = Some(moment);
            self.tell(moment, at, moment == second, &mut out);
        }
        out
    }

    /// The chapter that `second` is in.
    #[must_use]
    pub fn chapter(second: u64) -> &'static str {
        let time = second % STORY_S;
        let begun = CHAPTERS.iter().rev().find(|(begins, _)| *begins <= time);
        begun.map_or("", |(_, name)| name)
    }

    fn tell(&mut self, second: u64, at: Timestamp, positions: bool, out: &mut Vec<Out>) {
        let tick = self.world.tick(second, at);
        out.extend(tick.statuses.iter().map(Out::of));
        out.extend(tick.incidents.iter().map(|(report, _)| Out::of(report)));
        for number in 0..self.world.units.len() {
            let report = self.world.position(number, 1.0, at);
            if positions && !self.world.frozen {
                out.push(Out::of(&report));
            }
        }
    }
}

impl Out {
    fn of(report: &Report) -> Self {
        let mut value = Vec::new();
        wire::report::encode(report, &mut value);
        Self {
            topic: match report.subject.kind {
                Kind::Resource => Topic::Positions,
                Kind::Incident => Topic::Incidents,
            },
            key: report.subject.id.to_string(),
            value,
        }
    }
}

//! The demo's story, told into the topics like any feed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::io::kafka::outbox::Outbox;
use crate::io::kafka::settings::KafkaSettings;
use crate::io::kafka::topics;
use crate::runtime::Stop;
use crate::runtime::clock::now;
use crate::simulate::story::{Story, Topic};

/// How long into the second its records are spread, so that they do not come as one burst.
const SPREAD: Duration = Duration::from_millis(900);
/// Records between two pauses of the spread.
const PORTION: usize = 250;

/// Tells the story in real time.
#[derive(Clone, Debug)]
pub struct StoryTeller {
    /// How to reach Kafka.
    pub kafka: KafkaSettings,
    /// Where it is.
    pub brokers: String,
    /// Of the story.
    pub seed: u64,
    /// Of the story.
    pub resources: usize,
    /// Where the story is.
    pub second: SharedSecond,
}

/// The second that is being told, for whoever names the chapter.
#[derive(Clone, Debug, Default)]
pub struct SharedSecond(Arc<AtomicU64>);

impl SharedSecond {
    /// The chapter that is being told.
    #[must_use]
    pub fn chapter(&self) -> &'static str {
        Story::chapter(self.0.load(Ordering::Relaxed))
    }
}

impl StoryTeller {
    /// Tells until asked to stop.
    ///
    /// # Errors
    /// When a record can never be sent.
    pub fn run(self, stop: &Stop) -> anyhow::Result<()> {
        let outbox = Outbox::open(&self.kafka, &self.brokers)?;
        let mut story = Story::new(self.seed, self.resources);
        for fence in story.fences() {
            outbox.send(topics::FENCES, fence.id, Some(&fence.json))?;
        }
        let began = now();
        let mut second = 0;
        while !stop.is_asked() {
            self.second.0.store(second, Ordering::Relaxed);
            let told = story.tick(second, now());
            let portions = told.len().div_ceil(PORTION).max(1);
            let pause = SPREAD / u32::try_from(portions).unwrap_or(u32::MAX);
            for portion in told.chunks(PORTION) {
                for record in portion {
                    let topic = match record.topic {
                        Topic::Positions => topics::POSITIONS,
                        Topic::Incidents => topics::INCIDENTS,
                    };
                    outbox.send(topic, &record.key, Some(&record.value))?;
                }
                outbox.poll();
                std::thread::sleep(pause);
            }
            second += 1;
            let due = began + Duration::from_secs(second);
            std::thread::sleep(due.since(now()));
        }
        Ok(())
    }
}

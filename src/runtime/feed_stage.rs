//! Feeds that come over topics of their own: mapped, and told on as reports of ours.
//!
//! A report goes on keyed by its subject, whatever the feed's keys are, so that one shard has all of a
//! subject; and with the time at which the feed's record reached the broker.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context;

use crate::domain::ids::Kind;
use crate::domain::reject::{Reason, Reject};
use crate::domain::report::Arrival;
use crate::io::kafka::intake::{Event, Intake};
use crate::io::kafka::outbox::Outbox;
use crate::io::kafka::settings::KafkaSettings;
use crate::io::kafka::{Offset, Record, topics};
use crate::io::wire;
use crate::io::wire::feed::{Decoder, Feed, Row};
use crate::io::wire::report::Record as Entry;
use crate::runtime::Stop;
use crate::runtime::clock::{Every, now};
use crate::runtime::progress::Progress;
use crate::runtime::publish::Publisher;
use crate::telemetry::Telemetry;

/// Between two looks at what is delivered, after which offsets are stored.
const COMMIT: Duration = Duration::from_millis(100);
/// Records that are taken in at once, at most.
const READ_AHEAD: usize = 5_000;

/// What the stage is made with.
#[derive(Clone, Debug)]
pub struct FeedStage {
    /// How to reach Kafka.
    pub kafka: KafkaSettings,
    /// Where it is.
    pub brokers: String,
    /// Feeds, of which those that name a topic are read.
    pub feeds: Vec<Feed>,
    /// Where it counts.
    pub telemetry: Telemetry,
}

impl FeedStage {
    /// The topics that feeds are read from, in order.
    #[must_use]
    pub fn topics(feeds: &[Feed]) -> Vec<&str> {
        feeds
            .iter()
            .filter_map(|feed| feed.topic.as_deref())
            .collect()
    }

    /// Runs until asked to stop.
    ///
    /// # Errors
    /// When Kafka cannot be used, or a record can never be delivered.
    pub fn run(self, stop: &Stop) -> anyhow::Result<()> {
        let outbox = Outbox::open(&self.kafka, &self.brokers)?;
        let mut publisher = Publisher::new(outbox, self.telemetry.clone());
        let mut decoders = BTreeMap::new();
        for feed in &self.feeds {
            if let Some(topic) = &feed.topic {
                decoders.insert(topic.as_str(), (feed, feed.decoder(None)?));
            }
        }
        let topics = Self::topics(&self.feeds);
        let intake = Intake::follow(
            &self.kafka,
            &self.brokers,
            "feeds",
            &topics,
            now,
            &self.telemetry,
        )?;
        let mut progress = Progress::default();
        let mut commit = Every::new(COMMIT);
        while !stop.is_asked() {
            for event in intake.gather(READ_AHEAD)? {
                match event {
                    Event::Record(record) => {
                        self.telemetry.record_in(&record.at.partition.topic);
                        let of = decoders.get(record.at.partition.topic.as_str());
                        if let Some((feed, decoder)) = of {
                            tell(feed, decoder, &record, &mut publisher, &self.telemetry)?;
                        }
                        progress.reached(&record.at);
                    }
                    Event::Assigned(_) => {}
                    Event::Revoked(partition) => {
                        if let Some(number) = progress.forget(&partition) {
                            intake.told(Offset { partition, number });
                        }
                    }
                }
            }
            publisher.outbox().poll();
            if commit.is_due() {
                let delivered = progress.delivered(&mut publisher)?;
                intake.store(delivered).context("storing offsets")?;
            }
        }
        let delivered = progress.finish(&publisher)?;
        intake.store(delivered).context("storing offsets")?;
        intake.leave();
        Ok(())
    }
}

/// Tells on what `record` says.
fn tell(
    feed: &Feed,
    decoder: &Decoder<'_>,
    record: &Record,
    publisher: &mut Publisher,
    telemetry: &Telemetry,
) -> anyhow::Result<()> {
    let arrival = Arrival {
        received: record.received,
        delay: Duration::ZERO,
        lateness: feed.lateness,
    };
    let line = u64::try_from(record.at.number).unwrap_or(0) + 1;
    let row = Row::Json(record.value.as_deref().unwrap_or_default());
    let entry = if record.value.is_some() {
        decoder.decode(row, line, arrival)
    } else {
        let detail = format!("no value, of which feed {} could map fields", feed.name);
        Err(Reject::new(Reason::MissingField, detail))
    };
    let topic = match feed.kind {
        Kind::Resource => topics::POSITIONS,
        Kind::Incident => topics::INCIDENTS,
    };
    match entry {
        Ok(Entry::Report(report)) => {
            let mut json = Vec::new();
            wire::report::encode(&report, &mut json);
            let value = Some(json.trim_ascii_end());
            publisher.pass_on(topic, &report.subject.id, value, record.received)?;
        }
        Ok(Entry::Deleted { subject, .. }) => {
            publisher.pass_on(topic, &subject.id, None, record.received)?;
        }
        Err(reject) => {
            telemetry.rejected(reject.reason);
            let kept = Record {
                value: Some(decoder.kept(row, line)),
                ..record.clone()
            };
            publisher.dead_letter(&reject, &kept)?;
        }
    }
    Ok(())
}

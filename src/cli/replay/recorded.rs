//! What a replay reads, in numbers, and what of it comes from topics.

use anyhow::Context;

use super::Args;
use crate::cli::exit::Stopped;
use crate::cli::progress::Progress;
use crate::config::Config;
use crate::config::rules::RuleReader;
use crate::domain::ids::Kind;
use crate::domain::time::Timestamp;
use crate::replay::Plan;
use crate::replay::input::{HowMuch, Place, Source, size_of};
use crate::replay::topics::Topics;

/// How far a replay has come: in bytes of files, or in records of topics.
pub(super) struct Reading {
    progress: Progress,
    is_records: bool,
}

/// Of what `sources` hold.
pub(super) fn progress(sources: &[Source]) -> Reading {
    let records = sources.iter().map(|source| match &source.place {
        Place::Topic(range) => range.len(),
        Place::File(_) => 0,
    });
    let bytes = sources.iter().map(|source| match &source.place {
        Place::File(path) => size_of(path),
        Place::Topic(_) => 0,
    });
    let records: u64 = records.sum();
    let is_records = records > 0;
    let progress = if is_records {
        Progress::of("replay", records, "records")
    } else {
        Progress::new("replay", bytes.sum())
    };
    Reading {
        progress,
        is_records,
    }
}

impl Reading {
    pub(super) fn at(&mut self, read: HowMuch) {
        let far = if self.is_records {
            read.records
        } else {
            read.bytes
        };
        self.progress.at(far);
    }

    pub(super) fn done(self) {
        self.progress.done();
    }
}

/// Puts what the topics held in `range` into `plan`. Fences and rules that the options name are not
/// looked for there.
pub(super) fn read(
    args: &Args,
    config: &Config,
    (from, to): (Timestamp, Timestamp),
    plan: &mut Plan,
) -> Result<(), Stopped> {
    if from >= to {
        let problem = "--from is not before --to: nothing would be read";
        return Err(Stopped::Usage(problem.to_owned()));
    }
    let mut kafka = config.kafka.clone();
    kafka.brokers = args.brokers.clone().or(kafka.brokers);
    let Some(brokers) = kafka.brokers.clone() else {
        let problem = "--from and --to read from Kafka: give --brokers HOST:PORT, or a --config that has [kafka] brokers";
        return Err(Stopped::Usage(problem.to_owned()));
    };
    let topics = Topics {
        kafka: &kafka,
        brokers: &brokers,
        from,
        to,
    };
    let lateness = (
        config.lateness_of(Kind::Resource),
        config.lateness_of(Kind::Incident),
    );
    plan.sources = topics.sources(lateness).context("reading topics")?;
    if args.fences.is_empty() {
        let fences = topics.fences().context("reading fences")?;
        plan.fences.extend(fences);
    }
    if args.rules.is_empty() {
        let reader = RuleReader::new(config);
        plan.rule_edits = topics.rules(&reader).context("reading rules")?;
    }
    Ok(())
}

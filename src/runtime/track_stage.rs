//! The track stage: positions and incidents in, what happened out.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context;

use crate::alert::rule::RuleSet;
use crate::config::rules::RuleReader;
use crate::domain::ids::Kind;
use crate::domain::reject::Reject;
use crate::domain::report::{Arrival, Body};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::Vocabulary;
use crate::geocode::Geocoder;
use crate::io::kafka::intake::{Assignment, Event, Intake};
use crate::io::kafka::outbox::Outbox;
use crate::io::kafka::settings::KafkaSettings;
use crate::io::kafka::{Offset, Partition, Record, topics};
use crate::io::wire::report::{Record as Entry, decode};
use crate::runtime::Stop;
use crate::runtime::clock::{Every, InputClock, now};
use crate::runtime::controls::{Control, Controls};
use crate::runtime::publish::Publisher;
use crate::telemetry::Telemetry;
use crate::track::{Config, Effects, Track};

/// Records that are taken in at once, at most.
const READ_AHEAD: usize = 20_000;
/// Records at once from which on the stage is overloaded: then positions are thinned.
const OVERLOAD: usize = 10_000;
/// Between two looks at what is delivered, after which offsets are stored.
const COMMIT: Duration = Duration::from_millis(100);
/// Between two ticks of quiet inputs.
const TICK: Duration = Duration::from_millis(250);

/// What the stage is made with.
#[derive(Clone, Debug)]
pub struct TrackStage {
    /// How to reach Kafka.
    pub kafka: KafkaSettings,
    /// Where it is.
    pub brokers: String,
    /// How reports are read.
    pub track: Config,
    /// What places reports.
    pub geocoder: Geocoder,
    /// The rules to begin with.
    pub rules: RuleSet,
    /// Reads those that come later.
    pub rule_reader: RuleReader,
    /// How late reports may be: resources, incidents.
    pub lateness: (Duration, Duration),
    /// Where it counts.
    pub telemetry: Telemetry,
}

/// One partition's track.
struct Shard {
    track: Track,
    clock: InputClock,
    assignment: Assignment,
    /// How many controls it has heard.
    heard: usize,
    caught_up: bool,
}

struct Running {
    stage: TrackStage,
    controls: Controls,
    publisher: Publisher,
    shards: BTreeMap<Partition, Shard>,
    /// Up to where everything is handed to the outbox.
    done: BTreeMap<Partition, i64>,
}

impl TrackStage {
    /// Runs until asked to stop.
    ///
    /// # Errors
    /// When Kafka cannot be used, or a record can never be delivered.
    pub fn run(self, stop: &Stop) -> anyhow::Result<()> {
        let since = now() - self.kafka.history;
        let outbox = Outbox::open(&self.kafka, &self.brokers)?;
        let (controls, refused) =
            Controls::open(&self.kafka, &self.brokers, since, self.rule_reader.clone())?;
        let inputs = [topics::POSITIONS, topics::INCIDENTS];
        let intake = Intake::join(
            &self.kafka,
            &self.brokers,
            "track",
            &inputs,
            now,
            &self.telemetry,
        )?;
        let mut running = Running {
            controls,
            publisher: Publisher::new(outbox, self.telemetry.clone()),
            shards: BTreeMap::new(),
            done: BTreeMap::new(),
            stage: self,
        };
        for refused in &refused {
            running.refuse(&refused.reject, &refused.record)?;
        }
        let (mut commit, mut tick) = (Every::new(COMMIT), Every::new(TICK));
        while !stop.is_asked() {
            running.step(&intake)?;
            if tick.is_due() {
                running.tick()?;
            }
            if commit.is_due() {
                running.commit(&intake, stop)?;
            }
        }
        running.commit(&intake, &Stop::default())?;
        intake.leave();
        Ok(())
    }
}

impl Running {
    fn step(&mut self, intake: &Intake) -> anyhow::Result<()> {
        let events = intake.gather(READ_AHEAD)?;
        for refused in self.controls.poll(Duration::ZERO)? {
            self.refuse(&refused.reject, &refused.record)?;
        }
        self.hear_controls()?;
        let mut records = Vec::with_capacity(events.len());
        for event in events {
            match event {
                Event::Record(record) => records.push(record),
                Event::Assigned(assignment) => self.assign(assignment)?,
                Event::Revoked(partition) => {
                    self.stage.telemetry.rebalanced();
                    self.shards.remove(&partition);
                    records.retain(|record| record.at.partition != partition);
                    if let Some(number) = self.done.remove(&partition) {
                        intake.told(Offset { partition, number });
                    }
                }
            }
        }
        for record in self.lanes(records) {
            self.take(&record)?;
        }
        self.publisher.outbox().poll();
        Ok(())
    }

    /// The order of work: as it came; under overload what is not a mere position first, and of the
    /// positions the newest of each subject.
    fn lanes(&mut self, records: Vec<Record>) -> Vec<Record> {
        self.stage
            .telemetry
            .queue("track", records.len(), READ_AHEAD);
        if records.len() < OVERLOAD {
            return records;
        }
        let mut first = Vec::new();
        let mut newest: BTreeMap<String, Record> = BTreeMap::new();
        let mut rest = Vec::new();
        for record in records {
            let shard = self.shards.get(&record.at.partition);
            let is_live = shard.is_some_and(|shard| shard.caught_up);
            let key = record
                .key
                .clone()
                .filter(|_| is_live && is_mere_position(&record, &self.stage.track.vocabulary));
            match key {
                None if is_live => first.push(record),
                None => rest.push(record),
                Some(key) => {
                    // Its offset is done all the same, with all others of this step.
                    self.done(&record.at);
                    if newest.insert(key, record).is_some() {
                        self.stage.telemetry.thinned();
                    }
                }
            }
        }
        rest.extend(newest.into_values());
        rest.sort_by(|a, b| a.at.cmp(&b.at));
        first.extend(rest);
        first
    }

    fn assign(&mut self, assignment: Assignment) -> anyhow::Result<()> {
        let track = Track::new(
            self.stage.track.clone(),
            self.stage.geocoder.clone(),
            self.stage.rules.clone(),
        );
        let caught_up = assignment.is_empty;
        let partition = assignment.partition.clone();
        let shard = Shard {
            track,
            clock: InputClock::default(),
            assignment,
            heard: 0,
            caught_up,
        };
        self.shards.insert(partition, shard);
        self.hear_controls()
    }

    /// Tells the controls that have come to every shard that is up to date.
    fn hear_controls(&mut self) -> anyhow::Result<()> {
        for shard in self.shards.values_mut().filter(|shard| shard.caught_up) {
            shard.hear(&self.controls, Timestamp::MAX, Some(&mut self.publisher))?;
        }
        Ok(())
    }

    fn take(&mut self, record: &Record) -> anyhow::Result<()> {
        let Some(shard) = self.shards.get_mut(&record.at.partition) else {
            return Ok(()); // no longer ours: its new owner does it
        };
        self.stage.telemetry.record_in(&record.at.partition.topic);
        let told = shard
            .assignment
            .committed
            .is_none_or(|committed| record.at.number >= committed);
        let mut publisher = told.then_some(&mut self.publisher);
        if !shard.caught_up {
            shard.hear(&self.controls, record.received, publisher.as_deref_mut())?;
        }
        let (resources, incidents) = self.stage.lateness;
        let (kind, lateness) = match record.at.partition.topic.as_str() {
            topics::INCIDENTS => (Kind::Incident, incidents),
            _ => (Kind::Resource, resources),
        };
        let arrival = Arrival {
            received: record.received,
            delay: Duration::ZERO,
            lateness,
        };
        let future = record.received + self.stage.track.future_skew;
        let done = shard.process(record, kind, arrival, future);
        let latency = now().since(record.received);
        match done {
            Ok(effects) => {
                for effects in effects {
                    if let Some(publisher) = publisher.as_deref_mut() {
                        self.stage.telemetry.alerts(&effects.alerts);
                        publisher.track(&effects)?;
                        if let Some(unplaced) = &effects.unplaced {
                            self.stage.telemetry.rejected(unplaced.reject.reason);
                            publisher.dead_letter(&unplaced.reject, record)?;
                        }
                    }
                }
                if told {
                    self.stage.telemetry.latency(latency);
                }
            }
            Err(reject) if told => {
                self.stage.telemetry.rejected(reject.reason);
                self.publisher.dead_letter(&reject, record)?;
            }
            Err(_) => {}
        }
        let shard_is_done = record.at.number + 1 >= shard.assignment.end;
        if !shard.caught_up && shard_is_done {
            shard.caught_up = true;
            self.hear_controls()?;
        }
        self.done(&record.at);
        Ok(())
    }

    /// A record is handed over: the stage has come beyond it.
    fn done(&mut self, at: &Offset) {
        let next = at.number + 1;
        match self.done.get_mut(&at.partition) {
            // Under overload records are not taken in the order of their offsets.
            Some(done) => *done = next.max(*done),
            None => {
                self.done.insert(at.partition.clone(), next);
            }
        }
    }

    /// Lets time pass for inputs that are quiet.
    fn tick(&mut self) -> anyhow::Result<()> {
        let now = now();
        let mut lags: BTreeMap<&str, Duration> = BTreeMap::new();
        for (partition, shard) in &mut self.shards {
            if let Some(at) = shard.clock.at(now).filter(|_| shard.caught_up) {
                for effects in shard.track.advance(at) {
                    self.stage.telemetry.alerts(&effects.alerts);
                    self.publisher.track(&effects)?;
                }
                let lag = now.since(shard.clock.newest());
                let newest = lags.entry(&partition.topic).or_insert(lag);
                *newest = lag.min(*newest);
            }
        }
        for (topic, lag) in lags {
            self.stage.telemetry.event_time_lag(topic, lag);
        }
        Ok(())
    }

    /// Waits until everything is delivered, then stores how far the stage has come.
    fn commit(&mut self, intake: &Intake, stop: &Stop) -> anyhow::Result<()> {
        if !self.publisher.is_delivered(stop)? {
            return Ok(());
        }
        let done = std::mem::take(&mut self.done);
        let told = done.into_iter().filter(|(partition, number)| {
            let shard = self.shards.get(partition);
            shard.is_some_and(|shard| {
                shard
                    .assignment
                    .committed
                    .is_none_or(|committed| *number > committed)
            })
        });
        let stored = told.map(|(partition, number)| Offset { partition, number });
        intake.store(stored).context("storing offsets")
    }

    fn refuse(&mut self, reject: &Reject, record: &Record) -> anyhow::Result<()> {
        self.stage.telemetry.rejected(reject.reason);
        Ok(self.publisher.dead_letter(reject, record)?)
    }
}

impl Shard {
    fn process(
        &mut self,
        record: &Record,
        kind: Kind,
        arrival: Arrival,
        future: Timestamp,
    ) -> Result<Vec<Effects>, Reject> {
        let entry = match &record.value {
            Some(value) => decode(kind, value, arrival)?,
            None => Entry::Deleted {
                subject: crate::domain::ids::Subject {
                    id: record.key.as_deref().unwrap_or("").into(),
                    kind,
                },
                at: None,
            },
        };
        let at = match &entry {
            Entry::Report(report) => report.at,
            Entry::Deleted { at, .. } => *at,
        };
        if let Some(at) = at.filter(|at| *at <= future) {
            self.clock.see(at, record.received);
        }
        let clock = self.clock.newest();
        let mut effects = self.track.advance(clock);
        match entry {
            Entry::Report(mut report) => {
                report.arrival.delay = at.map_or(Duration::ZERO, |at| record.received.since(at));
                effects.push(self.track.process(report)?);
            }
            Entry::Deleted { subject, at } => {
                effects.push(self.track.delete(&subject, at.unwrap_or(record.received)));
            }
        }
        Ok(effects)
    }

    /// Hears the controls that came at or before `until`; tells what follows, unless it was told before.
    fn hear(
        &mut self,
        controls: &Controls,
        until: Timestamp,
        mut publisher: Option<&mut Publisher>,
    ) -> anyhow::Result<()> {
        while let Some(control) = controls.after(self.heard, until) {
            self.heard += 1;
            let effects = match control {
                Control::Fence(at, edit) => self.track.edit_fence(*at, edit),
                Control::Rule(at, edit) => Ok(self.track.edit_rule(*at, edit)),
                Control::Command(command) => {
                    let arrival = Arrival {
                        received: command.at,
                        delay: Duration::ZERO,
                        lateness: Duration::ZERO,
                    };
                    self.track.command(command, arrival)
                }
            };
            // A fence is checked before it becomes a control; a place that is none changes nothing.
            if let (Ok(effects), Some(publisher)) = (effects, publisher.as_deref_mut()) {
                publisher.track(&effects)?;
            }
        }
        Ok(())
    }
}

/// Whether a record is a position that a newer one of the same subject may stand for.
fn is_mere_position(record: &Record, vocabulary: &Vocabulary) -> bool {
    if record.at.partition.topic != topics::POSITIONS {
        return false;
    }
    let arrival = Arrival {
        received: record.received,
        delay: Duration::ZERO,
        lateness: Duration::ZERO,
    };
    let entry = record
        .value
        .as_deref()
        .map(|value| decode(Kind::Resource, value, arrival));
    let Some(Ok(Entry::Report(report))) = entry else {
        return false;
    };
    let Body::Resource(resource) = &report.body else {
        return false;
    };
    let emergency = resource
        .status
        .as_ref()
        .is_some_and(|status| vocabulary.emergency.contains(status));
    report.location.is_some() && report.flaw.is_none() && !emergency
}

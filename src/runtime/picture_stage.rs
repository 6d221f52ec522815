//! The picture stage: facts in, alerts about what holds and counts of cells out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use crate::alert::rule::RuleSet;
use crate::config::rules::RuleReader;
use crate::domain::nearby::PlaceNames;
use crate::domain::time::Timestamp;
use crate::io::kafka::intake::{Assignment, Event, Intake};
use crate::io::kafka::outbox::Outbox;
use crate::io::kafka::settings::KafkaSettings;
use crate::io::kafka::{Offset, Partition, Record, topics};
use crate::io::wire;
use crate::picture::{Config, Effects, Picture};
use crate::runtime::Stop;
use crate::runtime::clock::{Every, InputClock, now};
use crate::runtime::controls::{Control, ControlLog, Controls};
use crate::runtime::progress::Progress;
use crate::runtime::publish::Publisher;
use crate::telemetry::Telemetry;

/// Between two looks at what is delivered, after which offsets are stored.
const COMMIT: Duration = Duration::from_millis(100);
/// Between two looks at what holds.
const TICK: Duration = Duration::from_millis(100);
/// Facts that are taken in at once, at most.
const READ_AHEAD: usize = 5_000;

/// What the stage is made with.
#[derive(Clone, Debug)]
pub struct PictureStage {
    /// How to reach Kafka.
    pub kafka: KafkaSettings,
    /// Where it is.
    pub brokers: String,
    /// What the picture keeps.
    pub picture: Config,
    /// The rules to begin with.
    pub rules: RuleSet,
    /// Reads those that come later.
    pub rule_reader: RuleReader,
    /// What places are called.
    pub places: Arc<dyn PlaceNames>,
    /// Where it counts.
    pub telemetry: Telemetry,
}

/// One region's picture.
struct Region {
    picture: Picture,
    clock: InputClock,
    assignment: Assignment,
    heard: usize,
    caught_up: bool,
}

impl PictureStage {
    /// Runs until asked to stop.
    ///
    /// # Errors
    /// When Kafka cannot be used, or a record can never be delivered.
    pub fn run(self, stop: &Stop) -> anyhow::Result<()> {
        let since = now() - self.kafka.history;
        let mut publisher = Publisher::new(
            Outbox::open(&self.kafka, &self.brokers)?,
            self.telemetry.clone(),
        );
        // What is no control, the track stage has told already.
        let (mut controls, _) =
            Controls::open(&self.kafka, &self.brokers, since, self.rule_reader.clone())?;
        let intake = Intake::join(
            &self.kafka,
            &self.brokers,
            "picture",
            &[topics::FACTS],
            now,
            &self.telemetry,
        )?;
        let mut regions: BTreeMap<Partition, Region> = BTreeMap::new();
        let mut progress = Progress::default();
        let (mut commit, mut tick) = (Every::new(COMMIT), Every::new(TICK));
        while !stop.is_asked() {
            for event in intake.gather(READ_AHEAD)? {
                match event {
                    Event::Record(record) => {
                        if let Some(region) = regions.get_mut(&record.at.partition) {
                            region.take(
                                &record,
                                controls.log(),
                                &mut publisher,
                                &self.telemetry,
                            )?;
                            if region.is_told(&record.at) {
                                progress.reached(&record.at);
                            }
                        }
                    }
                    Event::Assigned(assignment) => {
                        let region = Region::new(&self, assignment);
                        regions.insert(region.assignment.partition.clone(), region);
                    }
                    Event::Revoked(partition) => {
                        regions.remove(&partition);
                        if let Some(number) = progress.forget(&partition) {
                            intake.told(Offset { partition, number });
                        }
                    }
                }
            }
            controls.poll(Duration::ZERO)?;
            if tick.is_due() {
                for region in regions.values_mut().filter(|region| region.caught_up) {
                    region.hear(controls.log(), Timestamp::MAX);
                    if let Some(at) = region.clock.at(now()) {
                        let effects = region.picture.advance(at);
                        Region::tell(&effects, true, &mut publisher, &self.telemetry)?;
                    }
                }
            }
            publisher.outbox().poll();
            if commit.is_due() {
                store(&intake, progress.delivered(&mut publisher)?)?;
            }
        }
        store(&intake, progress.finish(&publisher)?)?;
        intake.leave();
        Ok(())
    }
}

impl Region {
    fn new(stage: &PictureStage, assignment: Assignment) -> Self {
        Self {
            picture: Picture::new(&stage.picture, stage.rules.clone(), &stage.places),
            clock: InputClock::default(),
            caught_up: assignment.is_empty,
            assignment,
            heard: 0,
        }
    }

    fn take(
        &mut self,
        record: &Record,
        controls: &ControlLog,
        publisher: &mut Publisher,
        telemetry: &Telemetry,
    ) -> anyhow::Result<()> {
        telemetry.record_in(topics::FACTS);
        if !self.caught_up {
            self.hear(controls, record.received);
        }
        let told = self.is_told(&record.at);
        let value = record.value.as_deref().unwrap_or_default();
        let fact = wire::fact::decode(value)
            .map_err(|reject| anyhow::anyhow!("{}: {reject}", topics::FACTS))?;
        self.clock.see(fact.at, record.received);
        self.picture.process(fact);
        // While it rebuilds itself the picture looks at each fact, as it did then.
        if !self.caught_up {
            let effects = self.picture.advance(self.clock.newest());
            Self::tell(&effects, told, publisher, telemetry)?;
        }
        self.caught_up |= record.at.number + 1 >= self.assignment.end;
        Ok(())
    }

    /// Whether what follows from what stands there was not told before.
    fn is_told(&self, at: &Offset) -> bool {
        let committed = self.assignment.committed;
        committed.is_none_or(|committed| at.number >= committed)
    }

    fn hear(&mut self, controls: &ControlLog, until: Timestamp) {
        while let Some(control) = controls.after(self.heard, until) {
            self.heard += 1;
            match control {
                Control::Fence(at, edit) => self.picture.edit_fence(*at, (**edit).clone()),
                Control::Rule(at, edit) => self.picture.edit_rule(*at, (**edit).clone()),
                Control::Command(command) => self.picture.command(command.clone()),
            }
        }
    }

    fn tell(
        effects: &Effects,
        told: bool,
        publisher: &mut Publisher,
        telemetry: &Telemetry,
    ) -> anyhow::Result<()> {
        if told {
            telemetry.alerts(&effects.alerts);
            publisher.transitions(&effects.transitions)?;
            publisher.alerts(&effects.alerts)?;
            publisher.cells(&effects.cells)?;
        }
        Ok(())
    }
}

fn store(intake: &Intake, delivered: Vec<Offset>) -> anyhow::Result<()> {
    intake.store(delivered).context("storing offsets")
}

//! One process of Cordon: the stages that it was asked to run, each on its thread.

use std::io::{IsTerminal, Write};
use std::num::NonZero;
use std::sync::mpsc;
use std::sync::{Arc, RwLock};
use std::thread;

use anyhow::Context;

use crate::config::Config;
use crate::config::rules::RuleReader;
use crate::domain::ids::Kind;
use crate::geocode::Geocoder;
use crate::io::kafka::embedded::{EmbeddedBroker, NOT_PROMISED};
use crate::io::kafka::topics;
use crate::runtime::Stop;
use crate::runtime::clock::now;
use crate::runtime::feed_stage::FeedStage;
use crate::runtime::fence_files;
use crate::runtime::picture_stage::PictureStage;
use crate::runtime::serve_stage::{Door, ServeStage};
use crate::runtime::story_teller::{SharedSecond, StoryTeller};
use crate::runtime::track_stage::TrackStage;
use crate::telemetry::Telemetry;

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Role {
    /// Places, admits and observes reports.
    Track,
    /// Counts, and judges what holds.
    Picture,
    /// Shows it.
    Serve,
}

/// A story to be told, for the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoryPlan {
    /// Of its chances.
    pub seed: u64,
    /// Units that move.
    pub resources: usize,
}

/// A process of Cordon.
#[derive(Clone, Debug)]
pub struct Live {
    /// Its settings.
    pub config: Config,
    /// Places reports.
    pub geocoder: Geocoder,
    /// What it does.
    pub roles: Vec<Role>,
    /// What it tells itself.
    pub story: Option<StoryPlan>,
}

/// Runs until it is told to stop.
type Stage = Box<dyn FnOnce(&Stop) -> anyhow::Result<()> + Send>;

impl Live {
    /// Runs until it is told to stop or a stage fails; gives the exit code of the signal that stopped it.
    ///
    /// # Errors
    /// When Kafka or the address cannot be used, or a stage fails.
    pub fn run(self) -> anyhow::Result<Option<u8>> {
        let stop = Stop::default();
        listen_for_signals(&stop)?;
        let telemetry = Telemetry::new().context("naming metrics")?;
        // First what can be refused at once: a port that is taken ends it before anything is read.
        let door = self
            .roles
            .contains(&Role::Serve)
            .then(|| self.serve_stage("", None, &telemetry).bind());
        let door = door.transpose()?;
        if let Some(warning) = door.as_ref().and_then(Door::warning) {
            let (red, plain) = if std::io::stderr().is_terminal() {
                ("\x1b[1;31m", "\x1b[0m")
            } else {
                ("", "")
            };
            eprintln!("{red}{warning}{plain}");
        }
        let feeds = FeedStage::topics(&self.config.feeds);
        let broker = self.config.kafka.brokers.is_none().then(|| {
            eprintln!("{NOT_PROMISED}");
            EmbeddedBroker::start(self.config.kafka.partitions, &feeds)
        });
        let broker = broker.transpose()?;
        let brokers = match (&broker, &self.config.kafka.brokers) {
            (Some(broker), _) => broker.address(),
            (None, Some(brokers)) => {
                if !topics::prepare(&self.config.kafka, brokers, &feeds, || stop.is_asked())? {
                    return Ok(stop.signal());
                }
                brokers.clone()
            }
            (None, None) => String::new(),
        };
        self.publish_fences(&brokers, &stop)?;
        let mut stages: Vec<Stage> = Vec::new();
        if self.roles.contains(&Role::Track) {
            let stage = self.track_stage(&brokers, &telemetry);
            stages.push(Box::new(move |stop| stage.run(stop)));
            if !feeds.is_empty() {
                let stage = self.feed_stage(&brokers, &telemetry);
                stages.push(Box::new(move |stop| stage.run(stop)));
            }
        }
        if self.roles.contains(&Role::Picture) {
            let stage = self.picture_stage(&brokers, &telemetry);
            stages.push(Box::new(move |stop| stage.run(stop)));
        }
        let teller = self.story.map(|story| self.teller(story, &brokers));
        let listening = door.as_ref().map(Door::url);
        if let Some(door) = door {
            let second = teller.as_ref().map(|teller| teller.second.clone());
            let stage = self.serve_stage(&brokers, second, &telemetry);
            stages.push(Box::new(move |stop| stage.run(door, stop)));
        }
        if let Some(teller) = teller {
            stages.push(Box::new(move |stop| teller.run(stop)));
        }
        say(&format!("kafka {brokers}"))?;
        if let Some(url) = listening {
            say(&format!("listening {url}"))?;
        }
        run_all(stages, &stop)?;
        Ok(stop.signal())
    }

    fn teller(&self, story: StoryPlan, brokers: &str) -> StoryTeller {
        StoryTeller {
            kafka: self.config.kafka.clone(),
            brokers: brokers.to_owned(),
            seed: story.seed,
            resources: story.resources,
            second: SharedSecond::default(),
        }
    }

    /// Every instance may do so: the same fence again changes nothing.
    fn publish_fences(&self, brokers: &str, stop: &Stop) -> anyhow::Result<()> {
        let kafka = &self.config.kafka;
        let since = now() - kafka.history;
        let give_up = || stop.is_asked();
        let written = fence_files::publish(kafka, brokers, &self.config.fences, since, give_up)?;
        if written > 0 {
            eprintln!("{written} fences of files are new in {}", topics::FENCES);
        }
        Ok(())
    }

    fn track_stage(&self, brokers: &str, telemetry: &Telemetry) -> TrackStage {
        TrackStage {
            kafka: self.config.kafka.clone(),
            brokers: brokers.to_owned(),
            threads: match self.config.track_threads {
                0 => thread::available_parallelism().map_or(1, NonZero::get),
                threads => threads,
            },
            track: self.config.track(),
            geocoder: self.geocoder.clone(),
            rules: self.config.rules.clone(),
            rule_reader: RuleReader::new(&self.config),
            lateness: (
                self.config.lateness_of(Kind::Resource),
                self.config.lateness_of(Kind::Incident),
            ),
            telemetry: telemetry.clone(),
        }
    }

    fn feed_stage(&self, brokers: &str, telemetry: &Telemetry) -> FeedStage {
        FeedStage {
            kafka: self.config.kafka.clone(),
            brokers: brokers.to_owned(),
            feeds: self.config.feeds.clone(),
            telemetry: telemetry.clone(),
        }
    }

    fn picture_stage(&self, brokers: &str, telemetry: &Telemetry) -> PictureStage {
        PictureStage {
            kafka: self.config.kafka.clone(),
            brokers: brokers.to_owned(),
            picture: self.config.picture(),
            rules: self.config.rules.clone(),
            rule_reader: RuleReader::new(&self.config),
            places: Arc::new(self.geocoder.clone()),
            telemetry: telemetry.clone(),
        }
    }

    fn serve_stage(
        &self,
        brokers: &str,
        story: Option<SharedSecond>,
        telemetry: &Telemetry,
    ) -> ServeStage {
        ServeStage {
            kafka: self.config.kafka.clone(),
            brokers: brokers.to_owned(),
            web: self.config.web.clone(),
            rules: Arc::new(RwLock::new(self.config.rules.clone())),
            rule_reader: RuleReader::new(&self.config),
            vocabulary: Arc::new(self.config.vocabulary.clone()),
            geocoder: self.geocoder.clone(),
            story,
            telemetry: telemetry.clone(),
        }
    }
}

/// Runs the stages side by side; when one ends, for whatever reason, all end.
fn run_all(stages: Vec<Stage>, stop: &Stop) -> anyhow::Result<()> {
    let (ended, ends) = mpsc::sync_channel(stages.len().max(1));
    let threads = stages.len();
    for stage in stages {
        let (ended, stop) = (ended.clone(), stop.clone());
        thread::spawn(move || {
            let end = thread::spawn(move || stage(&stop)).join();
            ended.send(end.unwrap_or_else(|_| Err(anyhow::anyhow!("a stage panicked"))))
        });
    }
    drop(ended);
    let mut outcome = Ok(());
    for _ in 0..threads {
        let end = ends.recv().context("a stage broke off")?;
        stop.now();
        outcome = outcome.and(end);
    }
    outcome
}

/// Tells whoever started us, on standard output.
fn say(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .context("writing to standard output")
}

/// A first signal to stop stops in order, and the process ends with its code; a second one stops at once.
fn listen_for_signals(stop: &Stop) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .context("listening for signals")?;
    let stop = stop.clone();
    thread::spawn(move || {
        runtime.block_on(async {
            use tokio::signal::unix::{SignalKind, signal};
            let (Ok(mut interrupt), Ok(mut terminate)) = (
                signal(SignalKind::interrupt()),
                signal(SignalKind::terminate()),
            ) else {
                return;
            };
            loop {
                let code = tokio::select! {
                    _ = interrupt.recv() => 130,
                    _ = terminate.recv() => 143,
                };
                if stop.signal().is_some() {
                    std::process::exit(i32::from(code));
                }
                eprintln!("stopping in order; once more stops at once");
                stop.by_signal(code);
            }
        });
    });
    Ok(())
}

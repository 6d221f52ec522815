//! One process of Cordon: the stages that it was asked to run, each on its thread.

use std::io::Write;
use std::sync::mpsc;
use std::thread;

use anyhow::Context;

use crate::config::Config;
use crate::domain::ids::Kind;
use crate::io::kafka::embedded::{EmbeddedBroker, NOT_PROMISED};
use crate::io::kafka::topics;
use crate::runtime::Stop;
use crate::runtime::clock::now;
use crate::runtime::fence_files;
use crate::runtime::picture_stage::PictureStage;
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

/// Runs until it is told to stop.
type Stage = Box<dyn FnOnce(&Stop) -> anyhow::Result<()> + Send>;

/// A process of Cordon.
#[derive(Clone, Debug)]
pub struct Live {
    /// Its settings.
    pub config: Config,
    /// What it does.
    pub roles: Vec<Role>,
}

impl Live {
    /// Runs until it is told to stop or a stage fails.
    ///
    /// # Errors
    /// When Kafka cannot be used, or a stage fails.
    pub fn run(self) -> anyhow::Result<()> {
        let stop = Stop::default();
        listen_for_signals(&stop)?;
        let broker = self.config.kafka.brokers.is_none().then(|| {
            eprintln!("{NOT_PROMISED}");
            EmbeddedBroker::start(self.config.kafka.partitions)
        });
        let broker = broker.transpose()?;
        let brokers = match (&broker, &self.config.kafka.brokers) {
            (Some(broker), _) => broker.address(),
            (None, Some(brokers)) => {
                if !topics::prepare(&self.config.kafka, brokers, || stop.is_asked())? {
                    return Ok(());
                }
                brokers.clone()
            }
            (None, None) => String::new(),
        };
        self.publish_fences(&brokers, &stop)?;
        let telemetry = Telemetry::new().context("naming metrics")?;
        let (ended, ends) = mpsc::sync_channel(self.roles.len());
        let mut threads = 0;
        for role in &self.roles {
            let stage: Option<Stage> = match role {
                Role::Track => {
                    let stage = self.track_stage(&brokers, &telemetry);
                    Some(Box::new(move |stop| stage.run(stop)))
                }
                Role::Picture => {
                    let stage = self.picture_stage(&brokers, &telemetry);
                    Some(Box::new(move |stop| stage.run(stop)))
                }
                Role::Serve => None,
            };
            if let Some(stage) = stage {
                let (ended, stop) = (ended.clone(), stop.clone());
                thread::spawn(move || {
                    let stage = thread::spawn(move || stage(&stop));
                    let end = stage.join();
                    ended.send(end.unwrap_or_else(|_| Err(anyhow::anyhow!("a stage panicked"))))
                });
                threads += 1;
            }
        }
        say(&format!("kafka {brokers}"))?;
        let mut first = Ok(());
        for _ in 0..threads {
            let end = ends.recv().context("a stage broke off")?;
            // One that ends, for whatever reason, ends all.
            stop.now();
            first = first.and(end);
        }
        first
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
            track: self.config.track(),
            rules: self.config.rules.clone(),
            lateness: (
                self.config.lateness_of(Kind::Resource),
                self.config.lateness_of(Kind::Incident),
            ),
            telemetry: telemetry.clone(),
        }
    }

    fn picture_stage(&self, brokers: &str, telemetry: &Telemetry) -> PictureStage {
        PictureStage {
            kafka: self.config.kafka.clone(),
            brokers: brokers.to_owned(),
            picture: self.config.picture(),
            rules: self.config.rules.clone(),
            telemetry: telemetry.clone(),
        }
    }
}

/// Tells whoever started us, on standard output.
fn say(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .context("writing to standard output")
}

/// A first signal to stop stops in order; a second one at once.
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
                if stop.is_asked() {
                    std::process::exit(code);
                }
                eprintln!("stopping: once more to stop at once");
                stop.now();
            }
        });
    });
    Ok(())
}

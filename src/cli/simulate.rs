//! `cordon simulate`.

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};

use super::exit::Stopped;
use super::progress::Progress;
use crate::config::{self, Config};
use crate::domain::time::Timestamp;
use crate::io::kafka::outbox::Outbox;
use crate::io::kafka::topics;
use crate::io::wire;
use crate::runtime::clock::{Every, now};
use crate::simulate::sink::{Both, Files, Sink, Topics};
use crate::simulate::{self, Scenario, Settings};

/// Makes up a world over inner London, and tells the truth about it.
///
/// The same seed gives the same bytes. --out gets positions.ndjson, incidents.ndjson, fences.geojson and
/// truth.ndjson: what must come out of a replay of the other three with the packaged rules, without a
/// gazetteer.
///
/// With --brokers the records go to the topics positions, incidents and cordon.fences, as fast as the
/// brokers take them; the world ends now, unless --start says when it begins. The truth is in --out only.
///
///   cordon simulate --scenario event --seed 7 --out event
///   cordon replay --positions event/positions.ndjson --incidents event/incidents.ndjson \
///                 --fences event/fences.geojson --out answers
///   cordon simulate --scenario disorder --brokers 127.0.0.1:9092
#[derive(Debug, Parser)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// What goes on
    #[arg(long, value_enum)]
    scenario: Word,
    /// Decides everything that is left to chance
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Records a second
    #[arg(long, value_name = "R", default_value_t = 20.0)]
    rate: f64,
    /// How long it goes on, at most a day
    #[arg(long, value_name = "M", default_value_t = 10)]
    minutes: u32,
    /// How many resources there are; default: as many as report every five seconds at that rate
    #[arg(long, value_name = "N")]
    resources: Option<usize>,
    /// Event time of the first record, RFC 3339; default: 2026-08-30T12:00:00Z, with --brokers so that
    /// the world ends now
    #[arg(long, value_name = "TIME")]
    start: Option<String>,
    /// Folder for the files; made where it is not there
    #[arg(long, value_name = "DIR", required_unless_present = "brokers")]
    out: Option<PathBuf>,
    /// Kafka to write to, HOST:PORT; its options are [kafka.options] of --config
    #[arg(long, value_name = "B")]
    brokers: Option<String>,
    /// Settings, of which the table `kafka` counts
    #[arg(long, value_name = "FILE", requires = "brokers")]
    config: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Word {
    /// An ordinary day
    Routine,
    /// A march, closed roads, and somebody in the sterile zone
    Event,
    /// Disorder that spreads, and a sector left empty
    Disorder,
}

/// For so long brokers may say nothing before that is an error.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) fn run(args: &Args) -> Result<(), Stopped> {
    let mut settings = Settings {
        scenario: match args.scenario {
            Word::Routine => Scenario::Routine,
            Word::Event => Scenario::Event,
            Word::Disorder => Scenario::Disorder,
        },
        seed: args.seed,
        rate: args.rate,
        minutes: args.minutes,
        resources: args.resources,
        ..Settings::default()
    };
    settings
        .checked_resources()
        .map_err(|wrong| Stopped::Usage(format!("{wrong:#}")))?;
    if let Some(start) = start(args, &settings)? {
        settings.start = start;
    }
    let mut files = args.out.as_deref().map(Files::create).transpose()?;
    let mut topics = match &args.brokers {
        Some(brokers) => Some(Topics {
            outbox: open(args, brokers)?,
            start: settings.start,
        }),
        None => None,
    };
    let mut progress = Progress::of("simulate", settings.length_s(), "s of event time");
    let mut tell =
        |sink: &mut dyn Sink| simulate::tell(&settings, sink, |second| progress.at(second));
    let summary = match (&mut files, &mut topics) {
        (Some(files), Some(topics)) => tell(&mut Both(files, topics))?,
        (Some(files), None) => tell(files)?,
        (None, Some(topics)) => tell(topics)?,
        (None, None) => return Err(Stopped::Usage("give --out, --brokers or both".into())),
    };
    progress.done();
    if let Some(files) = files {
        files.finish()?;
    }
    if let Some(Topics { outbox, .. }) = topics {
        settle(&outbox)?;
    }
    eprintln!(
        "simulate: {} of seed {}, {} minutes: {} resources in {} records, {} of them late or bad; \
         {} incidents in {} records; {} fences; {} truths",
        settings.scenario.label(),
        settings.seed,
        settings.minutes,
        summary.resources,
        summary.position_lines,
        summary.faults,
        summary.incidents,
        summary.incident_lines,
        summary.fences,
        summary.truths,
    );
    Ok(())
}

/// When the world begins, where that is not the default of the files.
fn start(args: &Args, settings: &Settings) -> Result<Option<Timestamp>, Stopped> {
    let Some(text) = &args.start else {
        let length = Duration::from_secs(settings.length_s());
        return Ok(args.brokers.as_ref().map(|_| now() - length));
    };
    let start = wire::time::parse_rfc3339(text).ok_or_else(|| {
        let example = "such as 2026-08-30T12:00:00Z";
        Stopped::Usage(format!("--start {text} is no RFC 3339 time, {example}"))
    })?;
    Ok(Some(start))
}

/// A writer to brokers that answer, with the topics there.
fn open(args: &Args, brokers: &str) -> Result<Outbox, Stopped> {
    let mut kafka = Config::load(args.config.as_deref(), config::environment())
        .map_err(|found| Stopped::Input(found.0.iter().map(ToString::to_string).collect()))?
        .kafka;
    kafka.brokers = Some(brokers.to_owned());
    let patience = RefCell::new(Every::new(PATIENCE));
    let prepared = topics::prepare(&kafka, brokers, &[], || patience.borrow_mut().is_due());
    if !prepared.map_err(anyhow::Error::from)? {
        let failed = anyhow::anyhow!("Kafka at {brokers} does not answer; check --brokers");
        return Err(Stopped::Failed(failed));
    }
    Ok(Outbox::open(&kafka, brokers).map_err(anyhow::Error::from)?)
}

/// Waits until all is acknowledged.
fn settle(outbox: &Outbox) -> Result<(), Stopped> {
    let patience = RefCell::new(Every::new(PATIENCE));
    let delivered = outbox.drain(|| patience.borrow_mut().is_due());
    if delivered && outbox.failed() == 0 {
        return Ok(());
    }
    let failed =
        anyhow::anyhow!("not every record was acknowledged; run it again with the same seed");
    Err(Stopped::Failed(failed))
}

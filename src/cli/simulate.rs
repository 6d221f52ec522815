//! `cordon simulate`.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Parser, ValueEnum};

use super::exit::Stopped;
use crate::simulate::{self, Scenario, Settings};

/// Makes up a world over inner London, and tells the truth about it.
///
/// The same seed gives the same bytes. --out gets positions.ndjson, incidents.ndjson, fences.geojson and
/// truth.ndjson: what must come out of a replay of the other three with the packaged rules, without a
/// gazetteer.
///
///   cordon simulate --scenario event --seed 7 --out event
///   cordon replay --positions event/positions.ndjson --incidents event/incidents.ndjson \
///                 --fences event/fences.geojson --out answers
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
    /// Folder for the files; made where it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
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

pub(super) fn run(args: &Args) -> Result<(), Stopped> {
    let settings = Settings {
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
    let summary = simulate::write(&settings, &args.out)
        .with_context(|| format!("writing {}", args.out.display()))?;
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

//! `cordon replay`.

mod recorded;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use clap::Parser;

use super::exit::Stopped;
use super::gazetteer;
use crate::config::problem::Problems;
use crate::config::{self, Config};
use crate::domain::ids::Kind;
use crate::domain::time::Timestamp;
use crate::geocode::Geocoder;
use crate::io::wire;
use crate::replay::input::{Layout, Place, Source};
use crate::replay::{self, Failed, Plan, summary};

/// Runs recorded files through the same stages as live records, as fast as possible.
///
/// The same files give the same bytes, whatever the number of threads. Every record is either in
/// located.ndjson, in unplaced.ndjson or in rejects.ndjson with its reason.
///
///   cordon replay --positions monday.ndjson --fences sectors.geojson --out monday
///   cordon replay --config force.toml --incidents cad=cad-export.csv --sort --out cad
///   cordon replay --config force.toml --from 2026-08-30T20:00:00Z --to 2026-08-30T22:00:00Z --out evening
///
/// --from and --to read what the topics positions, incidents and cordon.commands held between two
/// moments, by the brokers' timestamps, with the fences and rules of cordon.fences and cordon.rules.
///
/// --out gets transitions, alerts, located, unplaced, cells and rejects (.ndjson; empty where nothing
/// happened) and summary.json.
#[derive(Debug, Parser)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Settings; what it leaves out is as in the packaged config/cordon.toml
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Resource reports: NDJSON of the contract, or FEED=FILE for a feed of the config
    #[arg(long, value_name = "[FEED=]FILE")]
    positions: Vec<String>,
    /// Incident reports: NDJSON of the contract, or FEED=FILE for a feed of the config
    #[arg(long, value_name = "[FEED=]FILE")]
    incidents: Vec<String>,
    /// What operators did: NDJSON of commands
    #[arg(long, value_name = "FILE")]
    commands: Vec<PathBuf>,
    /// Fences: a GeoJSON `FeatureCollection`; an edit without `at` holds before all data
    #[arg(long, value_name = "FILE")]
    fences: Vec<PathBuf>,
    /// Rules (TOML); without any, those of the config
    #[arg(long, value_name = "FILE")]
    rules: Vec<PathBuf>,
    /// Folder that `cordon gazetteer build` made, of several the first one first; without any, those
    /// of the config
    #[arg(long, value_name = "DIR")]
    gazetteer: Vec<PathBuf>,
    /// The first moment of the topics to replay, RFC 3339
    #[arg(long, value_name = "TIME", requires = "to", conflicts_with_all = ["positions", "incidents", "commands"])]
    from: Option<String>,
    /// The moment before which they end
    #[arg(long, value_name = "TIME", requires = "from")]
    to: Option<String>,
    /// Kafka to read them from, HOST:PORT; default: that of the config
    #[arg(long, value_name = "B", requires = "from")]
    brokers: Option<String>,
    /// First sort each file by (time, line), on disk where it is large
    #[arg(long)]
    sort: bool,
    /// Stands for the moment when every record arrived: what lies 5 minutes beyond it is refused as
    /// future. RFC 3339; default: now, and of topics the brokers' timestamp of each record
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
    /// Seconds of event time a second: 1 is as it happened; default: as fast as possible
    #[arg(long, value_name = "N")]
    speed: Option<f64>,
    /// Threads that follow subjects; the answers do not depend on it
    #[arg(long, value_name = "N", default_value_t = 1)]
    threads: usize,
    /// Folder for the answers; made where it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<(), Stopped> {
    let plan = plan(args)?;
    let out = &args.out;
    std::fs::create_dir_all(out).with_context(|| format!("making {}", out.display()))?;
    let mut inputs: Vec<_> = plan.sources.iter().map(|one| one.place.name()).collect();
    inputs.dedup();
    let now = plan.now;
    let mut progress = recorded::progress(&plan.sources);
    let began = now_instant();
    let done = replay::run(plan, out, |read| progress.at(read));
    progress.done();
    let report = done.map_err(|failed| match failed {
        Failed::Input(problems) => Stopped::Input(problems),
        Failed::Io(error) => Stopped::Failed(error.into()),
    })?;
    let run = summary::Run {
        inputs: &inputs,
        now,
        took: began.elapsed(),
    };
    summary::write(&report, &run, &out.join("summary.json"))
        .with_context(|| format!("writing the summary into {}", out.display()))?;
    eprintln!("{}", summary::line(&report, &run));
    Ok(())
}

/// Everything that the options name, read and checked: all problems at once.
fn plan(args: &Args) -> Result<Plan, Stopped> {
    let now = match &args.now {
        Some(text) => time("--now", text)?,
        None => wall_clock(),
    };
    if let Some(speed) = args.speed.filter(|speed| *speed <= 0.0 || speed.is_nan()) {
        return Err(Stopped::Usage(format!("--speed {speed} is not above 0")));
    }
    // Without a sound config nothing else can be judged: feeds, codes and files all hang on it.
    let config = Config::load(args.config.as_deref(), config::environment())
        .map_err(|found| input(&found))?;
    let mut problems = Vec::new();
    let rules = if args.rules.is_empty() {
        Ok(config.rules.clone())
    } else {
        config::rules::load(&args.rules, &config)
    };
    let fence_files: Vec<PathBuf> = [&config.fence_files, &args.fences]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    let fences = config::fences::load(&fence_files);
    for found in [rules.as_ref().err(), fences.as_ref().err()]
        .into_iter()
        .flatten()
    {
        problems.extend(found.0.iter().map(ToString::to_string));
    }
    let reports = [
        (Kind::Resource, &args.positions),
        (Kind::Incident, &args.incidents),
    ];
    let mut sources = Vec::new();
    for (kind, names) in reports {
        for name in names {
            match source(&config, kind, name) {
                Ok(source) => sources.push(source),
                Err(problem) => problems.push(problem),
            }
        }
    }
    sources.extend(args.commands.iter().map(|path| Source {
        place: Place::File(path.clone()),
        layout: Layout::Commands,
    }));
    problems.extend(
        sources
            .iter()
            .filter_map(|source| unreadable(&source.place)),
    );
    let folders = match args.gazetteer.as_slice() {
        [] => &config.gazetteers,
        given => given,
    };
    let geocoder = gazetteer::geocoder(folders).unwrap_or_else(|found| {
        problems.extend(found);
        Geocoder::default()
    });
    let (Ok(rules), Ok(fences), true) = (rules, fences, problems.is_empty()) else {
        return Err(Stopped::Input(problems));
    };
    let mut plan = Plan {
        sources,
        fences,
        rules,
        rule_edits: Vec::new(),
        track: config.track(),
        geocoder,
        picture: config.picture(),
        sort: args.sort,
        reorder: config.reorder,
        now,
        is_now: args.now.is_some(),
        threads: args.threads,
        speed: args.speed,
    };
    if let (Some(from), Some(to)) = (&args.from, &args.to) {
        let range = (time("--from", from)?, time("--to", to)?);
        recorded::read(args, &config, range, &mut plan)?;
    }
    Ok(plan)
}

fn time(option: &str, text: &str) -> Result<Timestamp, Stopped> {
    let example = "such as 2026-08-30T12:00:00Z";
    let problem = || Stopped::Usage(format!("{option} {text} is no RFC 3339 time, {example}"));
    wire::time::parse_rfc3339(text).ok_or_else(problem)
}

fn input(problems: &Problems) -> Stopped {
    Stopped::Input(problems.0.iter().map(ToString::to_string).collect())
}

/// A file of records: of the contract, or of a feed when the name of one stands before it.
fn source(config: &Config, kind: Kind, name: &str) -> Result<Source, String> {
    let (feed, path) = match name.split_once('=') {
        Some((feed, path)) if !Path::new(name).exists() => (Some(feed), path),
        _ => (None, name),
    };
    let layout = match feed {
        None => Layout::Reports(kind, config.lateness_of(kind)),
        Some(feed) => match config.feeds.iter().find(|known| known.name == feed) {
            Some(known) if known.kind == kind => Layout::Feed(Box::new(known.clone())),
            Some(_) => {
                return Err(format!(
                    "{name}: feed {feed} is not of {} reports; use the other option",
                    kind.label()
                ));
            }
            None => {
                let known: Vec<_> = config.feeds.iter().map(|feed| feed.name.as_str()).collect();
                return Err(format!(
                    "{name}: there is no feed {feed}; the config has: {}",
                    known.join(", ")
                ));
            }
        },
    };
    Ok(Source {
        place: Place::File(path.into()),
        layout,
    })
}

fn unreadable(place: &Place) -> Option<String> {
    let Place::File(path) = place else {
        return None;
    };
    let error = std::fs::File::open(path).err()?;
    Some(format!("{}: cannot be opened: {error}", path.display()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the run starts now; --now replaces it"
)]
fn wall_clock() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO);
    i64::try_from(since.as_millis())
        .ok()
        .and_then(Timestamp::from_millis)
        .unwrap_or_default()
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a run took is told, and decides nothing"
)]
fn now_instant() -> Instant {
    Instant::now()
}

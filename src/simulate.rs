//! Worlds that never were, over an inner London that is: seeded, and the same for ever.
//!
//! `tell` makes the records of a replay together with the truth about them; `story` is the world that
//! the demo plays. Nothing here reads a clock: the start is an argument. The truth is computed from the
//! records as written by the plainest arithmetic, never with Cordon's own path or geometry.

mod fault;
mod ground;
mod job;
pub mod known;
mod places;
mod random;
mod script;
pub mod sink;
pub mod story;
mod truth;
mod unit;
mod world;

use std::path::Path;
use std::time::Duration;

use crate::domain::reject::Reason;
use crate::domain::report::{Body, IncidentState, Location, Report};
use crate::domain::time::Timestamp;
use crate::io::wire;
use crate::simulate::fault::{Fault, Faults};
use crate::simulate::ground::{Spot, Zone};
use crate::simulate::script::Script;
use crate::simulate::sink::{Files, Sink, Stream};
use crate::simulate::truth::{Said, Truth};
use crate::simulate::unit::EMERGENCY;
use crate::simulate::world::{Tick, World};

pub use ground::FenceFeature;
pub use story::Story;

/// 2026-08-30T12:00:00Z.
const DEFAULT_START_MS: i64 = 1_788_091_200_000;
/// Fewest resources: those that have a part, and a patrol in every sector.
pub const MIN_RESOURCES: usize = 20;
/// Most resources.
pub const MAX_RESOURCES: usize = 1_000_000;
/// Longest time between two reports of a resource, seconds: far from where Cordon gives it up.
const MAX_SILENCE_S: f64 = 1200.0;

/// What goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// An ordinary day.
    Routine,
    /// A march with stewards, closed roads and a sterile zone that somebody enters.
    Event,
    /// Disorder that spreads, units that converge on it, and a sector left empty.
    Disorder,
}

impl Scenario {
    /// Every scenario.
    pub const ALL: [Self; 3] = [Self::Routine, Self::Event, Self::Disorder];

    /// The word on the command line.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Routine => "routine",
            Self::Event => "event",
            Self::Disorder => "disorder",
        }
    }
}

/// What to simulate.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// What goes on.
    pub scenario: Scenario,
    /// Decides everything that is left to chance.
    pub seed: u64,
    /// Records a second, 0.1 to 1,000,000.
    pub rate: f64,
    /// Length, 1 to 1440 minutes.
    pub minutes: u32,
    /// Event time of the first record.
    pub start: Timestamp,
    /// How many resources there are; left out, each reports about every five seconds.
    pub resources: Option<usize>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            scenario: Scenario::Routine,
            seed: 1,
            rate: 20.0,
            minutes: 10,
            start: Timestamp::from_millis(DEFAULT_START_MS).unwrap_or_default(),
            resources: None,
        }
    }
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Resources that report.
    pub resources: usize,
    /// Incidents that were opened.
    pub incidents: usize,
    /// Lines of `positions.ndjson`.
    pub position_lines: u64,
    /// Lines of `incidents.ndjson`.
    pub incident_lines: u64,
    /// Lines of `positions.ndjson` that are late or to be refused.
    pub faults: u64,
    /// Fences.
    pub fences: usize,
    /// Lines of `truth.ndjson`.
    pub truths: u64,
}

impl Settings {
    /// How long it goes on, seconds.
    #[must_use]
    pub fn length_s(&self) -> u64 {
        u64::from(self.minutes) * 60
    }

    /// How many resources there are.
    ///
    /// # Errors
    /// When a setting is out of its range, or so many would report too rarely.
    pub fn checked_resources(&self) -> anyhow::Result<usize> {
        anyhow::ensure!(
            (0.1..=1e6).contains(&self.rate),
            "rate is {}, expected 0.1 to 1000000 records a second",
            self.rate
        );
        anyhow::ensure!(
            (1..=1440).contains(&self.minutes),
            "minutes is {}, expected 1 to 1440",
            self.minutes
        );
        let resources = self.resources.unwrap_or_else(|| {
            usize::try_from(whole(self.rate * 5.0))
                .unwrap_or(usize::MAX)
                .clamp(MIN_RESOURCES, 50_000)
        });
        anyhow::ensure!(
            (MIN_RESOURCES..=MAX_RESOURCES).contains(&resources),
            "resources is {resources}, expected {MIN_RESOURCES} to {MAX_RESOURCES}"
        );
        let silence_s = as_f64(resources as u64) / self.rate;
        anyhow::ensure!(
            silence_s <= MAX_SILENCE_S,
            "each of {resources} resources would report every {silence_s:.0} s only, and be given up: \
             raise the rate or lower the resources"
        );
        Ok(resources)
    }
}

/// Writes `positions.ndjson`, `incidents.ndjson`, `fences.geojson` and `truth.ndjson` into `folder`,
/// which is made where it is missing.
///
/// # Errors
/// When a setting is out of its range, or a file cannot be written.
pub fn write(settings: &Settings, folder: &Path) -> anyhow::Result<Summary> {
    settings.checked_resources()?;
    let mut files = Files::create(folder)?;
    let summary = tell(settings, &mut files, |_| {})?;
    files.finish()?;
    Ok(summary)
}

/// Tells a world to `sink`, and to `progress` how many of its seconds are told.
///
/// The truth is that of a replay of these records with the packaged rules, without a gazetteer and
/// with a `--now` between the end of the world and the year 2099.
///
/// # Errors
/// When a setting is out of its range, or the sink takes a record no more.
pub fn tell(
    settings: &Settings,
    sink: &mut dyn Sink,
    mut progress: impl FnMut(u64),
) -> anyhow::Result<Summary> {
    let resources = settings.checked_resources()?;
    let length_s = settings.length_s();
    let script = Script::of(settings.scenario, length_s, settings.rate);
    let world = World::new(settings.seed, resources, script);
    let features: Vec<_> = world.zones.iter().map(Zone::feature).collect();
    sink.fences(&features)?;
    let mut writer = Writer {
        sink,
        truth: Truth::new(&world.zones),
        faults: Faults::new(settings.seed),
        summary: Summary {
            resources,
            fences: features.len(),
            ..Summary::default()
        },
        buffer: Vec::new(),
    };
    let mut world = Paced::new(world, settings);
    for second in 0..length_s {
        world.second(second, &mut writer)?;
        progress(second + 1);
    }
    writer.truth.end();
    writer.take_truth()?;
    Ok(Summary {
        incidents: world.world.opened,
        truths: writer.truth.count,
        ..writer.summary
    })
}

/// A world whose units report in turn, at the rate that was asked for.
struct Paced {
    world: World,
    start: Timestamp,
    rate: f64,
    /// Milliseconds since the start at which each unit reported last.
    last_ms: Vec<u64>,
    next_unit: usize,
    /// Records so far.
    written: u64,
}

impl Paced {
    fn new(world: World, settings: &Settings) -> Self {
        Self {
            last_ms: vec![0; world.units.len()],
            world,
            start: settings.start,
            rate: settings.rate,
            next_unit: 0,
            written: 0,
        }
    }

    fn second(&mut self, second: u64, writer: &mut Writer<'_>) -> anyhow::Result<()> {
        let at = self.start + Duration::from_secs(second);
        let Tick {
            statuses,
            incidents,
        } = self.world.tick(second, at);
        self.written += (statuses.len() + incidents.len()) as u64;
        for status in &statuses {
            writer.status(status)?;
        }
        for (report, spot) in &incidents {
            writer.incident(report, *spot)?;
        }
        let due = whole(as_f64(second + 1) * self.rate).saturating_sub(self.written);
        for turn in 0..due {
            let ms = second * 1000 + turn * 1000 / due;
            let number = self.next_unit;
            self.next_unit = (number + 1) % self.world.units.len();
            let passed = as_f64(ms - self.last_ms[number]) / 1000.0;
            self.last_ms[number] = ms;
            let at = self.start + Duration::from_millis(ms);
            let report = self.world.position(number, passed, at);
            writer.position(&report)?;
        }
        self.written += due;
        Ok(())
    }
}

/// Where the records go, and what is true of them.
struct Writer<'s> {
    sink: &'s mut dyn Sink,
    truth: Truth,
    faults: Faults,
    summary: Summary,
    buffer: Vec<u8>,
}

impl Writer<'_> {
    fn position(&mut self, report: &Report) -> anyhow::Result<()> {
        self.report(Stream::Positions, report)?;
        self.witness(report, spot_of(report));
        if status_of(report) == Some(EMERGENCY) {
            return self.take_truth();
        }
        if let Some((fault, report, line)) = self.faults.after(report) {
            self.summary.faults += 1;
            self.line(Stream::Positions, &report.subject.id, &line)?;
            match fault {
                Fault::Late => self.witness(&report, spot_of(&report)),
                Fault::Refused(reason) => {
                    let line = self.summary.position_lines;
                    self.truth.reject(reason, "positions", line);
                }
            }
        }
        self.take_truth()
    }

    fn status(&mut self, report: &Report) -> anyhow::Result<()> {
        self.report(Stream::Positions, report)?;
        self.witness(report, None);
        if let (Some(at), Some(EMERGENCY)) = (report.at, status_of(report)) {
            self.truth
                .alert("officer-emergency", &report.subject.id, at);
        }
        self.take_truth()
    }

    fn incident(&mut self, report: &Report, spot: Option<Spot>) -> anyhow::Result<()> {
        self.report(Stream::Incidents, report)?;
        let (Some(at), Body::Incident(incident)) = (report.at, &report.body) else {
            return Ok(());
        };
        if spot.is_none() {
            let line = self.summary.incident_lines;
            self.truth.reject(Reason::Unlocatable, "incidents", line);
            let first = incident.state == Some(IncidentState::Open);
            if first && incident.grade.as_deref() == Some("I") {
                self.truth
                    .alert("immediate-unplaced", &report.subject.id, at);
            }
        }
        if incident.state == Some(IncidentState::Closed) {
            self.truth.close(&report.subject.id, at);
        } else {
            self.witness(report, spot);
        }
        self.take_truth()
    }

    fn witness(&mut self, report: &Report, spot: Option<Spot>) {
        if let Some(at) = report.at {
            let said = match &report.body {
                Body::Resource(resource) => Said {
                    class: resource.class.as_deref(),
                    status: resource.status.as_deref(),
                },
                Body::Incident(_) => Said::default(),
            };
            self.truth.report(&report.subject.id, at, spot, said);
        }
    }

    fn take_truth(&mut self) -> anyhow::Result<()> {
        let lines = self.truth.lines.trim_ascii_end();
        if !lines.is_empty() {
            self.sink.record(Stream::Truth, "", lines)?;
        }
        self.truth.lines.clear();
        Ok(())
    }

    fn report(&mut self, stream: Stream, report: &Report) -> anyhow::Result<()> {
        let mut line = std::mem::take(&mut self.buffer);
        line.clear();
        wire::report::encode(report, &mut line);
        self.line(stream, &report.subject.id, &line)?;
        self.buffer = line;
        Ok(())
    }

    fn line(&mut self, stream: Stream, subject: &str, line: &[u8]) -> anyhow::Result<()> {
        match stream {
            Stream::Positions => self.summary.position_lines += 1,
            Stream::Incidents => self.summary.incident_lines += 1,
            Stream::Truth => {}
        }
        self.sink.record(stream, subject, line)
    }
}

fn spot_of(report: &Report) -> Option<Spot> {
    match report.location {
        Some(Location::Degrees { lat, lng }) => Some(Spot::new(lat, lng)),
        _ => None,
    }
}

fn status_of(report: &Report) -> Option<&str> {
    match &report.body {
        Body::Resource(resource) => resource.status.as_deref(),
        Body::Incident(_) => None,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "seconds and records are far below 2^53"
)]
fn as_f64(number: u64) -> f64 {
    number as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "numbers from 0 to 1e12, and a cast saturates"
)]
fn whole(number: f64) -> u64 {
    number as u64
}

#[cfg(test)]
mod tests;

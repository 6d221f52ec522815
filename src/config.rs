//! Configuration: checked whole before anything is bound or opened, with every problem at once.
//!
//! Three layers: the packaged `config/cordon.toml`, a file, the environment. What comes out is plain
//! and valid; nothing checks it again. Passed by value, no globals.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use h3o::Resolution;

use crate::alert::rule::RuleSet;
use crate::domain::fence::FenceEdit;
use crate::domain::ids::Kind;
use crate::domain::report::Text;
use crate::domain::vocabulary::Vocabulary;
use crate::io::kafka::settings::KafkaSettings;
use crate::io::wire::feed::Feed;
use crate::picture;
use crate::track;
use crate::window::WindowSpec;

pub mod check;
mod codes;
mod feeds;
pub mod fences;
mod kafka;
pub mod manifest;
pub mod problem;
mod reader;
pub mod rules;
pub mod span;
#[cfg(test)]
mod tests;
mod tree;
pub mod web;

use problem::{Notes, Place, Problems};
use reader::{Placed, Table};
use tree::Document;

/// The annotated defaults; this file is the documentation of every key.
pub const DEFAULTS: &str = include_str!("../config/cordon.toml");

/// What the names of variables start with: `CORDON__TRACK__REORDER_MS` is `reorder_ms` of `[track]`.
const PREFIX: &str = "CORDON__";

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
/// Longer than anything in a control room, short enough that no sum of two overflows.
const YEAR: Duration = Duration::from_hours(8784);

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The force's codes.
    pub vocabulary: Vocabulary,
    /// Names for several status codes, which rules may use.
    pub status_groups: StatusGroups,
    /// How late a report may be, where its feed does not say.
    pub lateness: Lateness,
    /// How far beyond its arrival a report's time may lie.
    pub future_skew: Duration,
    /// How long the track holds reports to put them in order; zero: not at all.
    pub reorder: Duration,
    /// Threads that the track shares its partitions among; zero: as many as the machine has cores.
    pub track_threads: usize,
    /// How finely the track tells moves, where a rule asks who is near whom.
    pub moves: track::subject::moves::Moves,
    /// How long the picture holds facts to put them in order.
    pub picture_reorder: Duration,
    /// The windows to keep; no two are the same.
    pub windows: Vec<WindowSpec>,
    /// Feeds that look different, by unique names, in the order of the files.
    pub feeds: Vec<Feed>,
    /// Fence files that `fences` was read from.
    pub fence_files: Vec<PathBuf>,
    /// The fences that hold from the start; no id stands twice.
    pub fences: Vec<FenceEdit>,
    /// Rule files that `rules` was read from; none where it is the packaged one.
    pub rule_files: Vec<PathBuf>,
    /// What to be alerted of.
    pub rules: RuleSet,
    /// How serving is set up.
    pub web: web::WebConfig,
    /// How to reach Kafka.
    pub kafka: KafkaSettings,
    /// Folders of gazetteers, the first one's answers before those of the next; without any only
    /// coordinates and grid references are located.
    pub gazetteers: Vec<PathBuf>,
}

/// Names for several status codes.
pub type StatusGroups = BTreeMap<Text, BTreeSet<Text>>;

/// How much older than its subject's newest report one may be and still count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Lateness {
    /// Of resources.
    pub resources: Duration,
    /// Of incidents.
    pub incidents: Duration,
}

impl Config {
    /// The defaults under `file`, where there is one, under `environment`: pairs of name and value,
    /// of which only those that begin with `CORDON__` count.
    ///
    /// # Errors
    /// Every problem of all layers and of the feed, rule and fence files that they name.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Problems> {
        let notes = Notes::default();
        let text = file.and_then(|path| Some((path, read_file(path, &notes)?)));
        let config = Self::read(
            text.as_ref().map(|(path, text)| (*path, text.as_str())),
            environment,
            &notes,
        );
        notes.settle(config)
    }

    /// What `text` of `file` says over the defaults. Complete unless something was noted.
    fn read(
        file: Option<(&Path, &str)>,
        environment: impl IntoIterator<Item = (String, String)>,
        notes: &Notes,
    ) -> Self {
        let mut document = Document::parse(Path::new("defaults of cordon"), DEFAULTS, notes);
        if let Some((path, text)) = file {
            document.overlay(Document::parse(path, text, notes));
        }
        lay_environment(&mut document, environment, notes);
        Self::from_table(&mut Table::root(document, notes), notes)
    }

    /// A value that is missing or does not fit is noted; what stands in its place here is never seen.
    fn from_table(root: &mut Table<'_>, notes: &Notes) -> Self {
        let (vocabulary, status_groups) = codes::read(root);
        let codes = rules::Codes {
            vocabulary: &vocabulary,
            groups: &status_groups,
            complete: notes.is_empty(),
        };
        let lateness = section(root, "lateness", read_lateness);
        let rule_files = section(root, "rules", read_files);
        let rules = rules::read_files(&rule_files, codes, notes);
        let fence_files = section(root, "fences", read_files);
        let (reorder, track_threads, moves) = section(root, "track", read_track);
        Self {
            vocabulary,
            status_groups,
            feeds: feeds::read(root, lateness, notes),
            lateness,
            future_skew: section(root, "future", |future| {
                future
                    .required("skew")
                    .duration(Duration::ZERO..=DAY)
                    .unwrap_or_default()
            }),
            reorder,
            track_threads,
            moves,
            picture_reorder: section(root, "picture", |picture| {
                picture
                    .required("reorder")
                    .duration(Duration::ZERO..=HOUR)
                    .unwrap_or_default()
            }),
            windows: read_windows(root),
            fences: fences::read_files(&fence_files, notes),
            fence_files: values(fence_files),
            rule_files: values(rule_files),
            rules,
            web: section(root, "web", web::read),
            kafka: section(root, "kafka", kafka::read),
            gazetteers: section(root, "geocoder", |geocoder| {
                values(geocoder.required("gazetteers").paths())
            }),
        }
    }
}

fn read_track(track: &mut Table<'_>) -> (Duration, usize, track::subject::moves::Moves) {
    let ms = track.required("reorder_ms").integer(0..=3_600_000u64);
    let threads = track.required("threads").integer(0..=256usize);
    let distance_m = track.required("moved_m").number(0.0..=100_000.0);
    let after = track
        .required("moved_after")
        .duration(Duration::ZERO..=HOUR);
    let moves = track::subject::moves::Moves {
        distance_m: distance_m.unwrap_or_default(),
        after: after.unwrap_or_default(),
    };
    let reorder = Duration::from_millis(ms.unwrap_or_default());
    (reorder, threads.unwrap_or_default(), moves)
}

/// What the stages are made with.
impl Config {
    /// How late reports of `kind` may be, where their feed does not say.
    #[must_use]
    pub fn lateness_of(&self, kind: Kind) -> Duration {
        match kind {
            Kind::Resource => self.lateness.resources,
            Kind::Incident => self.lateness.incidents,
        }
    }

    /// Of the first stage.
    #[must_use]
    pub fn track(&self) -> track::Config {
        let finest = self.windows.iter().map(|window| window.resolution).max();
        track::Config {
            vocabulary: Arc::new(self.vocabulary.clone()),
            future_skew: self.future_skew,
            fact_resolution: finest.unwrap_or(Resolution::Nine).max(Resolution::Nine),
            moves: self.moves,
        }
    }

    /// Of the second stage. Windows stay open for the latest of all feeds.
    #[must_use]
    pub fn picture(&self) -> picture::Config {
        let latest = |kind| {
            let feeds = self.feeds.iter().filter(|feed| feed.kind == kind);
            feeds
                .map(|feed| feed.lateness)
                .fold(self.lateness_of(kind), Duration::max)
        };
        picture::Config {
            reorder: self.picture_reorder,
            resource_lateness: latest(Kind::Resource),
            incident_lateness: latest(Kind::Incident),
            windows: self.windows.clone(),
        }
    }
}

/// The packaged `config/cordon.toml`.
impl Default for Config {
    fn default() -> Self {
        let notes = Notes::default();
        let config = Self::read(None, [], &notes);
        #[expect(clippy::expect_used, reason = "a test reads the same constant text")]
        notes.settle(config).expect("the packaged config is valid")
    }
}

/// The variables of this process that concern Cordon.
#[must_use]
pub fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .map(|(name, value)| {
            let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
            (text(name), text(value))
        })
        .filter(|(name, _)| name.starts_with(PREFIX))
        .collect()
}

fn lay_environment(
    document: &mut Document,
    environment: impl IntoIterator<Item = (String, String)>,
    notes: &Notes,
) {
    // Sorted, so that of two names for one key the same one wins always.
    let variables: BTreeMap<_, _> = environment.into_iter().collect();
    for (name, value) in &variables {
        let Some(keys) = name.strip_prefix(PREFIX) else {
            continue;
        };
        let keys = keys.to_lowercase();
        let path: Vec<_> = keys.split("__").collect();
        if path.contains(&"") {
            let place = Place::Variable(name.as_str().into());
            notes.add(
                &place,
                "",
                "names no key",
                "write it as CORDON__SECTION__KEY",
            );
        } else {
            document.overlay_variable(name, &path, value);
        }
    }
}

/// What `read` makes of the section `key`; the defaults hold every section.
fn section<T: Default>(
    root: &mut Table<'_>,
    key: &str,
    read: impl FnOnce(&mut Table<'_>) -> T,
) -> T {
    root.required(key)
        .table()
        .map(|mut table| read(&mut table))
        .unwrap_or_default()
}

fn read_files(table: &mut Table<'_>) -> Vec<Placed<PathBuf>> {
    table.required("files").paths()
}

fn values<T>(placed: Vec<Placed<T>>) -> Vec<T> {
    placed.into_iter().map(|placed| placed.value).collect()
}

fn read_lateness(table: &mut Table<'_>) -> Lateness {
    let mut of = |key| {
        let lateness = table.required(key).duration(Duration::ZERO..=DAY);
        lateness.unwrap_or_default()
    };
    Lateness {
        resources: of("resources"),
        incidents: of("incidents"),
    }
}

fn read_windows(root: &mut Table<'_>) -> Vec<WindowSpec> {
    let mut windows = Vec::new();
    for mut table in root.required("window").tables() {
        let width = table.required("width").duration(MINUTE..=7 * DAY);
        let slide = table
            .optional("slide")
            .duration(Duration::from_secs(1)..=DAY);
        let resolution = table.optional("resolution").integer(6..=10u8).unwrap_or(9);
        let (Some(width), Ok(resolution)) = (width, Resolution::try_from(resolution)) else {
            continue;
        };
        if let Some(slide) = slide
            && (slide >= width || width.as_millis() % slide.as_millis() != 0)
        {
            table.wrong(
                format!(
                    "slide {} does not divide width {}",
                    span::show(slide),
                    span::show(width)
                ),
                "give a slide that goes into the width 2 times or more, without remainder",
            );
        }
        let window = WindowSpec {
            width,
            slide,
            resolution,
        };
        if windows.contains(&window) {
            table.wrong("there is the same window above", "delete one of them");
        }
        windows.push(window);
    }
    windows
}

fn read_file(path: &Path, notes: &Notes) -> Option<String> {
    std::fs::read_to_string(path)
        .map_err(|error| unreadable(&Place::File(path.into()), "", path, &error, notes))
        .ok()
}

/// Reads a file that `named` names.
fn read_named(named: &Placed<PathBuf>, notes: &Notes) -> Option<String> {
    std::fs::read_to_string(&named.value)
        .map_err(|error| unreadable(&named.place, &named.key, &named.value, &error, notes))
        .ok()
}

fn unreadable(place: &Place, key: &str, path: &Path, error: &std::io::Error, notes: &Notes) {
    let what = format!("{} cannot be read ({error})", path.display());
    notes.add(
        place,
        key,
        what,
        "give the path of a text file that can be read",
    );
}

//! A feed that looks different: how its records become our reports.
//!
//! Only mapped fields are kept; everything else is dropped before anything is stored.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::ids::Kind;

mod cells;
mod decode;
mod target;
mod time;

pub use decode::{Decoder, MissingColumns, Row};
pub use target::Target;
pub use time::{InvalidTimeFormat, TimeFormat};

/// A `[[feed]]` of the config.
///
/// ```toml
/// [[feed]]
/// name = "command-and-control"       # used on the command line: --incidents command-and-control=FILE
/// kind = "incident"                  # "resource" or "incident"
/// format = "json"                    # "json": an object a line; "csv": a header, then rows
/// topic = "cad.events"               # json only: read from this topic while `run` runs
/// lateness = "10m"                   # default: 30s for resources, 10m for incidents
/// blank_coordinates = "empty_text"   # incidents; default "absent". "empty_text": blank coordinates
///                                    # count as an empty text, so the incident is `unlocatable` and
///                                    # goes on unplaced; "absent": it is refused as `missing_field`
///
/// [feed.fields]                      # field of our report = where it comes from
/// subject  = { template = "CAD-{job.number}" }    # {path}s and {line}, the 1-based line (offset + 1)
/// at       = { template = "{job.date} {job.time}", format = "%d/%m/%Y %H:%M:%S", zone = "Europe/London" }
/// easting  = "job.place.x"           # a bare text is { path = "..." }: dotted, list items by number;
/// northing = "job.place.y"           #   one that starts with "/" is a JSON pointer; in CSV a column
/// grade    = { path = "job.priority", table = { "1" = "I", "2" = "S" }, otherwise = "R" }
/// category = { path = "job.type", table = { "STAB" = "violence.knife" } }
/// codes    = { path = "job.flag", table = { "F" = "firearms" }, otherwise_drop = true }
/// state    = { constant = "open" }
/// # speed_mps = { path = "speed_knots", scale = 0.514444 }     # resources: the number times `scale`
/// ```
///
/// Keys of a field: exactly one of `path`, `constant`, `template`; then, each optional,
/// - `table` (code table, from = to) and what happens to a code that is not in it: it stays (default),
///   becomes the text `otherwise`, or with `otherwise_drop = true` counts as blank;
/// - `scale` (numbers only);
/// - `format` and `zone` (`at` and `attended_at` only): `rfc3339` (default), `unix_s`, `unix_ms`, or a
///   strftime pattern. `zone` is an IANA name, needed where the pattern holds no offset. A local time
///   that a clock change makes ambiguous takes the earlier of its two moments; one that it skips is
///   moved forward by the gap.
///
/// Fields are those of [`Target`]. The coordinate system is in their names: `lat` and `lon` are
/// WGS 84 degrees, `easting` and `northing` EPSG:27700 metres. Blank values (missing, null, or only
/// white space) are absent. Where a record fills several forms of an incident's place, one counts: the
/// first of coordinates, grid coordinates, `grid`, `uprn`, `postcode`, `text`.
#[derive(Clone, Debug, PartialEq)]
pub struct Feed {
    /// Its name on the command line and in messages.
    pub name: String,
    /// What its records are about.
    pub kind: Kind,
    /// The layout of its records.
    pub format: FeedFormat,
    /// The topic that it is read from while Cordon runs; its records are JSON.
    pub topic: Option<String>,
    /// How much older than its subject's newest report one may be.
    pub lateness: Duration,
    /// What blank coordinates of an incident mean.
    pub blank_coordinates: BlankCoordinates,
    /// Where each field of our report comes from.
    pub fields: BTreeMap<Target, Source>,
}

/// The layout of a feed's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedFormat {
    /// `json`: one object a record.
    Json,
    /// `csv`: a header with the names of the columns, then a row a record.
    Csv,
}

/// What it means when every mapped coordinate of an incident is blank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum BlankCoordinates {
    /// `absent`: the location is missing.
    #[default]
    Absent,
    /// `empty_text`: somebody wrote no place; the incident goes on unplaced.
    EmptyText,
}

/// Where one field of a report comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The value as it stands in the record.
    pub origin: Origin,
    /// Code table over that value.
    pub table: Option<Table>,
    /// Factor from the record's unit to ours, such as 0.514444 from knots to m/s.
    pub scale: Option<f64>,
    /// How a time is written; `None` is RFC 3339 with an offset.
    pub time: Option<TimeFormat>,
}

/// What a value is taken from.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// One value of the record.
    Path(String),
    /// The same for every record.
    Constant(String),
    /// Words with values between them.
    Template(Template),
}

/// A code table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The record's code = ours.
    pub entries: BTreeMap<String, String>,
    /// What becomes of a code that is not among them.
    pub otherwise: Otherwise,
}

/// What becomes of a code that its table does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Otherwise {
    /// It stays as it is.
    Keep,
    /// It counts as blank (`otherwise_drop = true`).
    Drop,
    /// It becomes this one.
    Value(String),
}

/// Words with values of the record between them, such as `SAS-{line}` or `{date} {time}`. It is blank
/// where one of its values is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Words(String),
    Line,
    Path(String),
}

/// Braces that do not match, or hold nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a {{ needs a path and a }}, such as SAS-{{line}} or {{date}} {{time}}")]
pub struct InvalidTemplate;

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// When a brace is not closed or nothing stands in it.
    pub fn parse(text: &str) -> Result<Self, InvalidTemplate> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((words, after)) = rest.split_once('{') {
            let (path, after) = after.split_once('}').ok_or(InvalidTemplate)?;
            if !words.is_empty() {
                pieces.push(Piece::Words(words.to_owned()));
            }
            pieces.push(match path {
                "" => return Err(InvalidTemplate),
                "line" => Piece::Line,
                path => Piece::Path(path.to_owned()),
            });
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Words(rest.to_owned()));
        }
        Ok(Self(pieces))
    }
}

impl Source {
    /// The value at `path` as it stands.
    #[must_use]
    pub fn path(path: &str) -> Self {
        Self::of(Origin::Path(path.to_owned()))
    }

    /// `origin` as it stands.
    #[must_use]
    pub fn of(origin: Origin) -> Self {
        Self {
            origin,
            table: None,
            scale: None,
            time: None,
        }
    }
}

/// How much older than its subject's newest report one of `kind` may be, where a feed does not say.
#[must_use]
pub fn default_lateness(kind: Kind) -> Duration {
    match kind {
        Kind::Resource => Duration::from_secs(30),
        Kind::Incident => Duration::from_mins(10),
    }
}

impl Feed {
    /// What is wrong with the mapping as a whole, each with the key and the fix; empty when it is
    /// sound.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let has = |target| self.fields.contains_key(&target);
        for required in [Target::Subject, Target::At] {
            if !has(required) {
                let field = required.label();
                problems.push(format!(
                    "fields.{field} is missing: say where it comes from"
                ));
            }
        }
        if self.topic.is_some() && self.format == FeedFormat::Csv {
            problems.push("topic has records of JSON: give format = \"json\"".to_owned());
        }
        for (one, other) in Target::PAIRS {
            let lonely = match (has(one), has(other)) {
                (true, false) => Some((one, other)),
                (false, true) => Some((other, one)),
                _ => None,
            };
            if let Some((given, missing)) = lonely {
                let (given, missing) = (given.label(), missing.label());
                problems.push(format!("fields.{given} needs fields.{missing} beside it"));
            }
        }
        if self.kind == Kind::Incident && !Target::LOCATION.into_iter().any(has) {
            problems.push(
                "fields of an incident need a place: lat and lon, easting and northing, grid, \
                 postcode, uprn or text"
                    .to_owned(),
            );
        }
        for (target, source) in &self.fields {
            let field = target.label();
            if !target.is_of(self.kind) {
                let kind = self.kind.label();
                problems.push(format!(
                    "fields.{field} is no field of a feed of kind \"{kind}\": delete it"
                ));
            }
            if source.scale.is_some() && !target.is_number() {
                problems.push(format!("fields.{field}.scale is for numbers: delete it"));
            }
            if source.time.is_some() && !target.is_time() {
                problems.push(format!(
                    "fields.{field}.format is for at and attended_at: delete it"
                ));
            }
        }
        problems
    }
}

/// The 1-based line of a file where a CSV row begins.
///
/// Where lines end with CR LF the reader counts a line less, since the LF belongs to the row that
/// follows; the number of the row makes up for that.
#[must_use]
pub fn line_of(row: &csv::ByteRecord) -> u64 {
    row.position()
        .map_or(0, |position| position.line().max(position.record() + 1))
}

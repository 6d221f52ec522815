//! `[[feed]]` tables, in the config or in files that it names.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use crate::config::problem::{Notes, Place};
use crate::config::reader::{Field, Table, nearest};
use crate::config::tree::Document;
use crate::config::{DAY, Lateness, read_named};
use crate::domain::ids::Kind;
use crate::io::kafka::topics;
use crate::io::wire::feed::{
    BlankCoordinates, Feed, FeedFormat, Origin, Otherwise, Source, Table as CodeTable, Target,
    Template, TimeFormat,
};

/// The feeds of a config: those of the files that `feeds` names, then its own.
pub(super) fn read(root: &mut Table<'_>, lateness: Lateness, notes: &Notes) -> Vec<Feed> {
    let mut feeds = Vec::new();
    for named in root.required("feeds").paths() {
        if let Some(text) = read_named(&named, notes) {
            read_file(&named.value, &text, lateness, &mut feeds, notes);
        }
    }
    read_tables(root, lateness, &mut feeds);
    feeds
}

/// The feeds of a file that holds nothing else.
pub(super) fn read_file(
    file: &Path,
    text: &str,
    lateness: Lateness,
    feeds: &mut Vec<Feed>,
    notes: &Notes,
) {
    let mut root = Table::root(Document::parse(file, text, notes), notes);
    if !root.has("feed") {
        root.wrong(
            "it holds no feed",
            "write a [[feed]], or do not name the file",
        );
    }
    read_tables(&mut root, lateness, feeds);
}

fn read_tables(root: &mut Table<'_>, lateness: Lateness, feeds: &mut Vec<Feed>) {
    for mut table in root.tables("feed") {
        let feed = read_feed(&mut table, lateness);
        if let Some(topic) = &feed.topic {
            let reads = |known: &&Feed| known.topic.as_ref() == Some(topic);
            if let Some(other) = feeds.iter().find(reads) {
                let what = format!(
                    "topic \"{topic}\" is read by feed \"{}\" already",
                    other.name
                );
                table.wrong(what, "give one of them another topic");
            }
            if topics::is_ours(topic) {
                let what = format!("topic \"{topic}\" is one of Cordon's own");
                table.wrong(what, "name the topic that the feed writes to");
            }
        }
        let repeats = |known: &Feed| !feed.name.is_empty() && known.name == feed.name;
        if feeds.iter().any(repeats) {
            table.wrong(
                format!("there is a feed named \"{}\" already", feed.name),
                "give it another name",
            );
        }
        feeds.push(feed);
    }
}

fn read_feed(table: &mut Table<'_>, lateness: Lateness) -> Feed {
    let name = table.required("name").text();
    let kind = table.required("kind").one_of(&[
        (Kind::Resource.label(), Kind::Resource),
        (Kind::Incident.label(), Kind::Incident),
    ]);
    let format = table
        .required("format")
        .one_of(&[("json", FeedFormat::Json), ("csv", FeedFormat::Csv)]);
    let topic = table.optional("topic").text();
    let lateness_given = table
        .optional("lateness")
        .duration(Duration::ZERO..=31 * DAY);
    let blank_coordinates = table.optional("blank_coordinates").one_of(&[
        ("absent", BlankCoordinates::Absent),
        ("empty_text", BlankCoordinates::EmptyText),
    ]);
    let mut places = BTreeMap::new();
    let fields = table.required("fields").table();
    let has_fields = fields.is_some();
    let fields = fields.map(|mut fields| read_fields(&mut fields, &mut places));
    let feed = Feed {
        name: name.as_deref().unwrap_or_default().to_owned(),
        kind: kind.unwrap_or(Kind::Resource),
        format: format.unwrap_or(FeedFormat::Json),
        topic: topic.map(|topic| topic.to_string()),
        lateness: lateness_given.unwrap_or(match kind {
            Some(Kind::Incident) => lateness.incidents,
            _ => lateness.resources,
        }),
        blank_coordinates: blank_coordinates.unwrap_or_default(),
        fields: fields.unwrap_or_default(),
    };
    if kind.is_some() && has_fields {
        for problem in feed.problems() {
            note_whole(table, &problem, &places);
        }
    }
    feed
}

/// Notes what is wrong with the mapping as a whole, at the field that it begins with.
fn note_whole(table: &Table<'_>, problem: &str, places: &BTreeMap<Target, Place>) {
    let (what, fix) = problem
        .split_once(": ")
        .unwrap_or((problem, "add it, or delete the other"));
    let first = what.split(' ').next().unwrap_or_default();
    let place = first
        .strip_prefix("fields.")
        .and_then(|label| Target::ALL.iter().find(|target| begins(label, **target)))
        .and_then(|target| places.get(target));
    match place {
        Some(place) => table.wrong_at(place, what, fix),
        None => table.wrong(what, fix),
    }
}

/// Whether `label` is `target` or a key of it, such as `at.format`.
fn begins(label: &str, target: Target) -> bool {
    let rest = label.strip_prefix(target.label());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn read_fields(
    fields: &mut Table<'_>,
    places: &mut BTreeMap<Target, Place>,
) -> BTreeMap<Target, Source> {
    let mut sources = BTreeMap::new();
    for (label, field) in fields.members() {
        // A dotted key such as rvp.lat is a table in TOML, unless its name is in quotes.
        let inner = if Target::parse(&label).is_none() && is_group(&label) {
            let Some(mut group) = field.table() else {
                continue;
            };
            let members = group.members();
            members
                .into_iter()
                .map(|(member, field)| (format!("{label}.{member}"), field))
                .collect()
        } else {
            vec![(label, field)]
        };
        for (label, field) in inner {
            let Some(target) = Target::parse(&label) else {
                let known = Target::ALL.iter().map(|target| target.label());
                let fix = nearest(&label, known).map_or_else(
                    || "delete it: only fields of our reports are kept".to_owned(),
                    |near| format!("did you mean \"{near}\"?"),
                );
                field.wrong("no such field", fix);
                continue;
            };
            places.insert(target, field.place());
            let source = read_source(field).unwrap_or_else(|| Source::path(""));
            sources.insert(target, source);
        }
    }
    sources
}

fn is_group(label: &str) -> bool {
    let mut labels = Target::ALL.iter().map(|target| target.label());
    labels.any(|known| {
        known
            .strip_prefix(label)
            .is_some_and(|rest| rest.starts_with('.'))
    })
}

fn read_source(field: Field<'_>) -> Option<Source> {
    if field.is_text() {
        return field.text().map(|path| Source::path(&path));
    }
    let mut table = field.table()?;
    let origins: Vec<_> = ["path", "constant", "template"]
        .into_iter()
        .filter(|key| table.has(key))
        .collect();
    if origins.len() != 1 {
        let what = match origins.len() {
            0 => "it says not where the field comes from".to_owned(),
            _ => format!("{} stand together", origins.join(" and ")),
        };
        table.wrong(what, "give exactly one of path, constant, template");
    }
    let path = table.optional("path").text();
    let constant = table.optional("constant").text();
    let template = table.optional("template").parsed(Template::parse);
    let origin = path
        .map(|path| Origin::Path(path.to_string()))
        .or(constant.map(|constant| Origin::Constant(constant.to_string())))
        .or(template.map(Origin::Template));
    let codes = read_code_table(&mut table);
    let scale = table.optional("scale").number(-1e9..=1e9);
    let time = read_time(&mut table);
    let mut source = Source::of(origin?);
    source.table = codes;
    source.scale = scale;
    source.time = time;
    Some(source)
}

fn read_code_table(table: &mut Table<'_>) -> Option<CodeTable> {
    let codes = table.table("table");
    let otherwise = table.optional("otherwise").text();
    let drop = table.optional("otherwise_drop").boolean() == Some(true);
    if otherwise.is_some() && drop {
        table.wrong(
            "otherwise and otherwise_drop stand together",
            "keep one of them",
        );
    }
    let Some(mut codes) = codes else {
        if otherwise.is_some() || drop {
            table.wrong(
                "otherwise has no table that it could complete",
                "give table = { \"from\" = \"to\" } beside it",
            );
        }
        return None;
    };
    let members = codes.members();
    let entries = members
        .into_iter()
        .filter_map(|(from, to)| Some((from, to.text()?.to_string())))
        .collect();
    let otherwise = match otherwise {
        Some(value) => Otherwise::Value(value.to_string()),
        None if drop => Otherwise::Drop,
        None => Otherwise::Keep,
    };
    Some(CodeTable { entries, otherwise })
}

fn read_time(table: &mut Table<'_>) -> Option<TimeFormat> {
    let has_format = table.has("format");
    let format = table.optional("format");
    let zone_field = table.optional("zone");
    if has_format {
        let zone = zone_field.text();
        return format.parsed(|format| TimeFormat::new(format, zone.as_deref()));
    }
    zone_field.parsed(|zone| TimeFormat::new("rfc3339", Some(zone)))
}

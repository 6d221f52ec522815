//! Manifests of gazetteers: `[[source]]` tables, and the files that they name.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::config::problem::{Notes, Place, Problems};
use crate::config::read_file;
use crate::config::reader::{Placed, Table, nearest};
use crate::config::tree::Document;
use crate::domain::feature::FeatureKind;
use crate::domain::position::Position;
use crate::domain::report::Text;
use crate::gazetteer::manifest::{Bounds, Format, Manifest, Source};
use crate::gazetteer::mapping::{Coordinates, Mapping};
use crate::gazetteer::{header, layout, table};

/// What a row of a table can be, by its word.
const KINDS: [(&str, FeatureKind); 10] = [
    ("street", FeatureKind::Street),
    ("postcode", FeatureKind::Postcode),
    ("premises", FeatureKind::Premises),
    ("venue", FeatureKind::Venue),
    ("station", FeatureKind::Station),
    ("place", FeatureKind::Place),
    ("area", FeatureKind::Area),
    ("road", FeatureKind::Road),
    ("marker", FeatureKind::Marker),
    ("uprn", FeatureKind::Uprn),
];

#[derive(Clone, Copy)]
enum Layout {
    Published(fn() -> Format),
    Csv,
    GeoJson,
}

const LAYOUTS: [(&str, Layout); 7] = [
    ("os-open-names", Layout::Published(|| Format::OsOpenNames)),
    (
        "code-point-open",
        Layout::Published(|| Format::CodePointOpen),
    ),
    ("onspd", Layout::Published(|| Format::Onspd)),
    ("os-open-uprn", Layout::Published(|| Format::OsOpenUprn)),
    ("osm-pbf", Layout::Published(|| Format::OsmPbf)),
    ("csv", Layout::Csv),
    ("geojson", Layout::GeoJson),
];

/// The manifest `file`, with every file that it names looked into.
///
/// # Errors
/// Every problem of it and of the layouts of its files.
pub fn load(file: &Path) -> Result<Manifest, Problems> {
    let notes = Notes::default();
    let text = read_file(file, &notes);
    let manifest = text.map(|text| read(file, &text, &notes));
    notes.settle(manifest.unwrap_or_default())
}

/// What `text` of `file` says. Complete unless something was noted.
pub(super) fn read(file: &Path, text: &str, notes: &Notes) -> Manifest {
    let mut root = Table::root(Document::parse(file, text, notes), notes);
    let manifest = Manifest {
        bounds: read_bounds(&mut root),
        sources: root.tables("source").iter_mut().map(read_source).collect(),
    };
    if manifest.sources.is_empty() {
        root.wrong("it names no source", "write a [[source]] for each");
    }
    manifest
}

fn read_bounds(table: &mut Table<'_>) -> Option<Bounds> {
    if !table.has("bounds") {
        return None;
    }
    let field = table.required("bounds");
    let at = Placed {
        place: field.place(),
        key: field.key(),
        value: (),
    };
    let numbers: Vec<f64> = field.numbers().iter().map(|number| number.value).collect();
    let bounds = match numbers.as_slice() {
        [west, south, east, north] => {
            let corner = |lat: &f64, lon: &f64| Position::new(*lat, *lon).ok();
            let corners = corner(south, west).zip(corner(north, east));
            corners.and_then(|(south_west, north_east)| Bounds::new(south_west, north_east))
        }
        _ => None,
    };
    if bounds.is_none() {
        table.wrong_key(
            &at,
            "these are no bounds",
            "give west, south, east and north in degrees, such as [-0.52, 51.28, 0.34, 51.70]",
        );
    }
    bounds
}

fn read_source(table: &mut Table<'_>) -> Source {
    let layout = table.required("format").one_of(&LAYOUTS);
    let path = table.required("path").placed_text();
    let attribution = table.required("attribution").text();
    let licence = table.required("licence").text();
    let name = table.optional("name").text();
    let files = path
        .as_ref()
        .map(|path| find(table, path))
        .unwrap_or_default();
    let mut columns = Vec::new();
    let format = match layout {
        Some(Layout::Published(format)) => format(),
        Some(Layout::Csv) => {
            let delimiter = table
                .optional("delimiter")
                .parsed(delimiter)
                .unwrap_or(b',');
            let mapping = read_mapping(table, true, &mut columns);
            check_columns(table, &files, delimiter, &columns);
            Format::Csv { delimiter, mapping }
        }
        Some(Layout::GeoJson) => Format::GeoJson {
            mapping: read_mapping(table, false, &mut columns),
        },
        None => {
            table.ignore(&["kind", "delimiter", "columns", "where"]);
            Format::OsmPbf
        }
    };
    if let (Some(_), Some(path)) = (layout, &path) {
        for file in &files {
            if let Some(what) = layout::misfit(file, &format) {
                let what = format!(
                    "{} is not of format {}: {what}",
                    file.display(),
                    format.label()
                );
                table.wrong_key(
                    path,
                    &what,
                    "name the file as it was published, or another format",
                );
            }
        }
    }
    let text = |text: Option<Text>| text.map(|text| text.to_string());
    Source {
        name: text(name)
            .or_else(|| Some(files.first()?.file_name()?.to_string_lossy().into_owned()))
            .unwrap_or_default(),
        format,
        files,
        attribution: text(attribution).unwrap_or_default(),
        licence: text(licence).unwrap_or_default(),
    }
}

fn delimiter(text: &str) -> Result<u8, &'static str> {
    match text.as_bytes() {
        [sign] => Ok(*sign),
        _ => Err("give one sign, such as \";\" or \"\\t\""),
    }
}

/// The mapping of a table (`of_table`) or a map; each column that it names goes into `named`.
fn read_mapping(
    table: &mut Table<'_>,
    of_table: bool,
    named: &mut Vec<Placed<Text>>,
) -> Mapping<String> {
    let kind = table.required("kind").one_of(&KINDS);
    let mut only = Vec::new();
    if let Some(mut filters) = table.table("where") {
        for (column, field) in filters.members() {
            let (place, key) = (field.place(), field.key());
            let values = field.texts();
            let values: BTreeSet<String> =
                values.iter().map(|value| value.value.to_string()).collect();
            let value = column.as_str().into();
            named.push(Placed { place, key, value });
            only.push((column, values));
        }
    }
    let Some(mut columns) = table.required("columns").table() else {
        return Mapping::nothing(kind.unwrap_or(FeatureKind::Place));
    };
    let mapping = {
        let mut one = |columns: &mut Table<'_>, key: &str| {
            let column = columns.optional(key).placed_text()?;
            let name = column.value.to_string();
            named.push(column);
            Some(name)
        };
        let degrees = one(&mut columns, "lat").zip(one(&mut columns, "lon"));
        let metres = one(&mut columns, "easting").zip(one(&mut columns, "northing"));
        let position = match (degrees, metres, of_table) {
            (Some((lat, lon)), None, true) => Coordinates::Degrees { lat, lon },
            (None, Some((easting, northing)), true) => Coordinates::Metres { easting, northing },
            (None, None, false) => Coordinates::Geometry,
            (_, _, true) => {
                columns.wrong(
                    "it does not say where a row is",
                    "give lat and lon, or easting and northing",
                );
                Coordinates::Geometry
            }
            (_, _, false) => {
                columns.wrong(
                    "a Feature is where its geometry is",
                    "delete lat, lon, easting, northing",
                );
                Coordinates::Geometry
            }
        };
        Mapping {
            kind: kind.unwrap_or(FeatureKind::Place),
            name: one(&mut columns, "name"),
            number: one(&mut columns, "number"),
            street: one(&mut columns, "street"),
            address: one(&mut columns, "address"),
            postcode: one(&mut columns, "postcode"),
            id: one(&mut columns, "id"),
            weight: one(&mut columns, "weight"),
            also: Vec::new(),
            areas: Vec::new(),
            position,
            only,
        }
    };
    let mut several = |key: &str| {
        let list = columns.optional(key).texts();
        let columns = list.iter().map(|column| column.value.to_string()).collect();
        named.extend(list);
        columns
    };
    let mapping = Mapping {
        also: several("also"),
        areas: several("areas"),
        ..mapping
    };
    let addressed = mapping.kind == FeatureKind::Premises
        && (mapping.address.is_some() || (mapping.number.is_some() && mapping.street.is_some()));
    let coded = mapping.kind == FeatureKind::Postcode && mapping.postcode.is_some();
    if mapping.name.is_none() && !addressed && !coded {
        columns.wrong(
            "it does not say what a row is called",
            "give name; of premises address, or number and street; of postcodes postcode",
        );
    }
    mapping
}

/// Notes each of `columns` that one of `files` has not.
fn check_columns(table: &Table<'_>, files: &[PathBuf], delimiter: u8, columns: &[Placed<Text>]) {
    for file in files {
        // What cannot be read is noted with its path.
        let Ok(header) = header(file, delimiter) else {
            continue;
        };
        for column in columns {
            if header.iter().any(|known| **known == *column.value) {
                continue;
            }
            let what = format!(
                "{}: {}",
                file.display(),
                table::missing(&column.value, &header)
            );
            let fix = match nearest(&column.value, header.iter().map(String::as_str)) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => "name one of these, or another delimiter".to_owned(),
            };
            table.wrong_key(column, &what, &fix);
        }
    }
}

/// The files that `path` means, in order of their names: one, all of a folder, or those that fit a `*` in
/// its last part.
fn find(table: &Table<'_>, path: &Placed<Text>) -> Vec<PathBuf> {
    let found = expand(&path.value, &path.place).and_then(|path| files_of(&path));
    found.unwrap_or_else(|(what, fix)| {
        table.wrong_key(path, &what, fix);
        Vec::new()
    })
}

type Complaint = (String, &'static str);

/// `path` with `$NAME` and `${NAME}` replaced from the environment, from the folder of its file.
fn expand(path: &str, place: &Place) -> Result<PathBuf, Complaint> {
    let mut parts = path.split('$');
    let mut expanded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let braced = part.strip_prefix('{').and_then(|part| part.split_once('}'));
        let (name, rest) = braced.unwrap_or_else(|| {
            let end = part.find(|sign: char| !(sign.is_ascii_alphanumeric() || sign == '_'));
            part.split_at(end.unwrap_or(part.len()))
        });
        let value = std::env::var(name).map_err(|_| {
            let what = format!("the environment variable \"{name}\" is not set");
            (
                what,
                "set it to the folder of the files, or write the path out",
            )
        })?;
        expanded.push_str(&value);
        expanded.push_str(rest);
    }
    Ok(place.resolve(&expanded))
}

fn files_of(path: &Path) -> Result<Vec<PathBuf>, Complaint> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_folder = path.is_dir();
    if !is_folder && !name.contains('*') {
        return match std::fs::File::open(path) {
            Ok(_) => Ok(vec![path.to_owned()]),
            Err(error) => Err((
                format!("{} cannot be opened ({error})", path.display()),
                "give the path of a file or folder that is there",
            )),
        };
    }
    let (folder, pattern) = if is_folder {
        (path, "*.csv")
    } else {
        (path.parent().unwrap_or(path), &*name)
    };
    let entries = std::fs::read_dir(folder).map_err(|error| {
        let what = format!("{} cannot be read ({error})", folder.display());
        (what, "give a folder that is there")
    })?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| file.is_file())
        .filter(|file| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            fits(&name.to_lowercase(), &pattern.to_lowercase())
        })
        .collect();
    files.sort();
    if files.is_empty() {
        let what = format!("{} has no file {pattern}", folder.display());
        return Err((what, "give the folder that has the files, unpacked"));
    }
    Ok(files)
}

/// Whether `name` is `pattern`, in which `*` stands for anything.
fn fits(name: &str, pattern: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else {
        return name == pattern;
    };
    name.strip_prefix(before).is_some_and(|rest| {
        let mut ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
        ends.any(|at| rest.get(at..).is_some_and(|rest| fits(rest, after)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        assert!(fits("fhrs_london.csv", "fhrs_*"));
        assert!(fits("a.csv", "*.csv"));
        assert!(fits("tq20_30.csv", "tq*_*.csv"));
        assert!(!fits("fhrs.csv", "fhrs_*"));
        assert!(!fits("a.csv.zip", "*.csv"));
    }
}

//! `GeoJSON`: points, lines (streets) and areas with their boundaries.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::domain::feature::FeatureKind;
use crate::domain::position::Position;
use crate::gazetteer::Broken;
use crate::gazetteer::boundaries::{Boundary, LatLon, middle};
use crate::gazetteer::intake::{Intake, Skipped};
use crate::gazetteer::mapping::Mapping;

#[derive(Deserialize)]
struct Collection {
    features: Vec<Raw>,
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    properties: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    geometry: Value,
}

/// Longitude first, as the format has it.
type Vertex = (f64, f64);

#[derive(Deserialize)]
#[serde(tag = "type", content = "coordinates")]
enum Geometry {
    Point(Numbers),
    LineString(Vec<Numbers>),
    MultiLineString(Vec<Vec<Numbers>>),
    Polygon(Vec<Vec<Numbers>>),
    MultiPolygon(Vec<Vec<Vec<Numbers>>>),
}

/// Two coordinates; a height behind them counts for nothing.
#[derive(Deserialize)]
#[serde(try_from = "Vec<f64>")]
struct Numbers(Vertex);

impl TryFrom<Vec<f64>> for Numbers {
    type Error = &'static str;

    fn try_from(numbers: Vec<f64>) -> Result<Self, Self::Error> {
        match numbers.as_slice() {
            [lon, lat, ..] => Ok(Self((*lon, *lat))),
            _ => Err("a position has two numbers"),
        }
    }
}

/// Reads `file` into `intake`.
///
/// # Errors
/// When the file cannot be read, or is no `FeatureCollection`.
pub fn read(file: &Path, mapping: &Mapping<String>, intake: &mut Intake<'_>) -> Result<(), Broken> {
    let opened = File::open(file).map_err(|error| Broken::new(file, error))?;
    let collection: Collection = serde_json::from_reader(BufReader::new(opened))
        .map_err(|error| Broken::new(file, format!("is no FeatureCollection: {error}")))?;
    let mut columns = Vec::new();
    let bound = mapping.bind(|name| {
        columns.push(name.clone());
        Ok::<_, Broken>(columns.len() - 1)
    })?;
    for raw in collection.features {
        let properties = raw.properties.unwrap_or_default();
        let cells: Vec<String> = columns
            .iter()
            .map(|name| text(properties.get(name)))
            .collect();
        let geometry = if raw.geometry.is_null() {
            Err(Skipped::NoPosition)
        } else {
            serde_json::from_value(raw.geometry).map_err(|_| Skipped::Malformed)
        };
        let placed = geometry.and_then(|geometry| Placed::of(&geometry));
        let read = placed.and_then(|placed| {
            let cell = |column: usize| Ok(cells.get(column).map_or("", String::as_str));
            let mut feature = bound.feature(cell, Some(placed.position))?;
            feature.line = placed.line;
            Ok((feature, placed.polygons))
        });
        let read = read.and_then(|(feature, polygons)| {
            if feature.kind == FeatureKind::Area && !polygons.is_empty() {
                let boundary = Boundary::new(&feature, polygons).ok_or(Skipped::NoArea)?;
                intake.boundary(boundary);
            }
            Ok(feature)
        });
        intake.row(read);
    }
    Ok(())
}

fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
        Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => String::new(),
    }
}

struct Placed {
    position: Position,
    line: Vec<Vec<Position>>,
    polygons: Vec<Vec<Vec<LatLon>>>,
}

impl Placed {
    fn of(geometry: &Geometry) -> Result<Self, Skipped> {
        let lines = |lines: &[Vec<Numbers>]| {
            let line = lines.iter().map(|line| positions(line));
            let line = line.collect::<Result<Vec<_>, _>>()?;
            let longest = line.iter().max_by_key(|line| line.len());
            let position = longest.and_then(|line| line.get(line.len() / 2));
            Ok(Self {
                position: *position.ok_or(Skipped::NoGeometry)?,
                line,
                polygons: Vec::new(),
            })
        };
        match geometry {
            Geometry::Point(at) => Ok(Self {
                position: position(at)?,
                line: Vec::new(),
                polygons: Vec::new(),
            }),
            Geometry::LineString(vertices) => {
                let line = positions(vertices)?;
                let position = line.get(line.len() / 2);
                Ok(Self {
                    position: *position.ok_or(Skipped::NoGeometry)?,
                    line: vec![line],
                    polygons: Vec::new(),
                })
            }
            Geometry::MultiLineString(pieces) => lines(pieces),
            Geometry::Polygon(rings) => area(std::slice::from_ref(rings)),
            Geometry::MultiPolygon(polygons) => area(polygons),
        }
    }
}

fn area(polygons: &[Vec<Vec<Numbers>>]) -> Result<Placed, Skipped> {
    let polygons: Vec<Vec<Vec<LatLon>>> = polygons
        .iter()
        .map(|rings| {
            let rings = rings.iter();
            let rings = rings.map(|ring| {
                ring.iter()
                    .map(|Numbers((lon, lat))| (*lat, *lon))
                    .collect()
            });
            rings.collect()
        })
        .collect();
    let rings = polygons.iter().flatten();
    let line = rings.map(|ring| vertices(ring)).collect::<Result<_, _>>()?;
    let (lat, lon) = middle(&polygons).ok_or(Skipped::NoArea)?;
    Ok(Placed {
        position: place(lat, lon)?,
        line,
        polygons,
    })
}

fn vertices(ring: &[LatLon]) -> Result<Vec<Position>, Skipped> {
    ring.iter().map(|(lat, lon)| place(*lat, *lon)).collect()
}

fn positions(line: &[Numbers]) -> Result<Vec<Position>, Skipped> {
    line.iter().map(position).collect()
}

fn position(Numbers((lon, lat)): &Numbers) -> Result<Position, Skipped> {
    place(*lat, *lon)
}

fn place(lat: f64, lon: f64) -> Result<Position, Skipped> {
    if lat == 0.0 && lon == 0.0 {
        return Err(Skipped::NullIsland);
    }
    Position::new(lat, lon).map_err(|_| Skipped::OutOfRange)
}

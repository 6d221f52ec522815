//! The geometry of a Feature: (longitude, latitude) in the file, (latitude, longitude) from here on.

use serde_json::Value;

use crate::domain::fence::{Geometry, Ring};
use crate::io::wire::fence::Problem;
use crate::io::wire::fence::feature::{Reader, shown};

const COORDINATES: &str = "geometry.coordinates";

pub(super) fn read(feature: &Value, reader: &mut Reader<'_>) -> Option<Geometry> {
    let Some(geometry) = feature.get("geometry").filter(|value| value.is_object()) else {
        reader.problem("geometry", "missing: give a Polygon, MultiPolygon or Point");
        return None;
    };
    let coordinates = geometry.get("coordinates").unwrap_or(&Value::Null);
    match geometry.get("type").and_then(Value::as_str) {
        Some("Polygon") => {
            let rings = polygon(coordinates, COORDINATES, reader)?;
            Some(Geometry::Polygons(vec![rings]))
        }
        Some("MultiPolygon") => list(
            coordinates,
            COORDINATES,
            "a list of polygons",
            reader,
            polygon,
        )
        .map(Geometry::Polygons),
        Some("Point") => {
            let radius_m = reader.required_length("radius_m", "a Point is a circle");
            let centre = vertex(coordinates, COORDINATES, reader);
            let (radius_m, centre) = (radius_m?, centre?);
            Some(Geometry::Circle { centre, radius_m })
        }
        Some("LineString") => {
            let width_m = reader.required_length("width_m", "a LineString is a corridor");
            let line = line(coordinates, COORDINATES, reader);
            let (width_m, line) = (width_m?, line?);
            Some(Geometry::Corridor { line, width_m })
        }
        other => {
            let found = other.unwrap_or("nothing");
            reader.problem(
                "geometry.type",
                format!(
                    "{found} is no fence: use Polygon, MultiPolygon, or Point with properties.radius_m"
                ),
            );
            None
        }
    }
}

fn polygon(value: &Value, place: &str, reader: &mut Reader<'_>) -> Option<Vec<Ring>> {
    list(
        value,
        place,
        "a list of rings, the outer one first",
        reader,
        line,
    )
}

fn line(value: &Value, place: &str, reader: &mut Reader<'_>) -> Option<Ring> {
    list(value, place, "a list of [lon, lat]", reader, vertex)
}

/// Reads every item, so that every wrong one is named.
fn list<T>(
    value: &Value,
    place: &str,
    expected: &str,
    reader: &mut Reader<'_>,
    read: impl Fn(&Value, &str, &mut Reader<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let items = value.as_array().filter(|items| !items.is_empty());
    let Some(items) = items else {
        reader.problem(place, format!("expected {expected}"));
        return None;
    };
    let read: Vec<_> = items
        .iter()
        .enumerate()
        .map(|(index, item)| read(item, &format!("{place}[{index}]"), reader))
        .collect();
    read.into_iter().collect()
}

fn vertex(value: &Value, place: &str, reader: &mut Reader<'_>) -> Option<(f64, f64)> {
    let number = |index| value.get(index).and_then(Value::as_f64);
    let (Some(lng), Some(lat)) = (number(0), number(1)) else {
        reader.problem(
            place,
            format!(
                "{} is no position: give [lon, lat] in degrees",
                shown(value)
            ),
        );
        return None;
    };
    Some((lat, lng))
}

impl Reader<'_> {
    /// A length that the geometry needs, above 0.
    fn required_length(&mut self, name: &str, why: &str) -> Option<f64> {
        match self.properties.get(name) {
            None | Some(Value::Null) => {
                self.problems.push(Problem::new(
                    format!("properties.{name}"),
                    format!("missing: {why} and needs it, in metres"),
                ));
                None
            }
            Some(value) => {
                let length = value.as_f64().filter(|length| *length > 0.0);
                if length.is_none() {
                    self.wrong(name, value, "metres above 0");
                }
                length
            }
        }
    }
}

//! The geometry of a Feature: (longitude, latitude) in the file, (latitude, longitude) from here on.

use std::fmt;

use serde_json::Value;

use crate::domain::fence::{Geometry, Ring, Section};
use crate::io::wire::fence::Problem;
use crate::io::wire::fence::feature::{Reader, shown};
use crate::io::wire::fence::plain::coordinates::Coordinates;

/// Where a value of a geometry stands; in words only where something is wrong there.
#[derive(Clone, Copy)]
enum Place<'p> {
    Coordinates,
    Item(&'p Place<'p>, usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Coordinates => f.write_str("geometry.coordinates"),
            Self::Item(list, index) => write!(f, "{list}[{index}]"),
        }
    }
}

pub(super) fn read(feature: &Value, reader: &mut Reader<'_>) -> Option<Geometry> {
    let Some(geometry) = feature.get("geometry").filter(|value| value.is_object()) else {
        reader.problem(
            "geometry",
            "missing: give a Polygon, MultiPolygon, LineString or Point",
        );
        return None;
    };
    let coordinates = geometry.get("coordinates").unwrap_or(&Value::Null);
    let form = geometry.get("type").and_then(Value::as_str);
    if form != Some("LineString") && reader.given("sections").is_some() {
        let problem =
            "only a LineString has sections: delete it, or give valid_from and valid_until";
        reader.problem("properties.sections", problem);
    }
    let read = reader.coordinates.take();
    match form {
        Some("Polygon") => {
            let rings = match read {
                Some(Coordinates::Polygon(rings)) => rings,
                _ => polygon(coordinates, &Place::Coordinates, reader)?,
            };
            Some(Geometry::Polygons(vec![rings]))
        }
        Some("MultiPolygon") => {
            let polygons = match read {
                Some(Coordinates::Polygons(polygons)) => polygons,
                _ => list(
                    coordinates,
                    &Place::Coordinates,
                    "a list of polygons",
                    reader,
                    polygon,
                )?,
            };
            Some(Geometry::Polygons(polygons))
        }
        Some("Point") => {
            let radius_m = reader.required_length("radius_m", "a Point is a circle");
            let centre = match read {
                Some(Coordinates::Point(centre)) => Some(centre),
                _ => vertex(coordinates, &Place::Coordinates, reader),
            };
            let (radius_m, centre) = (radius_m?, centre?);
            Some(Geometry::Circle { centre, radius_m })
        }
        Some("LineString") => {
            let width_m = reader.required_length("width_m", "a LineString is a corridor");
            let line = match read {
                Some(Coordinates::Line(line)) => Some(line),
                _ => line(coordinates, &Place::Coordinates, reader),
            };
            let sections = reader.sections();
            let (width_m, line) = (width_m?, line?);
            Some(Geometry::Corridor {
                line,
                width_m,
                sections,
            })
        }
        other => {
            let found = other.unwrap_or("nothing");
            reader.problem(
                "geometry.type",
                format!(
                    "{found} is no fence: use Polygon, MultiPolygon, LineString with properties.width_m, or Point with properties.radius_m"
                ),
            );
            None
        }
    }
}

fn polygon(value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Vec<Ring>> {
    list(
        value,
        place,
        "a list of rings, the outer one first",
        reader,
        line,
    )
}

fn line(value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Ring> {
    list(value, place, "a list of [lon, lat]", reader, vertex)
}

/// Reads every item, so that every wrong one is named.
fn list<T>(
    value: &Value,
    place: &Place<'_>,
    expected: &str,
    reader: &mut Reader<'_>,
    read: impl Fn(&Value, &Place<'_>, &mut Reader<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let items = value.as_array().filter(|items| !items.is_empty());
    let Some(items) = items else {
        reader.problem(place.to_string(), format!("expected {expected}"));
        return None;
    };
    let mut all = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        all.extend(read(item, &Place::Item(place, index), reader));
    }
    (all.len() == items.len()).then_some(all)
}

fn vertex(value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<(f64, f64)> {
    let number = |index| value.get(index).and_then(Value::as_f64);
    let (Some(lng), Some(lat)) = (number(0), number(1)) else {
        reader.problem(
            place.to_string(),
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

    /// The stretches of a line that count, and when: `[{"from","to","valid_from","valid_until"}]`.
    fn sections(&mut self) -> Vec<Section> {
        const NAME: &str = "sections";
        let Some(value) = self.given(NAME) else {
            return Vec::new();
        };
        let Some(items) = value.as_array() else {
            self.wrong(NAME, value, "a list of sections");
            return Vec::new();
        };
        let items = items.iter().enumerate();
        let sections = items.map(|(index, item)| self.section(&format!("{NAME}[{index}]"), item));
        sections.collect::<Vec<_>>().into_iter().flatten().collect()
    }

    fn section(&mut self, place: &str, section: &Value) -> Option<Section> {
        let mut vertex = |name: &str| {
            let value = section.get(name).unwrap_or(&Value::Null);
            let vertex = value
                .as_u64()
                .and_then(|vertex| usize::try_from(vertex).ok());
            if vertex.is_none() {
                let place = format!("{place}.{name}");
                self.wrong(&place, value, "the number of a vertex of the line, from 0");
            }
            vertex
        };
        let (from, to) = (vertex("from"), vertex("to"));
        let mut time = |name: &str| {
            let value = section.get(name).filter(|value| !value.is_null())?;
            self.moment(&format!("properties.{place}.{name}"), value)
        };
        let (valid_from, valid_until) = (time("valid_from"), time("valid_until"));
        if let (Some(from), Some(until)) = (valid_from, valid_until)
            && until <= from
        {
            let place = format!("properties.{place}.valid_until");
            self.problem(place, "not later than valid_from: mend either");
        }
        Some(Section {
            from: from?,
            to: to?,
            valid_from,
            valid_until,
        })
    }
}

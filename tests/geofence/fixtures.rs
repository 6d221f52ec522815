//! Shapes and answers of turf, GEOS, georust and h3o. Where those tell the boundary apart, it is inside
//! here.

use std::fs;
use std::path::{Path, PathBuf};

use geo::{Intersects, LineString, MultiPolygon, Polygon};
use serde_json::Value;

use crate::geofence::{Indexed, Numbers, open_data};
use cordon::domain::fence::Geometry;
use cordon::domain::position::Position;
use cordon::geofence::shape::InvalidShape;

/// Latitude and longitude.
type Place = (f64, f64);

fn is_held(fences: &Indexed, (lat, lng): Place) -> bool {
    !fences.holding(Position::new(lat, lng).unwrap()).is_empty()
}

fn only(geometry: &Geometry) -> Indexed {
    let mut fences = Indexed::default();
    fences.add(geometry).unwrap();
    fences
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn place(value: &Value) -> Place {
    (value[1].as_f64().unwrap(), value[0].as_f64().unwrap())
}

fn rings(value: &Value) -> Vec<Vec<Place>> {
    let rings = value.as_array().unwrap().iter();
    let ring = |ring: &Value| ring.as_array().unwrap().iter().map(place).collect();
    rings.map(ring).collect()
}

/// The area of a geometry or Feature; `None` where it is none.
fn area(value: &Value) -> Option<Geometry> {
    let geometry = value.get("geometry").unwrap_or(value);
    let coordinates = &geometry["coordinates"];
    let polygons = match geometry["type"].as_str()? {
        "Polygon" => vec![rings(coordinates)],
        "MultiPolygon" => coordinates.as_array()?.iter().map(rings).collect(),
        _ => return None,
    };
    Some(Geometry::Polygons(polygons))
}

#[test]
fn turf_points_are_within_or_not() {
    let Some(folder) = open_data("fixtures/turf/boolean-within") else {
        return;
    };
    let mut checked = 0;
    for path in files(&folder, ".geojson") {
        let json: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let (points, area) = (&json["features"][0]["geometry"], area(&json["features"][1]));
        let Some(area) = area else { continue };
        let places = match points["type"].as_str().unwrap() {
            "Point" => vec![place(&points["coordinates"])],
            "MultiPoint" => rings(&Value::Array(vec![points["coordinates"].clone()])).remove(0),
            _ => continue,
        };
        // Turf's `within` wants a point of the inside too: where all lie on the boundary it says no.
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_boundary = name.contains("OnBoundary") || name.contains("OnPolygonBoundary");
        let expected = path.components().any(|part| part.as_os_str() == "true")
            || (is_boundary && !name.contains("One"))
            || name.contains("AllOnBoundary");
        let fences = only(&area);
        let held = places.iter().all(|place| is_held(&fences, *place));
        assert_eq!(held, expected, "{}", path.display());
        checked += 1;
    }
    assert!(checked >= 15, "{checked}");
}

#[test]
fn turf_boundaries_and_holes() {
    let tenth = |ring: &[Place]| ring.iter().map(|(x, y)| (y / 10.0, x / 10.0)).collect();
    let polygon = |rings: &[&[Place]]| {
        let rings = rings.iter().map(|ring| tenth(ring)).collect();
        only(&Geometry::Polygons(vec![rings]))
    };
    let diamond: &[Place] = &[(0., 20.), (20., 40.), (40., 20.), (20., 0.)];
    let smaller: &[Place] = &[(10., 20.), (20., 30.), (30., 20.), (20., 10.)];
    let kite = polygon(&[&[(10., 10.), (30., 20.), (50., 10.), (30., 0.)]]);
    let arrow = polygon(&[&[(10., 0.), (30., 20.), (50., 0.), (30., 10.)]]);
    #[rustfmt::skip]
    let comb = polygon(&[&[(0., 0.), (0., 20.), (50., 20.), (50., 0.), (40., 0.), (30., 10.), (30., 0.), (20., 10.), (10., 10.), (10., 0.)]]);
    let holed = polygon(&[diamond, smaller]);
    let filled = only(&Geometry::Polygons(vec![
        vec![tenth(smaller)],
        vec![tenth(diamond)],
    ]));
    #[rustfmt::skip]
    let answers: &[(&Indexed, &[Place], &[Place])] = &[
        (&kite, &[(10., 10.), (30., 20.), (50., 10.), (30., 10.)], &[(0., 10.), (60., 10.), (30., -10.), (30., 30.)]),
        (&arrow, &[(30., 15.), (30., 10.)], &[(30., 0.), (0., 1.), (60., 0.)]),
        (&comb, &[(0., 20.), (10., 20.), (50., 20.), (0., 10.), (5., 10.), (25., 10.), (35., 10.), (50., 0.), (50., 10.), (5., 0.), (10., 0.)], &[(20., 0.), (35., 0.)]),
        (&holed, &[(20., 30.), (25., 25.), (30., 20.), (25., 15.), (20., 10.), (15., 15.), (10., 20.), (15., 25.)], &[(20., 20.)]),
        (&filled, &[(25., 25.), (20., 20.)], &[]),
    ];
    for (fences, inside, outside) in answers {
        for (places, expected) in [(inside, true), (outside, false)] {
            for (x, y) in *places {
                assert_eq!(is_held(fences, (y / 10.0, x / 10.0)), expected, "{x} {y}");
            }
        }
    }
    let Some(folder) = open_data("fixtures/turf/boolean-point-in-polygon/in") else {
        return;
    };
    for (file, second) in [("poly-with-hole", false), ("multipoly-with-hole", true)] {
        let text = fs::read(folder.join(format!("{file}.geojson"))).unwrap();
        let fences = only(&area(&serde_json::from_slice(&text).unwrap()).unwrap());
        assert!(
            !is_held(&fences, (36.203_732_747_117_39, -86.692_085_266_113_28)),
            "in the hole"
        );
        assert!(is_held(
            &fences,
            (36.202_589_970_943_34, -86.722_297_668_457_02)
        ));
        assert_eq!(
            is_held(&fences, (36.185_273_139_130_89, -86.750_793_457_031_25)),
            second
        );
        assert!(!is_held(
            &fences,
            (36.230_150_464_601_86, -86.753_025_054_931_64)
        ));
    }
}

/// The numbers of a text, in order.
fn numbers(text: &str) -> Vec<f64> {
    let pieces = text.split(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c)));
    pieces.filter_map(|piece| piece.parse().ok()).collect()
}

/// The polygons of a WKT text, a closed line also standing for one, every number times `scale`.
fn wkt(text: &str, scale: f64) -> Vec<Vec<Vec<Place>>> {
    let ring = |text: &str| {
        let numbers = numbers(text);
        let pairs = numbers.chunks_exact(2);
        pairs
            .map(|pair| (pair[1] * scale, pair[0] * scale))
            .collect()
    };
    let compact: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let compact = compact
        .replace("( ", "(")
        .replace(", ", ",")
        .replace(" )", ")");
    let body = compact.split_once('(').map_or("", |(_, body)| body);
    let polygons = body.split(")),((");
    let polygon = |text: &str| {
        text.split("),(")
            .map(ring)
            .filter(|ring: &Vec<Place>| ring.len() > 2)
            .collect()
    };
    let polygons = polygons.map(polygon);
    polygons
        .filter(|rings: &Vec<_>| !rings.is_empty())
        .collect()
}

#[test]
fn geos_points_intersect_areas_or_do_not() {
    let Some(folder) = open_data("fixtures/geos") else {
        return;
    };
    let mut checked = 0;
    for file in ["TestRelatePA.xml", "TestPreparedPointPredicate.xml"] {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        for case in text.split("<case>").skip(1) {
            let between = |open: &str, close: &str| {
                let (_, rest) = case.split_once(open)?;
                Some(rest.split_once(close)?.0.trim().to_owned())
            };
            let (a, b) = (
                between("<a>", "</a>").unwrap(),
                between("<b>", "</b>").unwrap(),
            );
            let verdict = between("name=\"intersects\"", "</op>").unwrap();
            let expected = verdict.ends_with("true");
            let (points, area) = if b.contains("POLYGON") {
                (a, b)
            } else {
                (b, a)
            };
            let fences = only(&Geometry::Polygons(wkt(&area, 0.1)));
            // 0,0 is never a position: a hair beside it instead, where the case has it inside.
            let hair = |degrees: f64| if degrees == 0.0 { 1e-7 } else { degrees };
            let pairs = numbers(&points);
            let mut places = pairs.chunks_exact(2);
            let held = places.any(|pair| is_held(&fences, (hair(pair[1]) * 0.1, pair[0] * 0.1)));
            assert_eq!(held, expected, "{file}: {case}");
            checked += 1;
        }
    }
    assert!(checked >= 13, "{checked}");
}

/// Rounded as positions are, in units of 1e-7 degree, as `geo` sees it.
fn in_units(polygons: &[Vec<Vec<Place>>]) -> MultiPolygon<f64> {
    let ring = |ring: &Vec<Place>| {
        let vertices = ring.iter();
        vertices
            .map(|(lat, lng)| ((lng * 1e7).round(), (lat * 1e7).round()))
            .collect::<LineString<f64>>()
    };
    let polygon = |rings: &Vec<Vec<Place>>| {
        Polygon::new(ring(&rings[0]), rings[1..].iter().map(ring).collect())
    };
    MultiPolygon(polygons.iter().map(polygon).collect())
}

/// Compares with `geo` at vertices, a unit beside them, on edges and anywhere in the box.
fn agrees(polygons: &[Vec<Vec<Place>>], name: &str) -> Result<u32, InvalidShape> {
    let mut fences = Indexed::default();
    fences.add(&Geometry::Polygons(polygons.to_vec()))?;
    let reference = in_units(polygons);
    let vertices: Vec<_> = polygons.iter().flatten().flatten().copied().collect();
    let mut random = Numbers(894);
    let fold = |pick: fn(&Place) -> f64, with: fn(f64, f64) -> f64, start: f64| {
        vertices.iter().map(pick).fold(start, with)
    };
    let range = |pick: fn(&Place) -> f64| {
        (
            fold(pick, f64::min, f64::INFINITY),
            fold(pick, f64::max, f64::NEG_INFINITY),
        )
    };
    let (lats, lngs) = (range(|place| place.0), range(|place| place.1));
    let mut asked = 0;
    for _ in 0..2_000 {
        let index = random.below(u32::try_from(vertices.len()).unwrap()) as usize;
        let (vertex, next) = (vertices[index], vertices[(index + 1) % vertices.len()]);
        let mut nudge = || f64::from(random.below(3)) - 1.0;
        let beside = (vertex.0 + nudge() * 1e-7, vertex.1 + nudge() * 1e-7);
        let halfway = (
            f64::midpoint(vertex.0, next.0),
            f64::midpoint(vertex.1, next.1),
        );
        let anywhere = (random.within(lats.0, lats.1), random.within(lngs.0, lngs.1));
        for (lat, lng) in [vertex, beside, halfway, anywhere] {
            let Ok(position) = Position::new(lat, lng) else {
                continue;
            };
            let held = !fences.holding(position).is_empty();
            assert_eq!(
                held,
                reference.intersects(&position.plane()),
                "{name} {position:?}"
            );
            asked += 1;
        }
    }
    Ok(asked)
}

#[test]
fn georust_shapes_are_answered_as_geo_does() {
    let Some(folder) = open_data("fixtures/georust") else {
        return;
    };
    let mut taken = Vec::new();
    for path in files(&folder, ".wkt") {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        if text.starts_with("MULTIPOINT") {
            continue;
        }
        // Those of issue 894 are drawn in pixels.
        let scale = if name.starts_with("inp") { 1e-3 } else { 1.0 };
        let polygons = wkt(&text, scale);
        match agrees(&polygons, &name) {
            Ok(_) => taken.push(name),
            Err(error) => println!("{name}: {error}"),
        }
    }
    println!("taken: {taken:?}");
    for name in ["east_baton_rouge", "louisiana", "norway_main"] {
        assert!(taken.iter().any(|taken| taken == name), "{name}");
    }
}

#[test]
fn h3o_shapes_are_answered_as_geo_does_and_across_the_antimeridian() {
    let Some(folder) = open_data("fixtures/h3o/shapes") else {
        return;
    };
    for path in files(&folder, ".geojson") {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let json: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let Some(geometry) = area(&json) else {
            continue;
        };
        let Geometry::Polygons(polygons) = &geometry else {
            continue;
        };
        match name.as_str() {
            "Empty" => {
                let error = Indexed::default().add(&geometry).unwrap_err();
                assert!(matches!(
                    error,
                    InvalidShape::TooFewVertices { vertices: 1, .. }
                ));
            }
            "Transmeridian" | "TransmeridianHole" => {
                let fences = only(&geometry);
                let has_hole = name.ends_with("Hole");
                for lng in [180.0, -180.0, 179.8, -179.8] {
                    assert_eq!(is_held(&fences, (0.0, lng)), !has_hole, "{name} {lng}");
                    assert!(is_held(&fences, (0.4, lng)), "{name} {lng}");
                }
                for lng in [179.0, -179.0, 0.1] {
                    assert!(!is_held(&fences, (0.0, lng)), "{name} {lng}");
                }
            }
            "TransmeridianComplex" => {
                let fences = only(&geometry);
                assert!(is_held(&fences, (2.0, 175.0)) && is_held(&fences, (-2.0, -175.0)));
                assert!(!is_held(&fences, (-2.5, 170.0)) && !is_held(&fences, (2.5, -170.0)));
                assert!(!is_held(&fences, (0.0, 10.0)));
            }
            // The island of Rabi: all of it east of 180, where longitudes are counted on.
            "Rabi" => {
                let eastward = |(lat, lng): &Place| (*lat, lng.rem_euclid(360.0));
                let ring = |ring: &Vec<Place>| ring.iter().map(eastward).collect();
                let polygon = |rings: &Vec<Vec<Place>>| rings.iter().map(ring).collect();
                let reference = in_units(&polygons.iter().map(polygon).collect::<Vec<_>>());
                let fences = only(&geometry);
                let mut random = Numbers(16);
                for _ in 0..5_000 {
                    let lng = random.within(179.9, 180.1);
                    let wrapped = if lng > 180.0 { lng - 360.0 } else { lng };
                    let at = Position::new(random.within(-16.6, -16.4), wrapped).unwrap();
                    let mut place = at.plane();
                    place.x = place.x.rem_euclid(3.6e9);
                    let held = !fences.holding(at).is_empty();
                    assert_eq!(held, reference.intersects(&place), "{at:?}");
                }
            }
            _ => match agrees(polygons, &name) {
                Ok(asked) => assert!(asked > 4_000),
                Err(error) => println!("{name}: {error}"),
            },
        }
    }
}

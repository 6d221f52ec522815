//! Sources of gazetteers, from files in the layouts of their publishers to features, and by the program
//! itself to answers.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cordon::config::manifest;
use cordon::domain::feature::{Feature, FeatureKind};
use cordon::gazetteer::gather::{Gathered, gather};
use cordon::gazetteer::manifest::Manifest;
use cordon::gazetteer::written;

use crate::pbf::{Map, Way};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gazetteer")
}

fn gathered(manifest: &Manifest) -> Gathered {
    gather(manifest, |_| {}, |_, _| {}).unwrap()
}

/// One line a source, and one a feature.
fn told(manifest: &Manifest, gathered: &Gathered) -> String {
    let sources = manifest.sources.iter().zip(&gathered.sources);
    let mut lines: Vec<String> = sources
        .map(|(source, read)| written::line(&source.name, read))
        .collect();
    lines.extend(gathered.features.iter().map(feature_line));
    lines.join("\n")
}

fn feature_line(feature: &Feature) -> String {
    let (kind, name, position) = (feature.kind, &feature.name, feature.position);
    let points: usize = feature.line.iter().map(Vec::len).sum();
    let text = |label, text: &Option<Box<str>>| text.as_ref().map(|text| format!("{label} {text}"));
    let list = |label, list: &[Box<str>]| {
        (!list.is_empty()).then(|| format!("{label} {}", list.join(" / ")))
    };
    let told = [
        Some(format!(
            "{kind:?} {name:?} at {:.5},{:.5}",
            position.lat(),
            position.lng()
        )),
        text("number", &feature.number),
        text("street", &feature.street),
        text("postcode", &feature.postcode),
        text("id", &feature.id),
        list("also", &feature.also),
        list("in", &feature.areas),
        (points > 0).then(|| format!("{} pieces of {points} points", feature.line.len())),
        feature.ended.then(|| "ended".to_owned()),
    ];
    told.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[test]
fn every_layout_is_read_and_every_row_that_is_not_says_why() {
    let manifest = manifest::load(&fixtures().join("manifest.toml")).unwrap();
    insta::assert_snapshot!(told(&manifest, &gathered(&manifest)));
}

/// Two streets that cross at node 3, one of them a dual carriageway in three pieces, and a second street
/// of the same name two kilometres north.
fn town() -> Map {
    let at = |id: i64, north: i64, east: i64| (id, 514_600_000 + north, -1_140_000 + east, vec![]);
    let mut nodes = vec![
        at(1, 0, 0),
        at(2, 5_000, 0),
        at(3, 10_000, 0),
        at(4, 15_000, 0),
        at(5, 10_000, -8_000),
        at(6, 10_000, 8_000),
        at(7, 200_000, 0),
        at(8, 205_000, 0),
        at(9, 11_000, 500),
        at(10, 16_000, 500),
    ];
    nodes.extend([
        (
            20,
            514_605_000,
            -1_141_000,
            vec![
                ("amenity", "pub"),
                ("name", "The Crown"),
                ("alt_name", "Crown;Old Crown"),
            ],
        ),
        (
            21,
            514_606_000,
            -1_141_000,
            vec![
                ("addr:housenumber", "12"),
                ("addr:street", "High Street"),
                ("addr:postcode", "SW9 8HH"),
            ],
        ),
        (
            22,
            514_607_000,
            -1_141_000,
            vec![("railway", "station"), ("name", "Town")],
        ),
        (
            23,
            514_608_000,
            -1_141_000,
            vec![("highway", "motorway_junction"), ("ref", "2")],
        ),
        (24, 514_609_000, -1_141_000, vec![("natural", "tree")]),
        (30, 514_600_000, -1_150_000, vec![]),
        (31, 514_602_000, -1_150_000, vec![]),
        (32, 514_602_000, -1_148_000, vec![]),
    ]);
    let way = |id, nodes: &[i64], tags: &[(&'static str, &'static str)]| Way {
        id,
        nodes: nodes.to_vec(),
        tags: tags.to_vec(),
    };
    let high_street = [
        ("highway", "primary"),
        ("name", "High Street"),
        ("ref", "A23"),
    ];
    Map {
        nodes,
        ways: vec![
            way(100, &[1, 2, 3], &high_street),
            way(101, &[3, 4], &high_street),
            way(102, &[9, 10], &high_street),
            way(
                103,
                &[5, 3, 6],
                &[("highway", "residential"), ("name", "Mill Lane")],
            ),
            way(
                104,
                &[7, 8],
                &[("highway", "residential"), ("name", "High Street")],
            ),
            way(105, &[23, 4], &[("highway", "motorway"), ("ref", "M4")]),
            way(
                106,
                &[30, 31, 32, 30],
                &[("leisure", "park"), ("name", "Town Park")],
            ),
            way(
                107,
                &[998, 999],
                &[("highway", "residential"), ("name", "Gone Road")],
            ),
            way(108, &[1, 2], &[("highway", "residential")]),
        ],
        needs: Vec::new(),
    }
}

/// A manifest of a map, and the folder that holds both for as long as it is held.
fn of_map(bytes: &[u8]) -> Result<(Manifest, tempfile::TempDir), String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("town.osm.pbf"), bytes).unwrap();
    let path = folder.path().join("manifest.toml");
    fs::write(
        &path,
        "[[source]]\nname = \"OSM\"\nformat = \"osm-pbf\"\npath = \"town.osm.pbf\"\nlicence = \"ODbL\"\nattribution = \"(c) OpenStreetMap contributors\"\n",
    )
    .unwrap();
    let manifest = manifest::load(&path).map_err(|found| found.to_string())?;
    Ok((manifest, folder))
}

#[test]
fn a_map_gives_streets_whose_lines_share_the_points_where_they_cross() {
    let (manifest, _folder) = of_map(&town().write()).unwrap();
    let gathered = gathered(&manifest);
    insta::assert_snapshot!(told(&manifest, &gathered));
    let line = |name: &str| {
        let street = gathered.features.iter().find(|feature| {
            feature.kind == FeatureKind::Street
                && &*feature.name == name
                && feature.position.lat() < 51.47
        });
        street.unwrap().line.concat()
    };
    let crossing: Vec<_> = line("Mill Lane")
        .into_iter()
        .filter(|position| line("High Street").contains(position))
        .collect();
    assert_eq!(crossing.len(), 1);
    assert_eq!(
        (crossing[0].lat_e7(), crossing[0].lng_e7()),
        (514_610_000, -1_140_000)
    );
}

#[test]
fn a_map_that_is_cut_off_anywhere_is_a_problem_and_never_a_panic() {
    let whole = town().write();
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    for length in 0..whole.len() {
        let outcome = match of_map(&whole[..length]) {
            Err(problems) => problems
                .rsplit_once("is no OSM PBF")
                .map(|_| "refused")
                .unwrap()
                .to_owned(),
            Ok((manifest, _folder)) => match gather(&manifest, |_| {}, |_, _| {}) {
                Ok(_) => "read".to_owned(),
                Err(_) => "broken off".to_owned(),
            },
        };
        *ends.entry(outcome).or_default() += 1;
    }
    // A file that ends between two of its blocks, or within four bytes after one, looks whole.
    assert!(ends["read"] <= 8, "{ends:?}");
    assert!(ends["broken off"] > 100 && ends["refused"] > 20, "{ends:?}");
}

#[test]
fn a_map_that_needs_what_is_not_understood_is_refused() {
    let mut map = town();
    map.needs.push("HistoricalInformation");
    let (manifest, _folder) = of_map(&map.write()).unwrap();
    let broken = gather(&manifest, |_| {}, |_, _| {})
        .unwrap_err()
        .to_string();
    assert!(
        broken.ends_with("needs HistoricalInformation, which is not understood"),
        "{broken}"
    );
}

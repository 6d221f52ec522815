//! Sources of gazetteers, from files in the layouts of their publishers to features, and by the program
//! itself to answers.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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

/// What the program says and how it ends.
fn cordon(args: &[&str]) -> (Option<i32>, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_cordon"))
        .args(args)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(out.stdout).unwrap(), "", "of {args:?}");
    (out.status.code(), String::from_utf8(out.stderr).unwrap())
}

/// Builds the fixtures into a folder of `root`, which did not exist.
fn built(root: &Path, name: &str) -> PathBuf {
    let (manifest, out) = (fixtures().join("manifest.toml"), root.join(name));
    let (code, said) = cordon(&[
        "gazetteer",
        "build",
        "--manifest",
        manifest.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("Code-Point Open: 7 rows, 2 features; skipped 3 malformed"),
        "{said}"
    );
    out
}

#[test]
fn the_same_sources_give_the_same_bytes_and_say_what_to_attribute() {
    let root = tempfile::tempdir().unwrap();
    let (one, other) = (built(root.path(), "one"), built(root.path(), "deep/other"));
    for name in ["gazetteer.bin", "sources.json", "ATTRIBUTION.txt"] {
        assert_eq!(
            fs::read(one.join(name)).unwrap(),
            fs::read(other.join(name)).unwrap(),
            "{name}"
        );
    }
    let attribution = fs::read_to_string(one.join("ATTRIBUTION.txt")).unwrap();
    assert!(
        attribution.contains("ONSPD (OGL v3)\n  In the layout of ONSPD; made up."),
        "{attribution}"
    );
    let sources: serde_json::Value =
        serde_json::from_slice(&fs::read(one.join("sources.json")).unwrap()).unwrap();
    assert_eq!(sources[2]["skipped"]["malformed"], 3);
    assert_eq!(sources[1]["files"].as_array().unwrap().len(), 2);
}

#[test]
fn a_gazetteer_that_cannot_be_used_is_refused_before_anything_is_done() {
    let root = tempfile::tempdir().unwrap();
    let folder = built(root.path(), "whole");
    let whole = fs::read(folder.join("gazetteer.bin")).unwrap();
    let mut newer = whole.clone();
    newer[8] += 1;
    let mut cases = vec![
        (
            "cut",
            whole[..whole.len() - 1].to_vec(),
            "cut short or damaged",
        ),
        (
            "cut-in-the-header",
            whole[..20].to_vec(),
            "cut short or damaged",
        ),
        ("empty", Vec::new(), "this is no gazetteer"),
        ("text", b"once upon a time".to_vec(), "this is no gazetteer"),
        ("newer", newer, "build it again with cordon gazetteer build"),
    ];
    for (name, bytes, complaint) in cases.drain(..) {
        let folder = root.path().join(name);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("gazetteer.bin"), bytes).unwrap();
        let (code, said) = cordon(&["geocode", "--gazetteer", folder.to_str().unwrap()]);
        assert_eq!(code, Some(64), "{name}: {said}");
        assert!(
            said.contains(complaint) && said.contains("gazetteer.bin: "),
            "{name}: {said}"
        );
    }
    let nowhere = root.path().join("nowhere");
    let (nowhere, out) = (nowhere.to_str().unwrap(), root.path().join("out"));
    let (code, said) = cordon(&[
        "replay",
        "--gazetteer",
        nowhere,
        "--out",
        out.to_str().unwrap(),
    ]);
    assert_eq!(code, Some(64), "{said}");
    assert!(said.contains("cannot be opened") && !out.exists(), "{said}");
}

#[test]
fn a_manifest_names_all_its_mistakes_with_their_fixes() {
    let root = tempfile::tempdir().unwrap();
    let fixtures = fixtures();
    let told = |name: &str| fixtures.join(name).display().to_string();
    let path = root.path().join("manifest.toml");
    let text = format!(
        r#"bounds = [0.0, 51.5, -0.5, 51.2]
[[source]]
format = "csv"
path = "{aliases}"
kind = "plaice"
columns = {{ name = "alias", easting = "east", northing = "north" }}
licence = "a"
attribution = "a"
[[source]]
format = "csv"
path = "{aliases}"
delimiter = ";"
kind = "place"
where.knd = ["place"]
columns = {{ names = "alias", lat = "lat", lon = "lon" }}
licence = "a"
[[source]]
format = "onspd"
path = "{uprn}"
licence = "a"
attribution = "a"
[[source]]
format = "code-point-open"
path = "none/*.csv"
licence = "a"
attribution = "a"
[[source]]
format = "os-open-uprn"
path = "$CORDON_TEST_NO_SUCH_FOLDER/uprn.csv"
licence = "a"
attribution = "a"
[[source]]
format = "osm-pbf"
path = "{uprn}"
licence = "a"
attribution = "a"
[[source]]
format = "gpkg"
path = "missing.gpkg"
kind = "place"
licence = "a"
attribution = "a"
"#,
        aliases = told("aliases.csv"),
        uprn = told("uprn.csv"),
    );
    fs::write(&path, text).unwrap();
    let (code, checked) = cordon(&["check", path.to_str().unwrap()]);
    assert_eq!(code, Some(64));
    let out = root.path().join("out");
    let (code, said) = cordon(&[
        "gazetteer",
        "build",
        "--manifest",
        path.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ]);
    assert_eq!((code, &said), (Some(64), &checked));
    assert!(!out.exists());
    let root = format!("{}/", root.path().display());
    let fixtures = format!("{}/", fixtures.display());
    insta::assert_snapshot!(said.replace(&root, "").replace(&fixtures, "tests/"));
}

#[test]
fn manifests_that_ship_check_clean() {
    let mut files = vec![fixtures().join("manifest.toml")];
    // Its files are nobody's to commit.
    if std::env::var_os("CORDON_OPEN_DATA").is_some() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        files.push(root.join("config/gazetteer/open-data.toml"));
    }
    for file in files {
        let (code, said) = cordon(&["check", file.to_str().unwrap()]);
        assert_eq!(code, Some(0), "{said}");
    }
}

/// Runs until the matcher of `geocode` looks texts up.
#[test]
fn an_incident_in_words_is_placed_and_one_that_nobody_can_place_shouts() {
    let root = tempfile::tempdir().unwrap();
    let gazetteer = built(root.path(), "gazetteer");
    let incident = |id: &str, minute: u32, location: &str| {
        format!(
            r#"{{"subject":"{id}","at":"2026-08-30T12:{minute:02}:00Z","category":"violence","grade":"I","state":"open","location":{location}}}"#
        )
    };
    let incidents = [
        incident(
            "WORDS",
            0,
            r#"{"text":"O/S ATLANTIC CAFE, 12 COLDHARBOUR LN BRIXTON"}"#,
        ),
        incident("CODE", 1, r#"{"postcode":"sw9 8hh"}"#),
        incident("ALIAS", 2, r#"{"text":"THE DOGLEG"}"#),
        incident("LOST", 3, r#"{"text":"BY THE OLD TREE"}"#),
        incident("FOUND", 4, r#"{"text":"BY THE OTHER TREE"}"#),
    ];
    let command = r#"{"id":"c-1","at":"2026-08-30T12:06:00Z","by":"P. Osel","action":"place","target":"FOUND","location":{"text":"LOUGHBOROUGH JUNCTION STN"}}"#;
    let (told, commands, out) = (
        root.path().join("incidents.ndjson"),
        root.path().join("commands.ndjson"),
        root.path().join("out"),
    );
    fs::write(&told, incidents.join("\n")).unwrap();
    fs::write(&commands, command).unwrap();
    let (code, said) = cordon(&[
        "replay",
        "--gazetteer",
        gazetteer.to_str().unwrap(),
        "--incidents",
        told.to_str().unwrap(),
        "--commands",
        commands.to_str().unwrap(),
        "--now",
        "2026-08-30T13:00:00Z",
        "--out",
        out.to_str().unwrap(),
    ]);
    assert_eq!(code, Some(0), "{said}");
    let lines = |name: &str| -> Vec<serde_json::Value> {
        let text = fs::read_to_string(out.join(name)).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let located = lines("located.ndjson");
    let placed: BTreeMap<&str, &str> = located
        .iter()
        .map(|line| {
            (
                line["subject"].as_str().unwrap(),
                line["match"]["precision"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("ALIAS", "place"),
        ("CODE", "postcode"),
        ("FOUND", "place"),
        ("WORDS", "address"),
    ];
    assert_eq!(placed, BTreeMap::from(expected));
    let alerts = lines("alerts.ndjson");
    let states: Vec<(&str, &str)> = alerts
        .iter()
        .filter(|alert| alert["rule"] == "immediate-unplaced")
        .map(|alert| {
            (
                alert["subject"].as_str().unwrap(),
                alert["state"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        states,
        [("LOST", "open"), ("FOUND", "open"), ("FOUND", "updated")]
    );
}

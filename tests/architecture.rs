//! Who may import whom, held by the syntax tree and not by a text search: grouped imports, renames and
//! the insides of macros are seen. Modules of tests are free.

mod rules;
mod source;

use std::fs;
use std::path::{Path, PathBuf};

use rules::{Violation, violations};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder`, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The crates of `[dependencies]`, as they are named in Rust.
fn dependencies() -> Vec<String> {
    let manifest: toml::Table = fs::read_to_string(root().join("Cargo.toml"))
        .unwrap()
        .parse()
        .unwrap();
    manifest["dependencies"]
        .as_table()
        .unwrap()
        .keys()
        .map(|name| name.replace('-', "_"))
        .collect()
}

#[test]
fn every_file_imports_only_what_its_layer_may() {
    let dependencies = dependencies();
    let mut found: Vec<Violation> = Vec::new();
    for path in files(&root().join("src")) {
        let place = path.strip_prefix(root()).unwrap().to_str().unwrap();
        if has_extension(place, "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.extend(violations(place, &text, &dependencies));
        }
    }
    let report: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert!(
        report.is_empty(),
        "{} violations of the layering:\n{}",
        report.len(),
        report.join("\n")
    );
}

#[test]
fn every_module_that_the_architecture_names_exists() {
    let Ok(text) = fs::read_to_string(root().join("ARCHITECTURE.md")) else {
        println!("ARCHITECTURE.md does not exist yet");
        return;
    };
    let missing: Vec<&str> = named_places(&text).filter(|place| !exists(place)).collect();
    assert!(
        missing.is_empty(),
        "ARCHITECTURE.md names what does not exist: {missing:?}"
    );
}

/// What stands in backticks, outside of code blocks, and is a path: it holds a `/` or ends in `.rs`.
fn named_places(text: &str) -> impl Iterator<Item = &str> {
    text.split("```")
        .step_by(2)
        .flat_map(|prose| prose.split('`').skip(1).step_by(2))
        .filter(|word| word.contains('/') || has_extension(word, "rs"))
        // Routes, patterns and sentences are no files.
        .filter(|word| !word.starts_with('/') && !word.contains(|c: char| " *<>{}:$()".contains(c)))
}

fn has_extension(word: &str, extension: &str) -> bool {
    Path::new(word)
        .extension()
        .is_some_and(|found| found == extension)
}

fn exists(place: &str) -> bool {
    let place = place.trim_end_matches('/');
    ["", "src"].iter().any(|base| {
        let path = root().join(base).join(place);
        path.exists() || path.with_extension("rs").exists()
    })
}

#[test]
fn places_are_found_in_prose_and_not_in_code_blocks() {
    let text = "Read `track.rs`, then `io/wire`.\n```\n`not/here`\n```\nNot `GET /v1/live`, not `/livez`; `web/`.";
    let places: Vec<&str> = named_places(text).collect();
    assert_eq!(places, ["track.rs", "io/wire", "web/"]);
    assert!(exists("domain/position.rs") && exists("domain/position") && exists("src/"));
    assert!(!exists("domain/nowhere"));
}

/// The test above can fail: each of these breaks one rule, and is caught on its line.
#[test]
fn each_broken_rule_is_caught() {
    let dependencies: Vec<String> = ["geo", "serde", "jiff", "h3o", "tokio", "rdkafka", "axum"]
        .map(String::from)
        .to_vec();
    #[rustfmt::skip]
    let broken = [
        ("src/track.rs", "use crate::{domain::ids::Subject,\n picture::Picture};", 2, "layer"),
        ("src/geofence/index.rs", "use crate::window::WindowSpec;", 1, "layer"),
        ("src/alert/rule.rs", "fn f() { crate::geofence::observe(); }", 1, "layer"),
        ("src/alert.rs", "fn f(x: crate::io::wire::Wire) {}", 1, "layer"),
        ("src/io/wire/report.rs", "use crate::track::Track;", 1, "layer"),
        ("src/io/web/live.rs", "use crate::io::kafka::Producer;", 1, "layer"),
        ("src/io/kafka.rs", "use crate::config::Config;", 1, "layer"),
        ("src/domain/time.rs", "use cordon::window::WindowSpec;", 1, "layer"),
        ("src/domain/fence.rs", "use super::super::window::WindowSpec;", 1, "super"),
        ("src/io/web/rest.rs", "use super::super::kafka::Producer;", 1, "super"),
        ("src/gossip.rs", "fn f() {}", 1, "layer"),
        ("src/domain/mod.rs", "fn f() {}", 1, "mod.rs"),
        ("src/track.rs", "use std::{collections::BTreeMap, fs};", 1, "pure"),
        ("src/track.rs", "use std::fs as disk;\nfn f() { disk::read(\"x\"); }", 1, "pure"),
        ("src/track.rs", "use std::time::{Duration, SystemTime};", 1, "pure"),
        ("src/track.rs", "use std::time;\nfn f() { time::Instant::now(); }", 2, "pure"),
        ("src/track.rs", "use std::time::*;", 1, "pure"),
        ("src/surge.rs", "fn f() { std::env::var(\"x\"); }", 1, "pure"),
        ("src/surge.rs", "fn f() { std::thread::spawn(g); }", 1, "pure"),
        ("src/serve.rs", "use std::sync::{Arc, Mutex};", 1, "pure"),
        ("src/picture.rs", "use std::net::IpAddr;", 1, "pure"),
        ("src/picture.rs", "fn f(w: &mut dyn std::io::Write) {}", 1, "pure"),
        ("src/picture.rs", "fn f() { println!(\"x\"); }", 1, "pure"),
        ("src/picture.rs", "fn f() { assert!({ eprintln!(\"x\"); g() }); }", 1, "pure"),
        ("src/geocode.rs", "async fn f() {}", 1, "pure"),
        ("src/geocode.rs", "fn f() { async {}; }", 1, "pure"),
        ("src/window/panes.rs", "#[derive(Clone, serde::Serialize)] struct S;", 1, "pure"),
        ("src/window/panes.rs", "use serde::Serialize;\n#[derive(Serialize)] struct S;", 1, "pure"),
        ("src/window/panes.rs", "fn f() { tracing::info!(\"x\"); }", 1, "pure"),
        ("src/window/panes.rs", "fn f() { jiff::Zoned::now(); }", 1, "pure"),
        ("src/window/panes.rs", "fn f() { assert!(g(),\n \"{}\", tokio::task::id()); }", 2, "pure"),
        ("src/runtime/shard.rs", "use rdkafka::Message;", 1, "edge"),
        ("src/runtime/shard.rs", "fn f(r: axum::Router) {}", 1, "edge"),
        ("src/io/mapped.rs", "use object_store::ObjectStore;", 1, "edge"),
        ("src/geofence/shape.rs", "fn f() { geo::Point::new(1.0, 2.0); }", 1, "position"),
        ("src/geofence/shape.rs", "use geo::Point;\nfn f() { Point::new(1.0, 2.0); }", 2, "position"),
        ("src/geofence/shape.rs", "use geo::{Coord as C};\nfn f() { C { x: 1.0, y: 2.0 }; }", 2, "position"),
        ("src/geofence/shape.rs", "use geo::*;\nfn f() { point!(x: 1.0, y: 2.0); }", 2, "position"),
        ("src/geofence/shape.rs", "fn f() { geo::coord! { x: 1.0, y: 2.0 }; }", 1, "position"),
        ("src/geofence/shape.rs", "fn f() { vec![geo::Coord { x: 1.0, y: 2.0 }]; }", 1, "position"),
    ];
    for (place, text, line, rule) in broken {
        let found = violations(place, text, &dependencies);
        let caught = found.iter().any(|v| v.rule == rule && v.line == line);
        assert!(
            caught,
            "{place}: {text}\nexpected the rule '{rule}' on line {line}, found {found:?}"
        );
    }
}

#[test]
fn what_the_layers_may_do_passes() {
    let dependencies = dependencies();
    #[rustfmt::skip]
    let sound = [
        ("src/track.rs", "use crate::{domain::ids::Subject, geofence::Geofences, alert};\nuse std::time::Duration;"),
        ("src/domain/position.rs", "fn f() { geo::Point::new(1.0, 2.0); }"),
        ("src/geofence/shape.rs", "use geo::{Coord, Point};\nfn f(p: &Point<f64>) -> Coord { let Coord { x, y } = p.0; p.0 }"),
        ("src/geofence/index.rs", "#[cfg(test)] mod tests { use std::fs; }"),
        ("src/geofence/tests.rs", "use std::fs;"),
        ("src/geofence/index.rs", "use super::shape::Shape;\nuse self::cell::Cell;"),
        ("src/alert.rs", "use crate::domain::alert::Severity;\nuse std::io_like::X;"),
        ("src/window.rs", "fn f(log: f64, print: f64) { let tokio = log + print; log(tokio); }"),
        ("src/window.rs", "fn f() { assert!(a != b, \"{}\", c.d); }"),
        ("src/io/web/live.rs", "use axum::Router;\nuse crate::{serve::Picture, geocode::Geocoder, io::wire::alert, io::web::hub};"),
        ("src/io/kafka/consumer.rs", "use rdkafka::Message;\nuse crate::io::wire::report;"),
        ("src/io/store.rs", "use object_store::ObjectStore;\nuse std::fs;"),
        ("src/runtime/shard.rs", "use crate::{track::Track, io::kafka::Consumer};\nasync fn f() {}"),
        ("src/main.rs", "use cordon::replay;\nfn main() { println!(\"x\"); }"),
    ];
    for (place, text) in sound {
        let found = violations(place, text, &dependencies);
        assert!(found.is_empty(), "{place}: {text}\n{found:?}");
    }
}

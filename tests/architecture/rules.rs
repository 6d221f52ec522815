//! The rules of the house over what a file names, each with its rationale.

use std::fmt;

use crate::architecture::source::{self, Name, Source, Usage};

/// The rooms where nothing is read, waited for or logged.
const PURE: [&str; 10] = [
    "domain", "prefetch", "geocode", "geofence", "window", "surge", "alert", "track", "picture",
    "serve",
];

/// What a stage stands on.
const PARTS: [&str; 7] = [
    "domain", "prefetch", "geocode", "geofence", "window", "surge", "alert",
];

/// Crates that compute and nothing else.
const PURE_CRATES: [&str; 13] = [
    "foldhash",
    "hashbrown",
    "smol_str",
    "fst",
    "geo",
    "geo_types",
    "h3o",
    "levenshtein_automata",
    "lonlat_bng",
    "rstar",
    "sha2",
    "strsim",
    "thiserror",
];

/// What no pure room names, whether or not it is a dependency today.
const IMPURE: [&str; 23] = [
    "std::env",
    "std::fs",
    "std::future",
    "std::io",
    "std::net",
    "std::os",
    "std::process",
    "std::sync::Condvar",
    "std::sync::Mutex",
    "std::sync::RwLock",
    "std::sync::mpsc",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "std::time::*",
    "tokio",
    "rdkafka",
    "axum",
    "prometheus",
    "tracing",
    "log",
    "serde",
    "serde_json",
];

/// Macros that write to the terminal.
const PRINTS: [&str; 5] = ["print", "println", "eprint", "eprintln", "dbg"];

/// Crates with a door of their own: (crate, the only places that may name it).
const EDGES: [(&str, &[&str]); 7] = [
    ("rdkafka", &["io::kafka"]),
    ("axum", &["io::web"]),
    ("tokio_rustls", &["io::web"]),
    ("memmap2", &["io::mapped"]),
    ("object_store", &["io::store"]),
    ("osmpbf", &["gazetteer"]),
    ("prometheus", &["telemetry", "io::web"]),
];

/// What makes a point out of two bare numbers.
const POINT_MAKERS: [&str; 8] = [
    "Point",
    "Coord",
    "point",
    "coord",
    "line_string",
    "polygon",
    "Rect",
    "Triangle",
];

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Violation {
    /// The file, from the root of the project.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// Short name of the rule.
    pub rule: &'static str,
    /// What was found.
    pub found: String,
    /// Why the rule is there, and what to do.
    pub rationale: &'static str,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            rule,
            found,
            rationale,
        } = self;
        write!(f, "{file}:{line}: {rule}: {found}\n    {rationale}")
    }
}

/// Every rule that the file `place` (`src/io/wire.rs`) breaks.
pub(super) fn violations(place: &str, text: &str, dependencies: &[String]) -> Vec<Violation> {
    let module = module_of(place);
    if module.last().is_some_and(|name| name == "tests") {
        return Vec::new();
    }
    let mut file = File {
        place,
        module: module.join("::"),
        found: Vec::new(),
    };
    if place.ends_with("mod.rs") {
        file.report(
            1,
            "mod.rs",
            "a mod.rs".into(),
            "A tab named mod.rs says nothing: modules are foo.rs and foo/.",
        );
        return file.found;
    }
    match source::read(text, &module) {
        Ok(source) => file.check(&source, dependencies),
        Err(error) => file.report(
            error.span().start().line,
            "syntax",
            error.to_string(),
            "A file that cannot be read cannot be checked.",
        ),
    }
    file.found
}

fn module_of(place: &str) -> Vec<String> {
    let path = place.trim_start_matches("src/").trim_end_matches(".rs");
    path.split('/')
        .filter(|segment| *segment != "lib")
        .map(String::from)
        .collect()
}

/// What the module `from` may import of ours; `None` where the table has no row for it.
fn may_import(from: &str) -> Option<Vec<&'static str>> {
    let mut allowed: Vec<&str> = Vec::new();
    let room = from.split("::").next().unwrap_or_default();
    match room {
        "" | "cpu" | "prefetch" => {}
        "geofence" => allowed.extend(["domain", "prefetch"]),
        "domain" | "geocode" | "window" | "surge" | "alert" | "telemetry" => {
            allowed.push("domain");
        }
        "track" | "picture" | "serve" => allowed.extend(PARTS),
        "io" => {
            allowed.push("domain");
            if !within(from, "io::wire") {
                allowed.extend(["io::wire", "telemetry"]);
            }
            if within(from, "io::web") {
                allowed.extend(["serve", "geocode"]);
            }
        }
        "gazetteer" => allowed.extend(["domain", "geocode", "geofence"]),
        "config" => allowed.extend(
            PURE.iter()
                .chain(&["io", "runtime", "telemetry", "gazetteer"]),
        ),
        "main" | "cli" | "query" | "runtime" | "replay" | "simulate" => {
            allowed.extend(PURE);
            allowed.extend([
                "io",
                "telemetry",
                "gazetteer",
                "config",
                "runtime",
                "replay",
                "simulate",
                "query",
                "cpu",
                "cli",
                "main",
            ]);
        }
        _ => return None,
    }
    Some(allowed)
}

/// Whether `path` is `room` or stands below it.
fn within(path: &str, room: &str) -> bool {
    path.strip_prefix(room)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// A room of its own: the first segment, under `io` the first two.
fn room_of(path: &str) -> &str {
    let parts = if within(path, "io") { 2 } else { 1 };
    let end = path.match_indices("::").nth(parts - 1);
    end.map_or(path, |(at, _)| path.get(..at).unwrap_or(path))
}

struct File<'a> {
    place: &'a str,
    module: String,
    found: Vec<Violation>,
}

impl File<'_> {
    fn report(&mut self, line: usize, rule: &'static str, found: String, rationale: &'static str) {
        let violation = Violation {
            file: self.place.to_string(),
            line,
            rule,
            found,
            rationale,
        };
        if !self.found.contains(&violation) {
            self.found.push(violation);
        }
    }

    fn check(&mut self, source: &Source, dependencies: &[String]) {
        let Some(allowed) = may_import(&self.module) else {
            self.report(1, "layer", format!("the module `{}` is in no layer", self.module), "Every module has a row in the table 'who may import whom': give it one in tests/architecture/rules.rs and ARCHITECTURE.md.");
            return;
        };
        let pure = PURE.iter().any(|room| within(&self.module, room));
        for &line in &source.climbs {
            self.report(
                line,
                "super",
                "super::super".into(),
                "Who climbs two floors hides where an import comes from: write crate::...",
            );
        }
        if pure {
            for &line in &source.asyncs {
                self.report(
                    line,
                    "pure",
                    "async".into(),
                    "A pure room waits for nothing; the runtime decides what runs when.",
                );
            }
        }
        for name in &source.names {
            self.check_layer(name, &allowed);
            if pure {
                self.check_pure(name, dependencies);
            }
            self.check_edge(name);
            self.check_position(name);
        }
    }

    fn check_layer(&mut self, name: &Name, allowed: &[&str]) {
        let path = name.path.join("::");
        let Some(target) = path.strip_prefix("crate::") else {
            return;
        };
        // Re-exports at the root and macros of ours are no rooms.
        if may_import(target).is_none() {
            return;
        }
        let own = room_of(&self.module);
        if !own.is_empty()
            && !within(target, own)
            && !allowed.iter().any(|room| within(target, room))
        {
            let rationale = "Imports point one way (main, runtime, replay, simulate > track, picture, serve > parts > domain; io knows domain), so that each room can be read and tested without the ones above it.";
            self.report(
                name.line,
                "layer",
                format!("`{}` names `{path}`", self.module),
                rationale,
            );
        }
    }

    fn check_pure(&mut self, name: &Name, dependencies: &[String]) {
        let path = name.path.join("::").replacen("core::", "std::", 1);
        let first = name.path.first().map_or("", String::as_str);
        // One segment is a local name, however it is spelt.
        let crossing = name.path.len() > 1;
        let impure = crossing && IMPURE.iter().any(|banned| within(&path, banned));
        let prints = name.usage == Usage::Invoked && PRINTS.contains(&path.as_str());
        let foreign = crossing
            && dependencies.iter().any(|crate_| crate_ == first)
            && !PURE_CRATES.contains(&first);
        if impure || prints || foreign {
            self.report(name.line, "pure", format!("`{path}`"), "Pure rooms read no clock, do no I/O, hold no lock, log nothing and know no byte layout: the same input gives the same effects, in a replay and after a crash. Pass it in as an argument, or do it at the edge.");
        }
    }

    fn check_edge(&mut self, name: &Name) {
        let first = name.path.first().map_or("", String::as_str);
        for (crate_, rooms) in EDGES {
            if name.path.len() > 1
                && first == crate_
                && !rooms.iter().any(|room| within(&self.module, room))
            {
                self.report(name.line, "edge", format!("`{}` outside {}", name.path.join("::"), rooms.join(", ")), "Each outside system has one door, so that its traps are known in one place and it can be replaced there.");
            }
        }
    }

    fn check_position(&mut self, name: &Name) {
        let [origin, item, ..] = name.path.as_slice() else {
            return;
        };
        let makes = name.usage != Usage::Named
            && (origin == "geo" || origin == "geo_types")
            && POINT_MAKERS.contains(&item.as_str());
        if makes && self.module != "domain::position" {
            self.report(name.line, "position", format!("`{}` makes a point", name.path.join("::")), "geo is (lng, lat), people say (lat, lng): only domain/position.rs knows, everybody else asks Position. A swapped pair is a patrol in the sea.");
        }
    }
}

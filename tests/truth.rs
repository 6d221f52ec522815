//! Simulated days against what is true in them: the simulator writes the truth by arithmetic of its own,
//! so that neither can be wrong in the same way.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// How often each thing is there.
type Counts = BTreeMap<Vec<String>, usize>;

fn cordon(arguments: &[&str]) {
    let run = Command::new(env!("CARGO_BIN_EXE_cordon"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The `fields` of the rows that `keep` keeps, counted.
fn count(rows: &[Value], keep: impl Fn(&Value) -> bool, fields: &[&str]) -> Counts {
    let mut counts = Counts::new();
    for row in rows.iter().filter(|row| keep(row)) {
        let values = fields.iter().map(|field| {
            row[*field]
                .as_str()
                .map_or_else(|| row[*field].to_string(), str::to_owned)
        });
        *counts.entry(values.collect()).or_default() += 1;
    }
    counts
}

fn holds(scenario: &str, seed: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    cordon(&[
        "simulate",
        "--scenario",
        scenario,
        "--seed",
        seed,
        "--out",
        &path("day"),
    ]);
    cordon(&[
        "replay",
        "--positions",
        &path("day/positions.ndjson"),
        "--incidents",
        &path("day/incidents.ndjson"),
        "--fences",
        &path("day/fences.geojson"),
        "--now",
        "2026-08-30T23:00:00Z",
        "--out",
        &path("answers"),
    ]);
    let truth = lines(&folder.path().join("day/truth.ndjson"));
    let answers = |name: &str| lines(&folder.path().join("answers").join(name));
    let expected = |what: &'static str| move |row: &Value| row["expect"] == what;
    let all = |_: &Value| true;

    let transitions = answers("transitions.ndjson");
    for kind in ["enter", "exit"] {
        let fields = ["at", "subject", "fence"];
        let told = count(&transitions, |row| row["transition"] == kind, &fields);
        assert_eq!(
            told,
            count(&truth, expected(kind), &fields),
            "{scenario} {seed}: {kind}"
        );
        assert!(!told.is_empty(), "{scenario} {seed}: nobody does {kind}");
    }
    let rejects = answers("rejects.ndjson");
    let refused = count(&rejects, all, &["offset", "reason"]);
    let true_rejects = count(&truth, expected("reject"), &["line", "reason"]);
    assert_eq!(refused, true_rejects, "{scenario} {seed}: rejects");
    let located = answers("located.ndjson");
    let late = count(&located, |row| row["late"] == true, &["at", "subject"]);
    assert_eq!(
        late,
        count(&truth, expected("late"), &["at", "subject"]),
        "{scenario} {seed}: late"
    );
    let alerts = answers("alerts.ndjson");
    let opened = count(
        &alerts,
        |row| row["state"] == "open",
        &["at", "rule", "subject", "fence"],
    );
    let true_alerts = count(
        &truth,
        expected("alert"),
        &["at", "rule", "subject", "fence"],
    );
    assert_eq!(opened, true_alerts, "{scenario} {seed}: alerts");
}

#[test]
fn a_routine_day_is_told_as_it_was() {
    holds("routine", "1");
    holds("routine", "2");
}

#[test]
fn an_event_is_told_as_it_was() {
    holds("event", "3");
}

#[test]
fn disorder_is_told_as_it_was() {
    holds("disorder", "4");
}

//! What comes over topics: rules, a feed, and the records of a stretch of time.

use std::path::Path;

use serde_json::Value;

use crate::live::room::{self, Broker, Client, Cordon};
use crate::live::{FENCES, INSIDE, OUTSIDE, settings, states};

/// A rule that is drawn up while the reports come, edited, spoiled and taken away.
fn rules_come_over_their_topic(folder: &Path, settings: &str) {
    let cordon = Cordon::start(folder, settings);
    let client = Client::new(&cordon.address);
    let rule = |severity: &str| {
        format!(
            r#"{{"id":"night","title":"{{subject}} in {{fence}}","severity":"{severity}","version":"night-1",
            "transition":{{"kinds":["enter"],"who":{{"class":["foot"]}}}}}}"#
        )
    };
    let walk = |subject: &str| {
        for (lat, lon) in [OUTSIDE, INSIDE] {
            let at = client.report(subject, lat, lon);
            let report = format!(
                r#"{{"subject":"{subject}","at":{},"lat":{lat},"lon":{lon},"class":"foot"}}"#,
                at + 1
            );
            client.send("positions", subject, &report);
        }
    };
    let of_rule = |alerts: &[Value]| {
        let of_rule = alerts.iter().filter(|alert| alert["rule"] == "night");
        of_rule.cloned().collect::<Vec<_>>()
    };
    client.send("cordon.rules", "night", &rule("low"));
    // A rule holds from when it is heard: until then somebody else walks in, again and again.
    let mut walkers = 0;
    let mut walk_until = |count: usize| {
        room::wait_until(
            || {
                walkers += 1;
                walk(&format!("W{walkers}"));
                std::thread::sleep(std::time::Duration::from_millis(300));
                of_rule(&client.all("cordon.alerts")).len() >= count
            },
            || "no alert of the new rule".to_owned(),
        );
    };
    walk_until(1);
    let alert = of_rule(&client.all("cordon.alerts")).remove(0);
    assert_eq!(alert["severity"], "low");
    assert_eq!(alert["rules_version"], "night-1");

    client.send(
        "cordon.rules",
        "night",
        r#"{"id":"night","severity":"urgent"}"#,
    );
    let rejects = client.wait("cordon.dead-letters", |all| !all.is_empty());
    assert_eq!(rejects[0]["source"], "cordon.rules");
    assert_eq!(rejects[0]["reason"], "malformed");
    let before = of_rule(&client.all("cordon.alerts")).len();
    walk_until(before + 1);

    client.delete("cordon.rules", "night");
    let closed = |alerts: &[Value]| {
        let alerts = of_rule(alerts);
        let count = |state: &str| states(&alerts).iter().filter(|is| **is == state).count();
        count("closed") == count("open")
    };
    let alerts = client.wait("cordon.alerts", |alerts| closed(alerts));
    assert_eq!(of_rule(&alerts).last().unwrap()["cause"], "rule_deleted");
    assert_eq!(cordon.stop(), Some(143));
}

#[test]
fn rules_come_over_their_topic_from_the_embedded_broker() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("fences.geojson"), FENCES).unwrap();
    let settings = "[fences]\nfiles = [\"fences.geojson\"]\n";
    rules_come_over_their_topic(folder.path(), settings);
}

#[test]
fn rules_come_over_their_topic_from_kafka() {
    if !room::is_asked() {
        return;
    }
    let broker = Broker::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path(), &broker.address);
    rules_come_over_their_topic(folder.path(), &settings);
}

/// The lines of a file of answers; of rejects without where they stood.
fn answers(folder: &Path, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join(format!("{name}.ndjson"))).unwrap();
    let lines = text.lines().map(|line| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        if name == "rejects" {
            for place in ["source", "partition", "offset"] {
                line.as_object_mut().unwrap().remove(place);
            }
        }
        line
    });
    lines.collect()
}

#[test]
fn a_time_range_of_topics_gives_the_answers_of_the_same_records_from_files() {
    if !room::is_asked() {
        return;
    }
    let broker = Broker::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let cordon = |arguments: &[&str]| room::run(folder.path(), arguments);
    let config = path("cordon.toml");
    std::fs::write(&config, "[kafka]\npartitions = 3\n").unwrap();
    let simulate =
        "simulate --scenario event --seed 3 --rate 40 --minutes 3 --start 2026-08-30T12:00:00Z";
    let mut arguments: Vec<_> = simulate.split(' ').collect();
    let world = path("world");
    arguments.extend([
        "--out",
        &world,
        "--brokers",
        &broker.address,
        "--config",
        &config,
    ]);
    assert_eq!(cordon(&arguments), Some(0));

    let files = [
        path("world/positions.ndjson"),
        path("world/incidents.ndjson"),
        path("world/fences.geojson"),
    ];
    let (from_files, from_topics) = (path("files"), path("topics"));
    let now = "2026-08-30T13:00:00Z";
    let replay = [
        "replay",
        "--positions",
        &files[0],
        "--incidents",
        &files[1],
        "--fences",
        &files[2],
    ];
    assert_eq!(
        cordon(&[&replay[..], &["--now", now, "--out", &from_files]].concat()),
        Some(0)
    );
    let range = [
        "replay",
        "--from",
        "2026-01-01T00:00:00Z",
        "--to",
        "2099-01-01T00:00:00Z",
    ];
    let replay = [
        &range[..],
        &[
            "--brokers",
            &broker.address,
            "--now",
            now,
            "--out",
            &from_topics,
        ],
    ]
    .concat();
    assert_eq!(cordon(&replay), Some(0));
    let read =
        |folder: &str, name: &str| std::fs::read_to_string(Path::new(folder).join(name)).unwrap();
    for name in ["transitions", "alerts", "located", "cells"] {
        let name = format!("{name}.ndjson");
        assert_eq!(
            read(&from_files, &name),
            read(&from_topics, &name),
            "{name}"
        );
        assert!(!read(&from_files, &name).is_empty(), "{name}");
    }
    // These are in the order of the input, of which a file has one and a topic one a partition.
    for name in ["rejects", "unplaced"] {
        let sorted = |folder: &str| {
            let mut lines: Vec<_> = answers(Path::new(folder), name)
                .iter()
                .map(Value::to_string)
                .collect();
            lines.sort();
            lines
        };
        assert_eq!(sorted(&from_files), sorted(&from_topics), "{name}");
    }

    // Nothing was there then; and a broker that is not there is told, with the exit code of a failure.
    let before = [
        "replay",
        "--from",
        "2020-01-01T00:00:00Z",
        "--to",
        "2020-01-02T00:00:00Z",
    ];
    let empty = path("empty");
    let replay = [
        &before[..],
        &["--brokers", &broker.address, "--out", &empty],
    ]
    .concat();
    assert_eq!(cordon(&replay), Some(0));
    assert_eq!(read(&empty, "located.ndjson"), "");
    assert_eq!(cordon(&[&before[..], &["--out", &empty]].concat()), Some(2));
}

const CAD: &str = r#"
[[feed]]
name = "cad"
kind = "incident"
format = "json"
topic = "force.cad"
blank_coordinates = "empty_text"
[feed.fields]
subject = { template = "CAD-{job.number}" }
at = { path = "job.time", format = "unix_ms" }
lat = "job.place.lat"
lon = "job.place.lon"
category = { path = "job.type", table = { "STAB" = "violence.knife" } }
state = { constant = "open" }
"#;

/// An awkward topic, with keys of its own and more fields than anybody may keep.
fn a_feed_comes_over_its_topic(folder: &Path, settings: &str) {
    let settings = format!("{settings}{CAD}");
    let cordon = Cordon::start(folder, &settings);
    let client = Client::new(&cordon.address);
    let at = client.report("A1", OUTSIDE.0, OUTSIDE.1);
    let job = |number: u32, lat: f64| {
        format!(
            r#"{{"job":{{"number":{number},"time":{at},"type":"STAB","place":{{"lat":{lat},"lon":-0.125}}}},"caller":"secret name"}}"#
        )
    };
    client.send("force.cad", "whatever", &job(7, 51.505));
    client.send("force.cad", "whatever", &job(8, 99.0));
    client.send(
        "force.cad",
        "whatever",
        r#"{"job":{"type":"STAB"},"caller":"secret name"}"#,
    );
    client.send("force.cad", "whatever", "no JSON, but a secret name");

    let located = client.wait("cordon.located", |all| {
        all.iter().any(|one| one["subject"] == "CAD-7")
    });
    let job = located
        .iter()
        .find(|one| one["subject"] == "CAD-7")
        .unwrap();
    assert_eq!(job["category"], "violence.knife");
    assert_eq!(job["fences"][0], "bridge");
    let sent = client.all("incidents");
    assert!(
        sent.iter().all(|one| !one.to_string().contains("secret")),
        "{sent:?}"
    );
    let rejects = client.wait("cordon.dead-letters", |all| all.len() == 3);
    let reasons: Vec<_> = rejects
        .iter()
        .map(|one| one["reason"].as_str().unwrap())
        .collect();
    for reason in ["out_of_range", "missing_field", "malformed"] {
        assert!(reasons.contains(&reason), "{reasons:?}");
    }
    assert!(
        rejects
            .iter()
            .all(|one| !one.to_string().contains("secret")),
        "{rejects:?}"
    );
    let of_feed: Vec<_> = rejects
        .iter()
        .filter(|one| one["source"] == "force.cad")
        .collect();
    assert!(
        of_feed
            .iter()
            .all(|one| one["partition"].is_i64() && one["offset"].is_i64())
    );
    assert!(of_feed.len() >= 2, "{rejects:?}");
    assert_eq!(cordon.stop(), Some(143));
}

#[test]
fn a_feed_comes_over_its_topic_from_the_embedded_broker() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("fences.geojson"), FENCES).unwrap();
    a_feed_comes_over_its_topic(folder.path(), "[fences]\nfiles = [\"fences.geojson\"]\n");
}

#[test]
fn a_feed_comes_over_its_topic_from_kafka_and_is_not_told_twice_after_a_restart() {
    if !room::is_asked() {
        return;
    }
    let broker = Broker::start(&[]);
    let client = Client::new(&broker.address);
    client.make_topic("force.cad", 3);
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path(), &broker.address);
    a_feed_comes_over_its_topic(folder.path(), &settings);
    let before = client.all("incidents").len();
    let cordon = Cordon::start(folder.path(), &format!("{settings}{CAD}"));
    let at = client.report("A2", INSIDE.0, INSIDE.1);
    let job =
        format!(r#"{{"job":{{"number":9,"time":{at},"place":{{"lat":51.505,"lon":-0.125}}}}}}"#);
    client.send("force.cad", "whatever", &job);
    client.wait("cordon.located", |all| {
        all.iter().any(|one| one["subject"] == "CAD-9")
    });
    assert_eq!(client.all("incidents").len(), before + 1);
    assert_eq!(cordon.stop(), Some(143));
}

//! Against a real Apache Kafka: what comes in goes out, and what was acknowledged stays so, whatever
//! dies. Needs Java, Maven and Python; runs where `CORDON_BROKER_TESTS=1`.

mod login;
mod room;
mod topics;

use std::path::Path;

use room::{Broker, Client, Cordon};
use serde_json::Value;

const FENCES: &str = r#"{"type":"FeatureCollection","features":[{"type":"Feature","id":"bridge",
 "properties":{"class":"sterile","detect":["enter","exit"]},
 "geometry":{"type":"Polygon","coordinates":[[[-0.13,51.50],[-0.12,51.50],[-0.12,51.51],[-0.13,51.51],[-0.13,51.50]]]}}]}"#;
const INSIDE: (f64, f64) = (51.505, -0.125);
const OUTSIDE: (f64, f64) = (51.52, -0.125);

fn settings(folder: &Path, brokers: &str) -> String {
    std::fs::write(folder.join("fences.geojson"), FENCES).unwrap();
    format!(
        "[fences]\nfiles = [\"fences.geojson\"]\n[kafka]\nbrokers = \"{brokers}\"\npartitions = 2\n"
    )
}

fn states(alerts: &[Value]) -> Vec<&str> {
    alerts
        .iter()
        .map(|alert| alert["state"].as_str().unwrap())
        .collect()
}

#[test]
fn a_position_becomes_a_transition_and_an_alert() {
    if !room::is_asked() {
        return;
    }
    let broker = Broker::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let cordon = Cordon::start(folder.path(), &settings(folder.path(), &broker.address));
    assert_eq!(cordon.address, broker.address);
    let client = Client::new(&broker.address);
    client.report("A1", OUTSIDE.0, OUTSIDE.1);
    client.report("A1", INSIDE.0, INSIDE.1);
    client.send("positions", "A2", r#"{"subject":"A2"}"#);

    let alerts = client.wait("cordon.alerts", |alerts| !alerts.is_empty());
    assert_eq!(states(&alerts), ["open"]);
    assert_eq!(alerts[0]["subject"], "A1");
    let entered = client.wait("cordon.transitions", |all| !all.is_empty());
    assert_eq!(entered[0]["transition"], "enter");
    let located = client.wait("cordon.located", |all| all.len() == 2);
    assert_eq!(located[1]["fences"][0], "bridge");
    let rejects = client.wait("cordon.dead-letters", |all| !all.is_empty());
    assert_eq!(rejects[0]["reason"], "missing_field");
    assert_eq!(rejects[0]["source"], "positions");

    // A fence that is drawn now is judged from now on.
    let drawn = FENCES
        .split_once("[{")
        .map(|(_, feature)| format!("{{{}", feature.trim_end_matches("]}")))
        .unwrap()
        .replace("bridge", "square");
    client.send("cordon.fences", "square", &drawn);
    client.wait("cordon.transitions", |all| {
        all.iter().any(|one| one["fence"] == "square")
    });
    assert_eq!(cordon.stop(), Some(143));
}

#[test]
fn an_acknowledged_alert_stays_so_through_a_crash() {
    if !room::is_asked() {
        return;
    }
    let broker = Broker::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path(), &broker.address);
    let cordon = Cordon::start(folder.path(), &settings);
    let client = Client::new(&broker.address);
    client.report("A1", OUTSIDE.0, OUTSIDE.1);
    let at = client.report("A1", INSIDE.0, INSIDE.1);
    let alerts = client.wait("cordon.alerts", |alerts| !alerts.is_empty());
    let id = alerts[0]["id"].as_str().unwrap();
    let command = format!(
        r#"{{"id":"c1","at":{},"by":"silver","action":"acknowledge","target":"{id}"}}"#,
        at + 5
    );
    client.send("cordon.commands", "c1", &command);
    client.wait("cordon.alerts", |alerts| {
        states(alerts).contains(&"acknowledged")
    });
    cordon.kill();

    // While nobody is there, it stays inside.
    client.report("A1", INSIDE.0 + 0.001, INSIDE.1);
    let cordon = Cordon::start(folder.path(), &settings);
    client.report("A1", OUTSIDE.0, OUTSIDE.1);
    let alerts = client.wait("cordon.alerts", |alerts| states(alerts).contains(&"closed"));

    let mut distinct = alerts.clone();
    distinct.dedup_by_key(|alert| alert["sequence"].clone());
    assert_eq!(states(&distinct), ["open", "acknowledged", "closed"]);
    assert!(distinct.iter().all(|alert| alert["id"] == id));
    assert_eq!(distinct[2]["acknowledged_by"], "silver");
    let moves = client.all("cordon.transitions");
    let exit = moves
        .iter()
        .find(|one| one["transition"] == "exit")
        .unwrap();
    let enters: Vec<_> = moves
        .iter()
        .filter(|one| one["transition"] == "enter")
        .collect();
    assert!(enters.iter().all(|enter| enter["visit"] == exit["visit"]));
    assert_eq!(client.wait("cordon.located", |all| all.len() >= 4).len(), 4);
    assert_eq!(cordon.stop(), Some(143));
}

#[test]
fn a_broker_that_goes_away_and_comes_back_loses_nothing() {
    if !room::is_asked() {
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let data = data.path().join("kafka");
    let place = ["--dir", data.to_str().unwrap()];
    let broker = Broker::start(&place);
    let folder = tempfile::tempdir().unwrap();
    let mut cordon = Cordon::start(folder.path(), &settings(folder.path(), &broker.address));
    let client = Client::new(&broker.address);
    for number in 0..50 {
        client.report(&format!("A{number}"), OUTSIDE.0, OUTSIDE.1);
    }
    broker.stop();
    cordon.says("trying again");
    assert!(cordon.is_running());

    let broker = Broker::start(&place);
    let client = Client::new(&broker.address);
    for number in 0..50 {
        client.report(&format!("A{number}"), INSIDE.0, INSIDE.1);
    }
    let alerts = client.wait("cordon.alerts", |alerts| alerts.len() >= 50);
    assert_eq!(
        alerts.len(),
        50,
        "{alerts:#?} {:#?}",
        client.all("cordon.located")
    );
    assert_eq!(
        client.wait("cordon.located", |all| all.len() >= 100).len(),
        100
    );
    assert_eq!(cordon.stop(), Some(143));
}

#[test]
fn a_broker_that_is_not_there_yet_is_waited_for() {
    if !room::is_asked() {
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let data = data.path().join("kafka");
    let place = ["--dir", data.to_str().unwrap()];
    let broker = Broker::start(&place);
    let address = broker.address.clone();
    broker.stop();
    let folder = tempfile::tempdir().unwrap();
    let mut cordon = Cordon::launch(folder.path(), &settings(folder.path(), &address), &[]);
    cordon.says(&format!("Kafka at {address}"));
    assert!(cordon.is_running());
    let _broker = Broker::start(&place);
    let client = Client::new(&address);
    cordon.says("Kafka is there");
    client.report("A1", INSIDE.0, INSIDE.1);
    client.wait("cordon.alerts", |alerts| alerts.len() == 1);
    assert_eq!(cordon.stop(), Some(143));
}

#[test]
fn a_topic_with_other_partitions_is_used_as_it_is() {
    if !room::is_asked() {
        return;
    }
    let broker = Broker::start(&[]);
    let client = Client::new(&broker.address);
    client.make_topic("positions", 5);
    let folder = tempfile::tempdir().unwrap();
    let cordon = Cordon::start(folder.path(), &settings(folder.path(), &broker.address));
    cordon.says("topic positions has 5 partitions");
    assert_eq!(client.partitions("positions"), 5);
    assert_eq!(client.partitions("incidents"), 2);
    for number in 0..20 {
        client.report(&format!("A{number}"), INSIDE.0, INSIDE.1);
    }
    client.wait("cordon.alerts", |alerts| alerts.len() == 20);
    assert_eq!(cordon.stop(), Some(143));
}

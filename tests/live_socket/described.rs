//! The published OpenAPI and AsyncAPI, held against the addresses that there are and against what a
//! client gets.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::*;

fn published(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/schema/{name}.json"));
    let mut document = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    fill_in(&mut document);
    document
}

/// Puts the schemas of other files where they are referred to.
fn fill_in(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let file = map.get("$ref").and_then(Value::as_str);
            if let Some(name) = file.and_then(|file| file.strip_suffix(".json")) {
                *value = published(name);
            } else {
                map.values_mut().for_each(fill_in);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(fill_in),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What is wrong with `value` by a schema out of `document`; a field that is not described is wrong.
fn faults(document: &Value, schema: &Value, value: &Value) -> String {
    let mut schema = schema.clone();
    if let Some(named) = schema["$ref"].as_str() {
        let pointer = named.trim_start_matches('#');
        schema = document.pointer(pointer).unwrap().clone();
    }
    if schema["properties"].is_object() {
        schema["additionalProperties"] = json!(false);
    }
    schema["components"] = document["components"].clone();
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap();
    let faults = validator.iter_errors(value);
    let faults: Vec<_> = faults.map(|fault| fault.to_string()).collect();
    faults.join("; ")
}

/// An alert with every field.
fn alert(sequence: u32) -> Value {
    json!({"id": "a0", "rule": "r", "rules_version": "v", "state": "open", "severity": "critical",
        "opened_at": "2026-08-30T21:14:05.120Z", "at": "2026-08-30T21:14:05.120Z", "late_s": 0.5, "title": "t",
        "subject": "V1", "fence": null, "cell": null, "lat": null, "lon": null, "position_age_s": null, "count": 1,
        "region": "default", "acknowledged_by": null, "acknowledged_at": null, "note": null, "cause": "report",
        "escalated": false, "evidence": [], "sequence": sequence})
}

async fn furnished(audits: usize) -> Room {
    let room = room(true, audits).await;
    let fence = json!({"type": "Feature", "id": "f1", "properties": {"radius_m": 250},
        "geometry": {"type": "Point", "coordinates": [-0.12, 51.46]}});
    room.send(FeedTopic::Fences, "f1", 0, fence).await;
    room.vehicle("V1", 1, 51.5).await;
    room.incident("J1", 1).await;
    room.cell("c", 3).await;
    room.send(FeedTopic::Alerts, "a0", 0, alert(1)).await;
    let mut client = room.client().await;
    client.subscribe(json!(["alerts"]), json!({})).await;
    client.until_live().await;
    room
}

#[test]
fn every_address_is_described_and_no_other() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/io/web.rs");
    let code = fs::read_to_string(path).unwrap();
    let routes = code.split(".route(\"").skip(1);
    let routes: BTreeSet<_> = routes.map(|rest| rest.split('"').next().unwrap()).collect();
    let document = published("openapi");
    let described = document["paths"].as_object().unwrap();
    assert_eq!(routes, described.keys().map(String::as_str).collect());
}

#[tokio::test]
async fn every_answer_is_as_described() {
    let room = furnished(64).await;
    let document = published("openapi");
    for (path, address) in [
        ("/v1/fences", "/v1/fences"),
        ("/v1/rules", "/v1/rules"),
        ("/v1/alerts", "/v1/alerts"),
        ("/v1/alerts", "/v1/alerts?bbox=1"),
        ("/v1/alerts/{id}", "/v1/alerts/a0"),
        ("/v1/alerts/{id}", "/v1/alerts/a9"),
        ("/v1/subjects", "/v1/subjects"),
        ("/v1/subjects/{kind}/{id}", "/v1/subjects/incident/J1"),
        ("/v1/cells", "/v1/cells?resolution=9"),
        ("/v1/places", "/v1/places"),
        ("/v1/ui", "/v1/ui"),
        ("/v1/commands", "POST"),
    ] {
        let (answer, method) = if address == "POST" {
            let wish = json!({"action": "note", "target": "a0"});
            (room.post("application/json", &wish).await, "post")
        } else {
            (room.get(address).await, "get")
        };
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap();
        let described = &document["paths"][path][method]["responses"][status];
        let schema = &described["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{address}: {status} is not described");
        let value = serde_json::from_str(body).unwrap();
        let faults = faults(&document, schema, &value);
        assert!(faults.is_empty(), "{address}: {faults}\n{body}");
    }
}

#[tokio::test]
async fn every_frame_is_as_described() {
    let room = furnished(64).await;
    let document = published("asyncapi");
    let messages = &document["channels"]["live"]["messages"];
    let check = |frame: &Value| {
        let kind = frame["type"].as_str().unwrap();
        let message = &messages[kind];
        assert!(message.is_object(), "{kind} is not described");
        let faults = faults(&document, &message["payload"], frame);
        assert!(faults.is_empty(), "{frame}: {faults}");
        kind.to_owned()
    };
    let (socket, _) = connect_async(format!("ws://{}/v1/live", room.host))
        .await
        .unwrap();
    let mut client = Client(socket);
    let asked = [
        json!({"type": "subscribe", "id": "s1", "channels": ["alerts", "positions", "incidents", "transitions", "cells"],
            "filter": {"classes": [], "bbox": [-1, 50, 1, 52]}, "purpose": "review"}),
        json!({"type": "command", "action": "note", "target": "a9"}),
        json!({"type": "credit", "n": 1}),
        json!({"type": "ping"}),
    ];
    for frame in asked {
        check(&frame);
        client.say(frame).await;
    }
    let mut seen = BTreeSet::new();
    let wanted =
        |seen: &BTreeSet<String>, kinds: &[&str]| kinds.iter().all(|kind| seen.contains(*kind));
    let mut hear = async |client: &mut Client, kinds: &[&str]| {
        while !wanted(&seen, kinds) {
            let message = timeout(SOON, client.0.next())
                .await
                .unwrap()
                .unwrap()
                .unwrap();
            seen.insert(check(
                &serde_json::from_str(message.to_text().unwrap()).unwrap(),
            ));
        }
    };
    hear(
        &mut client,
        &["hello", "snapshot", "live", "error", "pong", "heartbeat"],
    )
    .await;
    let located = json!({"subject": "V1", "at": "2026-08-30T12:00:05.000Z", "lat": 51.5, "lon": -0.12, "h3": "8c195da49b299ff",
        "match": {"precision": "exact"}, "fences": [], "late": false});
    room.send(FeedTopic::Located, "V1", 5, located).await;
    room.incident("J1", 2).await;
    room.cell("c", 4).await;
    let transition = json!({"at": "2026-08-30T21:14:05.120Z", "subject": "V1", "fence": "f", "transition": "enter",
        "lat": 51.5, "lon": -0.12, "cause": "report", "visit": "v", "other": null, "distance_m": null, "uncertain": false});
    room.send(FeedTopic::Transitions, "V1", 1, transition).await;
    room.send(FeedTopic::Alerts, "a0", 1, alert(2)).await;
    hear(
        &mut client,
        &["positions", "incident", "cell", "transition", "alert"],
    )
    .await;
    room.send(FeedTopic::Fences, "f1", 1, Value::Null).await;
    room.send(FeedTopic::Located, "J1", 9, Value::Null).await;
    for number in 0..60 {
        let mut many = alert(1);
        many["id"] = format!("b{number}").into();
        room.send_at(FeedTopic::Alerts, "b", 2 + number, many, now())
            .await;
    }
    hear(&mut client, &["removed", "fences_changed", "storm"]).await;
    check(&json!({"type": "unsubscribe", "id": "s1"}));
    let described: BTreeSet<_> = messages.as_object().unwrap().keys().cloned().collect();
    let asked = ["subscribe", "unsubscribe", "command", "credit", "ping"].map(String::from);
    let mut all = seen;
    all.extend(asked);
    assert_eq!(all, described);
}

#[tokio::test]
async fn every_entry_of_the_audit_is_as_described() {
    let mut room = furnished(64).await;
    room.get("/v1/alerts").await;
    room.post(
        "application/json",
        &json!({"action": "note", "target": "a0"}),
    )
    .await;
    let schema = published("audit");
    for category in ["Disclosure", "Consultation", "Alteration"] {
        let entry: Value = serde_json::from_slice(&room.audit.recv().await.unwrap()).unwrap();
        assert_eq!(entry["category"], category);
        let faults = faults(&schema, &schema, &entry);
        assert!(faults.is_empty(), "{entry}: {faults}");
    }
}

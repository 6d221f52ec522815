//! The published schemas, held against the examples of the contract, against what must be refused and
//! against the expected output of every scenario.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::scenarios;

/// Output files and the schema of their lines.
const OUT: [(&str, &str); 6] = [
    ("located", "located"),
    ("transitions", "transition"),
    ("alerts", "alert"),
    ("cells", "cell"),
    ("rejects", "reject"),
    ("unplaced", "unplaced"),
];

const IN: [&str; 5] = ["resource", "incident", "fence", "rule", "command"];

/// The schema `name`; one of an output is closed, so that an undescribed field is refused.
fn schema(name: &str) -> Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/schema/{name}.json"));
    let text = fs::read_to_string(&path).unwrap();
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    assert!(jsonschema::meta::is_valid(&schema), "{name} is no schema");
    if !IN.contains(&name) {
        schema["additionalProperties"] = json!(false);
    }
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
}

/// What `schema` finds wrong with `record`, for a person.
fn problems(schema: &Validator, record: &Value) -> String {
    let mut text = String::new();
    for error in schema.iter_errors(record) {
        writeln!(text, "{error} at '{}'", error.instance_path()).unwrap();
    }
    text
}

#[test]
fn the_examples_of_the_contract_are_valid() {
    for (name, record) in examples() {
        let problems = problems(&schema(name), &record);
        assert!(problems.is_empty(), "{name}: {record}\n{problems}");
    }
}

/// The test above can fail: each required field of each example is missed, and each of these is refused.
#[test]
fn what_the_contract_refuses_is_refused() {
    for (name, record) in examples() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/schema/{name}.json"));
        let raw: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        for field in raw["required"].as_array().unwrap() {
            let mut record = record.clone();
            record
                .as_object_mut()
                .unwrap()
                .remove(field.as_str().unwrap());
            assert!(!schema(name).is_valid(&record), "{name} without {field}");
        }
    }
    for (name, changes) in refused() {
        let (_, mut record) = examples().into_iter().find(|e| e.0 == name).unwrap();
        for (field, value) in changes.as_object().unwrap() {
            record[field] = value.clone();
        }
        assert!(!schema(name).is_valid(&record), "{name}: {record}");
    }
}

#[test]
fn every_expected_line_of_every_scenario_is_valid() {
    let schemas = OUT.map(|(file, name)| (file, schema(name)));
    let mut lines = 0;
    let mut found = String::new();
    for path in scenarios::folders()
        .iter()
        .flat_map(|folder| scenarios::expected(folder))
    {
        let stem = path.file_stem().unwrap().to_string_lossy();
        let Some((_, schema)) = schemas.iter().find(|(file, _)| *file == stem) else {
            writeln!(found, "{}: no output of a replay", path.display()).unwrap();
            continue;
        };
        for (at, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            lines += 1;
            let record = serde_json::from_str(line).unwrap();
            let problems = problems(schema, &record);
            if !problems.is_empty() {
                write!(found, "{}:{}: {problems}", path.display(), at + 1).unwrap();
            }
        }
    }
    println!("{lines} expected lines");
    assert!(found.is_empty(), "{found}");
}

#[rustfmt::skip]
fn examples() -> Vec<(&'static str, Value)> {
    let triangle = json!([[[-0.12, 51.46], [-0.11, 51.46], [-0.11, 51.47], [-0.12, 51.46]]]);
    vec![
        ("resource", json!({
            "subject": "MP-CX04", "at": "2026-08-30T21:14:05.120Z", "lat": 51.5098, "lon": -0.1264, "accuracy_m": 6.0,
            "speed_mps": 8.2, "heading_deg": 271, "class": "vehicle", "status": "2", "callsign": "CX04", "agency": "MPS",
            "unit": "PSU-214", "parent": "BX-2", "strength": 2, "assigned": "CAD-8812-30AUG26",
            "destination": {"fence": "rvp-west"}, "source": "avl", "id": "optional"})),
        ("resource", json!({"subject": "MP-CX04", "at": 1_788_124_445_120_i64, "status": 0})),
        ("resource", json!({"subject": "MP-CX04", "at": "2026-08-30T22:14:05+01:00", "deleted": true})),
        ("incident", json!({
            "subject": "CAD-8812-30AUG26", "at": "2026-08-30T21:13:40Z", "category": "violence.knife", "codes": [],
            "grade": "I", "state": "open", "agency": "MPS",
            "location": {"text": "J/W BRIXTON RD & COLDHARBOUR LN SW9"}, "assigned": [],
            "rvp": {"lat": 51.46, "lon": -0.11}, "attended_at": null, "linked": [], "operation": null})),
        ("incident", json!({"subject": "J", "at": 0, "location": {"lat": 51.46, "lon": -0.11}})),
        ("incident", json!({"subject": "J", "at": 0, "location": {"easting": 531_100, "northing": 175_600}})),
        ("incident", json!({"subject": "J", "at": 0, "location": {"grid": "TQ 311 756"}})),
        ("incident", json!({"subject": "J", "at": 0, "location": {"postcode": "SW9 8HH"}})),
        ("incident", json!({"subject": "J", "at": 0, "location": {"uprn": "100021860000"}})),
        ("incident", json!({"subject": "J", "at": 0, "location": {"text": ""}})),
        ("fence", json!({
            "type": "Feature", "id": "sterile-1", "geometry": {"type": "Polygon", "coordinates": triangle},
            "properties": {"name": "Sterile area", "class": "sterile", "tags": [], "severity": "high", "at": 0,
                "detect": ["enter", "exit", "dwell"], "dwell_s": 60, "exit_margin_m": 10, "min_inside_s": 5,
                "valid_from": "2026-08-30T08:00:00Z", "valid_until": null,
                "for": {"kind": "resource", "class": ["vehicle"], "status": []}, "region": "west", "approval": "proposed"}})),
        ("fence", json!({"type": "Feature", "id": "a", "geometry": {"type": "MultiPolygon", "coordinates": [triangle]}})),
        ("fence", json!({"type": "Feature", "id": "b", "properties": {"width_m": 30,
            "sections": [{"from": 0, "to": 1, "valid_from": "2026-08-30T08:00:00Z", "valid_until": null}]},
            "geometry": {"type": "LineString", "coordinates": [[-0.12, 51.46], [-0.11, 51.47]]}})),
        ("fence", json!({"type": "Feature", "id": "c", "properties": {"radius_m": 250},
            "geometry": {"type": "Point", "coordinates": [-0.12, 51.46]}})),
        ("rule", json!({"id": "night", "version": "night-1", "title": "{subject} in {fence}", "severity": "high", "hold": true,
            "close_after": "30m", "transition": {"kinds": ["enter"], "fences": {"class": ["sterile"], "tag": []},
                "who": {"kind": "resource", "class": ["foot"]}, "except": {"status": ["0"]}, "certain": true}})),
        ("rule", json!({"id": "few", "title": "{count}", "severity": "low", "occupancy": {"count": "strength", "below": 3, "for": "5m"}})),
        ("command", json!({"id": "c1", "at": "2026-08-30T21:15:00Z", "by": "silver-1", "role": "silver",
            "action": "acknowledge", "target": "a1", "revision": 3, "note": "seen"})),
        ("command", json!({"id": "c2", "at": 0, "by": "x", "action": "place", "target": "J", "location": {"grid": "TQ 311 756"}})),
        ("located", json!({"subject": "A", "at": "2026-08-30T21:14:05.120Z", "lat": 51.5098, "lon": -0.1264, "speed_mps": 8.2,
            "status": "2", "h3": "8c195da49b299ff", "match": {"precision": "exact"}, "fences": ["a", "b"], "late": false})),
        ("located", json!({"subject": "J", "at": "2026-08-30T21:14:05.120Z", "reported_at": "1970-01-01T00:00:00.000Z",
            "lat": 51.5098, "lon": -0.1264, "category": "x", "location": {"text": "BRIXTON RD"}, "h3": "8c195da49b299ff",
            "match": {"precision": "street", "score": 0.9, "text": "Brixton Road", "radius_m": 400}, "fences": [], "late": true})),
        ("transition", json!({"at": "2026-08-30T21:14:05.120Z", "subject": "A", "fence": "f", "transition": "enter",
            "lat": 51.5098, "lon": -0.1264, "cause": "fence_created", "visit": "v", "other": null, "distance_m": null, "uncertain": true})),
        ("alert", json!({"id": "x", "rule": "emergency", "rules_version": "routine", "state": "open", "severity": "critical",
            "opened_at": "2026-08-30T21:14:05.120Z", "at": "2026-08-30T21:14:05.120Z", "late_s": 0.5, "title": "A \"help\"",
            "subject": "A", "fence": null, "cell": null, "lat": null, "lon": null, "position_age_s": null, "count": 1,
            "region": "default", "acknowledged_by": null, "acknowledged_at": null, "note": null, "cause": "report",
            "escalated": false, "evidence": ["status 0"], "sequence": 1})),
        ("cell", json!({"window": "PT1H", "start": "1970-01-01T00:00:00.000Z", "end": "1970-01-01T01:00:00.000Z",
            "resolution": 9, "cell": "89195da49b3ffff", "kind": "incident", "category": "x", "count": 3, "harm": null, "final": true})),
        ("reject", json!({"reason": "too_late", "detail": "by 1 s", "source": "a.ndjson", "partition": null, "offset": 3,
            "record": {"subject": "A"}})),
        ("reject", json!({"reason": "malformed", "detail": "x", "source": "positions", "partition": 4, "offset": 0,
            "record": "{\"subject\":", "truncated": true})),
        ("unplaced", json!({"subject": "J", "at": "2026-08-30T21:14:05.120Z", "reason": "unlocatable", "detail": "the text is empty",
            "report": {"subject": "J", "at": "1970-01-01T00:00:00.000Z", "location": {"text": ""}}, "alternatives": []})),
    ]
}

/// Changes that spoil the first example of a schema.
#[rustfmt::skip]
fn refused() -> Vec<(&'static str, Value)> {
    vec![
        ("resource", json!({"lat": 91})),
        ("resource", json!({"at": "yesterday"})),
        ("resource", json!({"subject": ""})),
        ("resource", json!({"strength": -1})),
        ("incident", json!({"location": {"lat": 51.0}})),
        ("incident", json!({"location": {"text": "a", "grid": "TQ 311 756"}})),
        ("incident", json!({"state": "done"})),
        ("fence", json!({"geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}})),
        ("fence", json!({"geometry": {"type": "Point", "coordinates": [0, 51]}})),
        ("fence", json!({"geometry": {"type": "LineString", "coordinates": [[0, 51], [1, 51]]}})),
        ("fence", json!({"properties": {"detect": ["teleport"]}})),
        ("rule", json!({"severity": "urgent"})),
        ("rule", json!({"unplaced": {}})),
        ("rule", json!({"close_after": "soon"})),
        ("rule", json!({"transition": {"kinds": ["approach"]}})),
        ("command", json!({"action": "place"})),
        ("command", json!({"action": "dance"})),
        ("located", json!({"secret": "x"})),
        ("located", json!({"at": "2026-08-30T21:14:05Z"})),
        ("located", json!({"h3": "8C195DA49B299FF"})),
        ("transition", json!({"cause": "luck"})),
        ("alert", json!({"sequence": 0})),
        ("alert", json!({"severity": "urgent"})),
        ("cell", json!({"count": 0})),
        ("cell", json!({"window": "PT"})),
        ("cell", json!({"resolution": 12})),
        ("reject", json!({"reason": "bored"})),
        ("unplaced", json!({"alternatives": null})),
    ]
}

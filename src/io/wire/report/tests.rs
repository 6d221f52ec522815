use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::domain::report::{Destination, IncidentState};

fn arrival() -> Arrival {
    Arrival {
        received: Timestamp::from_millis(0).unwrap(),
        delay: Duration::ZERO,
        lateness: Duration::from_secs(30),
    }
}

fn read(kind: Kind, json: &str) -> Result<Record, Reject> {
    decode(kind, json.as_bytes(), arrival())
}

fn report(kind: Kind, json: &str) -> Report {
    match read(kind, json).unwrap() {
        Record::Report(report) => *report,
        Record::Deleted { .. } => panic!("deleted"),
    }
}

fn flaw(kind: Kind, json: &str) -> String {
    report(kind, json).flaw.unwrap().to_string()
}

const FIX: &str = r#"{"subject":"MP-CX04","at":"2026-08-30T21:14:05.120Z","lat":51.5098,"lon":-0.1264,"accuracy_m":6.0,"speed_mps":8.2,"heading_deg":271,
 "class":"vehicle","status":"2","callsign":"CX04","agency":"MPS","unit":"PSU-214","parent":"BX-2","strength":2,"assigned":"CAD-8812-30AUG26",
 "destination":{"fence":"rvp-west"},"source":"avl","id":"optional"}"#;

const JOB: &str = r#"{"subject":"CAD-8812-30AUG26","at":"2026-08-30T21:13:40Z","category":"violence.knife","codes":[],"grade":"I","state":"open","agency":"MPS",
 "location":{"text":"J/W BRIXTON RD & COLDHARBOUR LN SW9"},"assigned":[],"rvp":{"lat":51.46,"lon":-0.11},"attended_at":null,"linked":[],"operation":null}"#;

#[test]
fn the_examples_of_the_contract_are_read_whole() {
    let fix = report(Kind::Resource, FIX);
    assert_eq!(fix.flaw, None);
    assert_eq!(fix.at.unwrap().millis(), 1_788_124_445_120);
    let degrees = Location::Degrees {
        lat: 51.5098,
        lng: -0.1264,
    };
    assert_eq!(fix.location, Some(degrees));
    let Body::Resource(resource) = fix.body else {
        panic!()
    };
    assert_eq!(resource.heading_deg, Some(271.0));
    assert_eq!(resource.strength, Some(2));
    assert_eq!(
        resource.destination,
        Some(Destination::Fence("rvp-west".into()))
    );

    let job = report(Kind::Incident, JOB);
    assert_eq!(job.flaw, None);
    let Body::Incident(incident) = job.body else {
        panic!()
    };
    assert_eq!(incident.state, Some(IncidentState::Open));
    assert_eq!(incident.rvp.unwrap().lat_e7(), 514_600_000);
    assert_eq!(incident.operation, None);
}

#[test]
fn a_deletion_needs_only_its_subject() {
    let deleted = read(Kind::Incident, r#"{"subject":"J1","deleted":true}"#);
    let subject = Subject::incident("J1");
    assert_eq!(deleted, Ok(Record::Deleted { subject, at: None }));
    let refused = read(
        Kind::Incident,
        r#"{"subject":"J1","at":"?","deleted":true}"#,
    );
    assert_eq!(refused.unwrap_err().reason, Reason::Malformed);
}

#[test]
fn only_a_record_without_a_reporter_is_lost() {
    let long = format!("{{\"subject\":\"{}\"}}", "x".repeat(2_000_000));
    for (json, expected) in [
        (
            r#"{"subject":"A","at":"2026-08-3"#,
            "malformed: not JSON: EOF while parsing a string at line 1 column 30",
        ),
        (
            r#"{"subject":"A","lat":NaN}"#,
            "malformed: not JSON: expected value at line 1 column 22",
        ),
        ("", "malformed: empty, expected a JSON object"),
        ("[]", "malformed: line 1 column 1: expected a JSON object"),
        ("null", "malformed: line 1 column 1: expected a JSON object"),
        (
            "{}",
            "missing_field: subject is missing: every record says who it is about",
        ),
        (
            r#"{"subject":""}"#,
            "missing_field: subject is missing: every record says who it is about",
        ),
        (
            r#"{"subject":["A"]}"#,
            "malformed: subject is a list, expected a text",
        ),
        (
            "\0\0\0\0\u{7}x",
            "unknown_schema: starts with byte 0, as records of a schema registry do: send plain JSON",
        ),
        (
            r#"{"schema":"other.v9","subject":"A"}"#,
            "unknown_schema: schema is \"other.v9\", this version reads cordon.resource.v1",
        ),
        (
            r#"{"$schema":"cordon.incident.v1","subject":"A"}"#,
            "unknown_schema: schema is \"cordon.incident.v1\", this version reads cordon.resource.v1",
        ),
        (&long, "too_large: 2000014 bytes, at most 65536"),
    ] {
        assert_eq!(
            read(Kind::Resource, json).unwrap_err().to_string(),
            expected
        );
    }
}

#[test]
fn any_other_fault_leaves_the_emergency_readable() {
    for (fault, expected) in [
        (
            r#""at":"yesterday""#,
            "malformed: at is \"yesterday\", expected RFC 3339",
        ),
        (
            r#""at":9e30"#,
            "malformed: at is 9000000000000000000000000000000, expected",
        ),
        (
            r#""at":253402300800000"#,
            "malformed: at is 253402300800000, expected",
        ),
        (r#""x":1"#, "missing_field: at is missing"),
        (
            r#""at":0,"lat":"NaN","lon":0"#,
            "malformed: lat is \"NaN\", expected a number",
        ),
        (
            r#""at":0,"lat":51.5"#,
            "missing_field: lat without lon: give both or neither",
        ),
        (
            r#""at":0,"speed_mps":"fast""#,
            "malformed: speed_mps is \"fast\", expected a number",
        ),
        (
            r#""at":0,"strength":-1"#,
            "malformed: strength is -1, expected a whole number",
        ),
        (
            r#""at":0,"destination":7"#,
            "malformed: destination is 7, expected {",
        ),
        (
            r#""at":0,"destination":{"lat":91,"lon":0}"#,
            "out_of_range: destination: lat 91",
        ),
        (
            r#""at":0,"class":{"lat":1}"#,
            "malformed: class is an object, expected a text",
        ),
    ] {
        let json = format!("{{\"subject\":\"A\",\"status\":0,{fault}}}");
        let report = report(Kind::Resource, &json);
        let flaw = report.flaw.unwrap().to_string();
        assert!(flaw.starts_with(expected), "{flaw}");
        let Body::Resource(resource) = report.body else {
            panic!()
        };
        assert_eq!(resource.status.as_deref(), Some("0"));
    }
}

#[test]
fn an_incident_has_exactly_one_form_of_place() {
    let with = |location: &str| format!("{{\"subject\":\"J\",\"at\":0,\"location\":{location}}}");
    for (location, expected) in [
        ("null", "missing_field: location is missing"),
        (
            "{}",
            "malformed: location holds 0 forms, expected exactly one of",
        ),
        (
            r#"{"lat":1,"lon":2,"text":"x"}"#,
            "malformed: location holds 2 forms",
        ),
        (r#"{"lat":1}"#, "missing_field: lat without lon"),
        (
            r#"{"northing":1}"#,
            "missing_field: northing without easting",
        ),
        (r#"{"text":["x"]}"#, "malformed: text is a list"),
        (
            r#""SW9 8HH""#,
            "malformed: location is \"SW9 8HH\", expected exactly one of",
        ),
    ] {
        let flaw = flaw(Kind::Incident, &with(location));
        assert!(flaw.starts_with(expected), "{flaw}");
    }
    for (location, expected) in [
        (r#"{"text":""}"#, Location::Text("".into())),
        (
            r#"{"uprn":100023336956,"text":null}"#,
            Location::Uprn("100023336956".into()),
        ),
        (
            r#"{"grid":"TQ 311 756"}"#,
            Location::GridReference("TQ 311 756".into()),
        ),
        (
            r#"{"postcode":"SW9 8HH"}"#,
            Location::Postcode("SW9 8HH".into()),
        ),
        (
            r#"{"easting":1,"northing":2.5}"#,
            Location::EastingNorthing {
                easting: 1.0,
                northing: 2.5,
            },
        ),
        // Latitude 91 is a well-formed record; that it is no place is decided on the path.
        (
            r#"{"lat":91,"lon":0}"#,
            Location::Degrees {
                lat: 91.0,
                lng: 0.0,
            },
        ),
    ] {
        let report = report(Kind::Incident, &with(location));
        assert_eq!(report.flaw, None);
        assert_eq!(report.location, Some(expected));
    }
    let flaw = flaw(
        Kind::Incident,
        r#"{"subject":"J","at":0,"location":{"text":""},"state":"done"}"#,
    );
    assert_eq!(
        flaw,
        "malformed: state is \"done\", expected open, assigned, attended or closed"
    );
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode(Kind::Resource, &bytes, arrival());
        let _ = decode(Kind::Incident, &bytes, arrival());
    }

    #[test]
    fn no_mutation_makes_it_panic(
        job in any::<bool>(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let (kind, valid) = if job { (Kind::Incident, JOB) } else { (Kind::Resource, FIX) };
        let mut bytes = valid.as_bytes().to_vec();
        for (place, byte) in edits {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let _ = decode(kind, &bytes, arrival());
    }
}

fn any_text() -> impl Strategy<Value = Option<crate::domain::report::Text>> {
    prop::option::of(".{0,12}".prop_map(crate::domain::report::Text::from))
}

fn any_number() -> impl Strategy<Value = Option<f64>> {
    prop::option::of((-1_000_000_000_i32..1_000_000_000).prop_map(|e6| f64::from(e6) / 1e6))
}

fn any_time() -> impl Strategy<Value = Timestamp> {
    (-62_167_219_200_000_i64..=253_402_300_799_999)
        .prop_map(|ms| Timestamp::from_millis(ms).unwrap())
}

fn any_degrees() -> impl Strategy<Value = Location> {
    (
        -900_000_000_i32..=900_000_000,
        -1_800_000_000_i32..=1_800_000_000,
    )
        .prop_map(|(lat, lng)| Location::Degrees {
            lat: f64::from(lat) / 1e7,
            lng: f64::from(lng) / 1e7,
        })
}

fn any_position() -> impl Strategy<Value = Option<crate::domain::position::Position>> {
    (-90.0..90.0, 1.0..180.0)
        .prop_map(|(lat, lng)| crate::domain::position::Position::new(lat, lng).ok())
}

fn any_resource() -> impl Strategy<Value = (Option<Location>, Body)> {
    let texts = prop::array::uniform8(any_text());
    let numbers = prop::array::uniform3(any_number());
    let strength = prop::option::of(any::<u32>());
    let destination = any_position().prop_map(|position| position.map(Destination::Position));
    let location = prop::option::of(any_degrees());
    (texts, numbers, strength, destination, location).prop_map(
        |(texts, numbers, strength, destination, location)| {
            let [
                class,
                status,
                callsign,
                agency,
                unit,
                parent,
                assigned,
                source,
            ] = texts;
            let [accuracy_m, speed_mps, heading_deg] = numbers;
            let resource = Resource {
                accuracy_m,
                speed_mps,
                heading_deg,
                class,
                status,
                callsign,
                agency,
                unit,
                parent,
                strength,
                assigned,
                destination,
                source,
            };
            (location, Body::Resource(resource))
        },
    )
}

fn any_incident() -> impl Strategy<Value = (Option<Location>, Body)> {
    let texts = prop::array::uniform6(any_text());
    let codes = prop::collection::vec(".{0,4}".prop_map(crate::domain::report::Text::from), 0..3);
    let state = prop::option::of(prop::sample::select(&IncidentState::ALL[..]));
    let times = prop::option::of(any_time());
    let location = prop_oneof![
        any_degrees(),
        ".{0,9}".prop_map(|text| Location::Text(text.into())),
        ".{0,9}".prop_map(|text| Location::GridReference(text.into())),
        (0.0..7e5, 0.0..1.3e6)
            .prop_map(|(easting, northing)| Location::EastingNorthing { easting, northing }),
    ];
    (texts, codes, state, times, any_position(), location).prop_map(
        |(texts, codes, state, attended_at, rvp, location)| {
            let [category, grade, agency, operation, source, linked] = texts;
            let incident = Incident {
                category,
                codes: codes.clone(),
                grade,
                state,
                agency,
                assigned: codes,
                rvp,
                attended_at,
                linked: linked.into_iter().collect(),
                operation,
                source,
            };
            (Some(location), Body::Incident(incident))
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_reads_back(
        subject in ".{1,12}",
        at in any_time(),
        id in any_text(),
        (location, body) in prop_oneof![any_resource(), any_incident()],
    ) {
        let kind = match body {
            Body::Resource(_) => Kind::Resource,
            Body::Incident(_) => Kind::Incident,
        };
        let subject = Subject { id: subject.into(), kind };
        let report = Report { subject, at: Some(at), location, body, id, flaw: None, arrival: arrival() };
        let mut bytes = Vec::new();
        encode(&report, &mut bytes);
        prop_assert_eq!(decode(kind, &bytes, arrival()).unwrap(), Record::Report(Box::new(report)));
    }
}

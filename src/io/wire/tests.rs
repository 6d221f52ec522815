//! The lines of the contract, written out.

use std::time::Duration;

use super::*;
use crate::domain::alert::{Alert, AlertState, Severity};
use crate::domain::ids::{Kind, Region, Subject};
use crate::domain::located::{Located, Placed, Precision, Unplaced};
use crate::domain::position::Position;
use crate::domain::reject::{Reason, Reject};
use crate::domain::report::{Arrival, Report};
use crate::domain::time::Timestamp;
use crate::domain::transition::{Cause, Transition, TransitionKind};
use crate::domain::window::CellCount;

fn at() -> Timestamp {
    Timestamp::from_millis(1_788_124_445_120).unwrap()
}

fn place() -> Position {
    Position::new(51.5098, -0.1264).unwrap()
}

fn boxed(kind: Kind, text: &str) -> Box<Report> {
    Box::new(read(kind, text))
}

fn read(kind: Kind, json: &str) -> Report {
    let arrival = Arrival {
        received: at(),
        delay: Duration::ZERO,
        lateness: Duration::ZERO,
    };
    match report::decode(kind, json.as_bytes(), arrival).unwrap() {
        report::Record::Report(report) => *report,
        report::Record::Deleted { .. } => panic!("deleted"),
    }
}

fn line<T>(encode: impl Fn(&T, &mut Vec<u8>), value: &T) -> String {
    let mut out = Vec::new();
    encode(value, &mut out);
    assert_eq!(out.pop(), Some(b'\n'));
    String::from_utf8(out).unwrap()
}

fn located() -> Located {
    Located {
        report: boxed(
            Kind::Resource,
            r#"{"subject":"A","at":0,"lat":1,"lon":2,"status":2,"speed_mps":8.2,"secret":"x"}"#,
        ),
        at: at(),
        reported_at: None,
        placed: Placed {
            position: place(),
            precision: Precision::Exact,
            matched: None,
            score: None,
            radius_m: None,
        },
        fences: vec!["a".into(), "b".into()],
        late: false,
    }
}

#[test]
fn located_holds_the_kept_fields_and_where() {
    let mut located = located();
    assert_eq!(
        line(located::encode, &located),
        r#"{"subject":"A","at":"2026-08-30T21:14:05.120Z","lat":51.5098,"lon":-0.1264,"speed_mps":8.2,"status":"2","h3":"8c195da49b299ff","match":{"precision":"exact"},"fences":["a","b"],"late":false}"#
    );
    located.fences.clear();
    assert_eq!(
        line(located::encode, &located),
        r#"{"subject":"A","at":"2026-08-30T21:14:05.120Z","lat":51.5098,"lon":-0.1264,"speed_mps":8.2,"status":"2","h3":"8c195da49b299ff","match":{"precision":"exact"},"fences":[],"late":false}"#
    );
    located.report = boxed(
        Kind::Incident,
        r#"{"subject":"J","at":0,"category":"x","location":{"grid":"TQ 1 2"}}"#,
    );
    located.reported_at = Timestamp::from_millis(0);
    located.late = true;
    assert_eq!(
        line(located::encode, &located),
        r#"{"subject":"J","at":"2026-08-30T21:14:05.120Z","reported_at":"1970-01-01T00:00:00.000Z","lat":51.5098,"lon":-0.1264,"category":"x","location":{"grid":"TQ 1 2"},"h3":"8c195da49b299ff","match":{"precision":"exact"},"fences":[],"late":true}"#
    );
}

/// Written with nothing put together, and whether it fits into the room of a line or not.
#[test]
fn a_located_line_is_the_same_however_it_is_written() {
    let texts = [
        "x",
        "seventeen or more bytes",
        &"\"long\" ".repeat(30),
        &"y".repeat(600),
    ];
    let choices = texts
        .into_iter()
        .flat_map(|text| [(text, false), (text, true)]);
    for ((text, late), fences) in
        choices.flat_map(|choice| [0, 1, 9].map(|fences| (choice, fences)))
    {
        let mut report = read(Kind::Resource, r#"{"subject":"A","at":0,"lat":1,"lon":2}"#);
        report.id = Some(text.into());
        let fences = vec![text.into(); fences];
        let located = Located {
            report: Box::new(report),
            fences,
            late,
            ..located()
        };
        let json: serde_json::Value =
            serde_json::from_str(&line(located::encode, &located)).unwrap();
        let expected = serde_json::json!({
            "subject": "A", "at": "2026-08-30T21:14:05.120Z", "lat": 51.5098, "lon": -0.1264, "id": text,
            "h3": "8c195da49b299ff", "match": {"precision": "exact"},
            "fences": vec![text; located.fences.len()], "late": late,
        });
        assert_eq!(json, expected);
    }
}

#[test]
fn unplaced_holds_the_report_and_why() {
    let unplaced = Unplaced {
        report: boxed(
            Kind::Incident,
            r#"{"subject":"J","at":0,"location":{"text":""}}"#,
        ),
        at: at(),
        reject: Reject::new(Reason::Unlocatable, "the text is empty"),
        alternatives: Vec::new(),
    };
    assert_eq!(
        line(located::encode_unplaced, &unplaced),
        r#"{"subject":"J","at":"2026-08-30T21:14:05.120Z","reason":"unlocatable","detail":"the text is empty","report":{"subject":"J","at":"1970-01-01T00:00:00.000Z","location":{"text":""}},"alternatives":[]}"#
    );
}

#[test]
fn a_transition_names_every_field() {
    let transition = Transition {
        at: at(),
        subject: Some(Subject::resource("A")),
        fence: Some("f".into()),
        kind: TransitionKind::Enter,
        position: Some(place()),
        cause: Cause::FenceCreated,
        visit: Some("v".into()),
        other: None,
        distance_m: None,
        uncertain: true,
        detected: true,
    };
    assert_eq!(
        line(transition::encode, &transition),
        r#"{"at":"2026-08-30T21:14:05.120Z","subject":"A","fence":"f","transition":"enter","lat":51.5098,"lon":-0.1264,"cause":"fence_created","visit":"v","other":null,"distance_m":null,"uncertain":true}"#
    );
}

#[test]
fn an_alert_names_every_field() {
    let alert = Alert {
        id: "x".into(),
        rule: "emergency".into(),
        rules_version: "routine".into(),
        state: AlertState::Open,
        severity: Severity::Critical,
        opened_at: at(),
        at: at(),
        late_s: 0.5,
        title: "A \"help\"".to_owned(),
        subject: Some(Subject::resource("A")),
        fence: None,
        position: None,
        position_age_s: None,
        count: 1,
        region: Region::default(),
        acknowledged_by: None,
        acknowledged_at: None,
        note: None,
        cause: "report".into(),
        evidence: vec!["status 0".to_owned()],
        sequence: 1,
        reported_at: None,
    };
    assert_eq!(
        line(alert::encode, &alert),
        r#"{"id":"x","rule":"emergency","rules_version":"routine","state":"open","severity":"critical","opened_at":"2026-08-30T21:14:05.120Z","at":"2026-08-30T21:14:05.120Z","late_s":0.5,"title":"A \"help\"","subject":"A","fence":null,"cell":null,"lat":null,"lon":null,"position_age_s":null,"count":1,"region":"default","acknowledged_by":null,"acknowledged_at":null,"note":null,"cause":"report","escalated":false,"evidence":["status 0"],"sequence":1}"#
    );
}

#[test]
fn a_tumbling_window_has_no_slide() {
    let mut count = CellCount {
        width: Duration::from_hours(1),
        slide: None,
        start: Timestamp::from_millis(0).unwrap(),
        end: Timestamp::from_millis(3_600_000).unwrap(),
        cell: place().cell(h3o::Resolution::Nine),
        kind: Kind::Incident,
        category: "x".into(),
        count: 3,
        is_final: true,
    };
    assert_eq!(
        line(cell::encode, &count),
        r#"{"window":"PT1H","start":"1970-01-01T00:00:00.000Z","end":"1970-01-01T01:00:00.000Z","resolution":9,"cell":"89195da49b3ffff","kind":"incident","category":"x","count":3,"harm":null,"final":true}"#
    );
    count.slide = Some(Duration::from_mins(15));
    assert!(line(cell::encode, &count).starts_with(r#"{"window":"PT1H","slide":"PT15M","#));
}

use super::*;
use crate::domain::alert::Severity;
use crate::domain::position::Position;

fn time(s: i64) -> Timestamp {
    Timestamp::from_millis(s * 1000).unwrap()
}

fn update(topic: FeedTopic, key: &str, offset: i64, s: i64) -> Update {
    Update {
        topic,
        partition: 0,
        offset,
        key: key.into(),
        value: None,
        received: time(s),
        at: None,
    }
}

fn record(id: &str, s: i64, lat: Option<f64>, what: What) -> Served {
    Served {
        id: id.into(),
        at: Some(time(s)),
        position: lat.map(|lat| Position::new(lat, -0.1).unwrap()),
        fences: Vec::new(),
        what,
        data: "{}".into(),
    }
}

fn alert(id: &str, s: i64, sequence: i64, state: AlertState) -> Served {
    let what = What::Alert {
        severity: Severity::High,
        region: "default".into(),
        state,
        sequence,
    };
    record(id, s, None, what)
}

fn incident() -> What {
    What::Incident {
        category: None,
        is_closed: false,
    }
}

#[test]
fn an_older_record_changes_nothing() {
    let mut model = ReadModel::default();
    let vehicle = || What::Resource { class: None };
    let at = |s| update(FeedTopic::Located, "A", 0, s);
    let first = model.apply(&at(5), Some(record("A", 5, Some(51.0), vehicle())));
    assert_eq!(first.len(), 1);
    let older = model.apply(&at(6), Some(record("A", 4, Some(52.0), vehicle())));
    assert_eq!(older, []);
    assert_eq!(model.now(Channel::Positions).count(), 1);
    let gone = model.apply(&at(7), None);
    assert!(matches!(gone.as_slice(), [Change::Gone(_)]));
}

#[test]
fn a_placed_incident_outlives_the_tombstone_of_the_unplaced_one() {
    let mut model = ReadModel::default();
    let unplaced = update(FeedTopic::Unplaced, "J", 0, 1);
    model.apply(&unplaced, Some(record("J", 1, None, incident())));
    let located = update(FeedTopic::Located, "J", 0, 2);
    model.apply(&located, Some(record("J", 2, Some(51.0), incident())));
    assert_eq!(model.apply(&unplaced, None), []);
    assert_eq!(model.now(Channel::Incidents).count(), 1);
}

#[test]
fn closed_alerts_are_shown_for_ten_minutes() {
    let mut model = ReadModel::default();
    let at = |offset, s| update(FeedTopic::Alerts, "a", offset, s);
    model.apply(&at(0, 10), Some(alert("a", 10, 1, AlertState::Open)));
    model.apply(&at(1, 20), Some(alert("a", 20, 2, AlertState::Closed)));
    model.forget(time(620));
    assert_eq!(model.now(Channel::Alerts).count(), 1);
    model.forget(time(621));
    assert_eq!(model.now(Channel::Alerts).count(), 0);
    model.apply(&at(2, 9000), Some(alert("b", 30, 1, AlertState::Closed)));
    assert_eq!(
        model.now(Channel::Alerts).count(),
        0,
        "an old one, read again"
    );
}

#[test]
fn a_client_resumes_without_gap_or_repeat_or_not_at_all() {
    let mut model = ReadModel::new(
        Bounds {
            history: 3,
            ..Bounds::default()
        },
        "",
    );
    let mut points = vec![model.point().clone()];
    for offset in 0..5 {
        let open = alert(&format!("a{offset}"), 1, 1, AlertState::Open);
        model.apply(&update(FeedTopic::Alerts, "a", 10 + offset, 1), Some(open));
        points.push(model.point().clone());
    }
    let missed = |point: &ResumePoint| model.since(point).map(|alerts| alerts.len());
    // Three are kept: who has had two can go on, who has had one cannot.
    let counts: Vec<_> = points.iter().map(missed).collect();
    assert_eq!(counts, [None, None, Some(3), Some(2), Some(1), Some(0)]);
    let ahead = "a.0-16".parse().unwrap();
    assert_eq!(missed(&ahead), None);
}

#[test]
fn what_does_not_fit_is_counted_and_still_handed_out() {
    let mut model = ReadModel::new(
        Bounds {
            subjects: 1,
            ..Bounds::default()
        },
        "",
    );
    for id in ["A", "B"] {
        let served = record(id, 1, Some(51.0), What::Resource { class: None });
        let changes = model.apply(&update(FeedTopic::Located, id, 0, 1), Some(served));
        assert_eq!(changes.len(), 1);
    }
    assert_eq!(model.refused(), 1);
    assert_eq!(model.now(Channel::Positions).count(), 1);
}

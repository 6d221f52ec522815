//! Rules that change while the track runs.

use super::*;
use crate::alert::rule::RuleEdit;
use crate::domain::profile::PairFilter;

fn edit(id: &str, change: impl FnOnce(&mut Rule)) -> RuleEdit {
    let mut set = rules();
    let at = set.rules.iter().position(|rule| rule.id.as_str() == id);
    let mut rule = set.rules.remove(at.unwrap_or(0));
    rule.id = id.into();
    change(&mut rule);
    RuleEdit {
        id: id.into(),
        rule: Some(rule),
    }
}

fn end(id: &str) -> RuleEdit {
    RuleEdit {
        id: id.into(),
        rule: None,
    }
}

#[test]
fn a_rule_that_is_taken_away_closes_its_alerts_and_opens_none() {
    let mut room = Room::new();
    room.fix(0, M).unwrap();
    let ended = room.track.edit_rule(at(10), &end("breach"));
    assert_eq!(alerts(&ended), [("breach", AlertState::Closed)]);
    assert_eq!(ended.alerts[0].cause, "rule_deleted");
    room.fix(20, W).unwrap();
    assert_eq!(alerts(&room.fix(30, M).unwrap()), []);
    room.fix(40, W).unwrap();
    let back = edit("breach", |rule| rule.version = Some("live-2".into()));
    assert_eq!(alerts(&room.track.edit_rule(at(50), &back)), []);
    let entered = room.fix(60, M).unwrap();
    assert_eq!(alerts(&entered), [("breach", AlertState::Open)]);
    assert_eq!(entered.alerts[0].rules_version, "live-2");
}

#[test]
fn another_title_or_severity_leaves_what_is_open_as_it_is() {
    let mut room = Room::new();
    room.fix(0, M).unwrap();
    let worse = edit("breach", |rule| rule.severity = Severity::Critical);
    assert_eq!(alerts(&room.track.edit_rule(at(10), &worse)), []);
    let left = room.fix(20, W).unwrap();
    assert_eq!(alerts(&left), [("breach", AlertState::Closed)]);
    let entered = room.fix(30, M).unwrap();
    assert_eq!(entered.alerts[0].severity, Severity::Critical);
}

#[test]
fn an_emergency_outlives_its_rule_until_somebody_has_seen_it() {
    let mut room = Room::new();
    let pressed = room.send(room.report(0, Some(W), Some("0"))).unwrap();
    assert_eq!(alerts(&pressed), [("emergency", AlertState::Open)]);
    let ended = room.track.edit_rule(at(10), &end("emergency"));
    assert_eq!(alerts(&ended), [("emergency", AlertState::Updated)]);
    let seen = Command {
        id: "c".into(),
        at: at(20),
        by: "silver".into(),
        action: Action::Acknowledge,
        target: pressed.alerts[0].id.as_str().into(),
        note: None,
        role: None,
    };
    let seen = room.track.command(&seen, room.arrival(0)).unwrap();
    assert_eq!(alerts(&seen), [("emergency", AlertState::Closed)]);
}

#[test]
fn moves_are_told_from_when_a_rule_asks_who_is_near_whom() {
    let moved = |effects: Effects| {
        let facts = effects.facts.into_iter();
        facts
            .filter(|fact| matches!(fact.change, Change::Moved(..)))
            .count()
    };
    let mut room = Room::new();
    assert_eq!(moved(room.fix(0, W).unwrap()), 0);
    let near = edit("near", |rule| {
        rule.condition = Condition::Approach(PairFilter {
            of: SubjectFilter::default(),
            to: SubjectFilter::default(),
            near_m: 10.0,
            far_m: 10.0,
        });
    });
    room.track.edit_rule(at(10), &near);
    assert_eq!(moved(room.fix(20, W).unwrap()), 1);
    room.track.edit_rule(at(30), &end("near"));
    assert_eq!(moved(room.fix(40, M).unwrap()), 0);
}

#[test]
fn a_subject_that_is_settled_is_judged_again_once_it_is_another_or_the_rules_are() {
    let mut room = Room::new();
    room.send(room.report(0, Some(W), Some("2"))).unwrap();
    assert_eq!(
        alerts(&room.send(room.report(1, Some(W), Some("2"))).unwrap()),
        []
    );
    let pressed = room.send(room.report(2, Some(W), Some("0"))).unwrap();
    assert_eq!(alerts(&pressed), [("emergency", AlertState::Open)]);

    let mut room = Room::new();
    room.send(room.report(0, Some(W), Some("2"))).unwrap();
    let on_duty = edit("emergency", |rule| {
        rule.condition = Condition::Status {
            who: SubjectFilter {
                statuses: ["2".into()].into(),
                ..SubjectFilter::default()
            },
        };
    });
    assert_eq!(alerts(&room.track.edit_rule(at(1), &on_duty)), []);
    let same = room.send(room.report(2, Some(W), Some("2"))).unwrap();
    assert_eq!(alerts(&same), [("emergency", AlertState::Open)]);
    let still = room.send(room.report(3, Some(W), Some("2"))).unwrap();
    assert_eq!(alerts(&still), []);
    let other = room.send(room.report(4, Some(W), Some("6"))).unwrap();
    assert_eq!(alerts(&other), [("emergency", AlertState::Updated)]);
}

mod rules;

use super::*;
use crate::alert::rule::{Condition, FenceFilter, Rule, Title};
use crate::domain::alert::{AlertState, Severity};
use crate::domain::fact::Change;
use crate::domain::fence::{Fence, Geometry};
use crate::domain::ids::Region;
use crate::domain::profile::SubjectFilter;
use crate::domain::report::{Body, Incident, IncidentState, Resource};
use crate::domain::transition::TransitionKind;
use crate::domain::vocabulary::Class;

/// Charing Cross, inside the fence `B`, and a place west of it.
const M: (f64, f64) = (51.5, -0.12);
const W: (f64, f64) = (51.5, -0.16);
/// 2026-08-30T12:00:00Z.
const NOON: i64 = 1_788_091_200;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis((NOON + seconds) * 1000).unwrap()
}

fn vocabulary() -> Vocabulary {
    let class = |strength| Class {
        strength,
        stale_after: Duration::from_mins(2),
        expire_after: Duration::from_mins(30),
    };
    Vocabulary {
        emergency: ["0".into()].into(),
        messages: ["13".into()].into(),
        states: ["2".into(), "6".into()].into(),
        classes: [("vehicle".into(), class(2)), ("other".into(), class(1))].into(),
        default_class: "other".into(),
        grades: vec!["I".into(), "S".into()],
        incident_expires_after: Duration::from_hours(168),
    }
}

fn rules() -> RuleSet {
    let rule = |id: &str, hold, condition| Rule {
        version: None,
        id: id.into(),
        title: Title::parse("{subject} {fence} {status} {grade}").unwrap(),
        severity: Severity::High,
        hold,
        close_after: None,
        condition,
    };
    let who = |statuses: &[&str], grades: &[&str]| SubjectFilter {
        statuses: statuses.iter().map(|text| (*text).into()).collect(),
        grades: grades.iter().map(|text| (*text).into()).collect(),
        ..SubjectFilter::default()
    };
    let transition = Condition::Transition {
        kinds: [TransitionKind::Enter].into(),
        fences: FenceFilter::default(),
        who: SubjectFilter::default(),
        except: Some(SubjectFilter {
            classes: ["vehicle".into()].into(),
            ..SubjectFilter::default()
        }),
        certain: false,
        existing: true,
    };
    RuleSet {
        version: "test-1".into(),
        rules: vec![
            rule(
                "emergency",
                true,
                Condition::Status {
                    who: who(&["0"], &[]),
                },
            ),
            rule("breach", false, transition),
            rule(
                "unplaced",
                true,
                Condition::Unplaced {
                    who: who(&[], &["I"]),
                },
            ),
        ],
    }
}

struct Room {
    track: Track,
    now: i64,
}

impl Room {
    fn new() -> Self {
        let config = Config {
            vocabulary: Arc::new(vocabulary()),
            future_skew: Duration::from_mins(5),
            fact_resolution: Resolution::Nine,
            moves: Moves {
                distance_m: 25.0,
                after: Duration::from_secs(10),
            },
        };
        let mut room = Self {
            track: Track::new(config, Geocoder::default(), rules()),
            now: 86_400,
        };
        let ring = vec![
            (51.49, -0.14),
            (51.49, -0.10),
            (51.51, -0.10),
            (51.51, -0.14),
        ];
        let fence = Fence {
            id: "B".into(),
            name: "Cordon B".into(),
            class: None,
            tags: std::collections::BTreeSet::new(),
            severity: None,
            geometry: Geometry::Polygons(vec![vec![ring]]),
            detect: [TransitionKind::Enter, TransitionKind::Exit].into(),
            valid_from: None,
            valid_until: None,
            applies_to: SubjectFilter::default(),
            region: Region::default(),
            approved: true,
            dwell: None,
            min_inside: Duration::ZERO,
            exit_margin_m: 0.0,
            speed_limit: None,
            absent_after: Fence::ABSENT_AFTER,
        };
        let edit = FenceEdit {
            id: "B".into(),
            at: None,
            fence: Some(fence.into()),
        };
        room.track.edit_fence(at(0), &edit).unwrap();
        room
    }

    fn arrival(&self, lateness: u64) -> Arrival {
        Arrival {
            received: at(self.now),
            delay: Duration::ZERO,
            lateness: Duration::from_secs(lateness),
        }
    }

    fn report(&self, seconds: i64, place: Option<(f64, f64)>, status: Option<&str>) -> Report {
        Report {
            subject: Subject::resource("CX04"),
            at: Some(at(seconds)),
            location: place.map(|(lat, lng)| Location::Degrees { lat, lng }),
            body: Body::Resource(Resource {
                status: status.map(Into::into),
                ..Resource::default()
            }),
            id: None,
            flaw: None,
            arrival: self.arrival(30),
        }
    }

    fn incident(&self, seconds: i64, location: Location, state: IncidentState) -> Report {
        let incident = Incident {
            grade: Some("I".into()),
            state: Some(state),
            ..Incident::default()
        };
        Report {
            subject: Subject::incident("CAD 1"),
            location: Some(location),
            body: Body::Incident(incident),
            arrival: self.arrival(600),
            ..self.report(seconds, None, None)
        }
    }

    /// Lets time pass to the report and processes it.
    fn send(&mut self, report: Report) -> Result<Effects, Reject> {
        if let Some(at) = report.at.filter(|at| *at <= report.arrival.received) {
            self.track.advance(at);
        }
        self.track.process(Box::new(report))
    }

    fn fix(&mut self, seconds: i64, place: (f64, f64)) -> Result<Effects, Reject> {
        self.send(self.report(seconds, Some(place), None))
    }
}

fn reason(result: Result<Effects, Reject>) -> Reason {
    result.unwrap_err().reason
}

fn kinds(effects: &Effects) -> Vec<&'static str> {
    effects
        .transitions
        .iter()
        .map(|transition| transition.kind.label())
        .collect()
}

fn alerts(effects: &Effects) -> Vec<(&str, AlertState)> {
    effects
        .alerts
        .iter()
        .map(|alert| (alert.rule.as_str(), alert.state))
        .collect()
}

#[test]
fn a_unit_that_enters_and_leaves_opens_and_closes_one_alert() {
    let mut room = Room::new();
    room.fix(0, W).unwrap();
    let entered = room.fix(10, M).unwrap();
    assert_eq!(kinds(&entered), ["enter"]);
    assert_eq!(alerts(&entered), [("breach", AlertState::Open)]);
    assert_eq!(entered.alerts[0].title, "CX04 Cordon B - -");
    assert_eq!(entered.located.unwrap().fences, ["B".into()]);
    let left = room.fix(20, W).unwrap();
    assert_eq!(kinds(&left), ["exit"]);
    assert_eq!(left.transitions[0].visit, entered.transitions[0].visit);
    assert_eq!(alerts(&left), [("breach", AlertState::Closed)]);
    assert_eq!(left.alerts[0].id, entered.alerts[0].id);
    assert_eq!(left.alerts[0].sequence, 2);
}

#[test]
fn an_exact_copy_is_a_duplicate_and_another_status_at_the_same_time_and_place_is_not() {
    let mut room = Room::new();
    room.fix(0, M).unwrap();
    assert_eq!(reason(room.fix(0, M)), Reason::Duplicate);
    assert!(room.send(room.report(0, Some(M), Some("6"))).is_ok());
    let named = |room: &Room, seconds| Report {
        id: Some("7".into()),
        ..room.report(seconds, Some(M), None)
    };
    room.send(named(&room, 1)).unwrap();
    assert_eq!(reason(room.send(named(&room, 2))), Reason::Duplicate);
}

#[test]
fn c28a_a_late_report_is_located_and_moves_no_fence_and_an_older_one_is_refused() {
    let mut room = Room::new();
    room.fix(0, W).unwrap();
    room.fix(20, M).unwrap();
    let late = room.fix(10, W).unwrap();
    assert!(late.located.as_ref().unwrap().late);
    assert_eq!(kinds(&late), Vec::<&str>::new());
    assert_eq!(
        late.facts.len(),
        2,
        "the windows hear of it and where the unit was next"
    );
    room.fix(60, M).unwrap();
    assert_eq!(reason(room.fix(29, M)), Reason::TooLate);
    assert!(room.fix(30, M).is_ok(), "exactly the lateness is in time");
}

#[test]
fn a_clock_in_2099_is_refused_and_moves_nothing() {
    let mut room = Room::new();
    room.now = 100;
    assert_eq!(reason(room.fix(401, M)), Reason::Future);
    assert!(room.fix(400, M).is_ok(), "exactly the skew is in time");
    assert!(room.fix(380, M).unwrap().located.unwrap().late);
}

#[test]
fn no_emergency_is_refused_for_place_age_or_clock() {
    // An unknown subject without a position.
    let mut room = Room::new();
    let pressed = room.send(room.report(0, None, Some("0"))).unwrap();
    assert_eq!(alerts(&pressed), [("emergency", AlertState::Open)]);
    assert_eq!(pressed.alerts[0].position_age_s, None);
    // At latitude 91, after a fix of five seconds ago.
    let mut room = Room::new();
    room.fix(0, W).unwrap();
    let pressed = room
        .send(room.report(5, Some((91.0, 0.0)), Some("0")))
        .unwrap();
    assert_eq!(alerts(&pressed), [("emergency", AlertState::Open)]);
    assert_eq!(pressed.alerts[0].position_age_s, Some(5.0));
    assert_eq!(pressed.located, None);
    // With a clock in the future.
    let mut room = Room::new();
    let pressed = room.send(room.report(900_000, Some(W), Some("0"))).unwrap();
    assert_eq!(alerts(&pressed), [("emergency", AlertState::Open)]);
    assert_eq!(pressed.alerts[0].at, at(86_400));
    assert_eq!(pressed.alerts[0].reported_at, Some(at(900_000)));
    assert!(room.fix(10, W).is_ok(), "the watermark stayed");
    // Three hours old.
    let mut room = Room::new();
    room.fix(4 * 3600, W).unwrap();
    let pressed = room.send(room.report(3600, Some(M), Some("0"))).unwrap();
    assert_eq!(alerts(&pressed), [("emergency", AlertState::Open)]);
    assert_eq!(pressed.alerts[0].reported_at, Some(at(3600)));
    assert_eq!(kinds(&pressed), Vec::<&str>::new());
    // The same fix as before, with the button pressed; and a flaw beside it.
    let mut room = Room::new();
    room.fix(0, W).unwrap();
    let flaw = Some(Reject::new(Reason::Malformed, "speed_mps is a text"));
    let pressed = room
        .send(Report {
            flaw,
            ..room.report(0, Some(W), Some("0"))
        })
        .unwrap();
    assert_eq!(alerts(&pressed), [("emergency", AlertState::Open)]);
}

#[test]
fn an_emergency_stays_open_until_somebody_has_it() {
    let mut room = Room::new();
    let pressed = room.send(room.report(0, Some(W), Some("0"))).unwrap();
    let silent = room.send(room.report(10, Some(W), Some("2"))).unwrap();
    assert_eq!(alerts(&silent), [("emergency", AlertState::Updated)]);
    let command = Command {
        id: "c1".into(),
        at: at(20),
        by: "P. Osel".into(),
        role: None,
        target: pressed.alerts[0].id.as_str().into(),
        note: None,
        action: Action::Acknowledge,
    };
    let done = room.track.command(&command, room.arrival(0)).unwrap();
    assert_eq!(alerts(&done), [("emergency", AlertState::Closed)]);
    assert_eq!(done.alerts[0].acknowledged_by.as_deref(), Some("P. Osel"));
    assert_eq!(
        room.track.command(&command, room.arrival(0)).unwrap(),
        Effects::default()
    );
}

#[test]
fn a_message_code_and_an_unknown_code_change_no_state() {
    let mut room = Room::new();
    room.send(room.report(0, Some(W), Some("2"))).unwrap();
    for code in ["13", "99"] {
        let effects = room.send(room.report(10, None, Some(code))).unwrap();
        let changed = effects
            .facts
            .iter()
            .any(|fact| matches!(fact.change, Change::Became(_)));
        assert!(!changed, "{code}");
        assert_eq!(effects.located, None);
    }
}

#[test]
fn a_status_that_comes_after_a_newer_fix_is_applied_all_the_same() {
    let mut room = Room::new();
    room.send(room.report(0, Some(W), Some("2"))).unwrap();
    room.fix(20, W).unwrap();
    let effects = room.send(room.report(15, None, Some("6"))).unwrap();
    let [
        Fact {
            change: Change::Became(profile),
            ..
        },
    ] = effects.facts.as_slice()
    else {
        panic!("{effects:?}");
    };
    assert_eq!(profile.status.as_deref(), Some("6"));
}

fn place(id: &str, seconds: i64, (lat, lng): (f64, f64)) -> Command {
    Command {
        id: id.into(),
        at: at(seconds),
        by: "P. Osel".into(),
        role: None,
        target: "CAD 1".into(),
        note: None,
        action: Action::Place(Location::Degrees { lat, lng }),
    }
}

#[test]
fn an_incident_without_a_place_goes_on_until_a_command_places_it() {
    let mut room = Room::new();
    let text = |text: &str| Location::Text(text.into());
    let lost = room
        .send(room.incident(0, text("NEAR THE OLD TREE"), IncidentState::Open))
        .unwrap();
    assert_eq!(
        lost.unplaced.as_ref().unwrap().reject.reason,
        Reason::Unlocatable
    );
    assert_eq!(alerts(&lost), [("unplaced", AlertState::Open)]);
    let place = place("c1", 60, M);
    let placed = room.track.command(&place, room.arrival(600)).unwrap();
    assert_eq!(kinds(&placed), ["enter"]);
    assert_eq!(placed.located.unwrap().at, at(60));
}

#[test]
fn an_incident_that_is_placed_wrongly_is_moved_once_and_stays_there() {
    let mut room = Room::new();
    let there = |(lat, lng)| Location::Degrees { lat, lng };
    let report = Report {
        id: Some("r1".into()),
        ..room.incident(0, there(M), IncidentState::Open)
    };
    assert_eq!(kinds(&room.send(report).unwrap()), ["enter"]);
    let command = |room: &mut Room, id, seconds, to| {
        let arrival = room.arrival(600);
        room.track.command(&place(id, seconds, to), arrival)
    };
    let moved = command(&mut room, "c1", 60, W).unwrap();
    assert_eq!(kinds(&moved), ["exit"]);
    assert_eq!(alerts(&moved), [("breach", AlertState::Closed)]);
    // Once more it does nothing, and what an operator said before it comes too late.
    for (id, seconds, to) in [("c1", 60, W), ("c0", 59, M)] {
        assert_eq!(command(&mut room, id, seconds, to), Ok(Effects::default()));
    }
    let again = room.send(room.incident(70, there(M), IncidentState::Attended));
    let again = again.unwrap();
    assert_eq!(kinds(&again), [] as [&str; 0]);
    let placed = again.located.unwrap().placed;
    assert_eq!((placed.position.lat(), placed.position.lng()), W);
    // The clock of the control room's system may be ahead of the operator's.
    let back = command(&mut room, "c2", 65, M).unwrap();
    assert_eq!(kinds(&back), ["enter"]);
    let new = there((W.0, W.1 - 0.01));
    let new = room.send(room.incident(80, new, IncidentState::Open));
    assert_eq!(kinds(&new.unwrap()), ["exit"]);
    let old = room.send(room.incident(90, there(M), IncidentState::Open));
    assert_eq!(kinds(&old.unwrap()), ["enter"]);
}

#[test]
fn a_closed_incident_leaves_every_fence_and_comes_back_when_it_is_opened_again() {
    let mut room = Room::new();
    let here = Location::Degrees { lat: M.0, lng: M.1 };
    let opened = room
        .send(room.incident(0, here.clone(), IncidentState::Open))
        .unwrap();
    assert_eq!(kinds(&opened), ["enter"]);
    let closed = room
        .send(room.incident(10, here.clone(), IncidentState::Closed))
        .unwrap();
    assert_eq!(kinds(&closed), ["exit"]);
    assert_eq!(closed.transitions[0].cause, Cause::SubjectClosed);
    assert_eq!(alerts(&closed), [("breach", AlertState::Closed)]);
    let again = room
        .send(room.incident(20, here, IncidentState::Open))
        .unwrap();
    assert_eq!(kinds(&again), ["enter"]);
}

#[test]
fn a_silent_unit_expires_at_its_own_time() {
    let mut room = Room::new();
    room.fix(0, M).unwrap();
    room.fix(60, M).unwrap();
    assert_eq!(room.track.advance(at(60 + 1799)), []);
    let fired = room.track.advance(at(60 + 7200));
    assert_eq!(fired.len(), 1);
    assert_eq!(kinds(&fired[0]), ["exit"]);
    assert_eq!(fired[0].transitions[0].at, at(60 + 1800));
    assert_eq!(fired[0].transitions[0].cause, Cause::SubjectExpired);
    assert_eq!(alerts(&fired[0]), [("breach", AlertState::Closed)]);
}

#[test]
fn a_refused_report_leaves_no_trace() {
    let mut with = Room::new();
    let mut without = Room::new();
    with.fix(0, W).unwrap();
    without.fix(0, W).unwrap();
    assert!(
        with.send(with.report(5, Some((91.0, 0.0)), Some("6")))
            .is_err()
    );
    assert!(with.send(with.report(900_000, Some(M), Some("6"))).is_err());
    assert_eq!(with.fix(10, M), without.fix(10, M));
}

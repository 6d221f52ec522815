mod meetings;
mod rules;

use std::collections::BTreeSet;
use std::sync::Arc;

use h3o::Resolution;
use proptest::prelude::*;

use super::*;
use crate::alert::rule::{Bound, Condition, FenceFilter, Measure, Rule, Title};
use crate::domain::alert::{AlertState, Severity};
use crate::domain::fence::{Geometry, Section};
use crate::domain::ids::Region;
use crate::domain::position::Position;
use crate::domain::profile::{Profile, SubjectFilter};
use crate::domain::report::Text;
use crate::domain::transition::{Cause, TransitionKind};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_788_091_200_000 + seconds * 1000).unwrap()
}

/// Fewer than one deployable unit in a sector for five minutes.
fn rules() -> RuleSet {
    let who = SubjectFilter {
        statuses: ["2".into(), "3".into()].into(),
        ..SubjectFilter::default()
    };
    let condition = Condition::Occupancy {
        fences: FenceFilter {
            classes: ["sector".into()].into(),
            ..FenceFilter::default()
        },
        who,
        measure: Measure::Subjects,
        bound: Bound::Below(1),
        lasting: Duration::from_mins(5),
    };
    let rule = Rule {
        version: None,
        id: "sector-empty".into(),
        title: Title::parse("{fence}: {count} deployable{place}").unwrap(),
        severity: Severity::High,
        hold: false,
        close_after: None,
        condition,
    };
    RuleSet {
        version: "test-1".into(),
        rules: vec![rule],
    }
}

fn sector(id: &str) -> FenceEdit {
    let fence = Fence {
        id: id.into(),
        name: id.into(),
        class: Some("sector".into()),
        tags: BTreeSet::new(),
        severity: None,
        geometry: Geometry::Circle {
            centre: (51.5, -0.12),
            radius_m: 500.0,
        },
        detect: [TransitionKind::Enter].into(),
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
    FenceEdit {
        id: id.into(),
        at: None,
        fence: Some(fence.into()),
    }
}

fn profile(kind: Kind, status: &str) -> Arc<Profile> {
    Arc::new(Profile {
        kind,
        class: "vehicle".into(),
        status: Some(status.into()),
        strength: 2,
        callsign: None,
        agency: None,
        grade: None,
        state: None,
    })
}

fn unit(number: u8) -> Subject {
    Subject::resource(&format!("U{number}"))
}

fn fact(seconds: i64, subject: &Subject, change: Change) -> Fact {
    Fact {
        at: at(seconds),
        subject: subject.clone(),
        change,
    }
}

/// Calls a place by its numbers.
#[derive(Debug)]
struct ByNumbers;

impl PlaceNames for ByNumbers {
    fn sentence(&self, position: Position) -> Option<Text> {
        Some(format!("{:.2} {:.2}", position.lat(), position.lng()).into())
    }
}

fn named() -> Arc<dyn PlaceNames> {
    Arc::new(ByNumbers)
}

fn picture() -> Picture {
    let config = Config {
        reorder: Duration::from_secs(1),
        resource_lateness: Duration::from_secs(30),
        incident_lateness: Duration::from_mins(10),
        windows: vec![WindowSpec {
            width: Duration::from_hours(1),
            slide: None,
            resolution: Resolution::Nine,
        }],
    };
    Picture::new(&config, rules(), &named())
}

fn spell(effects: &Effects) -> Vec<(i64, AlertState, u32)> {
    let alerts = effects.alerts.iter();
    alerts
        .map(|alert| {
            (
                (alert.at.millis() - at(0).millis()) / 1000,
                alert.state,
                alert.count,
            )
        })
        .collect()
}

#[test]
fn n02_a_sector_left_empty_is_told_once_after_its_time_and_closed_when_somebody_is_back() {
    let mut picture = picture();
    picture.edit_fence(at(-60), sector("S"));
    let deployable = profile(Kind::Resource, "2");
    picture.process(fact(-30, &unit(1), Change::Entered("S".into(), deployable)));
    picture.process(fact(
        0,
        &unit(1),
        Change::Became(profile(Kind::Resource, "8")),
    ));
    assert_eq!(spell(&picture.advance(at(300))), []);
    let open = picture.advance(at(301));
    assert_eq!(spell(&open), [(300, AlertState::Open, 0)]);
    assert_eq!(open.alerts[0].title, "S: 0 deployable at 51.50 -0.12");
    picture.process(fact(
        420,
        &unit(1),
        Change::Became(profile(Kind::Resource, "3")),
    ));
    assert_eq!(
        spell(&picture.advance(at(900))),
        [(420, AlertState::Closed, 0)]
    );
}

#[test]
fn somebody_who_comes_at_the_very_moment_mends_the_bound() {
    let mut picture = picture();
    picture.edit_fence(at(0), sector("S"));
    picture.process(fact(
        300,
        &unit(1),
        Change::Entered("S".into(), profile(Kind::Resource, "2")),
    ));
    assert_eq!(spell(&picture.advance(at(900))), []);
}

#[test]
fn a_sector_that_is_deleted_closes_its_alert() {
    let mut picture = picture();
    picture.edit_fence(at(0), sector("S"));
    picture.edit_fence(
        at(600),
        FenceEdit {
            fence: None,
            ..sector("S")
        },
    );
    let alerts = spell(&picture.advance(at(900)));
    assert_eq!(
        alerts,
        [(300, AlertState::Open, 0), (600, AlertState::Closed, 0)]
    );
}

#[derive(Clone, Debug)]
enum Move {
    Enter,
    Leave,
    Status(bool),
    Go,
}

fn change(what: &Move) -> Change {
    match what {
        Move::Enter => Change::Entered("S".into(), profile(Kind::Resource, "2")),
        Move::Leave => Change::Left("S".into()),
        Move::Status(true) => Change::Became(profile(Kind::Resource, "2")),
        Move::Status(false) => Change::Became(profile(Kind::Resource, "8")),
        Move::Go => Change::Gone(Cause::SubjectExpired),
    }
}

fn moves() -> impl Strategy<Value = Vec<(i64, u8, Move)>> {
    let what = prop_oneof![
        Just(Move::Enter),
        Just(Move::Leave),
        any::<bool>().prop_map(Move::Status),
        Just(Move::Go),
    ];
    prop::collection::vec((0i64..400, 0u8..3, what), 1..40)
}

proptest! {
    /// The sector's alert against the story told again from the start at every second that matters.
    #[test]
    fn occupancy_equals_a_recount(steps in moves()) {
        let mut picture = picture();
        picture.edit_fence(at(0), sector("S"));
        let mut time = 0;
        let mut deployable: BTreeSet<u8> = BTreeSet::new();
        let mut inside: BTreeSet<u8> = BTreeSet::new();
        let mut empty_since = Some(0);
        let mut expected = Vec::new();
        for (wait, who, what) in steps {
            time += wait;
            if empty_since.is_some_and(|since| time > since + 300) {
                expected.push((empty_since.unwrap() + 300, AlertState::Open));
            }
            let open = empty_since.is_some_and(|since| time > since + 300);
            picture.process(fact(time, &unit(who), change(&what)));
            match what {
                Move::Enter => { inside.insert(who); deployable.insert(who); }
                Move::Leave | Move::Go => { inside.remove(&who); }
                Move::Status(true) => { deployable.insert(who); }
                Move::Status(false) => { deployable.remove(&who); }
            }
            let empty = inside.intersection(&deployable).next().is_none();
            if !empty {
                if open {
                    expected.push((time, AlertState::Closed));
                }
                empty_since = None;
            } else if empty_since.is_none() {
                empty_since = Some(time);
            }
        }
        let mut told: Vec<_> = spell(&picture.finish(at(time))).into_iter().map(|(at, state, _)| (at, state)).collect();
        told.dedup();
        expected.dedup();
        // What is due at the very end has fired by then.
        if let Some(since) = empty_since.filter(|since| time == since + 300) {
            expected.push((since + 300, AlertState::Open));
        }
        prop_assert_eq!(told, expected);
    }

    /// Any order of arrival within the lateness closes the same windows.
    #[test]
    fn order_within_the_lateness_does_not_matter(
        steps in prop::collection::vec((0i64..300, 0u8..4, 0u8..5, 0i64..29), 1..60),
    ) {
        let mut time = 0;
        let mut facts = Vec::new();
        for (number, (wait, who, place, delay)) in steps.into_iter().enumerate() {
            time += wait + 1;
            let here = Position::new(51.5, -0.1 - f64::from(place) * 0.05).unwrap();
            let there = Change::At(here, profile(Kind::Resource, "2"));
            facts.push((time + delay, number, fact(time, &unit(who), there)));
        }
        let run = |facts: &[(i64, usize, Fact)]| {
            let mut picture = picture();
            let mut cells = Vec::new();
            let mut clock = at(0);
            for (_, _, fact) in facts {
                clock = clock.max(fact.at);
                picture.process(fact.clone());
                cells.extend(picture.advance(clock).cells);
            }
            cells.extend(picture.finish(clock).cells);
            cells
        };
        let in_order = run(&facts);
        facts.sort_by_key(|(arrival, number, _)| (*arrival, *number));
        prop_assert_eq!(run(&facts), in_order);
    }
}

#[test]
fn a_march_is_watched_from_the_moment_when_its_first_stretch_counts() {
    let mut edit = sector("march");
    if let Some(fence) = edit.fence.as_mut().map(Arc::make_mut) {
        fence.geometry = Geometry::Corridor {
            line: vec![(51.5, -0.12), (51.5, -0.11)],
            width_m: 40.0,
            sections: vec![Section {
                from: 0,
                to: 1,
                valid_from: Some(at(600)),
                valid_until: Some(at(3600)),
            }],
        };
    }
    let mut picture = picture();
    picture.edit_fence(at(0), edit);
    assert_eq!(spell(&picture.advance(at(890))), []);
    let effects = picture.advance(at(1000));
    assert_eq!(spell(&effects), [(900, AlertState::Open, 0)]);
}

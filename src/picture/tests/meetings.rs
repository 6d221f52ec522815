//! Who is near whom and where nobody is, whatever the partitions that the facts come by.

use super::*;
use crate::domain::profile::PairFilter;

fn watching() -> RuleSet {
    let everybody = SubjectFilter::default;
    let rule = |id: &str, condition| Rule {
        version: None,
        id: id.into(),
        title: Title::parse("{subject} {other} {fence} {count}{place}").unwrap(),
        severity: Severity::Low,
        hold: false,
        close_after: None,
        condition,
    };
    let pair = PairFilter {
        of: everybody(),
        to: everybody(),
        near_m: 300.0,
        far_m: 500.0,
    };
    let absent = Condition::Transition {
        kinds: [TransitionKind::Absent].into(),
        fences: FenceFilter::default(),
        who: everybody(),
        except: None,
        certain: false,
        existing: true,
    };
    let members = Condition::Members {
        fences: FenceFilter::default(),
        who: everybody(),
    };
    RuleSet {
        version: "test-1".into(),
        rules: vec![
            rule("near", Condition::Approach(pair)),
            rule("absent", absent),
            rule("members", members),
        ],
    }
}

fn watched(seconds: u64) -> FenceEdit {
    let mut edit = sector("S");
    if let Some(fence) = edit.fence.as_mut().map(Arc::make_mut) {
        fence.detect = [TransitionKind::Absent, TransitionKind::Restored].into();
        fence.absent_after = Duration::from_secs(seconds);
    }
    edit
}

fn room() -> Picture {
    let config = Config {
        reorder: Duration::from_secs(1),
        resource_lateness: Duration::from_secs(30),
        incident_lateness: Duration::from_mins(10),
        windows: Vec::new(),
    };
    Picture::new(&config, watching(), &named())
}

fn told(effects: &Effects) -> Vec<(i64, &'static str)> {
    let seconds = |time: Timestamp| (time.millis() - at(0).millis()) / 1000;
    let transitions = effects.transitions.iter();
    transitions
        .map(|transition| (seconds(transition.at), transition.kind.label()))
        .collect()
}

#[test]
fn a_fence_that_nobody_ever_enters_is_empty_from_its_first_moment() {
    let mut picture = room();
    picture.edit_fence(at(0), watched(60));
    assert_eq!(told(&picture.advance(at(60))), []);
    let effects = picture.advance(at(61));
    assert_eq!(told(&effects), [(60, "absent")]);
    assert_eq!(effects.alerts.len(), 1);
    assert_eq!(effects.alerts[0].title, "- - S 0 at 51.50 -0.12");
    assert_eq!(told(&picture.advance(at(900))), [], "once");
    let here = Change::Entered("S".into(), profile(Kind::Resource, "2"));
    picture.process(fact(1000, &unit(1), here));
    let effects = picture.advance(at(1001));
    assert_eq!(told(&effects), [(1000, "restored")]);
    assert_eq!(effects.alerts[0].state, AlertState::Closed);
    picture.process(fact(1010, &unit(1), Change::Gone(Cause::SubjectExpired)));
    assert_eq!(told(&picture.finish(at(1070))), [(1070, "absent")]);
}

#[test]
fn an_edit_of_the_patience_counts_from_when_it_was_left_and_never_says_the_past() {
    let mut picture = room();
    picture.edit_fence(at(0), watched(600));
    picture.edit_fence(at(100), watched(60));
    assert_eq!(told(&picture.advance(at(200))), [(100, "absent")]);
    let mut picture = room();
    picture.edit_fence(at(0), watched(600));
    picture.edit_fence(at(100), watched(300));
    assert_eq!(told(&picture.advance(at(400))), [(300, "absent")]);
}

#[test]
fn a_fence_that_goes_closes_what_is_open_about_it() {
    let mut picture = room();
    picture.edit_fence(at(0), watched(60));
    picture.advance(at(100));
    let gone = FenceEdit {
        fence: None,
        ..watched(60)
    };
    picture.edit_fence(at(200), gone);
    let effects = picture.advance(at(300));
    assert_eq!(told(&effects), []);
    assert_eq!(effects.alerts[0].state, AlertState::Closed);
}

#[test]
fn an_alert_about_members_lists_those_of_the_first_moment_once() {
    let mut picture = room();
    let here = || Change::Entered("S".into(), profile(Kind::Resource, "2"));
    picture.edit_fence(at(0), watched(60));
    for (seconds, number) in [(0, 2), (0, 1), (5, 3)] {
        picture.process(fact(seconds, &unit(number), here()));
    }
    let effects = picture.advance(at(10));
    let [alert] = effects.alerts.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!((alert.count, alert.at), (2, at(0)));
    assert_eq!(alert.evidence, ["U1", "U2"]);
    assert_eq!(alert.title, "- - S 2 at 51.50 -0.12");
    picture.edit_fence(at(20), watched(90));
    assert_eq!(
        picture.advance(at(40)).alerts,
        [],
        "an edit is no new fence"
    );
}

#[test]
fn an_alert_about_a_pair_says_where_its_subject_is() {
    let mut picture = room();
    for (number, north) in [(1, 0.021), (2, 0.022)] {
        let here = Position::new(51.5 + north, -0.12).unwrap();
        let moved = Change::Moved(here, profile(Kind::Resource, "2"));
        picture.process(fact(0, &unit(number), moved));
    }
    let effects = picture.advance(at(10));
    assert_eq!(effects.alerts[0].title, "U1 U2 - 1 at 51.52 -0.12");
}

/// One step of a walk: seconds to wait, who, north, what.
type Step = (i64, u8, u8, u8);

fn facts_of(walk: Vec<Step>) -> Vec<Fact> {
    let mut time = 0;
    let mut facts = Vec::new();
    for (wait, who, north, what) in walk {
        time += wait;
        let here = Position::new(51.5 + 0.001 * f64::from(north), -0.12).unwrap();
        let profile = profile(Kind::Resource, "2");
        facts.push(fact(
            time,
            &unit(who),
            match what {
                0 => Change::Gone(Cause::SubjectDeleted),
                1 => Change::Entered("S".into(), profile),
                2 => Change::Left("S".into()),
                _ => Change::Moved(here, profile),
            },
        ));
    }
    facts
}

/// What comes out, when facts arrive in looks of so many, in each look by partition.
fn seen(facts: &[Fact], partitions: u64, look: usize) -> (Vec<Transition>, Vec<Alert>) {
    let mut picture = room();
    picture.edit_fence(at(0), watched(60));
    let mut clock = at(0);
    let (mut transitions, mut alerts) = (Vec::new(), Vec::new());
    let mut take = |effects: Effects| {
        transitions.extend(effects.transitions);
        alerts.extend(effects.alerts);
    };
    for batch in facts.chunks(look) {
        let partition = |fact: &Fact| u64::from(fact.subject.id.as_bytes()[1]) % partitions;
        for number in 0..partitions {
            for fact in batch.iter().filter(|fact| partition(fact) == number) {
                clock = clock.max(fact.at);
                picture.process(fact.clone());
            }
        }
        take(picture.advance(clock));
    }
    take(picture.finish(clock));
    (transitions, alerts)
}

proptest! {
    /// A pair on two partitions is the pair on one, to the last field.
    #[test]
    fn partitions_do_not_matter(
        walk in prop::collection::vec((0i64..40, 0u8..6, 0u8..9, 0u8..9), 1..80),
    ) {
        let facts = facts_of(walk);
        let one = seen(&facts, 1, 8);
        prop_assert_eq!(&seen(&facts, 2, 8), &one);
        prop_assert_eq!(&seen(&facts, 3, 13), &one);
    }
}

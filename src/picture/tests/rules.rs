//! Rules that change while the picture runs.

use super::*;
use crate::alert::rule::RuleEdit;
use crate::domain::profile::PairFilter;

fn edit(condition: Condition) -> RuleEdit {
    let mut rule = rules().rules.remove(0);
    rule.condition = condition;
    RuleEdit {
        id: rule.id.clone(),
        rule: Some(rule),
    }
}

fn end() -> RuleEdit {
    RuleEdit {
        id: "sector-empty".into(),
        rule: None,
    }
}

fn fewer_than(limit: u32, seconds: u64) -> Condition {
    let mut condition = rules().rules.remove(0).condition;
    if let Condition::Occupancy { bound, lasting, .. } = &mut condition {
        *bound = Bound::Below(limit);
        *lasting = Duration::from_secs(seconds);
    }
    condition
}

#[test]
fn a_bound_that_changes_counts_whom_the_fence_holds_from_then_on() {
    let mut picture = picture();
    picture.edit_fence(at(0), sector("S"));
    let here = Change::Entered("S".into(), profile(Kind::Resource, "2"));
    picture.process(fact(10, &unit(1), here));
    picture.edit_rule(at(100), edit(fewer_than(2, 60)));
    assert_eq!(
        spell(&picture.advance(at(400))),
        [(160, AlertState::Open, 1)]
    );
    picture.edit_rule(at(500), end());
    assert_eq!(
        spell(&picture.advance(at(900))),
        [(500, AlertState::Closed, 1)]
    );
    picture.edit_rule(at(1000), edit(fewer_than(2, 60)));
    assert_eq!(
        spell(&picture.advance(at(2000))),
        [(1060, AlertState::Open, 1)]
    );
    picture.edit_rule(at(2000), edit(fewer_than(2, 60)));
    assert_eq!(spell(&picture.advance(at(3000))), [], "the same again");
}

#[test]
fn a_rule_that_is_not_due_yet_is_forgotten_with_its_end() {
    let mut picture = picture();
    picture.edit_fence(at(0), sector("S"));
    picture.edit_rule(at(100), end());
    assert_eq!(spell(&picture.advance(at(900))), []);
}

#[test]
fn a_pair_that_is_near_is_told_with_its_next_move_once_a_rule_asks() {
    let near = |metres| {
        edit(Condition::Approach(PairFilter {
            of: SubjectFilter::default(),
            to: SubjectFilter::default(),
            near_m: metres,
            far_m: metres,
        }))
    };
    let mut picture = picture();
    let here = Position::new(51.5, -0.12).unwrap();
    let moves = |picture: &mut Picture, seconds: i64, number: u8| {
        let moved = Change::Moved(here, profile(Kind::Resource, "2"));
        picture.process(fact(seconds, &unit(number), moved));
        spell(&picture.advance(at(seconds + 1)))
    };
    picture.edit_rule(at(0), near(100.0));
    assert_eq!(moves(&mut picture, 10, 1), []);
    assert_eq!(moves(&mut picture, 20, 2), [(20, AlertState::Open, 1)]);
    picture.edit_rule(at(30), near(200.0));
    assert_eq!(
        spell(&picture.advance(at(39))),
        [(30, AlertState::Closed, 1)]
    );
    assert_eq!(moves(&mut picture, 40, 1), [(40, AlertState::Open, 1)]);
    picture.edit_rule(at(50), end());
    assert_eq!(
        spell(&picture.advance(at(59))),
        [(50, AlertState::Closed, 1)]
    );
    assert_eq!(moves(&mut picture, 60, 2), []);
}

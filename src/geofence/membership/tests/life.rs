//! Conformance: the life of subjects and fences.

use super::*;

#[test]
fn c13_a_subject_that_is_deleted_leaves_what_it_was_in() {
    for (place, told) in [(M, "exit B subject_deleted"), (W, "")] {
        let mut story = Story::of(square("B", -0.14, -0.10));
        story.fix(place);
        assert_eq!(story.dismiss(Cause::SubjectDeleted), told);
        assert_eq!(story.visited(), []);
    }
}

#[test]
fn c14b_of_many_fences_only_those_that_held_it_let_it_out() {
    let mut story = Story::new();
    for number in 0..200 {
        let west = -0.14 - 0.01 * f64::from(number);
        story.put(square(&format!("F{number:03}"), west, west + 0.005));
    }
    story.fix((51.5, -0.14));
    let told = story.dismiss(Cause::SubjectDeleted);
    assert_eq!(told, "exit F000 subject_deleted");
}

#[test]
fn c15_a_fence_that_expires_lets_out_whom_it_holds() {
    let until = Timestamp::from_millis(22_000);
    let mut story = Story::of(Fence {
        valid_until: until,
        ..square("B", -0.14, -0.10)
    });
    assert_eq!(story.fix_at(20, M), "enter B, inside B");
    assert_eq!(story.wait_until(23), "exit B fence_expired");
}

#[test]
fn c17_the_same_fence_again_keeps_the_visit() {
    let mut story = Story::of(square("B", -0.14, -0.10));
    story.fix(M);
    let before = story.visit_ids();
    assert_eq!(story.put(square("B", -0.14, -0.10)), "");
    assert_eq!(story.visit_ids(), before);
    assert_eq!(story.fix(W), "exit B, outside B");
}

#[test]
fn c31_a_second_enter_needs_an_exit() {
    let mut story = Story::of(square("B", -0.14, -0.10));
    assert_eq!(story.fix(M), "enter B, inside B");
    assert_eq!(story.fix((51.504, -0.126)), "inside B");
    assert_eq!(story.fix(W), "exit B, outside B");
    assert_eq!(story.fix(M), "enter B, inside B");
}

#[test]
fn c37_twenty_fences_over_one_place_each_tell_once() {
    let mut story = Story::new();
    for number in 0..20 {
        story.put(Fence {
            detect: [TransitionKind::Enter].into(),
            ..square(&format!("F{number:02}"), -0.14, -0.10)
        });
    }
    let told = story.fix(M);
    let expected: Vec<_> = (0..20)
        .map(|number| format!("enter F{number:02}"))
        .collect();
    assert_eq!(told, expected.join(", "));
    assert_eq!(story.visited().len(), 20);
}

#[test]
fn a_disabled_fence_lets_everybody_out_and_in_again_when_it_is_enabled() {
    let mut story = Story::of(square("B", -0.14, -0.10));
    story.fix(M);
    let disabled = Fence {
        approved: false,
        ..square("B", -0.14, -0.10)
    };
    assert_eq!(story.put(disabled), "exit B fence_changed");
    assert_eq!(
        story.put(square("B", -0.14, -0.10)),
        "enter B fence_created, inside B fence_created"
    );
}

impl Story {
    fn visit_ids(&self) -> Vec<String> {
        self.car.member.visit_ids()
    }
}

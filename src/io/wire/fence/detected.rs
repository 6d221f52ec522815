//! What a fence must say beside `detect`, so that nobody relies on one that stays silent.

use crate::domain::fence::Fence;
use crate::domain::transition::TransitionKind;
use crate::io::wire::fence::Problem;

/// The transitions that a fence can ask for, in words.
pub(super) const WORDS: &str =
    "enter, exit, inside, outside, cross, dwell, speed, absent or restored";

pub(super) fn problems(fence: &Fence) -> Vec<Problem> {
    let mut problems = Vec::new();
    let asks = |kind| fence.detect.contains(kind);
    if asks(TransitionKind::Dwell) && fence.dwell.is_none() {
        let text = "missing: detect has \"dwell\" and needs it, in seconds";
        problems.push(Problem::new("properties.dwell_s", text));
    }
    if asks(TransitionKind::Speed) && fence.speed_limit.is_none() {
        let text = "missing: detect has \"speed\" and needs it, in metres a second";
        problems.push(Problem::new("properties.speed_limit_mps", text));
    }
    for kind in [TransitionKind::Approach, TransitionKind::Recede] {
        if asks(kind) {
            let text = format!(
                "\"{}\" is between two subjects, not about a fence: delete it here and write a rule with [rule.approach]",
                kind.label()
            );
            problems.push(Problem::new("properties.detect", text));
        }
    }
    problems
}

//! What the contract has and this version does not detect yet. Each is refused, so that nobody relies
//! on a fence that stays silent. Delete the lines of what becomes available; then this file.

use crate::domain::fence::Fence;
use crate::domain::transition::TransitionKind;
use crate::io::wire::fence::Problem;

const DETECTED: [TransitionKind; 4] = [
    TransitionKind::Enter,
    TransitionKind::Exit,
    TransitionKind::Inside,
    TransitionKind::Outside,
];

pub(super) fn problems(fence: &Fence) -> Vec<Problem> {
    let mut problems = Vec::new();
    for kind in fence.detect.iter().filter(|kind| !DETECTED.contains(kind)) {
        let text = format!(
            "\"{}\" is not available yet: use enter, exit, inside or outside",
            kind.label()
        );
        problems.push(Problem::new("properties.detect", text));
    }
    for (name, is_given) in [
        ("dwell_s", fence.dwell.is_some()),
        ("min_inside_s", !fence.min_inside.is_zero()),
        ("exit_margin_m", fence.exit_margin_m > 0.0),
    ] {
        if is_given {
            problems.push(Problem::new(
                format!("properties.{name}"),
                "not available yet: delete it",
            ));
        }
    }
    problems
}

//! The short way of a visit that goes on, against looking at it whole.

use super::*;
use crate::domain::fence::SpeedLimit;

/// What somebody does in a story.
#[derive(Clone, Debug)]
enum Step {
    Fix(i32),
    Status(bool),
    Put(usize, i32, Box<Fence>),
    Delete(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let fence = (1i32..12, 0usize..5, any::<(bool, bool, bool)>()).prop_map(
        |(width, kind, (limits, narrow, late))| {
            let mut fence = square("", 0.0, f64::from(width) / 1000.0);
            fence.detect = match kind {
                0 => TransitionKind::ALL.into(),
                1 => [TransitionKind::Enter, TransitionKind::Inside].into(),
                2 => [TransitionKind::Enter, TransitionKind::Dwell].into(),
                _ => [TransitionKind::Enter, TransitionKind::Exit].into(),
            };
            fence.dwell = (kind == 2).then(|| Duration::from_secs(25));
            fence.exit_margin_m = if kind == 3 { 100.0 } else { 0.0 };
            fence.min_inside = Duration::from_secs(if late && kind == 4 { 15 } else { 0 });
            fence.speed_limit = limits.then_some(SpeedLimit {
                above_mps: 5.0,
                lasting: Duration::ZERO,
            });
            if narrow {
                fence.applies_to.statuses = ["8".into()].into();
            }
            fence
        },
    );
    let put = (0usize..4, -10i32..10, fence);
    prop_oneof![
        8 => (-12i32..12).prop_map(Step::Fix),
        1 => any::<bool>().prop_map(Step::Status),
        2 => put.prop_map(|(number, west, fence)| Step::Put(number, west, fence.into())),
        1 => (0usize..4).prop_map(Step::Delete),
    ]
}

fn take(story: &mut Story, step: &Step) -> String {
    match step {
        Step::Fix(lng) => story.fix((51.5, f64::from(*lng) / 1000.0)),
        Step::Status(is_free) => story.status(if *is_free { "2" } else { "8" }),
        Step::Put(number, west, fence) => {
            let mut fence = (**fence).clone();
            fence.id = format!("F{number}").as_str().into();
            if let Geometry::Polygons(polygons) = &mut fence.geometry {
                let vertices = polygons.iter_mut().flatten().flatten();
                vertices.for_each(|vertex| vertex.1 += f64::from(*west) / 1000.0);
            }
            story.put(fence)
        }
        Step::Delete(number) => story.delete(&format!("F{number}")),
    }
}

proptest! {
    /// A profile that is equal but another is looked at whole.
    #[test]
    fn a_visit_that_goes_on_is_as_one_that_is_looked_at(
        steps in prop::collection::vec(step(), 1..60),
        speed_mps in 0.0f64..10.0,
    ) {
        let (mut quick, mut slow) = (Story::new(), Story::new());
        for story in [&mut quick, &mut slow] {
            (story.speed_mps, story.accuracy_m) = (Some(speed_mps), Some(20.0));
        }
        for step in &steps {
            slow.profile = Arc::new((*slow.profile).clone());
            prop_assert_eq!(take(&mut quick, step), take(&mut slow, step));
            prop_assert_eq!(quick.visited(), slow.visited());
        }
    }
}

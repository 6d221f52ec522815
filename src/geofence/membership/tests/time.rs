//! Conformance: time, jitter and speed.

use super::*;
use crate::domain::fence::SpeedLimit;

/// On the edge of B at lon -0.1: 200 m and 15 m outside, 15 m and 200 m inside.
const FAR_OUT: (f64, f64) = (51.5, -0.097_111);
const OUT: (f64, f64) = (51.5, -0.099_783);
const IN: (f64, f64) = (51.5, -0.100_217);
const FAR_IN: (f64, f64) = (51.5, -0.102_889);

fn plain(min_inside_s: u64, exit_margin_m: f64) -> Fence {
    Fence {
        detect: [TransitionKind::Enter, TransitionKind::Exit].into(),
        min_inside: Duration::from_secs(min_inside_s),
        exit_margin_m,
        ..square("B", -0.14, -0.10)
    }
}

/// The walk of C32: what is told, each with its second.
fn jitter(fence: Fence) -> Vec<(i64, String)> {
    let mut story = Story::of(fence);
    let walk = (0..190i64).map(|second| match second {
        0..10 | 160.. => FAR_OUT,
        10..70 if second % 2 == 0 => IN,
        10..70 => OUT,
        70..100 => FAR_IN,
        _ if second % 2 == 0 => OUT,
        _ => IN,
    });
    let told = walk.enumerate().map(|(second, place)| {
        let second = i64::try_from(second).unwrap();
        (second, story.fix_at(1000 + second, place))
    });
    told.filter(|(_, told)| !told.is_empty()).collect()
}

#[test]
fn c32_jitter_on_an_edge_gives_one_enter_and_one_exit() {
    let one = |enter, exit| vec![(enter, "enter B".to_owned()), (exit, "exit B".to_owned())];
    assert_eq!(jitter(plain(10, 0.0)), one(80, 100));
    assert_eq!(jitter(plain(0, 30.0)), one(10, 160));
    assert_eq!(jitter(plain(10, 30.0)), one(80, 160));
    let told = jitter(plain(0, 0.0));
    let count = |word: &str| {
        told.iter()
            .filter(|(_, told)| told.starts_with(word))
            .count()
    };
    assert_eq!((count("enter"), count("exit")), (61, 61));
}

#[test]
fn a_stay_is_confirmed_by_a_fix_and_by_nothing_else() {
    let mut story = Story::of(plain(10, 0.0));
    assert_eq!(story.fix_at(100, M), "");
    assert_eq!(story.wait_until(200), "");
    story.clock = 190_000;
    assert_eq!(story.status("2"), "");
    assert_eq!(story.fix_at(201, M), "enter B");
    // A fence drawn around a parked car waits for a fix too, and says what brought it in.
    let mut story = Story::new();
    story.fix_at(100, M);
    assert_eq!(story.put(plain(10, 0.0)), "");
    assert_eq!(story.fix_at(115, M), "");
    assert_eq!(story.fix_at(120, M), "enter B fence_created");
}

#[test]
fn n04_dwelling_is_said_by_a_timer_once_a_visit() {
    let fence = Fence {
        detect: [TransitionKind::Dwell].into(),
        dwell: Some(Duration::from_mins(1)),
        ..square("B", -0.14, -0.10)
    };
    let mut story = Story::of(fence.clone());
    assert_eq!(story.fix_at(100, M), "(enter B)");
    assert_eq!(story.wait_until(159), "");
    assert_eq!(story.wait_until(160), "dwell B");
    assert_eq!(story.fix_at(300, M), "");
    assert_eq!(story.fix_at(310, W), "(exit B)");
    assert_eq!(story.fix_at(320, M), "(enter B)");
    assert_eq!(story.fix_at(330, W), "(exit B)");
    assert_eq!(story.wait_until(500), "", "it left before");
    // Silent for longer than its class may be: nobody knows until it reports again.
    let mut story = Story::of(Fence {
        dwell: Some(Duration::from_mins(3)),
        ..fence
    });
    story.fix_at(100, M);
    assert_eq!(story.wait_until(400), "");
    assert_eq!(story.fix_at(400, M), "dwell B");
}

#[test]
fn an_edit_of_the_dwell_time_counts_for_who_is_there() {
    let fence = |seconds| Fence {
        detect: [TransitionKind::Dwell].into(),
        dwell: Some(Duration::from_secs(seconds)),
        ..square("B", -0.14, -0.10)
    };
    let mut story = Story::of(fence(600));
    story.fix_at(100, M);
    story.put(fence(5));
    assert_eq!(story.wait_until(110), "dwell B");
    story.put(fence(1));
    assert_eq!(story.wait_until(400), "", "once a visit");
}

#[test]
fn c28b_a_second_fix_at_an_equal_time_is_processed() {
    let mut story = Story::of(square("B", -0.14, -0.10));
    story.fix_at(100, M);
    assert_eq!(story.fix_at(100, (51.504, -0.126)), "inside B");
}

#[test]
fn c29_too_fast_is_said_once_until_it_is_not() {
    let limit = SpeedLimit {
        above_mps: 40.0,
        lasting: Duration::from_secs(15),
    };
    let fence = Fence {
        detect: [TransitionKind::Speed].into(),
        speed_limit: Some(limit),
        ..square("B", -0.14, -0.10)
    };
    // "Without a fence": one that has everybody in it.
    let world = Fence {
        geometry: Geometry::Circle {
            centre: M,
            radius_m: 30_000_000.0,
        },
        ..fence.clone()
    };
    for fence in [fence, world] {
        let mut story = Story::of(fence);
        let mut told = Vec::new();
        for (second, speed) in [
            (0, 50.0),
            (10, 55.0),
            (20, 55.0),
            (30, 55.0),
            (30, 30.0),
            (40, 40.0),
            (50, 41.0),
            (65, 41.0),
        ] {
            story.speed_mps = Some(speed);
            let said = story.fix_at(100 + second, M);
            if said.contains("speed") {
                told.push((second, said));
            }
        }
        assert_eq!(
            told,
            [(20, "speed B".to_owned()), (65, "speed B".to_owned())]
        );
    }
}

//! Conformance: where a subject is, geometry and conditions.

use super::*;

/// K of the conformance cases.
fn circle(id: &str, centre: (f64, f64), radius_m: f64) -> Fence {
    Fence {
        geometry: Geometry::Circle { centre, radius_m },
        ..square(id, 0.0, 1.0)
    }
}

fn boxed(id: &str, (south, north): (f64, f64), (west, east): (f64, f64)) -> Fence {
    let ring = vec![(south, west), (south, east), (north, east), (north, west)];
    Fence {
        geometry: Geometry::Polygons(vec![vec![ring]]),
        ..square(id, 0.0, 1.0)
    }
}

fn detecting(fence: Fence, kinds: &[TransitionKind]) -> Fence {
    Fence {
        detect: kinds.iter().copied().collect(),
        ..fence
    }
}

fn b() -> Fence {
    square("B", -0.14, -0.10)
}

const EA: (f64, f64) = (51.5, -0.08);
const M2: (f64, f64) = (51.504, -0.126);

#[test]
fn c01_enter_and_inside_then_exit_and_outside() {
    let mut story = Story::of(circle("K", (33.0, -115.0), 5000.0));
    assert_eq!(story.fix((33.0, -115.0)), "enter K, inside K");
    assert_eq!(story.fix((34.0, -115.0)), "exit K, outside K");
}

#[test]
fn c02_a_way_through_a_fence_is_a_crossing() {
    let fence = circle("K", (10.0, 10.0), 10_000.0);
    let kinds = [
        TransitionKind::Enter,
        TransitionKind::Exit,
        TransitionKind::Cross,
    ];
    for (fence, told) in [
        (
            detecting(fence.clone(), &kinds),
            ["enter K", "exit K", "cross K"],
        ),
        (
            fence,
            [
                "enter K, inside K",
                "exit K, outside K",
                "cross K, outside K",
            ],
        ),
    ] {
        let mut story = Story::of(fence);
        assert_eq!(story.fix((10.0, 10.0)), told[0]);
        assert_eq!(story.fix((0.0, 0.001)), told[1]);
        assert_eq!(story.fix((20.0, 20.0)), told[2]);
    }
}

#[test]
fn c03_level_events_alone_say_inside_and_outside() {
    let fence = boxed("A", (33.618_824, 33.654_359), (-84.457_973, -84.399_859));
    let mut story = Story::of(detecting(
        fence,
        &[TransitionKind::Inside, TransitionKind::Outside],
    ));
    let recorded = |story: &mut Story, place: (f64, f64)| story.fix(place);
    // Enter and exit turn the membership over and are not recorded.
    assert_eq!(
        recorded(&mut story, (33.642_301, -84.431_18)),
        "(enter A), inside A"
    );
    assert_eq!(
        recorded(&mut story, (34.642_301, -84.431_18)),
        "(exit A), outside A"
    );
}

#[test]
fn c04_order_over_overlapping_fences() {
    let mut story = Story::new();
    let lat = 33.412_529_053_733_444;
    story.fix((lat, -111.933_689_117_431_64));
    for (id, lng, lat) in [
        (
            "A",
            (-111.952_056_884_765_62, -111.926_307_678_222_66),
            (33.400_491_820_565_236, 33.422_272_258_866_045),
        ),
        (
            "B",
            (-111.939_525_604_248_05, -111.926_307_678_222_66),
            (33.403_501_285_221_594, 33.419_979_838_363_45),
        ),
        (
            "C",
            (-111.925_578_117_370_6, -111.912_016_868_591_31),
            (33.403_429_632_512_61, 33.419_944_018_812_84),
        ),
        (
            "D",
            (-111.925_621_032_714_84, -111.900_215_148_925_78),
            (33.400_635_130_769_68, 33.422_128_984_357_88),
        ),
    ] {
        let told = story.put(boxed(id, lat, lng));
        let created = format!("enter {id} fence_created, inside {id} fence_created");
        assert_eq!(told, if id < "C" { created } else { String::new() });
    }
    assert_eq!(
        story.fix((lat, -111.919_097_900_390_62)),
        "exit A, exit B, outside A, outside B, enter C, enter D, inside C, inside D"
    );
}

#[test]
fn c09_outside_arrives_also_beside_a_crossing() {
    let mut story = Story::new();
    story.put(detecting(
        square("B1", -0.14, -0.10),
        &[TransitionKind::Cross, TransitionKind::Outside],
    ));
    story.put(detecting(
        square("B2", -0.14, -0.10),
        &[TransitionKind::Outside],
    ));
    assert_eq!(story.fix(W), "outside B1, outside B2");
    assert_eq!(story.fix(EA), "cross B1, outside B1, outside B2");
}

#[test]
fn c10b_c12_attributes_alone_turn_over_and_give_no_level_events() {
    let mut fence = b();
    fence.applies_to.statuses = ["2".into()].into();
    let mut story = Story::of(fence);
    story.say("8");
    assert_eq!(story.fix(M), "outside B");
    assert_eq!(story.status("8"), "");
    assert_eq!(story.status("2"), "enter B condition");
    assert_eq!(story.status("8"), "exit B condition");
    assert_eq!(story.fix(W), "outside B");
    assert_eq!(story.status("8"), "");
}

#[test]
fn c11_a_crossing_asks_the_condition_at_its_end() {
    let mut fence = detecting(b(), &[TransitionKind::Cross]);
    fence.applies_to.statuses = ["2".into()].into();
    for (status, told) in [("8", ""), ("2", "cross B")] {
        let mut story = Story::of(fence.clone());
        story.say("2");
        assert_eq!(story.fix(W), "");
        story.say(status);
        assert_eq!(story.fix(EA), told);
    }
}

#[test]
fn c23a_a_hole_is_outside() {
    let outer = vec![
        (51.49, -0.14),
        (51.49, -0.10),
        (51.51, -0.10),
        (51.51, -0.14),
    ];
    let hole = vec![
        (51.495, -0.13),
        (51.495, -0.11),
        (51.505, -0.11),
        (51.505, -0.13),
    ];
    let fence = Fence {
        geometry: Geometry::Polygons(vec![vec![outer, hole]]),
        ..b()
    };
    let mut story = Story::of(fence);
    assert_eq!(story.fix((51.508, -0.12)), "enter B, inside B");
    assert_eq!(story.fix(M), "exit B, outside B");
}

#[test]
fn c23b_from_one_part_of_a_multipolygon_to_another_is_no_crossing_of_the_edge() {
    let part = |west: f64| {
        vec![vec![
            (51.49, west),
            (51.49, west + 0.01),
            (51.51, west + 0.01),
            (51.51, west),
        ]]
    };
    let fence = Fence {
        geometry: Geometry::Polygons(vec![part(-0.14), part(-0.11)]),
        ..b()
    };
    let mut story = Story::of(fence);
    assert_eq!(story.fix((51.5, -0.135)), "enter B, inside B");
    assert_eq!(story.fix((51.5, -0.105)), "inside B");
}

#[test]
fn c24a_a_circle_ends_at_its_own_distance() {
    let there = Position::new(51.504, -0.126).unwrap();
    let radius_m = Position::new(M.0, M.1).unwrap().distance_m(there);
    for (radius_m, told) in [
        (radius_m, "enter K, inside K"),
        (radius_m - 0.001, "outside K"),
    ] {
        assert_eq!(Story::of(circle("K", M, radius_m)).fix(M2), told);
    }
}

#[test]
fn c24b_c24d_the_edge_belongs_to_every_fence_that_has_it() {
    for place in [(51.5, -0.14), (51.49, -0.14)] {
        assert_eq!(Story::of(b()).fix(place), "enter B, inside B");
    }
    let mut story = Story::new();
    story.put(square("east", -0.12, -0.10));
    story.put(square("west", -0.14, -0.12));
    assert_eq!(
        story.fix((51.5, -0.12)),
        "enter east, enter west, inside east, inside west"
    );
}

#[test]
fn c36b_a_circle_larger_than_the_earth_holds_everybody() {
    let mut story = Story::of(circle("K", M, 30_000_000.0));
    assert_eq!(story.fix((-51.5, 179.9)), "enter K, inside K");
    assert_eq!(story.fix((89.9, -10.0)), "inside K");
}

#[test]
fn n03_an_edge_nearer_than_the_fix_is_accurate_makes_it_uncertain() {
    let mut story = Story::of(detecting(b(), &[TransitionKind::Enter]));
    story.accuracy_m = Some(50.0);
    assert_eq!(story.fix((51.5, -0.100_217)), "enter B?");
    let mut story = Story::of(detecting(b(), &[TransitionKind::Enter]));
    story.accuracy_m = Some(15.0);
    assert_eq!(
        story.fix((51.5, -0.100_217)),
        "enter B",
        "15.07 m from the edge"
    );
}

#[test]
fn c25d_a_polygon_over_greenwich() {
    let ring = vec![
        (51.1966, -0.6207),
        (51.1897, 0.4147),
        (50.9377, 0.5136),
        (50.8675, -0.6082),
    ];
    let fence = Fence {
        geometry: Geometry::Polygons(vec![vec![ring]]),
        ..b()
    };
    let mut story = Story::of(fence);
    assert_eq!(story.fix((51.0466, -0.0165)), "enter B, inside B");
    assert_eq!(story.fix((51.0466, 0.018)), "inside B");
    assert_eq!(story.fix((50.9477, 0.5836)), "exit B, outside B");
}

#[test]
fn c26d_a_circle_holds_what_is_near_enough() {
    let mut story = Story::of(circle("K", (55.754_14, 37.6204), 100.0));
    assert_eq!(story.fix((55.754_77, 37.620_25)), "enter K, inside K");
    assert_eq!(story.fix((55.755_45, 37.619_21)), "exit K, outside K");
}

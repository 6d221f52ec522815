//! Every conformance case of the geofences, and where it is told. A case without a home fails the build;
//! so does a home that is no longer there.

use std::fs;
use std::path::Path;

/// Where a case is told.
enum Told {
    /// A folder of `tests/scenarios`.
    Story(&'static str),
    /// A test function: file, name.
    Test(&'static str, &'static str),
    /// Nowhere here, and why.
    Not(&'static str),
}

use Told::{Not, Story, Test};

const MEMBERSHIP: &str = "src/geofence/membership/tests.rs";
const CASES: &str = "src/geofence/membership/tests/cases.rs";
const LIFE: &str = "src/geofence/membership/tests/life.rs";
const TIME: &str = "src/geofence/membership/tests/time.rs";
const PAIRS: &str = "src/geofence/pairs/tests.rs";
const SEGMENT: &str = "src/geofence/shape/segment.rs";
const SHAPE: &str = "src/geofence/shape/tests.rs";
const TRACK: &str = "src/track/tests.rs";
const KAFKA: &str =
    "delivery over Kafka, a matter of the runtime and not of the fences: not told yet";
const SHAPES: &str = "needs the shapes (corridor, antimeridian) that come with the index";
const OTHERS: &str = "what another engine does; the case beside it says what Cordon does";

const ALL: [(&str, Told); 76] = [
    (
        "C01",
        Test(CASES, "c01_enter_and_inside_then_exit_and_outside"),
    ),
    (
        "C02a",
        Test(CASES, "c02_a_way_through_a_fence_is_a_crossing"),
    ),
    (
        "C02b",
        Test(CASES, "c02_a_way_through_a_fence_is_a_crossing"),
    ),
    (
        "C03",
        Test(CASES, "c03_level_events_alone_say_inside_and_outside"),
    ),
    ("C04", Test(CASES, "c04_order_over_overlapping_fences")),
    ("C05", Not(OTHERS)),
    ("C05c", Story("two-cars-pass-each-other")),
    ("C06", Not(OTHERS)),
    ("C07", Story("whom-a-new-cordon-finds")),
    (
        "C08",
        Test(MEMBERSHIP, "c08_a_first_fix_outside_is_outside_and_no_exit"),
    ),
    (
        "C09",
        Test(CASES, "c09_outside_arrives_also_beside_a_crossing"),
    ),
    (
        "C10",
        Test(
            MEMBERSHIP,
            "c10_an_attribute_can_enter_and_exit_and_level_events_come_with_fixes_only",
        ),
    ),
    (
        "C10b",
        Test(
            CASES,
            "c10b_c12_attributes_alone_turn_over_and_give_no_level_events",
        ),
    ),
    ("C11", Story("van-drives-through")),
    (
        "C12",
        Test(
            CASES,
            "c10b_c12_attributes_alone_turn_over_and_give_no_level_events",
        ),
    ),
    ("C13a", Story("a-unit-is-taken-away")),
    ("C13b", Story("a-unit-is-taken-away")),
    ("C14", Story("silent-unit")),
    (
        "C14b",
        Test(
            LIFE,
            "c14b_of_many_fences_only_those_that_held_it_let_it_out",
        ),
    ),
    (
        "C15",
        Test(LIFE, "c15_a_fence_that_expires_lets_out_whom_it_holds"),
    ),
    (
        "C16",
        Test(
            MEMBERSHIP,
            "c16_c17_an_edit_keeps_those_in_both_versions_and_lets_out_the_others",
        ),
    ),
    (
        "C17",
        Test(LIFE, "c17_the_same_fence_again_keeps_the_visit"),
    ),
    (
        "C18",
        Not("names of hooks and collections, which Cordon does not have"),
    ),
    ("C19", Test(PAIRS, "c19_near_is_a_distance_and_no_box")),
    ("C20a", Story("an-incident-opens-beside-a-unit")),
    ("C20b", Story("an-incident-opens-beside-a-unit")),
    ("C21", Story("a-unit-is-taken-away")),
    ("C22a", Story("nearest-first")),
    ("C22b", Story("nearest-first")),
    ("C23a", Test(CASES, "c23a_a_hole_is_outside")),
    (
        "C23b",
        Test(
            CASES,
            "c23b_from_one_part_of_a_multipolygon_to_another_is_no_crossing_of_the_edge",
        ),
    ),
    (
        "C24a",
        Test(CASES, "c24a_a_circle_ends_at_its_own_distance"),
    ),
    (
        "C24b",
        Test(
            CASES,
            "c24b_c24d_the_edge_belongs_to_every_fence_that_has_it",
        ),
    ),
    ("C24c", Test(SHAPE, "covers_equals_even_odd_on_a_lattice")),
    (
        "C24d",
        Test(
            CASES,
            "c24b_c24d_the_edge_belongs_to_every_fence_that_has_it",
        ),
    ),
    ("C25a", Not(SHAPES)),
    ("C25b", Not(SHAPES)),
    ("C25c", Not(SHAPES)),
    ("C25d", Test(CASES, "c25d_a_polygon_over_greenwich")),
    (
        "C25e",
        Test(
            SHAPE,
            "a_ring_that_crosses_itself_is_refused_with_the_place",
        ),
    ),
    ("C26a", Not(SHAPES)),
    ("C26b", Not(SHAPES)),
    (
        "C26c",
        Test(
            SEGMENT,
            "c26c_a_way_through_a_circle_meets_it_and_one_beyond_does_not",
        ),
    ),
    (
        "C26d",
        Test(CASES, "c26d_a_circle_holds_what_is_near_enough"),
    ),
    ("C26e", Not(SHAPES)),
    (
        "C26f",
        Not("the contract gives a fence no floor and no ceiling"),
    ),
    (
        "C27",
        Test(
            MEMBERSHIP,
            "c27_exit_comes_before_enter_when_one_report_leaves_one_for_another",
        ),
    ),
    (
        "C28a",
        Test(
            TRACK,
            "c28a_a_late_report_is_located_and_moves_no_fence_and_an_older_one_is_refused",
        ),
    ),
    (
        "C28b",
        Test(TIME, "c28b_a_second_fix_at_an_equal_time_is_processed"),
    ),
    ("C28c", Story("held-and-put-in-order")),
    (
        "C28d",
        Not("nothing is muted for its age on arrival: an alert says how late it is (`late_s`)"),
    ),
    ("C29", Story("too-fast")),
    (
        "C30",
        Test(PAIRS, "c30_between_near_and_far_a_pair_stays_as_it_was"),
    ),
    ("C30b", Story("between-near-and-far")),
    ("C31", Test(LIFE, "c31_a_second_enter_needs_an_exit")),
    ("C32a", Story("jitter-on-the-edge")),
    ("C32b", Story("jitter-on-the-edge")),
    ("C32c", Story("jitter-on-the-edge")),
    ("C32d", Story("jitter-on-the-edge")),
    ("C33", Not(KAFKA)),
    ("C34", Not(KAFKA)),
    (
        "C35",
        Test(
            "tests/live_socket/slow.rs",
            "a_client_that_never_reads_is_closed_with_1013_and_hurts_nobody",
        ),
    ),
    ("C36a", Story("bad-records")),
    (
        "C36b",
        Test(CASES, "c36b_a_circle_larger_than_the_earth_holds_everybody"),
    ),
    (
        "C37",
        Test(LIFE, "c37_twenty_fences_over_one_place_each_tell_once"),
    ),
    ("N01", Story("scheduled-fence")),
    ("N02", Story("nobody-covers-the-sector")),
    ("N03", Story("in-doubt")),
    ("N04", Story("parked-and-silent")),
    ("N05", Story("sterile-zone-breach")),
    (
        "rule 9, edit",
        Test(
            LIFE,
            "a_disabled_fence_lets_everybody_out_and_in_again_when_it_is_enabled",
        ),
    ),
    ("rule 9, one message", Story("whom-a-new-cordon-finds")),
    (
        "rule 10, pairs",
        Test(PAIRS, "c21_whoever_ends_parts_and_says_why"),
    ),
    (
        "rule 11, live",
        Test(CASES, "c04_order_over_overlapping_fences"),
    ),
    (
        "pairs by partition",
        Test("src/picture/tests/meetings.rs", "partitions_do_not_matter"),
    ),
    (
        "pairs by brute force",
        Test(PAIRS, "pairs_equal_brute_force"),
    ),
];

#[test]
fn every_case_is_told_where_the_table_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut lost = Vec::new();
    for (case, told) in &ALL {
        let there = match told {
            Story(name) => root
                .join("tests/scenarios")
                .join(name)
                .join("README.md")
                .exists(),
            Test(file, name) => fs::read_to_string(root.join(file))
                .is_ok_and(|text| text.contains(&format!("fn {name}("))),
            Not(why) => !why.is_empty(),
        };
        if !there {
            lost.push(*case);
        }
    }
    let open = ALL
        .iter()
        .filter(|(_, told)| matches!(told, Not(_)))
        .count();
    println!("{} cases, {open} of them not told here", ALL.len());
    assert!(lost.is_empty(), "no longer there: {lost:?}");
}

#[test]
fn no_case_stands_twice() {
    let mut names: Vec<_> = ALL.iter().map(|(case, _)| case).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), ALL.len());
}

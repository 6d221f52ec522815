//! What people draw that other engines get wrong, and what is refused.

use crate::geofence::{Indexed, Numbers};
use cordon::domain::fence::Geometry;
use cordon::domain::position::Position;
use cordon::domain::time::Timestamp;
use cordon::geofence::shape::Shape;
use cordon::geofence::table::Drawn;
use cordon::io::wire;

fn at(lat: f64, lng: f64) -> Position {
    Position::new(lat, lng).unwrap()
}

fn ring(ring: &[(f64, f64)]) -> Geometry {
    Geometry::Polygons(vec![vec![ring.to_vec()]])
}

fn holds(geometry: &Geometry, place: Position) -> bool {
    let mut fences = Indexed::default();
    fences.add(geometry).unwrap();
    let held = fences.holding(place) == [0];
    assert_eq!(held, fences.shapes[0].covers(place));
    held
}

#[test]
fn c25a_c25b_a_ring_across_the_antimeridian_equals_its_two_halves() {
    let drawn = [
        vec![
            (66.9494, 179.838),
            (66.9508, -179.8496),
            (66.8406, -180.0014),
        ],
        vec![(66.9494, 179.838), (66.9508, 180.1504), (66.8406, 179.9986)],
        vec![
            (66.9494, -180.162),
            (66.9508, -179.8496),
            (66.8406, -180.0014),
        ],
    ];
    for ring in drawn {
        let geometry = Geometry::Polygons(vec![vec![ring]]);
        assert!(holds(&geometry, at(66.9015, 179.9904)), "-180.0096");
        assert!(holds(&geometry, at(66.9015, 179.991)));
        assert!(!holds(&geometry, at(66.8368, -179.8792)));
        assert!(holds(&geometry, at(66.9, 180.0)) && holds(&geometry, at(66.9, -180.0)));
    }
    // A box, so that the cut lies on whole units.
    let whole = ring(&[(-1.0, 179.0), (-1.0, -178.0), (1.0, -178.0), (1.0, 179.0)]);
    let halves = Geometry::Polygons(vec![
        vec![vec![
            (-1.0, 179.0),
            (-1.0, 180.0),
            (1.0, 180.0),
            (1.0, 179.0),
        ]],
        vec![vec![
            (-1.0, -180.0),
            (-1.0, -178.0),
            (1.0, -178.0),
            (1.0, -180.0),
        ]],
    ]);
    let mut fences = Indexed::default();
    fences.add(&whole).unwrap();
    fences.add(&halves).unwrap();
    let mut numbers = Numbers(180);
    for _ in 0..20_000 {
        let lng = match numbers.below(8) {
            0 => 180.0,
            1 => -180.0,
            2 => 179.0,
            3 => -178.0,
            _ => 180.0 - numbers.within(-4.0, 4.0).rem_euclid(360.0),
        };
        let lat = [numbers.within(-1.5, 1.5), 1.0, -1.0][numbers.below(3) as usize];
        let held = fences.holding(at(lat, lng));
        assert!(held == [0, 1] || held.is_empty(), "{lat} {lng}: {held:?}");
    }
}

#[test]
fn circles_at_the_antimeridian_and_the_pole_are_measured() {
    let circle = |lat: f64, lng: f64, radius_m: f64| Geometry::Circle {
        centre: (lat, lng),
        radius_m,
    };
    let seam = circle(-17.0, 179.9999, 5_000.0);
    assert!(holds(&seam, at(-17.0, -179.97)) && holds(&seam, at(-17.02, 179.98)));
    assert!(!holds(&seam, at(-17.0, -179.95)) && !holds(&seam, at(-17.0, 0.0)));
    let pole = circle(89.95, 10.0, 20_000.0);
    assert!(holds(&pole, at(90.0, 0.0)) && holds(&pole, at(89.9, -170.0)));
    assert!(!holds(&pole, at(89.8, -170.0)));
    let world = circle(51.5, -0.12, 30_000_000.0);
    assert!(holds(&world, at(-51.5, 179.9)) && holds(&world, at(90.0, 0.0)));
    let mut fences = Indexed::default();
    for geometry in [&seam, &pole, &world, &circle(51.5, -0.12, 800_000.0)] {
        fences.add(geometry).unwrap();
    }
    let mut numbers = Numbers(90);
    for _ in 0..20_000 {
        let lat = [
            numbers.within(-90.0, 90.0),
            numbers.within(89.5, 90.0),
            numbers.within(-17.1, -16.9),
        ];
        let lng = [
            numbers.within(-180.0, 180.0),
            numbers.within(179.9, 180.0),
            numbers.within(-180.0, -179.9),
        ];
        let place = at(
            lat[numbers.below(3) as usize],
            lng[numbers.below(3) as usize],
        );
        let expected = (0u32..).zip(&fences.shapes);
        let expected = expected.filter(|(_, shape)| match shape {
            Shape::Circle { centre, radius_m } => centre.distance_m(place) <= *radius_m,
            Shape::Polygons(_) | Shape::Corridor(_) => false,
        });
        let expected: Vec<_> = expected.map(|(slot, _)| slot).collect();
        assert_eq!(fences.holding(place), expected, "{place:?}");
    }
}

#[test]
fn the_whole_earth_and_half_of_it_are_areas() {
    let earth = ring(&[
        (-90.0, -180.0),
        (-90.0, 180.0),
        (90.0, 180.0),
        (90.0, -180.0),
    ]);
    let east = ring(&[(-90.0, 0.0), (90.0, 0.0), (90.0, 180.0), (-90.0, 180.0)]);
    for (lat, lng) in [
        (51.5, -0.12),
        (-89.0, 179.0),
        (0.0, 180.0),
        (0.0, -180.0),
        (0.0, 0.5),
    ] {
        assert!(holds(&earth, at(lat, lng)));
        assert_eq!(
            holds(&east, at(lat, lng)),
            lng >= 0.0 || lng <= -180.0,
            "{lng}"
        );
    }
}

#[test]
fn what_is_no_area_is_refused_with_ring_and_vertex() {
    let square = |lat: f64, lng: f64, size: f64| {
        vec![
            (lat, lng),
            (lat, lng + size),
            (lat + size, lng + size),
            (lat + size, lng),
        ]
    };
    let holed = |hole| Geometry::Polygons(vec![vec![square(51.0, 0.0, 1.0), hole]]);
    let circle = |radius_m| Geometry::Circle {
        centre: (51.5, 0.0),
        radius_m,
    };
    #[rustfmt::skip]
    let refused = [
        (ring(&[(0.0, 1.0), (2.0, 3.0), (2.0, 1.0), (0.0, 3.0)]), "the outer ring of polygon 0 crosses itself at lat 1.0000000, lon 2.0000000 (the edges after vertices 0 and 2)"),
        // C25e.
        (ring(&[(50.0, 50.0), (-50.0, 50.0), (0.0, 100.0), (0.0, 0.0)]), "the outer ring of polygon 0 crosses itself at lat 0.0000000, lon 50.0000000"),
        (ring(&[(51.0, 0.0), (51.0, 0.0), (52.0, 0.0), (51.0, 0.0)]), "the outer ring of polygon 0 has 2 different vertices"),
        (ring(&[(51.0, 0.0), (52.0, 1.0), (53.0, 2.0)]), "the outer ring of polygon 0 has no area"),
        (ring(&[(51.0, 0.0), (f64::NAN, 1.0), (53.0, 2.0)]), "vertex 1 of the outer ring of polygon 0 is lat NaN"),
        (ring(&[(51.0, 0.0), (51.0, 361.0), (53.0, 2.0)]), "vertex 1 of the outer ring of polygon 0 is lat 51, lon 361"),
        (ring(&[(60.0, -170.0), (60.0, 0.0), (60.0, 170.0)]), "the outer ring of polygon 0 goes all round the earth (the edge after vertex 2"),
        (holed(square(51.5, 0.5, 1.0)), "the outer ring of polygon 0 crosses hole 1 of polygon 0 at lat 51.5000000, lon 1.0000000"),
        (holed(square(55.0, 0.5, 1.0)), "hole 1 of polygon 0 lies outside the outer ring"),
        (circle(0.0), "radius_m is 0: a circle needs"),
        (circle(-5.0), "radius_m is -5: a circle needs"),
        (circle(f64::INFINITY), "radius_m is inf: a circle needs"),
        (Geometry::Polygons(vec![vec![]]), "it has no ring"),
    ];
    for (geometry, expected) in refused {
        let error = Shape::compile(&geometry).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn winding_repeats_and_an_open_ring_make_no_difference() {
    let closed = [
        (51.0, 0.0),
        (51.0, 1.0),
        (52.0, 1.0),
        (52.0, 0.0),
        (51.0, 0.0),
    ];
    let mut turned = closed;
    turned.reverse();
    let repeated = [
        (51.0, 0.0),
        (51.0, 0.0),
        (51.0, 1.0),
        (52.0, 1.0),
        (52.0, 1.0),
        (52.0, 0.0),
    ];
    for drawn in [&closed[..], &closed[..4], &turned, &repeated] {
        assert!(holds(&ring(drawn), at(51.5, 0.5)) && holds(&ring(drawn), at(51.0, 0.0)));
        assert!(!holds(&ring(drawn), at(50.999_999_9, 0.0)));
    }
}

#[test]
fn a_hundred_thousand_vertices_are_taken_at_once() {
    let mut numbers = Numbers(100);
    let vertices = (0..100_000u32).map(|vertex| {
        let angle = std::f64::consts::TAU * f64::from(vertex) / 100_000.0;
        let reach = numbers.within(0.0999, 0.1);
        (51.5 + reach * angle.sin(), reach * angle.cos())
    });
    let geometry = Geometry::Polygons(vec![vec![vertices.collect()]]);
    // Asking each pair of edges would take minutes here.
    let mut fences = Indexed::default();
    fences.add(&geometry).unwrap();
    assert_eq!(fences.holding(at(51.5, 0.01)), [0]);
}

#[test]
fn a_march_closes_its_route_stretch_by_stretch() {
    let march = r#"{"type":"Feature","id":"march","properties":{"width_m":40,"sections":[
        {"from":0,"to":1,"valid_until":2000},{"from":1,"to":2,"valid_from":1000,"valid_until":3000}]},
        "geometry":{"type":"LineString","coordinates":[[-0.14,51.5],[-0.13,51.5],[-0.12,51.5]]}}"#;
    let fence = wire::fence::decode(march.as_bytes())
        .unwrap()
        .fence
        .unwrap();
    let ms = |ms: i64| Timestamp::from_millis(ms).unwrap();
    let turns: Vec<_> = fence.turns().map(Timestamp::millis).collect();
    assert_eq!(turns, [1_000, 2_000, 3_000]);
    let (first, second) = (at(51.5, -0.135), at(51.5, -0.125));
    let mut drawn = Drawn::new(fence, ms(0)).unwrap();
    for (time, expected) in [
        (0, (true, false)),
        (1_000, (true, true)),
        (2_000, (false, true)),
        (3_000, (false, false)),
    ] {
        drawn = drawn.as_of(ms(time));
        let holds = |place| drawn.in_force() && drawn.shape().covers(place);
        assert_eq!((holds(first), holds(second)), expected, "at {time}");
    }
}

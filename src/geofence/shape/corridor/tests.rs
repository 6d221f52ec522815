use super::*;
use crate::domain::fence::Geometry;
use crate::geofence::shape::Shape;

fn at(lat: f64, lng: f64) -> Position {
    Position::new(lat, lng).unwrap()
}

fn corridor(line: &[(f64, f64)], width_m: f64) -> Shape {
    Shape::compile(&Geometry::Corridor {
        line: line.to_vec(),
        width_m,
        sections: Vec::new(),
    })
    .unwrap()
}

#[test]
fn c25c_a_corridor_goes_across_the_antimeridian() {
    let shape = corridor(&[(66.9494, 179.838), (66.9508, -179.8496)], 50.0);
    assert!(shape.covers(at(66.95, 180.0)) && shape.covers(at(66.95, -180.0)));
    assert!(!shape.covers(at(66.96, 180.0)));
    assert!(!shape.covers(at(66.9509, -179.83)), "853 m past its end");
}

#[test]
fn c26a_c26b_a_place_is_in_it_within_half_the_width() {
    let short = [(56.837_77, 60.598_33), (56.837_66, 60.596_8)];
    let place = at(56.838_01, 60.597_48);
    assert!(corridor(&short, 70.0).covers(place));
    assert!(!corridor(&short, 30.0).covers(place));
    let way = corridor(
        &[
            (56.836, 60.6126),
            (56.8393, 60.6114),
            (56.838_87, 60.608_11),
            (56.837_82, 60.5988),
        ],
        30.0,
    );
    assert!(way.covers(at(56.838_47, 60.604_58)));
    assert!(!way.covers(at(56.837_64, 60.597_25)));
    assert!(!way.covers(at(56.838_61, 60.608_22)));
}

#[test]
fn the_width_is_the_whole_one_to_a_millimetre_and_the_ends_are_round() {
    let (from, to) = (at(51.5, -0.14), at(51.5, -0.10));
    // A metre is 89.878 units of latitude there: 50 m are 4,493.8.
    let north = |units: i32| at(51.5 + f64::from(units) * 1e-7, -0.12);
    let reach_m = at(51.5, -0.12).distance_m(north(4_493));
    let line = [(from.lat(), from.lng()), (to.lat(), to.lng())];
    for (width_m, expected) in [
        (2.0 * reach_m + 0.001, true),
        (2.0 * reach_m - 0.001, false),
    ] {
        let shape = corridor(&line, width_m);
        assert_eq!(shape.covers(north(4_493)), expected);
        assert_eq!(shape.covers(north(-4_493)), expected);
    }
    let round = corridor(&line, 100.0);
    assert!(round.covers(at(51.5, -0.0993)), "48.6 m past the end");
    assert!(!round.covers(at(51.5004, -0.0993)), "66 m from its corner");
    let Shape::Corridor(band) = &round else {
        panic!()
    };
    assert!((band.distance_to_edge_m(at(51.5, -0.12)) - 50.0).abs() < 1e-6);
    assert!(
        band.meets_way(at(51.6, -0.12), at(51.4, -0.12)),
        "across it"
    );
    assert!(
        band.meets_way(at(51.6, -0.0993), at(51.4, -0.0993)),
        "past its end"
    );
    assert!(!band.meets_way(at(51.6, -0.0992), at(51.6, -0.12)));
}

#[test]
fn what_is_no_corridor_is_refused() {
    let compile = |line: &[(f64, f64)], width_m| {
        let (line, sections) = (line.to_vec(), Vec::new());
        Shape::compile(&Geometry::Corridor {
            line,
            width_m,
            sections,
        })
    };
    let line = [(51.5, 0.0), (51.5, 0.1)];
    assert_eq!(compile(&line, 0.0), Err(InvalidShape::Width(0.0)));
    assert_eq!(compile(&line[..1], 5.0), Err(InvalidShape::TooShort));
    assert_eq!(compile(&[line[0]; 3], 5.0), Err(InvalidShape::TooShort));
    let error = compile(&[(51.5, 0.0), (91.0, 0.0)], 5.0).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("vertex 1 of the line is lat 91")
    );
}

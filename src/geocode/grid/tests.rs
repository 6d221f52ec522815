use proptest::prelude::*;

use super::*;

fn dms(degrees: f64, minutes: f64, seconds: f64) -> f64 {
    (degrees + minutes / 60.0 + seconds / 3600.0).to_radians()
}

/// Metres between two places given in radians, near enough for a comparison of millimetres.
fn metres((lat, lng): (f64, f64), (other_lat, other_lng): (f64, f64)) -> f64 {
    let (north, east) = (lat - other_lat, (lng - other_lng) * lat.cos());
    6_371_008.8 * north.hypot(east)
}

/// The worked example of annexe C: the water tower of Caister on OSGB36 itself.
#[test]
fn the_projection_is_that_of_the_worked_example() {
    let (lat, lng) = (dms(52.0, 39.0, 27.2531), dms(1.0, 43.0, 4.5177));
    let (easting, northing) = mercator::project(Ellipsoid::AIRY_1830, lat, lng);
    assert!((easting - 651_409.903).abs() < 0.002, "{easting}");
    assert!((northing - 313_177.270).abs() < 0.002, "{northing}");
    let back = mercator::unproject(Ellipsoid::AIRY_1830, 651_409.903, 313_177.270);
    assert!(metres(back, (lat, lng)) < 0.003);
}

/// The same tower by the Helmert transformation: 52°39'28.7230"N 1°42'57.7870"E. OSTN15 puts it 3.6 m
/// away: that is the five metres of section 6.6, and why the table is used wherever it reaches.
#[test]
fn helmert_is_that_of_the_worked_example_and_metres_from_ostn15() {
    let (airy_lat, airy_lng) = (dms(52.0, 39.0, 27.2531), dms(1.0, 43.0, 4.5177));
    let (lat, lng) = helmert::to_wgs84(airy_lat, airy_lng);
    let expected = (dms(52.0, 39.0, 28.723), dms(1.0, 42.0, 57.787));
    assert!(
        metres((lat, lng), expected) < 0.02,
        "{}",
        metres((lat, lng), expected)
    );
    let back = helmert::to_airy(lat, lng);
    // The heights between the ellipsoids, some 50 m, are dropped on the way.
    assert!(metres(back, (airy_lat, airy_lng)) < 0.01);

    let by_table = to_position(651_409.903, 313_177.270).unwrap();
    let by_table = (by_table.lat().to_radians(), by_table.lng().to_radians());
    let apart = metres(by_table, expected);
    assert!((3.0..4.0).contains(&apart), "{apart}");
}

/// The same tower in OSTN15, from "Transformations and OSGM15 user guide", annexe B.
#[test]
fn ostn15_is_that_of_its_guide() {
    let caister = Position::new(52.658_007_833, 1.716_073_973).unwrap();
    let (easting, northing) = from_position(caister).unwrap();
    assert!((easting - 651_409.804).abs() < 0.01, "{easting}");
    assert!((northing - 313_177.450).abs() < 0.01, "{northing}");
    assert!(
        to_position(651_409.804, 313_177.450)
            .unwrap()
            .distance_m(caister)
            < 0.01
    );
}

#[test]
fn published_points_agree_within_two_centimetres_both_ways() {
    let Some(data) = std::env::var_os("CORDON_OPEN_DATA") else {
        eprintln!("CORDON_OPEN_DATA is not set: the points of OSTN15 are not compared");
        return;
    };
    let file = std::path::Path::new(&data).join("fixtures/ostn15_sample_3_points.csv");
    let points = std::fs::read_to_string(&file).unwrap();
    let mut compared = 0;
    for line in points.lines().skip(1) {
        let numbers: Vec<f64> = line
            .split(',')
            .skip(1)
            .map(|n| n.parse().unwrap())
            .collect();
        let point = Position::new(numbers[0], numbers[1]).unwrap();
        let (easting, northing) = from_position(point).unwrap();
        let out = (easting - numbers[2]).hypot(northing - numbers[3]);
        let home = to_position(numbers[2], numbers[3])
            .unwrap()
            .distance_m(point);
        assert!(out < 0.02 && home < 0.02, "{line}: {out} {home}");
        compared += 1;
    }
    assert!(compared > 0, "no points in {}", file.display());
}

#[test]
fn the_grid_ends_at_its_edges() {
    assert!(to_position(0.0, 0.0).is_ok());
    for (easting, northing) in [
        (-0.001, 5.0),
        (5.0, -0.001),
        (EAST_END_M, 5.0),
        (5.0, NORTH_END_M),
    ] {
        let refused = to_position(easting, northing).unwrap_err();
        assert_eq!(refused.reason, Reason::OutOfRange);
    }
    for (lat, lng) in [(48.85, 2.35), (-33.9, 151.2), (90.0, 0.0), (53.3, -9.9)] {
        assert_eq!(from_position(Position::new(lat, lng).unwrap()), None);
    }
}

/// Both ways have to change from the table to Helmert at the same point, or a place moves by metres.
/// At the northern seam, at sea beyond Shetland, the two lap over by the 2.5 m that they differ there.
#[test]
fn a_place_comes_back_across_the_seam_of_the_table() {
    for step in 0..2000 {
        let step = f64::from(step) * 0.1 + 0.05;
        for (easting, northing, most) in [
            (step, 600_000.0, 0.02),
            (699_999.9 - step, 600_000.0, 0.02),
            (450_000.0, step, 0.02),
            (450_000.0, 1_249_850.0 + step, 3.0),
        ] {
            let (east, north) = from_position(to_position(easting, northing).unwrap()).unwrap();
            let miss = (east - easting).hypot(north - northing);
            assert!(miss < most, "{easting} {northing}: {miss}");
        }
    }
}

#[test]
fn letters_of_the_corners() {
    for (easting, northing, expected) in [
        (0.0, 0.0, "SV 0 0"),
        (699_999.0, 0.0, "TW 9 0"),
        (0.0, 1_299_999.0, "HL 0 9"),
        (699_999.0, 1_299_999.0, "JM 9 9"),
        (400_000.0, 500_000.0, "NZ 0 0"),
    ] {
        let square = Square::holding(easting, northing, 2).unwrap();
        assert_eq!(square.to_string(), expected);
        assert_eq!(Square::parse(expected), Some(square));
    }
    assert_eq!(Square::holding(700_000.0, 0.0, 2), None);
    for figures in [0, 3, 12] {
        assert_eq!(Square::holding(1.0, 1.0, figures), None);
    }
}

#[test]
fn what_is_no_reference() {
    for text in [
        "",
        "TQ",
        "T",
        "TQ1",
        "TQ 31 756",
        "TQ 3 1 1 7",
        "AA 1 1",
        "TQ +1 +1",
        "é1 1",
        "TQ 12é3",
        "TX 1 1",
    ] {
        assert_eq!(Square::parse(text), None, "{text}");
    }
    assert!(Square::parse(&format!("TQ{}", "1".repeat(16))).is_some());
    assert_eq!(Square::parse(&format!("TQ{}", "1".repeat(18))), None);
}

proptest! {
    #[test]
    fn a_place_comes_back_within_two_centimetres(
        easting in 0.0..EAST_END_M,
        northing in prop_oneof![0.0..1_249_800.0, 1_250_100.0..NORTH_END_M],
    ) {
        let position = to_position(easting, northing).unwrap();
        // Beside the edge, rounding may push a point over it.
        if let Some((east, north)) = from_position(position) {
            prop_assert!((east - easting).hypot(north - northing) < 0.02, "{} {}", east, north);
        } else {
            let inside = easting.min(northing).min(EAST_END_M - easting).min(NORTH_END_M - northing);
            prop_assert!(inside < 0.02);
        }
    }

    #[test]
    fn a_printed_reference_names_a_square_that_holds_the_point(
        easting in 1.0..EAST_END_M - 1.0,
        northing in 1.0..NORTH_END_M - 1.0,
        pairs in 1u8..=5,
    ) {
        let position = to_position(easting, northing).unwrap();
        let (easting, northing) = from_position(position).unwrap();
        let printed = reference(position, pairs * 2).unwrap();
        let square = Square::parse(&printed).unwrap();
        prop_assert!(square.contains(easting, northing), "{}", printed);
        prop_assert_eq!(square.to_string(), printed);
    }
}

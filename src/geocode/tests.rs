use std::sync::Arc;

use super::gazetteer::{Gazetteer, build};
use crate::domain::feature::{Feature, FeatureKind};
use proptest::prelude::*;

use super::*;

fn text(text: &str) -> Result<Placed, Reject> {
    Geocoder::default().locate_text(text)
}

fn refusal(location: &Location) -> String {
    Geocoder::default()
        .locate(location)
        .unwrap_err()
        .to_string()
}

#[test]
fn coordinates_are_exact_and_matched_to_nothing() {
    let placed = text("51.4613,-0.1156").unwrap();
    assert_eq!(placed, given(Position::new(51.4613, -0.1156).unwrap()));
    assert_eq!(text("51.4613N 0.1156W").unwrap(), placed);
}

#[test]
fn a_pair_too_large_for_degrees_is_an_easting_and_a_northing() {
    let position = grid::to_position(651_409.903, 313_177.270).unwrap();
    for spelling in [
        "651409.903,313177.270",
        "651409.903 313177.270",
        "E651409.903 N313177.270",
        "313177.270N, 651409.903E",
    ] {
        assert_eq!(text(spelling).unwrap(), given(position), "{spelling}");
    }
}

#[test]
fn a_grid_reference_is_the_centre_of_its_square() {
    for (spelling, matched, precision, radius_m, (easting, northing)) in [
        (
            "TQ 311 756",
            "TQ 311 756",
            Precision::Area,
            71.0,
            (531_150.0, 175_650.0),
        ),
        (
            "tq311756",
            "TQ 311 756",
            Precision::Area,
            71.0,
            (531_150.0, 175_650.0),
        ),
        (
            "TQ30",
            "TQ 3 0",
            Precision::Area,
            7071.0,
            (535_000.0, 105_000.0),
        ),
        (
            "TQ 31 75",
            "TQ 31 75",
            Precision::Area,
            707.0,
            (531_500.0, 175_500.0),
        ),
        (
            "TQ 3115 7565",
            "TQ 3115 7565",
            Precision::Exact,
            7.0,
            (531_155.0, 175_655.0),
        ),
        (
            "TG 51409 13177",
            "TG 51409 13177",
            Precision::Exact,
            1.0,
            (651_409.5, 313_177.5),
        ),
        (
            "HU 39 75",
            "HU 39 75",
            Precision::Area,
            707.0,
            (439_500.0, 1_175_500.0),
        ),
    ] {
        let placed = text(spelling).unwrap();
        assert_eq!(placed.matched.as_deref(), Some(matched));
        assert_eq!(placed.precision, precision, "{spelling}");
        assert_eq!(placed.radius_m, Some(radius_m), "{spelling}");
        assert_eq!(
            placed.position,
            grid::to_position(easting, northing).unwrap(),
            "{spelling}"
        );
        let named = Location::GridReference(spelling.into());
        assert_eq!(Geocoder::default().locate(&named).unwrap(), placed);
    }
}

#[test]
fn every_code_and_number_that_a_gazetteer_holds_answers() {
    let at = |lat, lng| Position::new(lat, lng).unwrap();
    let named = |kind, name, lat| Feature::named(kind, name, at(lat, -0.11));
    let features = [
        named(FeatureKind::Postcode, "SW9 8HH", 51.461),
        Feature {
            ended: true,
            ..named(FeatureKind::Postcode, "SW9 8ZZ", 51.462)
        },
        Feature {
            id: Some("100012345678".into()),
            ..named(FeatureKind::Uprn, "", 51.463)
        },
        Feature {
            id: Some("21900001".into()),
            ..named(FeatureKind::Street, "Brixton Road", 51.464)
        },
    ];
    let gazetteer = Gazetteer::open(Arc::new(build(features.into_iter()))).unwrap();
    let geocoder = Geocoder::with(vec![gazetteer]);
    for (text, precision, matched) in [
        ("sw98hh", Precision::Postcode, "SW9 8HH"),
        ("SW9 8ZZ", Precision::Postcode, "SW9 8ZZ (ended)"),
        ("SW9", Precision::Area, "SW9"),
        // A square of the grid as well, in Cornwall: whoever means that writes SW 9 8.
        ("SW9 8", Precision::Area, "SW9 8"),
        ("sw9  8", Precision::Area, "SW9 8"),
        ("SW 9 8", Precision::Area, "SW 9 8"),
        ("NW1 0", Precision::Area, "NW 1 0"),
        ("100012345678", Precision::Address, "100012345678"),
        ("21900001", Precision::Street, "Brixton Road"),
    ] {
        let placed = geocoder.locate_text(text).unwrap();
        let found = (placed.precision, placed.matched.as_deref());
        assert_eq!(found, (precision, Some(matched)), "{text}");
    }
    for unknown in ["SW9 8XX", "99", "100012345679"] {
        let refused = geocoder.locate_text(unknown).unwrap_err();
        assert_eq!(refused.reason, Reason::Unlocatable, "{unknown}");
        assert!(refused.detail.contains(unknown), "{refused}");
    }
}

#[test]
fn three_words_are_a_claim_and_never_a_place() {
    let geocoder = Geocoder::default();
    let refused = geocoder.locate_text("///filled.count.soap").unwrap_err();
    assert_eq!(refused.reason, Reason::Unlocatable);
    assert!(
        refused.detail.starts_with("what3words alone is no place"),
        "{refused}"
    );
    let placed = geocoder
        .locate_text("TQ 311 756 w3w filled.count.soap")
        .unwrap();
    assert_eq!(placed.matched.as_deref(), Some("TQ 311 756"));
}

#[test]
fn what_is_no_place_says_why() {
    let long = "x".repeat(100_000);
    for (query, expected) in [
        ("", "unlocatable: the text is empty"),
        (" \t ", "unlocatable: the text is empty"),
        (
            "sw98hh",
            "unlocatable: postcode SW9 8HH: no gazetteer is loaded",
        ),
        (
            "100023336956",
            "unlocatable: UPRN 100023336956: no gazetteer is loaded",
        ),
        (
            "0,0",
            "null_island: lat 0, lon 0 is what a receiver without a fix reports",
        ),
        (
            "91.0, 0.1",
            "out_of_range: lat 91, lon 0.1 is beyond ±90, ±180 degrees",
        ),
        (
            "Brixton Road",
            "unlocatable: the text is no coordinates and no grid reference, and no gazetteer is loaded to look it up in",
        ),
        (
            &long,
            "unlocatable: the text is no coordinates and no grid reference, and no gazetteer is loaded to look it up in",
        ),
        (
            "🚓\u{0}\u{1b}",
            "unlocatable: the text is no coordinates and no grid reference, and no gazetteer is loaded to look it up in",
        ),
        (
            "900000,200000",
            "out_of_range: easting 900000, northing 200000 is beyond the National Grid, 0 to 700000 and 0 to 1300000 m",
        ),
    ] {
        assert_eq!(text(query).unwrap_err().to_string(), expected);
    }
}

#[test]
fn numbers_in_the_wrong_fields_get_a_hint() {
    let (lat, lng) = (531_150.0, 175_650.0);
    assert_eq!(
        refusal(&Location::Degrees { lat, lng }),
        "out_of_range: lat 531150, lon 175650 is beyond ±90, ±180 degrees: they look like an easting and northing, send them as such"
    );
    let (easting, northing) = (51.46, -0.11);
    assert_eq!(
        refusal(&Location::EastingNorthing { easting, northing }),
        "out_of_range: easting 51.46, northing -0.11 is open sea: they look like degrees, send them as lat and lon"
    );
    let (easting, northing) = (f64::NAN, f64::INFINITY);
    let nan = refusal(&Location::EastingNorthing { easting, northing });
    assert_eq!(nan, "malformed: easting or northing is not a number");
}

#[test]
fn references_that_are_none_are_unlocatable() {
    for (location, expected) in [
        (
            Location::GridReference("TQ 3117 756".into()),
            "unlocatable: the text is no grid reference: two letters of the National Grid and an even number of figures, such as TQ 311 756",
        ),
        (
            Location::GridReference("IA 31 75".into()),
            "unlocatable: the text is no grid reference: two letters of the National Grid and an even number of figures, such as TQ 311 756",
        ),
        (
            Location::Postcode("SW9".into()),
            "unlocatable: the text has not the form of a postcode, such as SW9 8HH",
        ),
        (
            Location::Uprn("12a".into()),
            "unlocatable: the text is no UPRN: 1 to 12 digits",
        ),
        (
            Location::Uprn("12".into()),
            "unlocatable: UPRN 12: no gazetteer is loaded",
        ),
    ] {
        assert_eq!(refusal(&location), expected);
    }
}

proptest! {
    #[test]
    fn any_text_gets_an_answer(words in ".*", signs in "[0-9 .,+NSEWnsew°'\"-]{0,40}", letters in "[A-Za-z]{2}[0-9 ]{0,20}") {
        for query in [words, signs, letters] {
            let _ = text(&query);
            for location in [
                Location::GridReference(query.as_str().into()),
                Location::Postcode(query.as_str().into()),
                Location::Uprn(query.as_str().into()),
            ] {
                let _ = Geocoder::default().locate(&location);
            }
        }
    }

    #[test]
    fn any_numbers_get_an_answer(one in any::<f64>(), other in any::<f64>()) {
        let _ = Geocoder::default().locate(&Location::Degrees { lat: one, lng: other });
        let _ = Geocoder::default().locate(&Location::EastingNorthing { easting: one, northing: other });
    }
}

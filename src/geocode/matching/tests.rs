//! Texts against a small town, written for these tests.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;

use crate::domain::feature::{Feature, FeatureKind};
use crate::domain::located::{Placed, Precision};
use crate::domain::position::Position;
use crate::domain::reject::{Reason, Reject};
use crate::geocode::gazetteer::{Gazetteer, build};
use crate::geocode::{Geocoder, Hints};

fn feature(kind: FeatureKind, name: &str, (lat, lng): (f64, f64), areas: &[&str]) -> Feature {
    Feature {
        areas: areas.iter().map(|area| (*area).into()).collect(),
        ..Feature::named(kind, name, Position::new(lat, lng).unwrap())
    }
}

fn premises(name: &str, number: &str, street: &str, at: (f64, f64)) -> Feature {
    Feature {
        number: Some(number.into()),
        street: Some(street.into()),
        ..feature(FeatureKind::Premises, name, at, &["Northham"])
    }
}

/// Built once: it is the same for every text.
static TOWN: LazyLock<Geocoder> = LazyLock::new(build_town);

fn town() -> Geocoder {
    TOWN.clone()
}

/// Two boroughs, Northham and Southwick, ten kilometres apart.
fn build_town() -> Geocoder {
    let mut features = vec![
        // East to west and north to south: they cross at 51.5, -0.1.
        feature(
            FeatureKind::Street,
            "Market Road",
            (51.5, -0.1020),
            &["Northham"],
        ),
        feature(
            FeatureKind::Street,
            "Market Road",
            (51.5, -0.0980),
            &["Northham"],
        ),
        feature(
            FeatureKind::Street,
            "Great Abbey Street",
            (51.5015, -0.1),
            &["Northham"],
        ),
        feature(
            FeatureKind::Street,
            "Great Abbey Street",
            (51.4985, -0.1),
            &["Northham"],
        ),
        feature(
            FeatureKind::Street,
            "Quarry Lane",
            (51.51, -0.12),
            &["Northham"],
        ),
        feature(
            FeatureKind::Street,
            "High Street",
            (51.505, -0.11),
            &["Northham"],
        ),
        feature(
            FeatureKind::Street,
            "High Street",
            (51.405, -0.11),
            &["Southwick"],
        ),
        feature(
            FeatureKind::Street,
            "St John's Road",
            (51.41, -0.1),
            &["Southwick"],
        ),
        feature(FeatureKind::Postcode, "SE10 9QF", (51.4999, -0.1019), &[]),
        feature(FeatureKind::Postcode, "SE10 9QG", (51.4995, -0.1), &[]),
        feature(FeatureKind::Postcode, "SE10 8AA", (51.5051, -0.1102), &[]),
        feature(FeatureKind::Postcode, "BR1 1AA", (51.4051, -0.1101), &[]),
        feature(FeatureKind::Station, "Abbey Cross", (51.4991, -0.1004), &[]),
        premises("The Golden Hind", "10", "Market Rd", (51.5001, -0.1020)),
        premises("", "30", "Market Rd", (51.5001, -0.1000)),
        Feature {
            id: Some("100012345678".into()),
            ..feature(FeatureKind::Uprn, "", (51.42, -0.11), &[])
        },
    ];
    for (borough, lat) in [("Northham", 51.5), ("Southwick", 51.41)] {
        let centre = feature(FeatureKind::Area, borough, (lat, -0.1), &[]);
        let corner = Position::new(lat + 0.02, -0.1).unwrap();
        features.push(Feature {
            line: vec![vec![corner]],
            ..centre
        });
    }
    let bytes = build(features.into_iter());
    Geocoder::with(vec![Gazetteer::open(Arc::new(bytes)).unwrap()])
}

fn place(text: &str) -> Placed {
    town()
        .locate_text(text)
        .unwrap_or_else(|reject| panic!("{text}: {reject}"))
}

fn refusal(text: &str) -> Reject {
    town()
        .locate_text(text)
        .map(|placed| panic!("{text}: {placed:?}"))
        .unwrap_err()
}

fn away(placed: &Placed, lat: f64, lng: f64) -> f64 {
    placed.position.distance_m(Position::new(lat, lng).unwrap())
}

#[test]
fn a_house_of_which_only_the_postcode_is_known_is_no_address() {
    let house = |number, at| Feature {
        postcode: Some("SE10 9QF".into()),
        ..premises("", number, "Market Rd", at)
    };
    let middle = (51.4999, -0.1019);
    let own = (51.5005, -0.1012);
    let features = [
        feature(FeatureKind::Postcode, "SE10 9QF", middle, &[]),
        house("10", middle),
        house("12", own),
        // Known twice: its own position counts.
        house("14", middle),
        house("14", own),
    ];
    let gazetteer = Gazetteer::open(Arc::new(build(features.into_iter()))).unwrap();
    let geocoder = Geocoder::with(vec![gazetteer]);
    for (text, precision, radius_m, at) in [
        ("10 Market Rd", Precision::Street, 125.0, middle),
        ("12 Market Rd", Precision::Address, 60.0, own),
        ("14 Market Rd", Precision::Address, 60.0, own),
    ] {
        let placed = geocoder.locate_text(text).unwrap();
        assert_eq!(
            (placed.precision, placed.radius_m),
            (precision, Some(radius_m)),
            "{text}"
        );
        assert!(away(&placed, at.0, at.1) < 1.0, "{text}");
    }
}

#[test]
fn a_junction_is_found_however_it_is_written() {
    for text in [
        "Market Road / Great Abbey Street",
        "MARKET RD J/W GT ABBEY ST",
        "jcn of market rd and great abbey st, northham",
        "Market Rd & Gt Abbey St",
        "market rd at gt abbey st",
        "CORNER OF MARKET RD/GT ABBEY ST",
        "Mkt Rd/Grt Abby St",
        "MARKET RD SE10 j/w GT ABBEY ST",
        "Market Rd W of Gt Abbey St",
    ] {
        let placed = place(text);
        assert_eq!(placed.precision, Precision::Junction, "{text}");
        assert!(away(&placed, 51.5, -0.1) < 60.0, "{text}: {placed:?}");
    }
}

#[test]
fn a_house_is_on_its_side_of_its_street() {
    for (text, lng) in [
        ("10 Market Road, Northham", -0.1020),
        ("20 market rd northham", -0.1010),
        ("market rd 30", -0.1000),
        ("18-22 Maket Rd SE10", -0.1010),
        ("20 marketroad", -0.1010),
        ("flat 3, 20 Market Road", -0.1010),
    ] {
        let placed = place(text);
        assert!(away(&placed, 51.5001, lng) < 40.0, "{text}: {placed:?}");
    }
    assert_eq!(
        place("10 Market Road, Northham").precision,
        Precision::Address
    );
}

#[test]
fn context_chooses_and_without_it_two_places_are_ambiguous() {
    assert!(away(&place("High Street, Southwick"), 51.405, -0.11) < 100.0);
    assert!(away(&place("HIGH ST NORTHHAM"), 51.505, -0.11) < 100.0);
    assert!(away(&place("High Street BR1"), 51.405, -0.11) < 100.0);
    let refused = town()
        .answer_text("High Street", &Hints::default())
        .unwrap_err();
    assert_eq!(refused.reject.reason, Reason::Ambiguous);
    assert_eq!(refused.alternatives.len(), 2);
    let near = Position::new(51.41, -0.105).unwrap();
    let hints = Hints {
        caller: Some((near, 1000.0)),
        ..Hints::default()
    };
    let found = town().answer_text("High Street", &hints).unwrap();
    assert!(away(&found.placed, 51.405, -0.11) < 100.0);
}

#[test]
fn mistakes_noise_and_relations_do_no_harm() {
    for text in [
        "Quary Lane",
        "quarrry lane",
        "QAURRY LN",
        "QURY LANE",
        "male shouting o/s shop in quarry lane northham caller states",
    ] {
        assert!(away(&place(text), 51.51, -0.12) < 60.0, "{text}");
    }
    let beside = place("o/s the Golden Hind, Market Road");
    assert!(away(&beside, 51.5001, -0.1020) < 60.0, "{beside:?}");
    assert!(away(&place("Abbey Cross Station"), 51.4991, -0.1004) < 10.0);
    assert!(away(&place("saint johns rd"), 51.41, -0.1) < 60.0);
}

#[test]
fn a_code_is_a_place_if_there_is_one() {
    let unit = place("se109qf");
    assert_eq!(
        (unit.precision, unit.matched.as_deref()),
        (Precision::Postcode, Some("SE10 9QF"))
    );
    assert_eq!(
        place("10 Market Road SE10 9QF").precision,
        Precision::Postcode
    );
    let outcode = place("SE10");
    assert_eq!(
        (outcode.precision, outcode.matched.as_deref()),
        (Precision::Area, Some("SE10"))
    );
    assert_eq!(place("SE10 9").matched.as_deref(), Some("SE10 9"));
    assert_eq!(place("100012345678").precision, Precision::Address);
    let refused = refusal("SE10 9QH");
    assert_eq!(refused.reason, Reason::Unlocatable);
    assert!(refused.detail.contains("SE10 9QH"), "{refused}");
    // A street is a place still; the postcode is not made another.
    assert!(away(&place("Market Road SE10 9QH"), 51.5, -0.1) < 250.0);
    assert_eq!(refusal("12").reason, Reason::Unlocatable);
}

#[test]
fn what_is_no_place_is_a_reason() {
    for text in [
        "",
        "   ",
        "\u{1F600}\u{1F692}",
        "\u{0}\u{1}\u{7f}",
        "'; DROP TABLE incidents; --",
        "the of and",
        "////&&&&",
        "somewhere over the rainbow",
        "ST ST ST",
    ] {
        assert_eq!(refusal(text).reason, Reason::Unlocatable, "{text:?}");
    }
    let long = "market road ".repeat(9000);
    assert_eq!(refusal(&long).reason, Reason::Unlocatable);
    assert_eq!(refusal("-0.1, 251.5").reason, Reason::OutOfRange);
    assert!(away(&place("530000 180000"), 51.5037, -0.1285) < 200.0);
}

#[test]
fn the_first_gazetteer_goes_before_the_next() {
    let alias = feature(FeatureKind::Place, "The Golden Hind", (51.45, -0.05), &[]);
    let own = Gazetteer::open(Arc::new(build(std::iter::once(alias)))).unwrap();
    let mut gazetteers = vec![own];
    gazetteers.extend(town().gazetteers);
    let geocoder = Geocoder::with(gazetteers);
    let placed = geocoder.locate_text("the golden hind").unwrap();
    assert!(away(&placed, 51.45, -0.05) < 1.0);
    assert!(geocoder.locate_text("Quarry Lane").is_ok());
}

#[test]
fn what_only_begins_a_longer_name_is_vague() {
    let town = town();
    let whole = town.locate_text("Market Road, Northham").unwrap();
    let longer = town.locate_text("Market Road Square, Northham");
    assert!(
        longer.is_err()
            || longer.is_ok_and(|place| {
                place.score < whole.score
                    && place.radius_m >= Some(1000.0)
                    && place.score < Some(0.8)
            })
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_has_an_answer_and_never_a_crash(text in "\\PC{0,80}") {
        let _ = town().locate_text(&text);
    }

    #[test]
    fn any_mixture_of_known_words_has_one(words in prop::collection::vec(
        prop::sample::select(vec!["MARKET", "RD", "ST", "/", "&", "J/W", "12", "31-", "SE10", "9QF", "GT", "ABBEY", "OF", "BTWN", "N", "\u{e9}", "o/s", ",", "HIGH", "Northham"]), 0..60)
    ) {
        let text = words.join(" ");
        if let Ok(placed) = town().locate_text(&text) {
            prop_assert!(placed.score.is_none_or(|score| (0.0..=1.0).contains(&score)));
            prop_assert!(placed.radius_m.is_none_or(|radius| radius.is_finite() && radius >= 0.0));
        }
    }
}

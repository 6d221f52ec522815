use std::sync::{Arc, LazyLock};

use proptest::prelude::*;

use super::*;
use crate::domain::feature::Feature;
use crate::geocode::gazetteer::build;

/// Built once: its tables are large, and a property asks it often.
fn geocoder() -> &'static Geocoder {
    static TOWN: LazyLock<Geocoder> = LazyLock::new(drawn);
    &TOWN
}

fn drawn() -> Geocoder {
    let at = |lat, lng| Position::new(lat, lng).unwrap();
    let named = |kind, name, lat, lng| Feature::named(kind, name, at(lat, lng));
    let borough = |name, west: f64| {
        let corners = [
            (51.4, west),
            (51.4, west + 0.1),
            (51.6, west + 0.1),
            (51.6, west),
            (51.4, west),
        ];
        let ring: Vec<Position> = corners.iter().map(|(lat, lng)| at(*lat, *lng)).collect();
        Feature {
            line: vec![ring],
            ..named(FeatureKind::Area, name, 51.5, west + 0.05)
        }
    };
    let features = vec![
        borough("Lambeth", -0.2),
        borough("Southwark", -0.1),
        named(FeatureKind::Street, "Brixton Road", 51.470, -0.112),
        named(FeatureKind::Street, "Brixton Hill", 51.455, -0.118),
        named(FeatureKind::Street, "Coldharbour Lane", 51.464, -0.105),
        named(FeatureKind::Street, "High Street", 51.42, -0.15),
        named(FeatureKind::Street, "High Street", 51.58, -0.05),
        named(FeatureKind::Street, "Queen North Way", 51.58, -0.05),
        named(FeatureKind::Street, "Queen Nadine Way", 51.57, -0.05),
        named(
            FeatureKind::Station,
            "Brixton Underground Station",
            51.4627,
            -0.1145,
        ),
        named(FeatureKind::Premises, "Brixton Pizza", 51.4629, -0.1142),
        named(FeatureKind::Postcode, "SW9 8HH", 51.4661, -0.1139),
        named(FeatureKind::Postcode, "SW9 8HJ", 51.4662, -0.1139),
        named(FeatureKind::Postcode, "SW9 6AA", 51.47, -0.1139),
        named(FeatureKind::Postcode, "SW1A 1AA", 51.501, -0.1416),
        named(FeatureKind::Postcode, "SE10 8XJ", 51.48, -0.01),
    ];
    Geocoder::with(vec![
        Gazetteer::open(Arc::new(build(features.into_iter()))).unwrap(),
    ])
}

fn titles(text: &str) -> Vec<String> {
    let told = geocoder().suggest(text, 8);
    told.into_iter()
        .map(|told| told.title.to_string())
        .collect()
}

#[test]
fn the_beginning_of_a_name_is_enough_and_stations_come_first() {
    assert_eq!(
        titles("brix"),
        [
            "Brixton Underground Station",
            "Brixton Hill",
            "Brixton Road",
            "Brixton Pizza"
        ]
    );
    assert_eq!(titles("brixton rd")[0], "Brixton Road");
    assert_eq!(titles("brixton roa")[0], "Brixton Road");
    assert_eq!(titles("queen n"), ["Queen North Way", "Queen Nadine Way"]);
}

#[test]
fn the_boroughs_tell_twins_apart() {
    let told = geocoder().suggest("high st", 8);
    let areas: Vec<_> = told.iter().map(|told| told.area.as_deref()).collect();
    assert_eq!(areas, [Some("Lambeth"), Some("Southwark")]);
    assert!(told.iter().all(|told| &*told.title == "High Street"));
    assert_eq!(told[0].kind.label(), "street");
    assert_eq!(geocoder().suggest("lambeth", 8)[0].area, None);
}

#[test]
fn mistakes_are_forgiven_in_what_is_long_enough() {
    assert_eq!(titles("coldharbuor l"), ["Coldharbour Lane"]);
    assert!(titles("brxton r").contains(&"Brixton Road".into()));
    assert!(titles("xbrx").is_empty());
}

#[test]
fn a_postcode_grows_sign_by_sign() {
    assert_eq!(titles("sw1"), ["SW1A"]);
    assert_eq!(titles("sw9"), ["SW9", "SW9 6", "SW9 8"]);
    assert_eq!(titles("SW9 8"), ["SW9 8", "SW9 8HH", "SW9 8HJ"]);
    assert_eq!(titles("sw98hj"), ["SW9 8HJ"]);
    assert_eq!(titles("se10"), ["SE10", "SE10 8"]);
}

#[test]
fn references_and_whole_texts_are_suggestions_too() {
    let told = geocoder().suggest(" 51.5, -0.1 ", 8);
    assert_eq!(
        (&*told[0].title, told[0].kind.label()),
        ("51.5, -0.1", "reference")
    );
    assert_eq!(titles("TQ 311 756")[0], "TQ 311 756");
    let told = geocoder().suggest("o/s 12 brixton hill", 8);
    assert_eq!(told[0].kind, SuggestionKind::Text);
}

#[test]
fn what_is_nothing_has_no_suggestion() {
    for text in [
        "",
        " ",
        "b",
        "\u{1F600}",
        "'; drop table",
        &"x".repeat(100_000),
    ] {
        assert!(titles(text).is_empty(), "{text}");
    }
    assert!(Geocoder::default().suggest("brixton", 8).is_empty());
    assert_eq!(Geocoder::default().suggest("51.5,-0.1", 8).len(), 1);
    assert!(geocoder().suggest("brixton", 0).is_empty());
    assert_eq!(geocoder().suggest("brixton", 1).len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_has_some_suggestions_or_none(text in "\\PC{0,24}") {
        prop_assert!(geocoder().suggest(&text, 100).len() <= MOST);
    }
}

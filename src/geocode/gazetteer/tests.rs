use std::sync::Arc;

use super::names::Bearer;
use super::*;
use crate::domain::feature::{Feature, FeatureKind};

pub(crate) fn feature(kind: FeatureKind, name: &str, lat: f64, lng: f64) -> Feature {
    Feature::named(kind, name, Position::new(lat, lng).unwrap())
}

fn small() -> Vec<Feature> {
    vec![
        feature(FeatureKind::Street, "Brixton Road", 51.4700, -0.1120),
        feature(FeatureKind::Street, "Brixton Road", 51.4650, -0.1140),
        feature(FeatureKind::Street, "High Street", 51.4, -0.1),
        feature(FeatureKind::Street, "High Street", 51.6, -0.3),
        feature(FeatureKind::Postcode, "SW9 8HH", 51.4661, -0.1139),
        feature(FeatureKind::Postcode, "SW9 8HJ", 51.4665, -0.1135),
        Feature {
            id: Some("100012345678".into()),
            ..feature(FeatureKind::Uprn, "", 51.41, -0.11)
        },
        feature(
            FeatureKind::Station,
            "Brixton Underground Station",
            51.4627,
            -0.1145,
        ),
        Feature {
            number: Some("31-33".into()),
            street: Some("Brixton Rd".into()),
            ..feature(FeatureKind::Premises, "", 51.4680, -0.1130)
        },
    ]
}

fn open(features: Vec<Feature>) -> Gazetteer {
    Gazetteer::open(Arc::new(build(features.into_iter()))).unwrap()
}

#[test]
fn the_same_features_in_any_order_make_the_same_bytes() {
    let forward = build(small().into_iter());
    assert_eq!(forward, build(small().into_iter().rev()));
    assert_eq!(forward, build(small().into_iter().chain(small())));
}

#[test]
fn names_are_found_whole_mistaken_and_cut_short() {
    let gazetteer = open(small());
    let name = gazetteer.name_of("BRIXTON", "ROAD").unwrap();
    assert_eq!(gazetteer.spaced(name), "BRIXTON ROAD");
    assert_eq!(gazetteer.name_of("BRIXTON", "STREET"), None);
    let mut found = Vec::new();
    gazetteer.one_mistake("BRIXTNROAD", |name| found.push(name));
    gazetteer.one_mistake("BRXITONROAD", |name| found.push(name));
    found.dedup();
    assert_eq!(found, [name]);
    assert!(gazetteer.two_mistakes("BRXTNROAD", 8).contains(&name));
    assert_eq!(gazetteer.cut_short(&["BRX", "RD"], 8), [name]);
    assert!(gazetteer.beginning_with("BRIXTON", 8).contains(&name));
}

#[test]
fn one_name_far_apart_is_two_streets_and_houses_are_of_the_nearer() {
    let gazetteer = open(small());
    let high = gazetteer.name_of("HIGHSTREET", "").unwrap();
    assert_eq!(gazetteer.bearers(high).count(), 2);
    let brixton = gazetteer.name_of("BRIXTONROAD", "").unwrap();
    let bearers: Vec<Bearer> = gazetteer.bearers(brixton).collect();
    let [Bearer::Street(number)] = bearers[..] else {
        panic!("{bearers:?}")
    };
    let street = gazetteer.street(number).unwrap();
    assert_eq!(
        (street.title(), street.points().count()),
        ("Brixton Road", 3)
    );
    let houses: Vec<_> = street.houses().collect();
    assert_eq!((houses[0].low, houses[0].high, houses.len()), (31, 33, 1));
}

#[test]
fn codes_and_numbers_are_found() {
    let gazetteer = open(small());
    let code = |text: &str| Code::parse(text).unwrap();
    assert!(gazetteer.unit(code("SW9 8HH")).is_some());
    assert!(gazetteer.unit(code("SW9 8HX")).is_none());
    assert!(gazetteer.circle(code("SW9 8")).is_some() && gazetteer.circle(code("SW9")).is_some());
    assert!(gazetteer.circle(code("SE10")).is_none());
    assert!(gazetteer.uprn(100_012_345_678).is_some() && gazetteer.uprn(1).is_none());
    assert!(gazetteer.name_of("BRIXTONSTATION", "").is_some());
}

#[test]
fn what_is_no_gazetteer_is_refused_with_a_reason() {
    let good = build(small().into_iter());
    let refusal = |bytes: Vec<u8>| Gazetteer::open(Arc::new(bytes)).unwrap_err();
    assert_eq!(refusal(Vec::new()), InvalidGazetteer::Foreign);
    assert_eq!(
        refusal(b"PK\x03\x04 something else".to_vec()),
        InvalidGazetteer::Foreign
    );
    let mut other = good.clone();
    other[8] = 99;
    assert_eq!(refusal(other), InvalidGazetteer::OtherVersion { found: 99 });
    for length in [8, 12, 47, 48, 400, good.len() - 1] {
        let refused = refusal(good[..length].to_vec());
        assert!(
            matches!(refused, InvalidGazetteer::Damaged { .. }),
            "{length}: {refused}"
        );
    }
    let mut changed = good;
    let last = changed.len() - 1;
    changed[last] ^= 1;
    assert!(matches!(refusal(changed), InvalidGazetteer::Damaged { .. }));
}

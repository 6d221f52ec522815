use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;

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

#[test]
fn a_street_is_where_things_happen_and_in_the_area_where_they_do() {
    let part = |lng: f64, weight: u32, area: &str| Feature {
        weight,
        areas: vec![area.into()],
        ..feature(FeatureKind::Street, "Long Lane", 51.5, lng)
    };
    let quiet = [-0.1, -0.099, -0.098].map(|lng| part(lng, 1, "Westham"));
    let busy = [-0.094, -0.093].map(|lng| part(lng, 400, "Eastham"));
    let borders = [-0.2, -0.201, -0.202].map(|lng| Feature {
        areas: vec!["Westham".into(), "Eastham".into()],
        ..feature(FeatureKind::Street, "Border Road", 51.6, lng)
    });
    let gazetteer = open(quiet.into_iter().chain(busy).chain(borders).collect());
    let name = |key| gazetteer.name_of(key, "").unwrap();
    let street = |key| match gazetteer.bearers(name(key)).next() {
        Some(Bearer::Street(number)) => gazetteer.street(number).unwrap(),
        other => panic!("{other:?}"),
    };
    let lane = street("LONGLANE");
    assert!(lane.middle().unwrap().0.lng() > -0.095);
    assert_eq!(lane.points_in_area(Some(name("WESTHAM"))).len(), 3);
    assert_eq!(lane.points_in_area(None).len(), 5);
    let shares = [name("WESTHAM"), name("EASTHAM")].map(|area| lane.share_in(area));
    assert!(
        shares[0] < 0.2 && (shares[0] + shares[1] - 1.0).abs() < 1e-9,
        "{shares:?}"
    );
    assert!((street("BORDERROAD").share_in(name("EASTHAM")) - 1.0).abs() < 1e-9);
}

/// Names near to each other, so that mistakes and short forms meet several.
static NAMES: LazyLock<(Gazetteer, Vec<u32>)> = LazyLock::new(|| {
    let mut features = Vec::new();
    for first in ["Camden", "Camdon", "Cambridge", "Chalk", "Church", "Holly"] {
        for last in [
            "Road",
            "Street",
            "Row",
            "Rise",
            "Heath Road",
            "Hill",
            "House",
        ] {
            let name = format!("{first} {last}");
            features.push(feature(FeatureKind::Street, &name, 51.5, -0.1));
        }
    }
    let gazetteer = open(features);
    let names = gazetteer.beginning_with("", usize::MAX);
    (gazetteer, names)
});

proptest! {
    #[test]
    fn one_mistake_finds_what_comparing_every_name_finds(
        at in 0..42_usize, letter in "[A-Z]", kind in 0..4, place in 0..30_usize,
    ) {
        let (gazetteer, names) = &*NAMES;
        let mut key = String::from_utf8(gazetteer.key(names[at]).to_vec()).unwrap();
        let place = place % (key.len() - 1);
        match kind {
            0 => key.insert_str(place, &letter),
            1 => drop(key.remove(place)),
            2 => key.replace_range(place..=place, &letter),
            _ => {
                let sign = key.remove(place);
                key.insert(place + 1, sign);
            }
        }
        let mut found = BTreeSet::new();
        gazetteer.one_mistake(&key, |name| {
            found.insert(name);
        });
        let is_near = |name: &u32| {
            let other = str::from_utf8(gazetteer.key(*name)).unwrap();
            strsim::osa_distance(&key, other) == 1
        };
        let expected: BTreeSet<u32> = names.iter().copied().filter(is_near).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn cut_short_finds_what_comparing_every_name_finds(
        at in 0..42_usize, cuts in prop::collection::vec(1..9_usize, 3),
    ) {
        let (gazetteer, names) = &*NAMES;
        let whole: Vec<&str> = gazetteer.spaced(names[at]).split(' ').collect();
        let words: Vec<&str> = whole
            .iter()
            .zip(cuts)
            .map(|(word, cut)| word.get(..cut.min(word.len())).unwrap())
            .collect();
        let found: BTreeSet<u32> = gazetteer.cut_short(&words, 1000).into_iter().collect();
        let is_meant = |name: &u32| {
            let long: Vec<&str> = gazetteer.spaced(*name).split(' ').collect();
            let mut pairs = words.iter().zip(&long);
            long.len() == words.len() && pairs.all(|(short, long)| super::names::may_be_short(short.as_bytes(), long.as_bytes()))
        };
        let expected: BTreeSet<u32> = names.iter().copied().filter(is_meant).collect();
        prop_assert_eq!(found, expected);
    }
}

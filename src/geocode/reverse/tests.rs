use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::domain::feature::Feature;
use crate::geocode::gazetteer::build;

fn at(lat: f64, lng: f64) -> Position {
    Position::new(lat, lng).unwrap()
}

fn street(name: &str, line: &[(f64, f64)]) -> Feature {
    let line: Vec<Position> = line.iter().map(|(lat, lng)| at(*lat, *lng)).collect();
    Feature {
        line: vec![line.clone()],
        ..Feature::named(FeatureKind::Street, name, line[0])
    }
}

fn area(name: &str, ring: &[(f64, f64)]) -> Feature {
    Feature {
        kind: FeatureKind::Area,
        ..street(name, ring)
    }
}

fn geocoder(features: Vec<Feature>) -> Geocoder {
    let bytes = build(features.into_iter());
    Geocoder::with(vec![Gazetteer::open(Arc::new(bytes)).unwrap()])
}

fn brixton() -> Vec<Feature> {
    let square = |south, west, north, east| {
        [
            (south, west),
            (south, east),
            (north, east),
            (north, west),
            (south, west),
        ]
    };
    vec![
        street("Brixton Road", &[(51.4626, -0.1145), (51.4700, -0.1120)]),
        street(
            "Coldharbour Lane",
            &[(51.4626, -0.1145), (51.4640, -0.1050)],
        ),
        street(
            "A23",
            &[(51.4600, -0.1160), (51.4626, -0.1145), (51.4700, -0.1120)],
        ),
        Feature::named(FeatureKind::Postcode, "SW9 8HH", at(51.4661, -0.1139)),
        Feature {
            ended: true,
            ..Feature::named(FeatureKind::Postcode, "SW9 8ZZ", at(51.4630, -0.1143))
        },
        Feature::named(
            FeatureKind::Station,
            "Brixton Underground Station",
            at(51.4627, -0.1149),
        ),
        area("Lambeth", &square(51.41, -0.15, 51.51, -0.08)),
        area("Ferndale", &square(51.46, -0.13, 51.48, -0.10)),
    ]
}

#[test]
fn a_position_is_told_by_its_street_the_next_one_and_the_borough() {
    let around = geocoder(brixton()).reverse(at(51.4630, -0.1143));
    assert_eq!(
        around.sentence.as_deref(),
        Some("Brixton Road near Coldharbour Lane, Lambeth")
    );
    let title = |near: &Option<Near>| near.as_ref().map(|near| near.title.to_string());
    assert_eq!(title(&around.road).as_deref(), Some("A23"));
    assert_eq!(
        title(&around.junction).as_deref(),
        Some("Brixton Road / Coldharbour Lane")
    );
    assert_eq!(title(&around.postcode).as_deref(), Some("SW9 8HH"));
    assert_eq!(
        around.place.map(|(kind, _)| kind),
        Some(FeatureKind::Station)
    );
    assert_eq!(
        around.areas,
        [Text::from("Ferndale"), Text::from("Lambeth")]
    );
    assert_eq!(around.nearest_area, None);
    let junction = around.junction.unwrap();
    let geodesic = at(51.4630, -0.1143).distance_m(at(51.4626, -0.1145));
    assert!((junction.distance_m - geodesic).abs() < 1e-9);
}

#[test]
fn what_is_out_of_reach_is_not_there() {
    let around = geocoder(brixton()).reverse(at(51.5200, -0.1143));
    let beyond = around.nearest_area.clone().unwrap();
    assert_eq!(&*beyond.title, "Lambeth");
    assert!((beyond.distance_m - 1112.0).abs() < 3.0, "{beyond:?}");
    let nothing = Surroundings {
        nearest_area: Some(beyond),
        ..Surroundings::default()
    };
    assert_eq!(around, nothing);
    assert_eq!(
        geocoder(brixton()).reverse(at(-33.9, 151.2)),
        Surroundings::default()
    );
    assert_eq!(
        geocoder(brixton()).reverse(at(90.0, 0.0)),
        Surroundings::default()
    );
    assert_eq!(
        Geocoder::default().reverse(at(51.5, -0.1)),
        Surroundings::default()
    );
}

#[test]
fn a_hole_in_an_area_is_not_in_it() {
    let mut ring = area(
        "Ring",
        &[
            (51.0, 0.0),
            (51.0, 0.3),
            (51.3, 0.3),
            (51.3, 0.0),
            (51.0, 0.0),
        ],
    );
    let hole = [
        (51.1, 0.1),
        (51.1, 0.2),
        (51.2, 0.2),
        (51.2, 0.1),
        (51.1, 0.1),
    ];
    ring.line
        .push(hole.iter().map(|(lat, lng)| at(*lat, *lng)).collect());
    let geocoder = geocoder(vec![ring]);
    let holds = |lat, lng| !geocoder.reverse(at(lat, lng)).areas.is_empty();
    assert!(holds(51.05, 0.15) && holds(51.25, 0.25) && !holds(51.15, 0.15));
    // The boundary belongs to it.
    assert!(
        holds(51.1, 0.15) && holds(51.0, 0.15) && holds(51.0, 0.0) && !holds(50.999_999_9, 0.0)
    );
}

#[test]
fn of_several_gazetteers_the_nearest_counts() {
    let one = vec![street("Far Street", &[(51.463, -0.120), (51.464, -0.120)])];
    let open =
        |features: Vec<Feature>| Gazetteer::open(Arc::new(build(features.into_iter()))).unwrap();
    let both = Geocoder::with(vec![open(one), open(brixton())]);
    let around = both.reverse(at(51.4630, -0.1143));
    assert_eq!(&*around.street.unwrap().title, "Brixton Road");
    assert_eq!(around.areas.len(), 2);
}

/// What a position is nearest to, by looking at everything.
#[derive(Debug, Default)]
struct BruteForce {
    streets: BTreeMap<String, f64>,
    junctions: BTreeMap<String, f64>,
    postcodes: BTreeMap<String, f64>,
    places: BTreeMap<String, f64>,
}

impl BruteForce {
    fn new(features: &[Feature], from: Position) -> Self {
        let mut all = Self::default();
        let plane = Plane::around(from);
        let to_stretch = |ends: &[Position]| {
            let (start, end) = (plane.offset(ends[0]), plane.offset(ends[1]));
            let nearest = distance::nearest_on(start, end, distance::Offset::default());
            from.distance_m(plane.position(nearest))
        };
        let mut meetings: BTreeMap<Position, Vec<String>> = BTreeMap::new();
        for feature in features {
            let known = match feature.kind {
                FeatureKind::Street => &mut all.streets,
                FeatureKind::Postcode => &mut all.postcodes,
                FeatureKind::Venue => &mut all.places,
                FeatureKind::Premises
                | FeatureKind::Station
                | FeatureKind::Place
                | FeatureKind::Area
                | FeatureKind::Road
                | FeatureKind::Marker
                | FeatureKind::Uprn => continue,
            };
            let best = known.entry(feature.name.to_string()).or_insert(f64::MAX);
            *best = best.min(from.distance_m(feature.position));
            for line in &feature.line {
                for ends in line.windows(2) {
                    *best = best.min(to_stretch(ends));
                }
                for vertex in line {
                    let streets = meetings.entry(*vertex).or_default();
                    streets.push(feature.name.to_string());
                }
            }
        }
        for (place, mut streets) in meetings {
            streets.sort();
            streets.dedup();
            if streets.len() > 1 {
                let best = all.junctions.entry(streets.join(" / ")).or_insert(f64::MAX);
                *best = best.min(from.distance_m(place));
            }
        }
        all
    }

    /// The distances of the nearest of `known` within its reach, the nearest first.
    fn nearest(known: &BTreeMap<String, f64>, reach_m: f64) -> Vec<f64> {
        let mut within: Vec<f64> = known.values().copied().filter(|m| *m <= reach_m).collect();
        within.sort_by(f64::total_cmp);
        within
    }
}

fn features() -> impl Strategy<Value = Vec<Feature>> {
    // Vertices on a grid of 200 m, so that lines share some.
    let vertex = || {
        (0_u16..12, 0_u16..12).prop_map(|(row, column)| {
            at(
                51.5 + f64::from(row) * 0.0018,
                -0.1 + f64::from(column) * 0.0029,
            )
        })
    };
    let anywhere = || (51.5_f64..51.52, -0.1_f64..-0.068).prop_map(|(lat, lng)| at(lat, lng));
    let street = (0_u8..12, prop::collection::vec(vertex(), 2..4)).prop_map(|(name, line)| {
        let name = format!("{} Street", char::from(b'A' + name));
        Feature {
            line: vec![line.clone()],
            ..Feature::named(FeatureKind::Street, &name, line[0])
        }
    });
    let point = (0_u8..12, anywhere()).prop_map(|(name, position)| {
        let name = format!("{} Lane", char::from(b'A' + name));
        Feature::named(FeatureKind::Street, &name, position)
    });
    let other = (0_u8..10, anywhere(), any::<bool>()).prop_map(|(name, position, is_place)| {
        if is_place {
            let name = format!("The {} Inn", char::from(b'A' + name));
            Feature::named(FeatureKind::Venue, &name, position)
        } else {
            Feature::named(FeatureKind::Postcode, &format!("SW9 {name}AA"), position)
        }
    });
    let one = prop_oneof![street, point, other];
    prop::collection::vec(one, 0..40).prop_map(|mut features| {
        // Of one postcode a gazetteer has one position.
        let mut seen = std::collections::BTreeSet::new();
        features.retain(|feature| {
            feature.kind != FeatureKind::Postcode || seen.insert(feature.name.clone())
        });
        features
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn the_nearest_is_that_of_all(features in features(), lat in 51.49_f64..51.53, lng in -0.12_f64..-0.05) {
        let from = at(lat, lng);
        let all = BruteForce::new(&features, from);
        let around = geocoder(features).reverse(from);
        let same = |near: Option<&Near>, known: &BTreeMap<String, f64>, reach_m: f64, nth: usize| {
            let expected = BruteForce::nearest(known, reach_m).get(nth).copied();
            prop_assert_eq!(near.map(|near| near.distance_m), expected);
            if let Some(near) = near {
                prop_assert_eq!(known.get(&*near.title).copied(), expected);
            }
            Ok(())
        };
        same(around.street.as_ref(), &all.streets, STREET_M, 0)?;
        same(around.other_street.as_ref(), &all.streets, OTHER_M, 1)?;
        same(around.junction.as_ref(), &all.junctions, JUNCTION_M, 0)?;
        same(around.postcode.as_ref(), &all.postcodes, POSTCODE_M, 0)?;
        same(around.place.as_ref().map(|(_, near)| near), &all.places, PLACE_M, 0)?;
    }
}

//! The demo's own gazetteer: streets, stations and landmarks of inner London, drawn by hand from what
//! everybody knows of it. Good to some fifty metres, and no one's data.

use crate::domain::feature::{Feature, FeatureKind};
use crate::domain::position::Position;

type Vertex = (f64, f64);

/// Streets that meet have a vertex in common.
const STREETS: [(&str, &str, &[Vertex]); 17] = [
    (
        "Piccadilly",
        "Westminster",
        &[(51.5035, -0.1500), (51.5067, -0.1428), (51.5099, -0.1345)],
    ),
    (
        "Coventry Street",
        "Westminster",
        &[(51.5099, -0.1345), (51.5102, -0.1331), (51.5104, -0.1312)],
    ),
    (
        "Haymarket",
        "Westminster",
        &[(51.5102, -0.1331), (51.5078, -0.1313)],
    ),
    (
        "Pall Mall East",
        "Westminster",
        &[(51.5078, -0.1313), (51.5080, -0.1290)],
    ),
    (
        "Regent Street",
        "Westminster",
        &[(51.5099, -0.1345), (51.5115, -0.1378), (51.5152, -0.1418)],
    ),
    (
        "Shaftesbury Avenue",
        "Westminster",
        &[(51.5099, -0.1345), (51.5118, -0.1316), (51.5129, -0.1292)],
    ),
    (
        "Oxford Street",
        "Westminster",
        &[
            (51.5131, -0.1580),
            (51.5145, -0.1490),
            (51.5152, -0.1418),
            (51.5157, -0.1363),
            (51.5163, -0.1303),
        ],
    ),
    (
        "Wardour Street",
        "Westminster",
        &[(51.5157, -0.1363), (51.5133, -0.1336), (51.5118, -0.1316)],
    ),
    (
        "Old Compton Street",
        "Westminster",
        &[(51.5120, -0.1325), (51.5133, -0.1296)],
    ),
    (
        "Charing Cross Road",
        "Westminster",
        &[
            (51.5163, -0.1303),
            (51.5133, -0.1296),
            (51.5129, -0.1292),
            (51.5090, -0.1275),
        ],
    ),
    (
        "Strand",
        "Westminster",
        &[
            (51.5080, -0.1270),
            (51.5098, -0.1228),
            (51.5115, -0.1190),
            (51.5131, -0.1135),
        ],
    ),
    (
        "Fleet Street",
        "City of London",
        &[(51.5136, -0.1110), (51.5142, -0.1045)],
    ),
    (
        "Ludgate Hill",
        "City of London",
        &[(51.5142, -0.1045), (51.5139, -0.1000)],
    ),
    (
        "Whitehall",
        "Westminster",
        &[(51.5072, -0.1275), (51.5034, -0.1262), (51.5012, -0.1262)],
    ),
    (
        "Downing Street",
        "Westminster",
        &[(51.5034, -0.1262), (51.5034, -0.1285)],
    ),
    (
        "Park Lane",
        "Westminster",
        &[(51.5131, -0.1580), (51.5084, -0.1538), (51.5035, -0.1500)],
    ),
    (
        "Victoria Street",
        "Westminster",
        &[(51.4966, -0.1435), (51.4978, -0.1370), (51.4998, -0.1290)],
    ),
];

const STATIONS: [(&str, &str, Vertex); 11] = [
    ("Piccadilly Circus", "Westminster", (51.5099, -0.1345)),
    ("Oxford Circus", "Westminster", (51.5152, -0.1418)),
    ("Tottenham Court Road", "Westminster", (51.5163, -0.1303)),
    ("Leicester Square", "Westminster", (51.5114, -0.1281)),
    ("Charing Cross", "Westminster", (51.5080, -0.1247)),
    ("Embankment", "Westminster", (51.5073, -0.1223)),
    ("Westminster", "Westminster", (51.5010, -0.1250)),
    ("Marble Arch", "Westminster", (51.5136, -0.1586)),
    ("Victoria", "Westminster", (51.4965, -0.1440)),
    ("Waterloo", "Lambeth", (51.5031, -0.1132)),
    ("St Paul's", "City of London", (51.5148, -0.0975)),
];

const PLACES: [(&str, &str, Vertex); 9] = [
    ("Trafalgar Square", "Westminster", (51.5080, -0.1281)),
    ("Leicester Square", "Westminster", (51.5104, -0.1301)),
    ("Soho Square", "Westminster", (51.5153, -0.1322)),
    ("Covent Garden Piazza", "Westminster", (51.5120, -0.1225)),
    ("The Cenotaph", "Westminster", (51.5027, -0.1261)),
    ("Parliament Square", "Westminster", (51.5007, -0.1268)),
    ("Hyde Park Corner", "Westminster", (51.5027, -0.1527)),
    ("Guildhall", "City of London", (51.5155, -0.0919)),
    ("St Paul's Cathedral", "City of London", (51.5138, -0.0984)),
];

/// Those of `places::POSTCODES`.
const POSTCODES: [(&str, &str, Vertex); 5] = [
    ("WC2N 5DN", "Westminster", (51.5089, -0.1283)),
    ("SW1A 1AA", "Westminster", (51.5010, -0.1416)),
    ("SW1A 2AA", "Westminster", (51.5034, -0.1276)),
    ("EC4M 8AD", "City of London", (51.5138, -0.0984)),
    ("SE1 8SW", "Lambeth", (51.5031, -0.1132)),
];

/// What the demo's gazetteer is built from.
#[must_use]
pub fn features() -> Vec<Feature> {
    let mut features = Vec::new();
    for (name, area, line) in STREETS {
        let line: Vec<Position> = line.iter().filter_map(|vertex| position(*vertex)).collect();
        if let Some(middle) = line.get(line.len() / 2) {
            let mut street = named(FeatureKind::Street, name, area, *middle);
            street.line = vec![line];
            features.push(street);
        }
    }
    let points = [
        (FeatureKind::Station, &STATIONS[..]),
        (FeatureKind::Place, &PLACES[..]),
        (FeatureKind::Postcode, &POSTCODES[..]),
    ];
    for (kind, points) in points {
        features.extend(
            points.iter().filter_map(|(name, area, vertex)| {
                Some(named(kind, name, area, position(*vertex)?))
            }),
        );
    }
    features
}

fn named(kind: FeatureKind, name: &str, area: &str, position: Position) -> Feature {
    let mut feature = Feature::named(kind, name, position);
    feature.areas = vec![area.into()];
    feature
}

fn position((lat, lng): Vertex) -> Option<Position> {
    Position::new(lat, lng).ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::located::Precision;
    use crate::geocode::Geocoder;
    use crate::geocode::gazetteer::{Gazetteer, build};
    use crate::simulate::places;

    #[test]
    fn every_vertex_is_a_place_and_every_postcode_of_the_simulator_is_known() {
        let features = features();
        let drawn = STREETS.len() + STATIONS.len() + PLACES.len() + POSTCODES.len();
        assert_eq!(features.len(), drawn);
        for postcode in places::POSTCODES {
            assert!(features.iter().any(|feature| &*feature.name == postcode));
        }
    }

    #[test]
    fn what_the_story_tells_in_words_is_a_junction() {
        let bytes = build(features().into_iter());
        let gazetteer = Gazetteer::open(Arc::new(bytes)).unwrap();
        let geocoder = Geocoder::with(vec![gazetteer]);
        let (words, spot) = places::TOLD;
        let placed = geocoder.locate_text(words).unwrap();
        assert_eq!(placed.precision, Precision::Junction);
        let there = Position::new(spot.lat, spot.lng).unwrap();
        assert!(placed.position.distance_m(there) < 30.0, "{placed:?}");
        let sentence = geocoder.reverse(there).sentence;
        assert_eq!(
            sentence.as_deref(),
            Some("Charing Cross Road near Old Compton Street")
        );
    }
}

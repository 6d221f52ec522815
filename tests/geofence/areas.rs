//! All 4,994 small areas of London as fences.

use std::fs;

use serde_json::Value;

use crate::geofence::{Indexed, Numbers, open_data};
use cordon::domain::position::Position;
use cordon::io::wire;

#[test]
fn a_place_in_london_is_in_exactly_one_small_area() {
    let Some(path) = open_data("boundaries/london_lsoa_2021_s5m.geojson") else {
        return;
    };
    let mut collection: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let mut fences = Indexed::default();
    for feature in collection["features"].as_array_mut().unwrap() {
        feature["id"] = feature["properties"]["lsoa21cd"].clone();
        let edit = wire::fence::decode(feature.to_string().as_bytes()).unwrap();
        fences.add(&edit.fence.unwrap().geometry).unwrap();
    }
    assert_eq!(fences.shapes.len(), 4_994);
    let mut numbers = Numbers(51);
    let mut counts = [0u32; 3];
    for _ in 0..200_000 {
        // Wholly within London, so that a gap between areas would show.
        let (lat, lng) = (numbers.within(51.40, 51.60), numbers.within(-0.25, 0.05));
        let holding = fences.holding(Position::new(lat, lng).unwrap());
        counts[holding.len().min(2)] += 1;
    }
    println!("in no, one, several areas: {counts:?}");
    let (mut shared, mut vertices) = (0u32, 0u32);
    for feature in collection["features"]
        .as_array()
        .unwrap()
        .iter()
        .step_by(20)
    {
        let vertex = &feature["geometry"]["coordinates"][0][0];
        let (Some(lng), Some(lat)) = (vertex[0].as_f64(), vertex[1].as_f64()) else {
            continue;
        };
        let holding = fences.holding(Position::new(lat, lng).unwrap());
        vertices += 1;
        assert!(!holding.is_empty());
        shared += u32::from(holding.len() > 1);
    }
    println!("{shared} of {vertices} vertices belong to several areas");
    assert_eq!(counts, [0, 200_000, 0]);
}

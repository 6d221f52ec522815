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
    let mut counts = [0u32; 4];
    for _ in 0..200_000 {
        let (lat, lng) = (numbers.within(51.28, 51.70), numbers.within(-0.52, 0.34));
        let at = Position::new(lat, lng).unwrap();
        let holding = fences.holding(at);
        counts[holding.len().min(3)] += 1;
    }
    println!("in no, one, two or more areas: {counts:?}");
}

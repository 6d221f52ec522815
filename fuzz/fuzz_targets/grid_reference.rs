//! No text makes the geocoder panic, and what it finds is a position.
#![no_main]

use cordon::geocode::Geocoder;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(placed) = Geocoder::default().locate_text(text) {
        assert!((-90.0..=90.0).contains(&placed.position.lat()));
        assert!((-180.0..=180.0).contains(&placed.position.lng()));
    }
});

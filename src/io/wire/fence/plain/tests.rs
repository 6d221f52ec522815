use proptest::prelude::*;

use super::*;
use crate::io::wire::fence::read_collection;
use crate::io::wire::fence::tests::{SQUARE, feature};

/// What a plain file says is what `read_collection` reads in it.
fn read_both_ways(text: &[u8]) -> Option<usize> {
    let fences = plain(text).unwrap()?;
    let text = std::str::from_utf8(text).expect("plain is UTF-8");
    let expected = read_collection(text).unwrap_or_else(|problems| panic!("{text}: {problems:?}"));
    // So is the sign of a zero.
    assert_eq!(format!("{fences:?}"), format!("{expected:?}"), "{text}");
    Some(fences.len())
}

/// Coordinates as files have them, and as they should not.
fn coordinates() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        8 => "-?[1-9][0-9]{0,2}\\.[0-9]{1,9}",
        2 => "-?(0|[1-9][0-9]{0,16})(\\.[0-9]{1,17})?",
        1 => "-?[1-9](\\.[0-9]{1,9})?[eE]-[0-9]{1,2}",
        1 => "-?[0-9]{0,2}(\\.[0-9]{0,3})?([eE][+-]?[0-9])?",
    ];
    let vertex = (
        number.clone(),
        number.clone(),
        prop::option::weighted(0.1, number),
    )
        .prop_map(|(lng, lat, height)| match height {
            Some(height) => format!("[{lng},{lat} , {height}]"),
            None => format!("[{lng}, {lat}]"),
        });
    let list = |item: BoxedStrategy<String>| {
        let items = prop::collection::vec(item, 1..5);
        items
            .prop_map(|items| format!("[{}]", items.join(",")))
            .boxed()
    };
    let line = list(vertex.clone().boxed());
    let polygon = list(line.clone());
    prop_oneof![1 => vertex, 1 => line, 3 => polygon.clone(), 1 => list(polygon)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn a_plain_file_is_read_as_any_other(
        features in prop::collection::vec(
            (
                prop_oneof!["\"[a-z]\"", "[0-9]"],
                prop::sample::select(vec![
                    "{}",
                    r#"{"name":"coordinates","width_m":5,"radius_m":7,"detect":["enter"]}"#,
                    r#"{"width_m":20,"coordinates":[[1,2]],"radius_m":-1}"#,
                    r#"{"name":"a \"b\" é","width_m":0}"#,
                    "null",
                ]),
                prop::sample::select(vec!["Point", "LineString", "Polygon", "MultiPolygon"]),
                coordinates(),
                any::<bool>(),
            ),
            0..4,
        ),
        around in prop::sample::select(vec![
            ("{\"type\":\"FeatureCollection\", \"features\" : [", "]}"),
            ("{\"features\":[", "\n], \"type\":\"FeatureCollection\",\"crs\":{\"a\":[1]}}\n"),
            ("{\"features\":[", "], \"type\":\"FeatureCollection\",\"features\":[]}"),
            ("{\"type\":\"FeatureCollection\",\"in\":{\"features\":[", "]}}"),
            ("{\"type\":\"Feature\",\"features\":[", "]}"),
        ]),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
    ) {
        let features: Vec<_> = features
            .into_iter()
            .map(|(id, properties, form, coordinates, is_first)| {
                let geometry = if is_first {
                    format!(r#"{{"coordinates":{coordinates},"type":"{form}"}}"#)
                } else {
                    format!(r#"{{"type": "{form}", "coordinates": {coordinates} }}"#)
                };
                feature(&id, properties, &geometry)
            })
            .collect();
        let mut bytes = format!("{}{}{}", around.0, features.join(" , "), around.1).into_bytes();
        read_both_ways(&bytes);
        for (place, byte) in edits {
            let place = place.index(bytes.len());
            bytes[place] = byte;
            read_both_ways(&bytes);
        }
    }
}

#[test]
fn the_files_that_tools_write_are_plain() {
    let square = feature("\"a\"", "{}", SQUARE);
    let circle = r#"{"id":7,"type":"Feature","geometry":{"coordinates":[-0.1278,51.5074],"type":"Point"},"properties":{"radius_m":50}}"#;
    let greenwich = r#"{"type":"Feature","id":"g","geometry":{"type":"LineString","coordinates":[[5.1e-05,51.5],[-9e-07,51]]},"properties":{"width_m":9}}"#;
    let gone = r#"{"id":"b","deleted":true}"#;
    for (features, count) in [
        (String::new(), 0),
        (square.clone(), 1),
        (format!("{square},\n{circle},{greenwich},{gone}"), 4),
        // Longer than what is read at once.
        (format!("{}{square}", " ".repeat(300_000)), 1),
    ] {
        let text = format!(
            "{{\n\"type\": \"FeatureCollection\",\n\"name\": \"sectors\",\n\"features\": [\n{features}\n]\n}}\n"
        );
        assert_eq!(read_both_ways(text.as_bytes()), Some(count));
    }
}

use proptest::prelude::*;

use super::*;
use crate::domain::alert::Severity;
use crate::domain::fence::Geometry;
use crate::domain::transition::TransitionKind;

pub(super) const SQUARE: &str =
    r#"{"type":"Polygon","coordinates":[[[0,51],[1,51],[1,52],[0,52],[0,51]]]}"#;

pub(super) fn feature(id: &str, properties: &str, geometry: &str) -> String {
    format!(r#"{{"type":"Feature","id":{id},"properties":{properties},"geometry":{geometry}}}"#)
}

fn problems(feature: &str) -> String {
    decode(feature.as_bytes()).unwrap_err().to_string()
}

#[test]
fn only_the_id_is_required() {
    let edit = decode(feature("7", "null", SQUARE).as_bytes()).unwrap();
    let fence = edit.fence.unwrap();
    assert_eq!((edit.id.as_str(), &*fence.name), ("7", "7"));
    let default = [TransitionKind::Exit, TransitionKind::Enter];
    assert!(fence.detect.iter().eq(default));
    assert!(fence.approved && fence.applies_to.is_all());
    assert_eq!(edit.at, None);
    let Geometry::Polygons(polygons) = &fence.geometry else {
        panic!()
    };
    assert_eq!(polygons[0][0][1], (51.0, 1.0), "latitude first");
}

#[test]
fn every_property_comes_back_as_it_was_written() {
    let properties = r#"{"name":"Cenotaph","class":"sterile","tags":["b","a"],"severity":"high","at":0,"detect":["inside","enter"],"valid_from":"2026-08-30T10:00:00+01:00","valid_until":1788124445120,"for":{"kind":"resource","class":["foot"],"status":[2]},"region":"west","approval":"proposed","radius_m":50.5}"#;
    let point = r#"{"type":"Point","coordinates":[-0.126,51.503,7]}"#;
    let edit = decode(feature("\"c\"", properties, point).as_bytes()).unwrap();
    assert_eq!(edit.fence.as_ref().unwrap().severity, Some(Severity::High));
    let mut line = Vec::new();
    encode(&edit, &mut line);
    assert_eq!(
        std::str::from_utf8(&line).unwrap(),
        "{\"type\":\"Feature\",\"id\":\"c\",\"properties\":{\"name\":\"Cenotaph\",\"class\":\"sterile\",\"tags\":[\"a\",\"b\"],\"severity\":\"high\",\"at\":\"1970-01-01T00:00:00.000Z\",\"detect\":[\"enter\",\"inside\"],\"valid_from\":\"2026-08-30T09:00:00.000Z\",\"valid_until\":\"2026-08-30T21:14:05.120Z\",\"for\":{\"kind\":\"resource\",\"class\":[\"foot\"],\"status\":[\"2\"]},\"region\":\"west\",\"approval\":\"proposed\",\"radius_m\":50.5},\"geometry\":{\"type\":\"Point\",\"coordinates\":[-0.126,51.503]}}\n"
    );
    assert_eq!(decode(&line).unwrap(), edit);
}

#[test]
fn a_deletion_has_an_id_and_a_time() {
    for json in [
        r#"{"subject":"c","at":0,"deleted":true}"#,
        r#"{"type":"Feature","id":"c","properties":{"at":0},"deleted":true}"#,
    ] {
        let edit = decode(json.as_bytes()).unwrap();
        assert_eq!((edit.id.as_str(), edit.fence.is_none()), ("c", true));
        assert_eq!(edit.at.unwrap().millis(), 0);
    }
}

#[test]
fn each_problem_names_its_place_and_the_fix() {
    for (feature, expected) in [
        ("{", "malformed: not JSON: EOF while parsing an object at line 1 column 1".to_owned()),
        (&feature("null", "{}", SQUARE), "invalid_fence: id: missing: give the Feature (not its properties) an id".into()),
        (&feature("\"f\"", "{}", "null"), "invalid_fence: \"f\": geometry: missing: give a Polygon, MultiPolygon, LineString or Point".into()),
        (&feature("1", "{}", r#"{"type":"GeometryCollection"}"#), "invalid_fence: \"1\": geometry.type: GeometryCollection is no fence: use Polygon, MultiPolygon, LineString with properties.width_m, or Point with properties.radius_m".into()),
        (&feature("1", "{}", r#"{"type":"Polygon","coordinates":[[[0,1],["x",1]]]}"#), "invalid_fence: \"1\": geometry.coordinates[0][1]: [\"x\",1] is no position: give [lon, lat] in degrees".into()),
        (&feature("1", "{}", r#"{"type":"Point","coordinates":[0,1]}"#), "invalid_fence: \"1\": properties.radius_m: missing: a Point is a circle and needs it, in metres".into()),
        (&feature("1", r#"{"detect":["entre"]}"#, SQUARE), "invalid_fence: \"1\": properties.detect: \"entre\" is no transition: use enter, exit, inside, outside, cross, dwell, speed, absent or restored".into()),
        (&feature("1", r#"{"for":{"grade":["I"]}}"#, SQUARE), "invalid_fence: \"1\": properties.for.grade: not known: use kind, class and status".into()),
        (&feature("1", r#"{"valid_from":9,"valid_until":9}"#, SQUARE), "invalid_fence: \"1\": properties.valid_until: not later than valid_from: mend either".into()),
        (&feature("1", r#"{"name":[],"severity":"bad"}"#, SQUARE), "invalid_fence: \"1\": properties.name: [] is wrong, expected a text; properties.severity: \"bad\" is wrong, expected one of critical, high, medium, low, info".into()),
    ] {
        assert_eq!(problems(feature), expected);
    }
    let long = decode(&vec![b' '; MAX_BYTES + 1]).unwrap_err();
    assert_eq!(long.reason, Reason::TooLarge);
}

#[test]
fn every_semantic_property_comes_back_as_it_was_written() {
    let properties = r#"{"name":"c","detect":["cross","dwell","speed","absent"],"dwell_s":60,"exit_margin_m":12.5,"min_inside_s":10,"speed_limit_mps":13.4,"speed_min_s":15,"absent_s":600,"region":"default","approval":"approved"}"#;
    let edit = decode(feature("\"c\"", properties, SQUARE).as_bytes()).unwrap();
    let fence = edit.fence.as_ref().unwrap();
    assert_eq!(fence.absent_after.as_secs(), 600);
    let mut line = Vec::new();
    encode(&edit, &mut line);
    let line = String::from_utf8(line).unwrap();
    assert!(line.contains(properties.trim_end_matches('}')), "{line}");
    assert_eq!(decode(line.as_bytes()).unwrap(), edit);
}

#[test]
fn a_fence_that_would_stay_silent_is_refused() {
    let properties = r#"{"detect":["dwell","speed","approach"]}"#;
    assert_eq!(
        problems(&feature("1", properties, SQUARE)),
        "invalid_fence: \"1\": properties.dwell_s: missing: detect has \"dwell\" and needs it, in seconds; \
         properties.speed_limit_mps: missing: detect has \"speed\" and needs it, in metres a second; \
         properties.detect: \"approach\" is between two subjects, not about a fence: delete it here and write a rule with [rule.approach]"
    );
}

#[test]
fn a_corridor_says_when_each_stretch_of_it_counts() {
    let line = r#"{"type":"LineString","coordinates":[[0,51],[1,51],[2,51]]}"#;
    let sections = r#"[{"from":0,"to":1,"valid_until":"1970-01-01T00:00:01.000Z"},{"from":1,"to":2,"valid_from":"1970-01-01T00:00:01.000Z"}]"#;
    let properties = format!(r#"{{"width_m":9,"sections":{sections}}}"#);
    let edit = decode(feature("\"m\"", &properties, line).as_bytes()).unwrap();
    let mut written = Vec::new();
    encode(&edit, &mut written);
    assert!(str::from_utf8(&written).unwrap().contains(sections));
    assert_eq!(decode(&written).unwrap(), edit);

    let properties =
        r#"{"sections":[{"from":-1,"to":1},{"from":0,"to":1,"valid_from":9,"valid_until":8}]}"#;
    assert_eq!(
        problems(&feature("1", properties, line)),
        "invalid_fence: \"1\": properties.width_m: missing: a LineString is a corridor and needs it, in metres; \
         properties.sections[0].from: -1 is wrong, expected the number of a vertex of the line, from 0; \
         properties.sections[1].valid_until: not later than valid_from: mend either"
    );
}

#[test]
fn a_collection_names_all_problems_at_once() {
    let features = [
        feature("\"a\"", "{}", SQUARE),
        feature(
            "\"b\"",
            r#"{"region":{}}"#,
            r#"{"type":"Polygon","coordinates":[]}"#,
        ),
        feature("\"a\"", "{}", SQUARE),
    ];
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[{}]}}"#,
        features.join(",")
    );
    let found: Vec<_> = read_collection(&text)
        .unwrap_err()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        found,
        [
            "feature 2 (\"b\"): properties.region: {} is wrong, expected a text",
            "feature 2 (\"b\"): geometry.coordinates: expected a list of rings, the outer one first",
            "feature 3 (\"a\"): id: feature 1 has this id too: give each fence its own",
        ]
    );
    let error = read_collection("{\n\"type\":}").unwrap_err();
    assert!(
        error[0]
            .to_string()
            .starts_with("line 2 column 8: not JSON: expected value")
    );
    assert_eq!(read_collection(&features[0]).unwrap().len(), 1);
    let error = read_collection(SQUARE).unwrap_err();
    assert!(
        error[0]
            .to_string()
            .starts_with("type: expected \"FeatureCollection\"")
    );
}

#[test]
fn a_file_is_cut_at_its_features_whatever_stands_around_them() {
    let (a, b) = (feature("\"a\"", "{}", SQUARE), feature("2", "{}", SQUARE));
    let text = format!(
        r#" {{"bbox":[0],"features":[ {a},
            {b} ],"type":"FeatureCollection","crs":{{"type":"name"}}}}"#
    );
    let Ok(cut) = features(&text) else { panic!() };
    let found: Vec<_> = cut
        .map(|feature| (feature.number, feature.text, feature.edit.ok().unwrap().id))
        .collect();
    let expected = [
        (1, Some(a.as_str()), "a".into()),
        (2, Some(b.as_str()), "2".into()),
    ];
    assert_eq!(found, expected);
    let Ok(mut alone) = features(&a) else {
        panic!()
    };
    assert_eq!(alone.next().unwrap().text, None);
    assert!(alone.next().is_none());
}

#[test]
fn a_file_without_features_says_what_it_lacks() {
    for (text, expected) in [
        (
            "[]",
            "type: expected \"FeatureCollection\" or \"Feature\"; a bare geometry has no id",
        ),
        (
            "7",
            "type: expected \"FeatureCollection\" or \"Feature\"; a bare geometry has no id",
        ),
        (
            r#"{"type":["FeatureCollection"],"features":[]}"#,
            "type: expected \"FeatureCollection\" or \"Feature\"; a bare geometry has no id",
        ),
        (
            r#"{"type":"FeatureCollection"}"#,
            "features: missing: give a list of Features",
        ),
        (
            r#"{"type":"FeatureCollection","features":null}"#,
            "features: missing: give a list of Features",
        ),
        (
            r#"{"features":{},"type":"FeatureCollection"}"#,
            "features: missing: give a list of Features",
        ),
        (
            r#"{"features":{},"type":}"#,
            "line 1 column 23: not JSON: expected value at line 1 column 23",
        ),
        (
            r#"{"type":"FeatureCollection","features":[{}"#,
            "line 1 column 42: not JSON: EOF while parsing a list at line 1 column 42",
        ),
    ] {
        let found = read_collection(text).unwrap_err();
        assert_eq!(
            found.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [expected]
        );
    }
    let alone = feature("1", "{}", SQUARE).replacen('{', r#"{"features":7,"#, 1);
    assert_eq!(read_collection(&alone).unwrap().len(), 1);
}

#[test]
fn a_number_beyond_numbers_is_a_problem_of_its_feature() {
    let features = [
        feature("\"a\"", r#"{"dwell_s":1e999}"#, SQUARE),
        feature("\"b\"", r#"{"name":[]}"#, SQUARE),
    ];
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[{}]}}"#,
        features.join(",")
    );
    let found: Vec<_> = read_collection(&text)
        .unwrap_err()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        found,
        [
            "feature 1: not JSON: number out of range at line 1 column 56, counted from the start of the Feature",
            "feature 2 (\"b\"): properties.name: [] is wrong, expected a text",
        ]
    );
}

proptest! {
    #[test]
    fn no_mutation_makes_it_panic(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let properties = r#"{"dwell_s":1e300,"min_inside_s":-1,"detect":["enter"],"for":{"kind":"resource"}}"#;
        let mut bytes = feature("\"f\"", properties, SQUARE).into_bytes();
        let _ = decode(&bytes);
        for (place, byte) in edits {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let _ = decode(&bytes);
    }
}

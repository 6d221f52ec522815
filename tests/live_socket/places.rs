//! Places by name, names by place, and what is being typed.

use cordon::domain::feature::{Feature, FeatureKind};
use cordon::domain::position::Position;
use cordon::geocode::Geocoder;
use cordon::geocode::gazetteer::{Gazetteer, build};

use super::*;

/// Two streets, a station and a postcode of Brixton, and a borough around them.
pub(super) fn brixton() -> Geocoder {
    let at = |lat, lng| Position::new(lat, lng).unwrap();
    let named = |kind, name, lat, lng| Feature::named(kind, name, at(lat, lng));
    let lined = |kind, name, line: &[(f64, f64)]| {
        let line: Vec<Position> = line.iter().map(|(lat, lng)| at(*lat, *lng)).collect();
        Feature {
            line: vec![line.clone()],
            ..Feature::named(kind, name, line[0])
        }
    };
    let corner = (51.4626, -0.1145);
    let (low, high) = (51.40, 51.52);
    let features = [
        lined(
            FeatureKind::Street,
            "Brixton Road",
            &[corner, (51.47, -0.112)],
        ),
        lined(
            FeatureKind::Street,
            "Coldharbour Lane",
            &[corner, (51.464, -0.105)],
        ),
        lined(
            FeatureKind::Area,
            "Lambeth",
            &[
                (low, -0.16),
                (low, -0.08),
                (high, -0.08),
                (high, -0.16),
                (low, -0.16),
            ],
        ),
        named(
            FeatureKind::Station,
            "Brixton Underground Station",
            51.4627,
            -0.1149,
        ),
        named(FeatureKind::Postcode, "SW9 8HH", 51.4661, -0.1139),
    ];
    let gazetteer = Gazetteer::open(Arc::new(build(features.into_iter()))).unwrap();
    Geocoder::with(vec![gazetteer])
}

pub(super) async fn furnished(audits: usize) -> Room {
    let settings = WebSettings {
        geocoder: brixton(),
        ..settings()
    };
    room_with(settings, true, audits).await
}

async fn asked(room: &Room, address: &str) -> (u16, Value) {
    let answer = room.get(address).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or_default())
}

#[tokio::test]
async fn a_place_is_found_by_its_name_and_named_by_its_place() {
    let mut room = furnished(64).await;
    let (status, answer) = asked(&room, "/v1/geocode?q=J/W+brixton+rd+%26+coldharbour+ln").await;
    assert_eq!(
        (status, &answer["precision"]),
        (200, &json!("junction")),
        "{answer}"
    );
    let (_, answer) = asked(&room, "/v1/geocode?q=51.463,-0.1143").await;
    assert_eq!(answer["lon"], -0.1143);
    let (status, answer) = asked(&room, "/v1/geocode?q=nowhere+at+all").await;
    assert_eq!((status, &answer["reason"]), (200, &json!("unlocatable")));
    assert!(answer["detail"].as_str().unwrap().len() > 10);

    let (_, answer) = asked(&room, "/v1/reverse?lat=51.463&lon=-0.1143").await;
    assert_eq!(
        answer["text"],
        "Brixton Road near Coldharbour Lane, Lambeth"
    );
    assert_eq!(answer["areas"], json!(["Lambeth"]));
    let (_, answer) = asked(&room, "/v1/reverse?lat=-33.9&lon=151.2").await;
    assert_eq!(
        (&answer["text"], &answer["street"]),
        (&Value::Null, &Value::Null)
    );

    let (_, answer) = asked(&room, "/v1/suggest?q=brix&limit=2").await;
    let titles: Vec<_> = answer["suggestions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["title"])
        .collect();
    assert_eq!(titles, ["Brixton Underground Station", "Brixton Road"]);
    assert_eq!(answer["suggestions"][0]["area"], "Lambeth");

    // Who looked, and that it was for a place; what was typed is nobody's.
    for what in [
        "geocode", "geocode", "geocode", "reverse", "reverse", "suggest",
    ] {
        let entry: Value = serde_json::from_slice(&room.audit.recv().await.unwrap()).unwrap();
        assert!(
            entry.to_string().contains(&format!("\"{what}\"")),
            "{entry}"
        );
        assert!(
            !entry.to_string().to_lowercase().contains("brix"),
            "{entry}"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_told_with_its_fix() {
    let room = furnished(64).await;
    let long = format!("/v1/geocode?q={}", "x".repeat(5000));
    for (address, fix) in [
        ("/v1/geocode", "?q="),
        ("/v1/geocode?q=+", "?q="),
        (long.as_str(), "shorten"),
        ("/v1/geocode?q=a&q=b", "duplicate"),
        ("/v1/suggest", "?q="),
        ("/v1/suggest?q=a&limit=0", "1 to 20"),
        ("/v1/suggest?q=a&limit=many", "1 to 20"),
        ("/v1/reverse", "?lat="),
        ("/v1/reverse?lat=x&lon=1", "lat is missing or no number"),
        ("/v1/reverse?lat=51.5", "lon is missing or no number"),
        ("/v1/reverse?lat=NaN&lon=1", "real position"),
        ("/v1/reverse?lat=0&lon=0", "real position"),
        ("/v1/reverse?lat=531150&lon=175650", "give degrees"),
    ] {
        let (status, answer) = asked(&room, address).await;
        assert_eq!(
            (status, &answer["code"]),
            (400, &json!("bad_query")),
            "{address}: {answer}"
        );
        let detail = answer["detail"].as_str().unwrap();
        assert!(detail.contains(fix), "{address}: {detail}");
    }
}

#[tokio::test]
async fn without_a_gazetteer_it_says_so_and_coordinates_are_places_all_the_same() {
    let room = room(false, 64).await;
    for address in [
        "/v1/geocode?q=SW9+8HH",
        "/v1/suggest?q=brix",
        "/v1/reverse?lat=51.5&lon=-0.1",
    ] {
        let (status, answer) = asked(&room, address).await;
        assert_eq!(
            (status, &answer["code"]),
            (503, &json!("no_gazetteer")),
            "{address}"
        );
        assert!(
            answer["detail"]
                .as_str()
                .unwrap()
                .contains("cordon gazetteer build")
        );
    }
    let (status, answer) = asked(&room, "/v1/geocode?q=TQ+311+756").await;
    assert_eq!((status, &answer["radius_m"]), (200, &json!(71)));
    let (status, _) = asked(&room, "/v1/suggest?q=51.5,-0.1").await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn nothing_is_looked_up_that_the_audit_cannot_say() {
    let room = furnished(1).await;
    assert_eq!(asked(&room, "/v1/suggest?q=brix").await.0, 200);
    let (status, answer) = asked(&room, "/v1/suggest?q=brixt").await;
    assert_eq!((status, &answer["code"]), (503, &json!("unavailable")));
}

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::domain::position::Position;
use crate::domain::report::{Body, Destination, Location, Report};
use crate::domain::time::Timestamp;
use crate::io::wire::feed::{Otherwise, Table, Template, default_lateness};

fn arrival() -> Arrival {
    Arrival {
        received: Timestamp::from_millis(0).unwrap(),
        delay: Duration::ZERO,
        lateness: Duration::ZERO,
    }
}

fn feed(kind: Kind, format: FeedFormat, fields: &[(Target, Source)]) -> Feed {
    Feed {
        name: "f".to_owned(),
        kind,
        format,
        lateness: default_lateness(kind),
        topic: None,
        blank_coordinates: BlankCoordinates::EmptyText,
        fields: fields.iter().cloned().collect(),
    }
}

fn template(text: &str) -> Source {
    Source::of(Origin::Template(Template::parse(text).unwrap()))
}

fn table(path: &str, entries: &[(&str, &str)], otherwise: Otherwise) -> Source {
    let entries = entries
        .iter()
        .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()));
    Source {
        table: Some(Table {
            entries: entries.collect::<BTreeMap<_, _>>(),
            otherwise,
        }),
        ..Source::path(path)
    }
}

fn report(record: Result<Record, Reject>) -> Report {
    match record.unwrap() {
        Record::Report(report) => *report,
        Record::Deleted { .. } => panic!("deleted"),
    }
}

/// As `config/feeds/police-uk-stop-and-search.toml` has it.
fn stop_and_search() -> Feed {
    feed(
        Kind::Incident,
        FeedFormat::Csv,
        &[
            (Target::Subject, template("SAS-{line}")),
            (Target::At, Source::path("timestamp")),
            (Target::Lat, Source::path("lat")),
            (Target::Lon, Source::path("lon")),
            (Target::Category, Source::path("type")),
            (Target::Grade, Source::of(Origin::Constant("R".to_owned()))),
        ],
    )
}

#[test]
fn a_row_of_csv_is_read_by_the_names_of_its_columns() {
    let feed = stop_and_search();
    let header = StringRecord::from(vec!["\u{feff}type", "timestamp", " lat ", "lon", "outcome"]);
    let decoder = feed.decoder(Some(&header)).unwrap();
    let row = StringRecord::from(vec![
        "Person search",
        "2024-06-01T03:05:00+00:00",
        "51.5",
        "-0.13",
        "Arrest",
    ]);
    let read = report(decoder.decode(Row::Csv(&row), 7, arrival()));
    assert_eq!((&*read.subject.id, read.flaw), ("SAS-7", None));
    let place = Location::Degrees {
        lat: 51.5,
        lng: -0.13,
    };
    assert_eq!(read.location, Some(place));
    let Body::Incident(incident) = read.body else {
        panic!()
    };
    assert_eq!(incident.category.as_deref(), Some("Person search"));
    assert_eq!(incident.grade.as_deref(), Some("R"));
    // The outcome is not mapped, so no reject shows it.
    assert_eq!(
        String::from_utf8(decoder.kept(Row::Csv(&row), 7)).unwrap(),
        r#"{"subject":"SAS-7","at":"2024-06-01T03:05:00+00:00","lat":"51.5","lon":"-0.13","category":"Person search","grade":"R"}"#
    );
}

#[test]
fn blank_coordinates_are_an_empty_text_only_where_the_feed_says_so() {
    let mut feed = stop_and_search();
    let header = StringRecord::from(vec!["type", "timestamp", "lat", "lon"]);
    let row = StringRecord::from(vec!["x", "2024-06-01T03:05:00Z", "", " "]);
    let read = report(
        feed.decoder(Some(&header))
            .unwrap()
            .decode(Row::Csv(&row), 1, arrival()),
    );
    assert_eq!(
        (read.location, read.flaw),
        (Some(Location::Text("".into())), None)
    );

    feed.blank_coordinates = BlankCoordinates::Absent;
    let decoder = feed.decoder(Some(&header)).unwrap();
    let read = report(decoder.decode(Row::Csv(&row), 1, arrival()));
    assert_eq!(read.flaw.unwrap().reason, Reason::MissingField);
    let half = StringRecord::from(vec!["x", "2024-06-01T03:05:00Z", "51.5", ""]);
    let read = report(decoder.decode(Row::Csv(&half), 1, arrival()));
    assert_eq!(
        read.flaw.unwrap().to_string(),
        "missing_field: lat without lon: give both or neither"
    );
}

#[test]
fn a_header_that_lacks_columns_is_one_clear_error() {
    let feed = stop_and_search();
    let header = StringRecord::from(vec!["type", "when", "lat"]);
    assert_eq!(
        feed.decoder(Some(&header)).unwrap_err().to_string(),
        "feed \"f\": no column \"timestamp\", \"lon\"; the header has \"type\", \"when\", \"lat\""
    );
}

#[test]
fn a_row_of_another_width_is_malformed() {
    let feed = stop_and_search();
    let header = StringRecord::from(vec!["type", "timestamp", "lat", "lon"]);
    let decoder = feed.decoder(Some(&header)).unwrap();
    let row = StringRecord::from(vec!["x"]);
    let reject = decoder.decode(Row::Csv(&row), 1, arrival()).unwrap_err();
    assert_eq!(reject.to_string(), "malformed: 1 columns, the header has 4");
}

#[test]
fn an_awkward_object_becomes_a_resource() {
    let knots = Source {
        scale: Some(0.514_444),
        ..Source::path("fix.kn")
    };
    let time = Source {
        time: Some(TimeFormat::new("%d/%m/%Y %H:%M", Some("Europe/London")).unwrap()),
        ..template("{d} {t}")
    };
    let feed = feed(
        Kind::Resource,
        FeedFormat::Json,
        &[
            (Target::Subject, Source::path("/unit~1id")),
            (Target::At, time),
            (Target::Easting, Source::path("fix.xy.0")),
            (Target::Northing, Source::path("fix.xy.1")),
            (Target::SpeedMps, knots),
            (
                Target::Status,
                table("st", &[("A", "0"), ("B", "2")], Otherwise::Keep),
            ),
            (
                Target::Class,
                table(
                    "cls",
                    &[("CAR", "vehicle")],
                    Otherwise::Value("other".to_owned()),
                ),
            ),
            (Target::Unit, table("u", &[], Otherwise::Drop)),
            (Target::Strength, Source::path("crew")),
            (Target::DestinationFence, Source::path("to")),
        ],
    );
    let decoder = feed.decoder(None).unwrap();
    let row = Row::Json(br#"{"unit/id":17,"d":"15/07/2024","t":"12:00","fix":{"xy":["530000",180000.5],"kn":"10"},"st":"A","cls":"VAN","u":"z","crew":"2","to":"rvp","secret":1}"#);
    let read = report(decoder.decode(row, 1, arrival()));
    assert_eq!((&*read.subject.id, read.flaw), ("17", None));
    assert_eq!(read.at.unwrap().millis(), 1_721_041_200_000);
    let metres = Location::EastingNorthing {
        easting: 530_000.0,
        northing: 180_000.5,
    };
    assert_eq!(read.location, Some(metres));
    let Body::Resource(resource) = read.body else {
        panic!()
    };
    assert!((resource.speed_mps.unwrap() - 5.144_44).abs() < 1e-9);
    assert_eq!(resource.status.as_deref(), Some("0"));
    assert_eq!(resource.class.as_deref(), Some("other"));
    assert_eq!((resource.unit, resource.strength), (None, Some(2)));
    assert_eq!(resource.destination, Some(Destination::Fence("rvp".into())));
    assert_eq!(
        decoder.unmapped(row, 1),
        [
            (Target::Class, "VAN".to_owned()),
            (Target::Unit, "z".to_owned())
        ]
    );
}

#[test]
fn a_value_that_cannot_be_read_is_named_and_the_rest_stays() {
    let feed = feed(
        Kind::Resource,
        FeedFormat::Json,
        &[
            (Target::Subject, Source::path("s")),
            (
                Target::At,
                Source {
                    time: Some(TimeFormat::new("unix_s", None).unwrap()),
                    ..Source::path("t")
                },
            ),
            (Target::Lat, Source::path("y")),
            (Target::Lon, Source::path("x")),
            (Target::Status, Source::path("st")),
        ],
    );
    let decoder = feed.decoder(None).unwrap();
    for (fields, expected) in [
        (
            r#""t":"noon""#,
            "malformed: at is \"noon\", expected seconds since 1970",
        ),
        (
            r#""t":1,"y":"NaN","x":1"#,
            "malformed: lat is \"NaN\", expected a number",
        ),
        (
            r#""t":1,"y":{},"x":1"#,
            "malformed: lat is an object, expected a number",
        ),
        (
            r#""t":1,"y":1"#,
            "missing_field: lat without lon: give both or neither",
        ),
        (
            r#""y":1,"x":1"#,
            "missing_field: at is missing: give the event time",
        ),
    ] {
        let json = format!(r#"{{"s":"A","st":0,{fields}}}"#);
        let read = report(decoder.decode(Row::Json(json.as_bytes()), 1, arrival()));
        assert_eq!(read.flaw.unwrap().to_string(), expected);
        let Body::Resource(resource) = read.body else {
            panic!()
        };
        assert_eq!(resource.status.as_deref(), Some("0"));
    }
    let reject = decoder
        .decode(Row::Json(b"{\"st\":0}"), 1, arrival())
        .unwrap_err();
    assert_eq!(reject.reason, Reason::MissingField);
}

#[test]
fn of_several_forms_of_a_place_one_counts() {
    let feed = feed(
        Kind::Incident,
        FeedFormat::Json,
        &[
            (Target::Subject, Source::path("s")),
            (Target::At, Source::path("t")),
            (Target::Lat, Source::path("y")),
            (Target::Lon, Source::path("x")),
            (Target::Postcode, Source::path("pc")),
            (Target::Text, Source::path("where")),
            (Target::RvpLat, Source::path("ry")),
            (Target::RvpLon, Source::path("rx")),
            (
                Target::Codes,
                table("codes", &[("F", "firearms")], Otherwise::Keep),
            ),
        ],
    );
    let decoder = feed.decoder(None).unwrap();
    let json = br#"{"s":"J","t":0,"y":51.5,"x":0.1,"pc":"SW9 8HH","where":"here","ry":51.4,"rx":"0.2","codes":["F",7]}"#;
    let read = report(decoder.decode(Row::Json(json), 1, arrival()));
    assert_eq!(read.flaw, None);
    assert_eq!(
        read.location,
        Some(Location::Degrees {
            lat: 51.5,
            lng: 0.1
        })
    );
    let Body::Incident(incident) = read.body else {
        panic!()
    };
    assert_eq!(incident.rvp, Some(Position::new(51.4, 0.2).unwrap()));
    assert_eq!(incident.codes, ["firearms", "7"]);
    let json = br#"{"s":"J","t":0,"pc":"SW9 8HH","where":"here"}"#;
    let read = report(decoder.decode(Row::Json(json), 1, arrival()));
    assert_eq!(read.location, Some(Location::Postcode("SW9 8HH".into())));
}

#[test]
fn a_mapping_that_cannot_work_says_so() {
    let mut feed = stop_and_search();
    assert_eq!(feed.problems(), Vec::<String>::new());
    feed.fields.remove(&Target::At);
    feed.fields.remove(&Target::Lon);
    feed.fields.insert(
        Target::Status,
        Source {
            scale: Some(2.0),
            ..Source::path("x")
        },
    );
    assert_eq!(
        feed.problems(),
        [
            "fields.at is missing: say where it comes from",
            "fields.lat needs fields.lon beside it",
            "fields.status is no field of a feed of kind \"incident\": delete it",
            "fields.status.scale is for numbers: delete it",
        ]
    );
}

proptest! {
    #[test]
    fn no_row_makes_it_panic(
        cells in prop::collection::vec(".{0,20}|-?[0-9.e]{0,12}", 4),
        bytes in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let mut feed = stop_and_search();
        let header = StringRecord::from(vec!["type", "timestamp", "lat", "lon"]);
        let row = StringRecord::from(cells);
        let decoder = feed.decoder(Some(&header)).unwrap();
        let _ = decoder.decode(Row::Csv(&row), 1, arrival());
        let kept = decoder.kept(Row::Csv(&row), 1);
        prop_assert!(serde_json::from_slice::<serde_json::Value>(&kept).is_ok());
        feed.format = FeedFormat::Json;
        let _ = feed.decoder(None).unwrap().decode(Row::Json(&bytes), 1, arrival());
    }
}

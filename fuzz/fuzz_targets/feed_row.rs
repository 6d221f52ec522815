//! No row makes the decoder of a feed panic, and no words of a config make the parsers of its mapping.
#![no_main]

use std::collections::BTreeMap;
use std::time::Duration;

use cordon::domain::ids::Kind;
use cordon::domain::report::Arrival;
use cordon::domain::time::Timestamp;
use cordon::io::wire::feed::{
    BlankCoordinates, Feed, FeedFormat, Origin, Row, Source, Target, Template, TimeFormat,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, Option<&str>, &[u8])| {
    let (words, zone, record) = input;
    let time = TimeFormat::new(words, zone).ok();
    let mut fields: BTreeMap<Target, Source> = ["lat", "lon", "easting", "northing", "category"]
        .into_iter()
        .filter_map(|name| Some((Target::parse(name)?, Source::path(name))))
        .collect();
    if let Some(target) = Target::parse("at") {
        fields.insert(target, Source { time, ..Source::path("at") });
    }
    if let (Some(target), Ok(template)) = (Target::parse("subject"), Template::parse(words)) {
        fields.insert(target, Source::of(Origin::Template(template)));
    }
    let feed = Feed {
        name: "fuzz".to_owned(),
        kind: Kind::Incident,
        format: FeedFormat::Json,
        lateness: Duration::from_secs(600),
        blank_coordinates: BlankCoordinates::EmptyText,
        fields,
    };
    let arrival = Arrival {
        received: Timestamp::from_millis(1_788_124_445_120).unwrap_or_default(),
        delay: Duration::ZERO,
        lateness: feed.lateness,
    };
    if let Ok(decoder) = feed.decoder(None) {
        let _ = decoder.decode(Row::Json(record), 1, arrival);
        let _ = decoder.kept(Row::Json(record), 1);
    }
});

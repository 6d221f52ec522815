//! The story, held against a replay with the packaged rules.

use std::collections::BTreeMap;

use serde_json::Value;

use super::*;
use crate::config::{self, Config};
use crate::geocode::Geocoder;
use crate::replay::input::{Layout, Place, Source};
use crate::replay::{self, Plan};

/// Replays what is in `folder` into `folder`.
fn replay(folder: &Path) {
    let config = Config::load(None, BTreeMap::new()).unwrap();
    let source = |kind, name: &str| Source {
        place: Place::File(folder.join(name)),
        layout: Layout::Reports(kind, config.lateness_of(kind)),
    };
    let plan = Plan {
        sources: vec![
            source(Kind::Resource, "positions.ndjson"),
            source(Kind::Incident, "incidents.ndjson"),
        ],
        fences: config::fences::load(&[folder.join("fences.geojson")]).unwrap(),
        rules: config.rules.clone(),
        rule_edits: Vec::new(),
        track: config.track(),
        geocoder: Geocoder::default(),
        picture: config.picture(),
        sort: false,
        reorder: config.reorder,
        now: arrival().received,
        is_now: true,
        threads: 1,
        speed: None,
    };
    replay::run(plan, folder, |_| {}).unwrap();
}

fn lines(folder: &Path, name: &str) -> Vec<Value> {
    let parse = |line| serde_json::from_str(line).unwrap();
    read(folder, name).lines().map(parse).collect()
}

#[test]
fn the_packaged_rules_ring_in_the_chapters() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut story = Story::new(1, 120);
    let features: Vec<_> = story.fences().into_iter().map(|fence| fence.json).collect();
    std::fs::write(
        folder.join("fences.geojson"),
        crate::simulate::sink::collection(&features),
    )
    .unwrap();
    let (mut positions, mut incidents) = (Vec::new(), Vec::new());
    let start = Timestamp::from_millis(DEFAULT_START_MS).unwrap();
    for second in 0..600 {
        for out in story.tick(second, start + Duration::from_secs(second)) {
            let file = match out.topic {
                Topic::Positions => &mut positions,
                Topic::Incidents => &mut incidents,
            };
            file.extend(out.value);
            file.push(b'\n');
        }
    }
    std::fs::write(folder.join("positions.ndjson"), positions).unwrap();
    std::fs::write(folder.join("incidents.ndjson"), incidents).unwrap();
    replay(folder);

    let mut rung: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    let alerts = lines(folder, "alerts.ndjson");
    for alert in alerts.iter().filter(|alert| alert["state"] == "open") {
        let at = wire::time::parse_rfc3339(alert["at"].as_str().unwrap()).unwrap();
        let rule = alert["rule"].as_str().unwrap().to_owned();
        rung.entry(rule)
            .or_default()
            .push(at.since(start).as_secs());
    }
    let chapter = |rule: &str| {
        let seconds = rung.get(rule).map_or(&[][..], Vec::as_slice);
        seconds
            .iter()
            .map(|second| Story::chapter(*second))
            .collect::<Vec<_>>()
    };
    assert!(rung["cordon-left"][0] <= 5, "the first alert: {rung:?}");
    assert_eq!(chapter("cordon-left").len(), 1, "{rung:?}");
    assert_eq!(
        chapter("sterile-zone-breach"),
        ["Somebody enters the sterile zone"]
    );
    assert_eq!(chapter("officer-emergency"), ["An officer calls for help"]);
    assert_eq!(
        chapter("sector-empty")[0],
        "The City is left empty",
        "{rung:?}"
    );
    assert!(rung["immediate-unplaced"].contains(&20), "{rung:?}");
}

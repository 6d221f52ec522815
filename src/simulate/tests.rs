//! The worlds, held against the path that reads them.

mod replayed;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use super::*;
use crate::domain::ids::Kind;
use crate::domain::report::Arrival;
use crate::io::wire::report::{Record, decode};
use crate::simulate::places::{CITY, CORDON, RVP, SECTORS, STERILE};
use crate::simulate::story::{Out, Topic};

fn settings(scenario: Scenario, seed: u64) -> Settings {
    Settings {
        scenario,
        seed,
        ..Settings::default()
    }
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

fn arrival() -> Arrival {
    Arrival {
        received: Timestamp::from_millis(DEFAULT_START_MS).unwrap() + Duration::from_hours(24),
        delay: Duration::ZERO,
        lateness: Duration::from_secs(30),
    }
}

fn read_report(kind: Kind, line: &[u8]) -> Report {
    match decode(kind, line, arrival()).unwrap() {
        Record::Report(report) => *report,
        Record::Deleted { .. } => panic!("nothing is deleted"),
    }
}

#[test]
fn a_seed_is_a_world() {
    for scenario in Scenario::ALL {
        let folders: Vec<_> = [1, 1, 2]
            .into_iter()
            .map(|seed| {
                let folder = tempfile::tempdir().unwrap();
                write(&settings(scenario, seed), folder.path()).unwrap();
                folder
            })
            .collect();
        for name in [
            "positions.ndjson",
            "incidents.ndjson",
            "truth.ndjson",
            "fences.geojson",
        ] {
            let [first, same, other] =
                [0, 1, 2].map(|number: usize| read(folders[number].path(), name));
            assert!(first == same, "{name} of {}", scenario.label());
            assert_eq!(first == other, name == "fences.geojson", "{name}");
        }
    }
}

#[test]
fn what_is_written_is_what_is_read_and_the_faults_are_those_told() {
    for scenario in Scenario::ALL {
        let folder = tempfile::tempdir().unwrap();
        let summary = write(&settings(scenario, 7), folder.path()).unwrap();
        assert_eq!(summary.resources, 100);
        let records = summary.position_lines + summary.incident_lines - summary.faults;
        assert_eq!(records, 12_000);
        assert!(
            summary.incident_lines > 200 && summary.faults > 50,
            "{summary:?}"
        );

        let truth: Vec<serde_json::Value> = read(folder.path(), "truth.ndjson")
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(truth.len() as u64, summary.truths);
        let kinds: BTreeSet<_> = truth
            .iter()
            .map(|line| line["expect"].as_str().unwrap())
            .collect();
        let all = ["alert", "enter", "exit", "late", "reject"];
        assert_eq!(kinds, BTreeSet::from(all));
        let emergencies = truth
            .iter()
            .filter(|line| line["rule"] == "officer-emergency");
        assert_eq!(emergencies.count(), 1);

        let refused: BTreeMap<_, _> = truth
            .iter()
            .filter(|line| line["file"] == "positions")
            .map(|line| {
                (
                    line["line"].as_u64().unwrap(),
                    line["reason"].as_str().unwrap(),
                )
            })
            .collect();
        let reasons: BTreeSet<_> = refused.values().copied().collect();
        assert_eq!(reasons.len(), 7, "{reasons:?}");
        for (number, line) in (1..).zip(read(folder.path(), "positions.ndjson").lines()) {
            if !refused.contains_key(&number) {
                assert_eq!(read_report(Kind::Resource, line.as_bytes()).flaw, None);
            }
        }
        for line in read(folder.path(), "incidents.ndjson").lines() {
            assert_eq!(
                read_report(Kind::Incident, line.as_bytes()).flaw,
                None,
                "{line}"
            );
        }
        let fences = wire::fence::read_collection(&read(folder.path(), "fences.geojson")).unwrap();
        assert_eq!(fences.len(), summary.fences);
    }
}

#[test]
fn incidents_come_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    write(&settings(Scenario::Routine, 3), folder.path()).unwrap();
    let incidents = read(folder.path(), "incidents.ndjson");
    for word in [
        "\"lat\":",
        "\"easting\":",
        "\"grid\":\"TQ ",
        "\"postcode\":",
        "\"text\":",
        "\"grade\":\"I\"",
        "\"grade\":\"S\"",
        "\"grade\":\"E\"",
        "\"grade\":\"R\"",
        "\"state\":\"closed\"",
    ] {
        assert!(incidents.contains(word), "{word}");
    }
}

#[test]
fn a_world_too_large_or_too_slow_is_refused() {
    let refused = |change: fn(&mut Settings)| {
        let mut settings = Settings::default();
        change(&mut settings);
        settings.checked_resources().unwrap_err().to_string()
    };
    assert!(refused(|settings| settings.rate = f64::NAN).contains("rate is NaN"));
    assert!(refused(|settings| settings.minutes = 0).contains("minutes is 0"));
    assert!(refused(|settings| settings.resources = Some(3)).contains("expected 20"));
    assert!(refused(|settings| settings.resources = Some(900_000)).contains("raise the rate"));
}

/// Everything the fences should see in one loop and a half of the story, and what was reported.
struct Told {
    /// By second: who entered or left what.
    crossings: Vec<(u64, String, String, String)>,
    /// By second: resource reports, and how many of them are deployable in the City.
    positions: Vec<(usize, usize)>,
    emergencies: Vec<u64>,
    immediate_unplaced: Vec<u64>,
    disorder: Vec<u64>,
}

fn tell(seconds: u64) -> Told {
    let mut story = Story::new(5, 150);
    let zones = places::zones(true);
    let mut truth = Truth::new(&zones);
    let mut told = Told {
        crossings: Vec::new(),
        positions: Vec::new(),
        emergencies: Vec::new(),
        immediate_unplaced: Vec::new(),
        disorder: Vec::new(),
    };
    for second in 0..seconds {
        let at = Timestamp::from_millis(DEFAULT_START_MS).unwrap() + Duration::from_secs(second);
        let mut counts = (0, 0);
        for out in story.tick(second, at) {
            told.take(second, &out, &mut truth, &mut counts);
        }
        told.positions.push(counts);
        for line in std::mem::take(&mut truth.lines).split(|byte| *byte == b'\n') {
            if line.is_empty() {
                continue;
            }
            let line: serde_json::Value = serde_json::from_slice(line).unwrap();
            let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            told.crossings
                .push((second, text("subject"), text("fence"), text("expect")));
        }
    }
    told
}

impl Told {
    fn take(&mut self, second: u64, out: &Out, truth: &mut Truth, counts: &mut (usize, usize)) {
        let kind = match out.topic {
            Topic::Positions => Kind::Resource,
            Topic::Incidents => Kind::Incident,
        };
        let report = read_report(kind, &out.value);
        assert_eq!(
            (report.flaw.as_ref(), &*report.subject.id),
            (None, out.key.as_str())
        );
        let spot = spot_of(&report);
        match &report.body {
            Body::Resource(resource) => {
                truth.report(&out.key, report.at.unwrap(), spot, Said::default());
                counts.0 += usize::from(spot.is_some());
                let deployable = matches!(resource.status.as_deref(), Some("2" | "3" | "7"));
                let here = spot.is_some_and(|spot| SECTORS[CITY].zone.shape.holds(spot));
                counts.1 += usize::from(deployable && here);
                if spot.is_none() && resource.status.as_deref() == Some(EMERGENCY) {
                    self.emergencies.push(second);
                }
            }
            Body::Incident(incident) => {
                let text = matches!(report.location, Some(Location::Text(_)));
                if text && incident.grade.as_deref() == Some("I") {
                    self.immediate_unplaced.push(second);
                }
                if incident
                    .category
                    .as_deref()
                    .is_some_and(|category| category.starts_with("disorder"))
                {
                    self.disorder.push(second);
                }
            }
        }
    }

    fn crossed(&self, fence: &str, kind: &str) -> Vec<u64> {
        let of_resource = |subject: &str| subject.starts_with("MP-");
        self.crossings
            .iter()
            .filter(|(_, subject, at, what)| at == fence && what == kind && of_resource(subject))
            .map(|(second, ..)| *second)
            .collect()
    }
}

#[test]
fn the_chapters_do_what_they_say_and_the_loop_does_it_again() {
    let told = tell(1200);
    for start in [0, 600] {
        let within = |seconds: Vec<u64>, from: u64, to: u64| {
            let inside = |second: &&u64| (start + from..=start + to).contains(*second);
            seconds.iter().filter(inside).count()
        };
        assert_eq!(
            within(told.crossed(CORDON.id, "exit"), 1, 5),
            1,
            "the post is left"
        );
        assert_eq!(
            within(told.crossed(RVP.id, "enter"), 1, 5),
            1,
            "somebody is met"
        );
        assert_eq!(
            within(told.crossed(STERILE.id, "enter"), 150, 209),
            1,
            "the breach"
        );
        assert_eq!(
            within(told.crossed(STERILE.id, "enter"), 0, 599),
            1,
            "one breach"
        );
        assert_eq!(
            within(told.crossed(STERILE.id, "exit"), 200, 269),
            1,
            "it ends"
        );
        assert_eq!(
            within(told.emergencies.clone(), 210, 269),
            1,
            "the call for help"
        );
        assert!(
            within(told.immediate_unplaced.clone(), 0, 45) >= 1,
            "the lost caller"
        );
        assert!(within(told.disorder.clone(), 420, 540) > 30, "the disorder");

        let city = |from: usize, to: usize| {
            let start = usize::try_from(start).unwrap();
            told.positions[start + from..start + to]
                .iter()
                .map(|(_, city)| *city)
                .max()
                .unwrap()
        };
        assert!(
            city(0, 59) > 3,
            "the City is manned from {start}: {}",
            city(0, 59)
        );
        assert_eq!(city(61, 430), 0, "and empty for over six minutes");
        let frozen = |second: usize| told.positions[usize::try_from(start).unwrap() + second].0;
        assert_eq!(
            (frozen(544), frozen(545), frozen(589), frozen(590)),
            (150, 0, 0, 150)
        );
    }
    assert_eq!(Story::chapter(0), "A quiet afternoon");
    assert_eq!(
        Story::chapter(600 + 160),
        "Somebody enters the sterile zone"
    );
    assert_eq!(Story::chapter(599), "A feed freezes");
}

#[test]
fn nobody_moves_faster_than_a_car_on_call() {
    let mut story = Story::new(9, 60);
    let mut last: BTreeMap<String, (u64, Spot)> = BTreeMap::new();
    for second in 0..1300 {
        for out in story.tick(second, Timestamp::default()) {
            let Some(spot) = (out.topic == Topic::Positions)
                .then(|| spot_of(&read_report(Kind::Resource, &out.value)))
                .flatten()
            else {
                continue;
            };
            if let Some((before, from)) = last.insert(out.key.clone(), (second, spot)) {
                let metres = from.distance(spot);
                // Two receivers' noise and two steps clear of an edge beside the way itself.
                assert!(
                    metres < 16.0 * as_f64(second - before) + 60.0,
                    "{}: {metres} m",
                    out.key
                );
            }
        }
    }
}

#[test]
fn the_story_of_a_seed_is_always_the_same() {
    let tell = |seed| {
        let mut story = Story::new(seed, 60);
        (0..100)
            .flat_map(|second| story.tick(second, Timestamp::default()))
            .collect::<Vec<_>>()
    };
    assert_eq!(tell(1), tell(1));
    assert_ne!(tell(1), tell(2));
}

#[test]
fn skipped_seconds_lose_positions_and_nothing_else() {
    let mut one = Story::new(1, 40);
    let mut other = Story::new(1, 40);
    let count = |outs: &[Out]| {
        outs.iter()
            .filter(|out| out.topic == Topic::Incidents)
            .count()
    };
    let each: usize = (0..=60)
        .map(|second| count(&one.tick(second, Timestamp::default())))
        .sum();
    let outs = other.tick(60, Timestamp::default());
    assert_eq!((each, outs.len() - each), (count(&outs), 40));
    assert!(other.tick(60, Timestamp::default()).is_empty());
}

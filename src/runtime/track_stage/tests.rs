//! On the embedded broker: what comes out of a partition is the same, whoever works on it.

use std::collections::BTreeMap;
use std::thread;

use super::lanes::{self, Lane};
use super::shard::Shard;
use super::*;
use crate::config::Config as Settings;
use crate::domain::ids::Kind;
use crate::domain::time::Timestamp;
use crate::io::kafka::embedded::EmbeddedBroker;
use crate::io::kafka::tail::Tail;

const PARTITIONS: i32 = 4;
const SUBJECTS: usize = 40;
const RECORDS: usize = 3000;
const FENCE: &str = r#"{"type":"Feature","id":"bridge",
 "properties":{"class":"sterile","detect":["enter","exit"]},
 "geometry":{"type":"Polygon","coordinates":[[[-0.13,51.50],[-0.12,51.50],[-0.12,51.51],[-0.13,51.51],[-0.13,51.50]]]}}"#;
const TOLD: [&str; 6] = [
    topics::LOCATED,
    topics::UNPLACED,
    topics::TRANSITIONS,
    topics::ALERTS,
    topics::FACTS,
    topics::DEAD_LETTERS,
];

/// What came out: by topic, partition and key in the order there, where one subject has the key.
type Out = BTreeMap<(String, i32, String), Vec<Option<Vec<u8>>>>;

/// A broker with a fence, and the stage as it is packaged.
struct Room {
    broker: EmbeddedBroker,
    outbox: Outbox,
    settings: Settings,
}

impl Room {
    fn new() -> Self {
        let broker = EmbeddedBroker::start(PARTITIONS, &[]).unwrap();
        let settings = Settings::default();
        let outbox = Outbox::open(&settings.kafka, &broker.address()).unwrap();
        let at = Some(Timestamp::from_millis(1).unwrap());
        let fence = Some(FENCE.as_bytes());
        outbox.send_at(topics::FENCES, "bridge", fence, at).unwrap();
        outbox.drain(|| false);
        Self {
            broker,
            outbox,
            settings,
        }
    }

    fn stage(&self, threads: usize) -> TrackStage {
        TrackStage {
            kafka: self.settings.kafka.clone(),
            brokers: self.broker.address(),
            threads,
            track: self.settings.track(),
            geocoder: Geocoder::default(),
            rules: self.settings.rules.clone(),
            rule_reader: RuleReader::new(&self.settings),
            lateness: (
                self.settings.lateness_of(Kind::Resource),
                self.settings.lateness_of(Kind::Incident),
            ),
            telemetry: Telemetry::new().unwrap(),
        }
    }

    fn send(&self, numbers: std::ops::Range<usize>, began: Timestamp) {
        for number in numbers {
            let at = began + Duration::from_millis(u64::try_from(number).unwrap() * 20);
            let received = Some(at + Duration::from_millis(100));
            let (topic, key, value) = report(number, at);
            let value = value.as_ref().map(String::as_bytes);
            self.outbox.send_at(topic, &key, value, received).unwrap();
        }
        self.outbox.drain(|| false);
    }

    /// Runs the stage until as many of `located` and `dead-letters` are there as must be, then stops it.
    fn run(&self, threads: usize, until: usize) -> Out {
        let (stage, stop) = (self.stage(threads), Stop::default());
        let running = {
            let stop = stop.clone();
            thread::spawn(move || stage.run(&stop))
        };
        let mut tail = self.tail();
        let mut seen = 0;
        while seen < until {
            assert!(!running.is_finished(), "the stage ended");
            let record = tail.next(Duration::from_millis(100)).unwrap();
            seen += record.map_or(0, |record| usize::from(counts(&record)));
        }
        stop.now();
        running.join().unwrap().unwrap();
        self.out()
    }

    fn tail(&self) -> Tail {
        let told = TOLD.map(|topic| (topic, None));
        let wait = Duration::from_millis(10);
        Tail::open(&self.settings.kafka, &self.broker.address(), &told, wait).unwrap()
    }

    fn out(&self) -> Out {
        let mut tail = self.tail();
        let mut out = Out::new();
        while !tail.is_caught_up() {
            let Some(record) = tail.next(Duration::from_millis(100)).unwrap() else {
                continue;
            };
            let Partition { topic, number } = record.at.partition;
            let key = record.key.unwrap_or_default();
            let values = out.entry((topic, number, key)).or_default();
            values.push(record.value);
        }
        for ((topic, ..), values) in &mut out {
            // All shards share one partition and key here.
            if [topics::FACTS, topics::DEAD_LETTERS].contains(&topic.as_str()) {
                values.sort();
            }
        }
        out
    }
}

/// Each of the numbered reports makes exactly one of these.
fn counts(record: &Record) -> bool {
    [topics::LOCATED, topics::DEAD_LETTERS].contains(&record.at.partition.topic.as_str())
}

/// Units that walk in and out of the fence, some that go wrong, some that leave, and incidents.
fn report(number: usize, at: Timestamp) -> (&'static str, String, Option<String>) {
    let (subject, step) = (number % SUBJECTS, number / SUBJECTS);
    let (at, lat) = (at.millis(), if step % 3 == 0 { 51.505 } else { 51.52 });
    if number % 97 == 5 {
        return (topics::POSITIONS, format!("U{subject}"), Some("{".into()));
    }
    if number % 89 == 7 {
        return (topics::POSITIONS, format!("U{subject}"), None);
    }
    if subject % 8 == 1 {
        let key = format!("I{subject}");
        let report = format!(
            r#"{{"subject":"{key}","at":{at},"lat":{lat},"lon":-0.125,"category":"disorder","state":"open"}}"#
        );
        return (topics::INCIDENTS, key, Some(report));
    }
    let key = format!("U{subject}");
    let report = format!(r#"{{"subject":"{key}","at":{at},"lat":{lat},"lon":-0.125}}"#);
    (topics::POSITIONS, key, Some(report))
}

fn kinds(out: &Out) -> Vec<&str> {
    let mut kinds: Vec<_> = out.keys().map(|(topic, ..)| topic.as_str()).collect();
    kinds.dedup();
    kinds
}

#[test]
fn what_comes_out_of_a_partition_does_not_hang_on_how_many_threads_there_are() {
    let began = now() - Duration::from_mins(2);
    let out = |threads| {
        let room = Room::new();
        room.send(0..RECORDS, began);
        room.run(threads, RECORDS)
    };
    let (one, four) = (out(1), out(4));
    assert!(kinds(&one).len() >= 5, "{:?}", kinds(&one));
    assert_eq!(kinds(&one), kinds(&four));
    for (place, values) in &one {
        assert_eq!(Some(values), four.get(place), "{place:?}");
    }
    assert_eq!(one, four);
}

#[test]
fn a_stage_that_begins_anew_with_other_threads_goes_on_where_it_was_and_tells_nothing_twice() {
    let began = now() - Duration::from_mins(2);
    let room = Room::new();
    room.send(0..RECORDS, began);
    let straight = room.run(3, RECORDS);

    let room = Room::new();
    room.send(0..RECORDS / 2, began);
    room.run(1, RECORDS / 2);
    room.send(RECORDS / 2..RECORDS, began);
    assert_eq!(room.run(4, RECORDS), straight);
}

#[test]
fn under_overload_the_newest_position_stands_for_the_others_and_everything_else_goes_first() {
    let room = Room::new();
    let stage = room.stage(1);
    let assignment = Assignment {
        partition: Partition {
            topic: topics::POSITIONS.into(),
            number: 0,
        },
        committed: None,
        end: 0,
        is_empty: true,
    };
    let mut shard = Shard::new(&stage, assignment.clone());
    let mut read = |number: i64, key: &str, value: &str| {
        shard.read(Record {
            at: Offset {
                partition: assignment.partition.clone(),
                number,
            },
            received: Timestamp::from_millis(1_000_000).unwrap(),
            key: Some(key.into()),
            value: Some(value.as_bytes().to_vec()),
        })
    };
    let at = |subject: &str| format!(r#"{{"subject":"{subject}","at":1,"lat":51.5,"lon":0}}"#);
    let records = vec![
        read(0, "A", &at("A")),
        read(1, "B", &at("B")),
        read(2, "A", &at("A")),
        read(3, "A", r#"{"subject":"A","at":1,"status":"7"}"#),
        read(4, "C", "{"),
        read(5, "A", &at("A")),
    ];
    let vocabulary = &stage.track.vocabulary;
    let (order, thinned) = lanes::sort(records, |read| {
        if read.is_mere_position(vocabulary) {
            Lane::Newest
        } else {
            Lane::First
        }
    });
    let order: Vec<_> = order.iter().map(|read| read.record.at.number).collect();
    assert_eq!(order, [3, 4, 1, 5]);
    let thinned: Vec<_> = thinned.iter().map(|at| at.number).collect();
    assert_eq!(thinned, [0, 2]);
}

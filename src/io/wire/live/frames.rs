//! What clients are sent: the frames of the live socket, and the answers beside it.

use crate::domain::alert::Severity;
use crate::domain::served::{Channel, Served};
use crate::domain::time::Timestamp;
use crate::io::wire::json::{Object, write_integer, write_number, write_text};
use crate::io::wire::live::{LONGEST_FRAME, Refused};

/// How fresh one feed is, in words.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FeedLine {
    /// Its name.
    pub name: &'static str,
    /// Newest event time.
    pub at: Timestamp,
    /// From that event to its arrival, seconds.
    pub lag_s: f64,
    /// Since its last record arrived, seconds.
    pub age_s: f64,
}

/// The first frame.
#[must_use]
pub fn hello(now: Timestamp, subscriptions: usize) -> String {
    written(|out| {
        let mut frame = Object::open(out);
        frame.text("type", "hello");
        frame.text("server", "cordon");
        frame.text("version", env!("CARGO_PKG_VERSION"));
        frame.time("time", now);
        let mut limits = Object::open(frame.name("limits"));
        limits.integer("frame_bytes", whole(LONGEST_FRAME));
        limits.integer("subscriptions", whole(subscriptions));
        limits.integer("unacknowledged_position_frames", 1);
        limits.end();
        frame.end();
    })
}

/// One page of what holds now.
#[must_use]
pub fn snapshot(sub: &str, channel: Channel, page: &[impl AsRef<Served>], is_last: bool) -> String {
    written(|out| {
        let mut frame = Object::open(out);
        frame.text("type", "snapshot");
        frame.text("sub", sub);
        frame.text("channel", channel.label());
        frame.bool("last", is_last);
        let data = page.iter().map(|record| &*record.as_ref().data);
        list(data, frame.name("data"));
        frame.end();
    })
}

/// The snapshot is over; what follows is news.
#[must_use]
pub fn live(sub: &str, resume: &str) -> String {
    written(|out| {
        let mut frame = Object::open(out);
        frame.text("type", "live");
        frame.text("sub", sub);
        frame.text("resume", resume);
        frame.end();
    })
}

/// One record of a channel.
#[must_use]
pub fn record(channel: Channel, sub: &str, resume: Option<&str>, data: &str) -> String {
    written(|out| {
        let mut frame = Object::open(out);
        frame.text("type", channel.frame());
        frame.text("sub", sub);
        frame.text_if("resume", resume);
        frame.name("data").extend_from_slice(data.as_bytes());
        frame.end();
    })
}

/// The newest records of many resources.
#[must_use]
pub fn positions(sub: &str, records: &[impl AsRef<Served>]) -> String {
    written(|out| {
        let mut frame = Object::open(out);
        frame.text("type", "positions");
        frame.text("sub", sub);
        let data = records.iter().map(|record| &*record.as_ref().data);
        list(data, frame.name("data"));
        frame.end();
    })
}

/// A subject is gone, or is no longer what the subscription is about.
#[must_use]
pub fn removed(sub: &str, subject: &str) -> String {
    written(|out| {
        let mut frame = Object::open(out);
        frame.text("type", "removed");
        frame.text("sub", sub);
        frame.text("subject", subject);
        frame.end();
    })
}

/// Every 15 s: that we are here, and how fresh the feeds are.
#[must_use]
pub fn heartbeat(now: Timestamp, feeds: &[FeedLine], chapter: Option<&str>) -> String {
    written(|out| {
        let mut frame = Object::open(out);
        frame.text("type", "heartbeat");
        frame.time("time", now);
        let lines: Vec<String> = feeds
            .iter()
            .map(|feed| written(|out| feed.write(out)))
            .collect();
        list(lines.iter().map(String::as_str), frame.name("feeds"));
        frame.text_or_null("chapter", chapter);
        frame.end();
    })
}

impl FeedLine {
    fn write(&self, out: &mut Vec<u8>) {
        let mut line = Object::open(out);
        line.text("name", self.name);
        line.time("event_time", self.at);
        line.number("lag_s", self.lag_s);
        line.number("age_s", self.age_s);
        line.end();
    }
}

/// Alerts come faster than people can read: how many, beside the alerts themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StormLine {
    /// False for the last word on it.
    pub is_on: bool,
    /// When it began.
    pub since: Timestamp,
    /// Alerts that opened since.
    pub count: u64,
    /// How many of them are critical.
    pub critical: u64,
}

/// At most once a second while a storm is on, and once when it is over.
#[must_use]
pub fn storm(storm: &StormLine) -> String {
    let whole = |count| i64::try_from(count).unwrap_or(i64::MAX);
    written(|out| {
        let mut frame = Object::open(out);
        frame.text("type", "storm");
        frame.text("state", if storm.is_on { "on" } else { "ended" });
        let StormLine {
            count, critical, ..
        } = storm;
        let detail = format!("{count} alerts opened in this storm, {critical} of them critical");
        frame.text("detail", &detail);
        frame.time("since", storm.since);
        frame.integer("count", whole(storm.count));
        frame.integer("critical", whole(storm.critical));
        frame.end();
    })
}

/// A frame that has nothing to say but its type.
#[must_use]
pub fn bare(kind: &str) -> String {
    written(|out| {
        let mut frame = Object::open(out);
        frame.text("type", kind);
        frame.end();
    })
}

/// A frame, or an answer, that something was refused.
#[must_use]
pub fn error(refused: &Refused) -> String {
    written(|out| {
        let mut frame = Object::open(out);
        frame.text("type", "error");
        frame.text("code", refused.code);
        frame.text("detail", &refused.detail);
        frame.text_if("id", refused.id.as_deref());
        frame.end();
    })
}

/// Fences as one `FeatureCollection`.
#[must_use]
pub fn collection(features: &[impl AsRef<Served>]) -> String {
    written(|out| {
        let mut object = Object::open(out);
        object.text("type", "FeatureCollection");
        let data = features.iter().map(|feature| &*feature.as_ref().data);
        list(data, object.name("features"));
        object.end();
    })
}

/// Records under one name.
#[must_use]
pub fn listing(name: &str, records: &[impl AsRef<Served>]) -> String {
    written(|out| {
        let mut object = Object::open(out);
        let data = records.iter().map(|record| &*record.as_ref().data);
        list(data, object.name(name));
        object.end();
    })
}

/// What came of a command: the record as it is now.
#[must_use]
pub fn done(id: &str, effect: &str) -> String {
    written(|out| {
        let mut object = Object::open(out);
        object.text("id", id);
        object.name("effect").extend_from_slice(effect.as_bytes());
        object.end();
    })
}

/// The rules in force, for people.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Rules {
    /// Name of the set.
    pub version: String,
    /// In the order of the file.
    pub rules: Vec<RuleLine>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleLine {
    /// Its id.
    pub id: String,
    /// Its title, with the places to fill in.
    pub title: String,
    /// Severity of its alerts, unless their fence has one.
    pub severity: Severity,
    /// An alert that nobody acknowledged stays open when its condition ends.
    pub hold: bool,
}

impl Rules {
    /// The answer to `/v1/rules`.
    #[must_use]
    pub fn encode(&self) -> String {
        let line = |rule: &RuleLine| {
            written(|out| {
                let mut object = Object::open(out);
                object.text("id", &rule.id);
                object.text("title", &rule.title);
                object.text("severity", rule.severity.label());
                object.bool("hold", rule.hold);
                object.end();
            })
        };
        let lines: Vec<_> = self.rules.iter().map(line).collect();
        written(|out| {
            let mut object = Object::open(out);
            object.text("version", &self.version);
            list(lines.iter().map(String::as_str), object.name("rules"));
            object.end();
        })
    }
}

/// How the room is set up, for the page.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup<'a> {
    /// Protective marking.
    pub marking: &'a str,
    /// Name of the operation.
    pub operation: &'a str,
    /// Role of whoever looks.
    pub role: &'a str,
    /// Latitude and longitude of the middle of the map, degrees.
    pub centre: (f64, f64),
    /// Zoom of the map, as web maps count it.
    pub zoom: f64,
    /// Seconds of silence after which a class is shown as stale.
    pub stale_after_s: &'a [(String, u64)],
    /// Everything on screen is made up.
    pub demo: bool,
}

impl Setup<'_> {
    /// The answer to `/v1/ui`.
    #[must_use]
    pub fn encode(&self) -> String {
        written(|out| {
            let mut object = Object::open(out);
            object.text("marking", self.marking);
            object.text("operation", self.operation);
            object.text("role", self.role);
            object.bool("demo", self.demo);
            let mut map = Object::open(object.name("map"));
            let (lat, lng) = self.centre;
            let centre = map.name("center");
            centre.push(b'[');
            write_number(lng, centre);
            centre.push(b',');
            write_number(lat, centre);
            centre.push(b']');
            map.number("zoom", self.zoom);
            map.end();
            let out = object.name("stale_after_s");
            out.push(b'{');
            for (index, (class, seconds)) in self.stale_after_s.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_text(class, out);
                out.push(b':');
                write_integer(i64::try_from(*seconds).unwrap_or(i64::MAX), out);
            }
            out.push(b'}');
            object.end();
        })
    }
}

fn list<'a>(records: impl Iterator<Item = &'a str>, out: &mut Vec<u8>) {
    out.push(b'[');
    for (index, record) in records.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.extend_from_slice(record.as_bytes());
    }
    out.push(b']');
}

fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    // Only text goes in above, so nothing is ever replaced.
    String::from_utf8(out)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn whole(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

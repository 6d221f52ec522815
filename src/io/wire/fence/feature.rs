//! One Feature: its id and its properties.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::domain::alert::Severity;
use crate::domain::fence::{Fence, FenceEdit, Geometry, SpeedLimit};
use crate::domain::ids::{FenceId, Kind, Region};
use crate::domain::profile::SubjectFilter;
use crate::domain::report::Text;
use crate::domain::time::Timestamp;
use crate::domain::transition::{TransitionKind, TransitionKinds};
use crate::io::wire::fence::plain::coordinates::Coordinates;
use crate::io::wire::fence::{Problem, detected, geometry};
use crate::io::wire::time::parse_rfc3339;

/// Reads properties and gathers what is wrong with them.
pub(super) struct Reader<'v> {
    pub(super) properties: &'v Map<String, Value>,
    /// The coordinates of its geometry, where they were read already.
    pub(super) coordinates: Option<Coordinates>,
    pub(super) problems: Vec<Problem>,
}

/// The id of a Feature, text or number; `subject` stands for it in a deletion.
pub(super) fn id_of(feature: &Value) -> Option<String> {
    let id = code(feature.get("id").or_else(|| feature.get("subject"))?)?;
    (!id.is_empty()).then(|| id.to_string())
}

/// The geometry of a Feature, as far as it has one, whatever else is wrong with it.
pub(super) fn geometry_of(feature: &Value) -> Option<Geometry> {
    let none = Map::new();
    let properties = feature.get("properties").and_then(Value::as_object);
    let mut reader = Reader {
        properties: properties.unwrap_or(&none),
        coordinates: None,
        problems: Vec::new(),
    };
    geometry::read(feature, &mut reader)
}

/// Reads a Feature or a deletion, or says all that is wrong with it.
pub(super) fn read(feature: &Value) -> Result<FenceEdit, Vec<Problem>> {
    read_with(feature, None)
}

/// The same, with the coordinates in place of those in the tree, where they were read already.
pub(super) fn read_with(
    feature: &Value,
    coordinates: Option<Coordinates>,
) -> Result<FenceEdit, Vec<Problem>> {
    let none = Map::new();
    let properties = feature.get("properties").and_then(Value::as_object);
    let mut reader = Reader {
        properties: properties.unwrap_or(&none),
        coordinates,
        problems: Vec::new(),
    };
    let id = id_of(feature).map(FenceId::from);
    if id.is_none() {
        reader.problem("id", "missing: give the Feature (not its properties) an id");
    }
    let is_deleted = feature.get("deleted") == Some(&Value::Bool(true));
    let mut at = reader.time("at");
    if let (None, Some(value)) = (at, feature.get("at").filter(|_| is_deleted)) {
        at = reader.moment("at", value);
    }
    let fence = if is_deleted {
        None
    } else {
        if feature.get("type").and_then(Value::as_str) != Some("Feature") {
            reader.problem("type", "expected \"Feature\"");
        }
        reader.fence(id.as_ref(), feature)
    };
    match id {
        Some(id) if reader.problems.is_empty() => Ok(FenceEdit {
            id,
            at,
            fence: fence.map(Arc::new),
        }),
        _ => Err(reader.problems),
    }
}

impl<'v> Reader<'v> {
    pub(super) fn problem(&mut self, place: impl Into<String>, text: impl Into<String>) {
        self.problems.push(Problem::new(place, text));
    }

    pub(super) fn wrong(&mut self, name: &str, value: &Value, expected: &str) {
        self.problem(
            format!("properties.{name}"),
            format!("{} is wrong, expected {expected}", shown(value)),
        );
    }

    fn fence(&mut self, id: Option<&FenceId>, feature: &Value) -> Option<Fence> {
        let name = self.text("name");
        let class = self.text("class");
        let tags = self.texts("tags").unwrap_or_default();
        let severity = self.word("severity", &Severity::ALL.map(|all| (all.label(), all)));
        let detect = self.detect();
        let (valid_from, valid_until) = (self.time("valid_from"), self.time("valid_until"));
        if valid_from
            .zip(valid_until)
            .is_some_and(|(from, until)| until <= from)
        {
            self.problem(
                "properties.valid_until",
                "not later than valid_from: mend either",
            );
        }
        let applies_to = self.applies_to();
        let region = self.text("region").as_deref().map(Region::from);
        let approvals = [("approved", true), ("proposed", false)];
        let approved = self.word("approval", &approvals).unwrap_or(true);
        let dwell = self.seconds("dwell_s");
        let min_inside = self.seconds("min_inside_s");
        let exit_margin_m = self.amount("exit_margin_m").unwrap_or(0.0);
        let speed_limit = self.speed_limit();
        let absent_after = self.seconds("absent_s").unwrap_or(Fence::ABSENT_AFTER);
        let geometry = geometry::read(feature, self);
        let id = id?.clone();
        let fence = Fence {
            name: name.unwrap_or_else(|| Text::from(id.as_str())),
            id,
            class,
            tags,
            severity,
            geometry: geometry?,
            detect,
            valid_from,
            valid_until,
            applies_to,
            region: region.unwrap_or_default(),
            approved,
            dwell,
            min_inside: min_inside.unwrap_or_default(),
            exit_margin_m,
            speed_limit,
            absent_after,
        };
        self.problems.extend(detected::problems(&fence));
        Some(fence)
    }

    pub(super) fn given(&self, name: &str) -> Option<&'v Value> {
        self.properties.get(name).filter(|value| !value.is_null())
    }

    fn text(&mut self, name: &str) -> Option<Text> {
        let value = self.given(name)?;
        let text = code(value);
        if text.is_none() {
            self.wrong(name, value, "a text");
        }
        text
    }

    fn texts(&mut self, name: &str) -> Option<BTreeSet<Text>> {
        let value = self.given(name)?;
        self.list(name, value)
    }

    fn list(&mut self, name: &str, value: &Value) -> Option<BTreeSet<Text>> {
        let items = value.as_array().map(Vec::as_slice);
        let texts = items.and_then(|items| items.iter().map(code).collect());
        if texts.is_none() {
            self.wrong(name, value, "a list of texts");
        }
        texts
    }

    fn word<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Option<T> {
        let value = self.given(name)?;
        let known = value
            .as_str()
            .and_then(|text| words.iter().find(|(word, _)| *word == text));
        if known.is_none() {
            let all: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.wrong(name, value, &format!("one of {}", all.join(", ")));
        }
        known.map(|(_, known)| *known)
    }

    fn detect(&mut self) -> TransitionKinds {
        let Some(words) = self.texts("detect") else {
            return [TransitionKind::Enter, TransitionKind::Exit].into();
        };
        let known = |word: &str| {
            let mut all = TransitionKind::ALL.into_iter();
            all.find(|kind| kind.label() == word)
        };
        for word in words.iter().filter(|word| known(word).is_none()) {
            self.problem(
                "properties.detect",
                format!("\"{word}\" is no transition: use {}", detected::WORDS),
            );
        }
        words.iter().filter_map(|word| known(word)).collect()
    }

    fn applies_to(&mut self) -> SubjectFilter {
        let mut filter = SubjectFilter::default();
        let Some(value) = self.given("for") else {
            return filter;
        };
        let Some(keys) = value.as_object() else {
            self.wrong("for", value, "an object with kind, class and status");
            return filter;
        };
        for (key, value) in keys.iter().filter(|(_, value)| !value.is_null()) {
            let name = format!("for.{key}");
            match (key.as_str(), value.as_str()) {
                ("kind", Some("resource")) => filter.kind = Some(Kind::Resource),
                ("kind", Some("incident")) => filter.kind = Some(Kind::Incident),
                ("kind", _) => self.wrong(&name, value, "resource or incident"),
                ("class", _) => filter.classes = self.list(&name, value).unwrap_or_default(),
                ("status", _) => filter.statuses = self.list(&name, value).unwrap_or_default(),
                // A filter that is ignored would make the fence fire for everybody.
                _ => self.problem(
                    format!("properties.{name}"),
                    "not known: use kind, class and status",
                ),
            }
        }
        filter
    }

    fn time(&mut self, name: &str) -> Option<Timestamp> {
        let value = self.given(name)?;
        self.moment(&format!("properties.{name}"), value)
    }

    pub(super) fn moment(&mut self, place: &str, value: &Value) -> Option<Timestamp> {
        let moment = match value.as_str() {
            Some(text) => parse_rfc3339(text),
            None => value.as_i64().and_then(Timestamp::from_millis),
        };
        if moment.is_none() {
            self.problem(
                place,
                format!(
                    "{} is no time: use RFC 3339 with an offset such as 2026-08-30T21:14:05Z, \
                     or integer milliseconds since 1970",
                    shown(value)
                ),
            );
        }
        moment
    }

    fn seconds(&mut self, name: &str) -> Option<Duration> {
        self.amount(name).map(Duration::from_secs_f64)
    }

    fn speed_limit(&mut self) -> Option<SpeedLimit> {
        let above_mps = self.amount("speed_limit_mps");
        let lasting = self.seconds("speed_min_s").unwrap_or_default();
        above_mps.map(|above_mps| SpeedLimit { above_mps, lasting })
    }

    /// Seconds, metres or metres a second from 0 on; a million million is far beyond each and safe as a `Duration`.
    fn amount(&mut self, name: &str) -> Option<f64> {
        let value = self.given(name)?;
        let amount = value
            .as_f64()
            .filter(|amount| (0.0..=1e12).contains(amount));
        if amount.is_none() {
            self.wrong(name, value, "a number from 0 on");
        }
        amount
    }
}

/// A text; a number stands for the code that it spells.
fn code(value: &Value) -> Option<Text> {
    match value.as_str() {
        Some(text) => Some(Text::from(text)),
        None => value
            .as_number()
            .map(|number| Text::from(number.to_string())),
    }
}

/// A value for a message, cut where it is long.
pub(super) fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{} ...", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

//! Judges the fields of a record one by one and keeps the first that is wrong.

use crate::domain::ids::FenceId;
use crate::domain::position::Position;
use crate::domain::reject::{Reason, Reject};
use crate::domain::report::{Destination, IncidentState, Location, Text};
use crate::domain::time::Timestamp;
use crate::io::wire::time::parse_rfc3339;
use crate::io::wire::value::{Place, Value};

/// The fields judged so far.
#[derive(Default)]
pub(super) struct Fields {
    /// The first one that could not be read.
    pub(super) flaw: Option<Reject>,
}

impl Fields {
    /// Notes a flaw, if it is the first.
    pub(super) fn refuse(&mut self, reason: Reason, detail: impl Into<String>) {
        if self.flaw.is_none() {
            self.flaw = Some(Reject::new(reason, detail));
        }
    }

    fn wrong(&mut self, name: &str, value: &Value<'_>, expected: &str) {
        let found = value.describe();
        self.refuse(
            Reason::Malformed,
            format!("{name} is {found}, expected {expected}"),
        );
    }

    /// A text; a number stands for the code that it spells.
    pub(super) fn text(&mut self, name: &str, value: &Value<'_>) -> Option<Text> {
        match value {
            Value::Absent => None,
            Value::Text(text) => Some(Text::from(text.as_ref())),
            Value::Integer(number) => Some(Text::from(number.to_string())),
            Value::Float(number) => Some(Text::from(number.to_string())),
            Value::Bool(_) | Value::List(_) | Value::Object(_) => {
                self.wrong(name, value, "a text");
                None
            }
        }
    }

    /// A list of texts; a single text is a list of one.
    pub(super) fn texts(&mut self, name: &str, value: &Value<'_>) -> Vec<Text> {
        match value {
            Value::List(items) => items
                .iter()
                .filter_map(|item| self.text(name, item))
                .collect(),
            Value::Absent
            | Value::Bool(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Text(_)
            | Value::Object(_) => self.text(name, value).into_iter().collect(),
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a coordinate or speed is far below 2^53"
    )]
    pub(super) fn number(&mut self, name: &str, value: &Value<'_>) -> Option<f64> {
        match value {
            Value::Absent => None,
            Value::Integer(number) => Some(*number as f64),
            Value::Float(number) if number.is_finite() => Some(*number),
            Value::Float(_)
            | Value::Bool(_)
            | Value::Text(_)
            | Value::List(_)
            | Value::Object(_) => {
                self.wrong(name, value, "a number");
                None
            }
        }
    }

    pub(super) fn count(&mut self, name: &str, value: &Value<'_>) -> Option<u32> {
        if value.is_absent() {
            return None;
        }
        let count = if let Value::Integer(number) = value {
            u32::try_from(*number).ok()
        } else {
            None
        };
        if count.is_none() {
            self.wrong(name, value, "a whole number from 0 on");
        }
        count
    }

    pub(super) fn time(&mut self, name: &str, value: &Value<'_>) -> Option<Timestamp> {
        if value.is_absent() {
            return None;
        }
        let time = if let Value::Text(text) = value {
            parse_rfc3339(text)
        } else if let Value::Integer(ms) = value {
            Timestamp::from_millis(*ms)
        } else {
            None
        };
        if time.is_none() {
            let expected = "RFC 3339 with an offset such as 2026-08-30T21:14:05Z, or integer \
                            milliseconds since 1970, in the years 0 to 9999";
            self.wrong(name, value, expected);
        }
        time
    }

    pub(super) fn state(&mut self, value: &Value<'_>) -> Option<IncidentState> {
        let text = self.text("state", value)?;
        let state = IncidentState::ALL
            .into_iter()
            .find(|state| state.label() == &*text);
        if state.is_none() {
            self.wrong("state", value, "open, assigned, attended or closed");
        }
        state
    }

    /// Two numbers that stand together or not at all.
    pub(super) fn pair(&mut self, names: [&str; 2], values: [&Value<'_>; 2]) -> Option<(f64, f64)> {
        let [one, other] = names;
        match (values[0].is_absent(), values[1].is_absent()) {
            (true, true) => None,
            (false, false) => {
                let first = self.number(one, values[0]);
                let second = self.number(other, values[1]);
                first.zip(second)
            }
            (absent, _) => {
                let (given, missing) = if absent { (other, one) } else { (one, other) };
                self.refuse(
                    Reason::MissingField,
                    format!("{given} without {missing}: give both or neither"),
                );
                None
            }
        }
    }

    /// Coordinates inside an object, such as `rvp`.
    pub(super) fn position(&mut self, name: &str, value: &Value<'_>) -> Option<Position> {
        let place = self.object(name, value, "an object with lat and lon")?;
        let before = self.flaw.is_some();
        let degrees = self.pair(["lat", "lon"], [&place.lat, &place.lon]);
        let Some((lat, lng)) = degrees else {
            if !before && self.flaw.is_none() {
                self.refuse(Reason::MissingField, format!("{name} needs lat and lon"));
            }
            return None;
        };
        match Position::new(lat, lng) {
            Ok(position) => Some(position),
            Err(invalid) => {
                let reject = Reject::from(invalid);
                self.refuse(reject.reason, format!("{name}: {}", reject.detail));
                None
            }
        }
    }

    pub(super) fn destination(&mut self, value: &Value<'_>) -> Option<Destination> {
        let place = self.object("destination", value, "{\"fence\"} or {\"lat\",\"lon\"}")?;
        if place.fence.is_absent() {
            return self
                .position("destination", value)
                .map(Destination::Position);
        }
        let fence = self.text("destination.fence", &place.fence)?;
        Some(Destination::Fence(FenceId::from(&*fence)))
    }

    /// Exactly one of the six forms of a place.
    pub(super) fn location(&mut self, value: &Value<'_>) -> Option<Location> {
        const FORMS: &str = "exactly one of {\"lat\",\"lon\"}, {\"easting\",\"northing\"}, \
                             {\"grid\"}, {\"postcode\"}, {\"uprn\"}, {\"text\"}";
        let place = self.object("location", value, FORMS)?;
        let given = [
            !place.lat.is_absent() || !place.lon.is_absent(),
            !place.easting.is_absent() || !place.northing.is_absent(),
            !place.grid.is_absent(),
            !place.postcode.is_absent(),
            !place.uprn.is_absent(),
            !place.text.is_absent(),
        ];
        let count = given.into_iter().filter(|given| *given).count();
        if count != 1 {
            self.refuse(
                Reason::Malformed,
                format!("location holds {count} forms, expected {FORMS}"),
            );
            return None;
        }
        match given {
            [true, ..] => {
                let (lat, lng) = self.pair(["lat", "lon"], [&place.lat, &place.lon])?;
                Some(Location::Degrees { lat, lng })
            }
            [_, true, ..] => {
                let values = [&place.easting, &place.northing];
                let (easting, northing) = self.pair(["easting", "northing"], values)?;
                Some(Location::EastingNorthing { easting, northing })
            }
            [_, _, true, ..] => self.text("grid", &place.grid).map(Location::GridReference),
            [_, _, _, true, ..] => self
                .text("postcode", &place.postcode)
                .map(Location::Postcode),
            [_, _, _, _, true, _] => self.text("uprn", &place.uprn).map(Location::Uprn),
            _ => self.text("text", &place.text).map(Location::Text),
        }
    }

    fn object<'v, 'a>(
        &mut self,
        name: &str,
        value: &'v Value<'a>,
        expected: &str,
    ) -> Option<&'v Place<'a>> {
        match value {
            Value::Absent => None,
            Value::Object(place) => Some(place),
            Value::Bool(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Text(_)
            | Value::List(_) => {
                self.wrong(name, value, expected);
                None
            }
        }
    }
}

//! Reports in: the canonical JSON of resources and incidents.
//!
//! A field that cannot be read becomes the report's flaw, not an error: an officer's emergency is
//! accepted without it, and the path refuses everything else.

mod encode;
mod plain;

use serde::Deserialize;

use crate::domain::ids::{Kind, Subject};
use crate::domain::reject::{Reason, Reject};
use crate::domain::report::{Arrival, Body, Incident, Location, Report, Resource};
use crate::domain::time::Timestamp;
use crate::io::wire::fields::Fields;
use crate::io::wire::value::Value;

pub use encode::{deletion, encode};
pub(super) use encode::{write_fields, write_form};
pub use plain::Habits;

/// Most bytes of a report or a command.
pub const MAX_BYTES: usize = 64 * 1024;

/// One record of `positions` or `incidents`.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// Something a subject says about itself.
    Report(Box<Report>),
    /// The subject is to be forgotten.
    Deleted {
        /// Which.
        subject: Subject,
        /// From when; `None` is when it reached us.
        at: Option<Timestamp>,
    },
}

/// The fields of both kinds of report as sent. A feed fills the same ones.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Raw<'a> {
    #[serde(borrow)]
    pub(super) subject: Value<'a>,
    pub(super) at: Value<'a>,
    pub(super) deleted: Value<'a>,
    pub(super) lat: Value<'a>,
    pub(super) lon: Value<'a>,
    /// A fix in EPSG:27700, as feeds have it; beside `lat` and `lon` it does not count.
    pub(super) easting: Value<'a>,
    pub(super) northing: Value<'a>,
    pub(super) location: Value<'a>,
    pub(super) accuracy_m: Value<'a>,
    pub(super) speed_mps: Value<'a>,
    pub(super) heading_deg: Value<'a>,
    pub(super) class: Value<'a>,
    pub(super) status: Value<'a>,
    pub(super) callsign: Value<'a>,
    pub(super) agency: Value<'a>,
    pub(super) unit: Value<'a>,
    pub(super) parent: Value<'a>,
    pub(super) strength: Value<'a>,
    pub(super) assigned: Value<'a>,
    pub(super) destination: Value<'a>,
    pub(super) category: Value<'a>,
    pub(super) codes: Value<'a>,
    pub(super) grade: Value<'a>,
    pub(super) state: Value<'a>,
    pub(super) rvp: Value<'a>,
    pub(super) attended_at: Value<'a>,
    pub(super) linked: Value<'a>,
    pub(super) operation: Value<'a>,
    pub(super) source: Value<'a>,
    pub(super) id: Value<'a>,
    #[serde(alias = "$schema")]
    schema: Value<'a>,
}

/// Reads a record of `kind`; `arrival` is kept in the report as it is.
///
/// # Errors
/// When nobody can be told to have reported: over 64 KiB, not JSON, another schema, or no subject.
/// Every other fault is the report's `flaw`.
pub fn decode(kind: Kind, bytes: &[u8], arrival: Arrival) -> Result<Record, Reject> {
    decode_next(kind, bytes, arrival, &mut Habits::default())
}

/// The same as `decode`, of a source's next record: `habits` are what those before it were like.
///
/// # Errors
/// As `decode`.
#[inline(always)]
pub fn decode_next(
    kind: Kind,
    bytes: &[u8],
    arrival: Arrival,
    habits: &mut Habits,
) -> Result<Record, Reject> {
    if kind == Kind::Resource
        && let Some(report) = plain::report(bytes, arrival, habits)
    {
        return Ok(Record::Report(report));
    }
    let raw: Raw<'_> = object(bytes)?;
    if let Value::Text(schema) = &raw.schema {
        let known = match kind {
            Kind::Resource => "cordon.resource.v1",
            Kind::Incident => "cordon.incident.v1",
        };
        if schema != known {
            let found = raw.schema.describe();
            return Err(Reject::new(
                Reason::UnknownSchema,
                format!("schema is {found}, this version reads {known}"),
            ));
        }
    }
    raw.into_record(kind, arrival, Fields::default())
}

/// Reads one JSON object.
pub(super) fn object<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Reject> {
    if bytes.len() > MAX_BYTES {
        return Err(Reject::new(
            Reason::TooLarge,
            format!("{} bytes, at most {MAX_BYTES}", bytes.len()),
        ));
    }
    match bytes.trim_ascii_start().first() {
        Some(b'{') => {}
        Some(0) => {
            return Err(Reject::new(
                Reason::UnknownSchema,
                "starts with byte 0, as records of a schema registry do: send plain JSON",
            ));
        }
        Some(_) => {
            return Err(Reject::new(
                Reason::Malformed,
                "line 1 column 1: expected a JSON object",
            ));
        }
        None => {
            return Err(Reject::new(
                Reason::Malformed,
                "empty, expected a JSON object",
            ));
        }
    }
    serde_json::from_slice(bytes)
        .map_err(|error| Reject::new(Reason::Malformed, format!("not JSON: {error}")))
}

impl Raw<'_> {
    /// The record that these fields make; `fields` holds what is already known to be wrong.
    pub(super) fn into_record(
        self,
        kind: Kind,
        arrival: Arrival,
        mut fields: Fields,
    ) -> Result<Record, Reject> {
        let mut of_subject = Fields::default();
        let id = of_subject.text("subject", &self.subject);
        if let Some(reject) = of_subject.flaw {
            return Err(reject);
        }
        let Some(id) = id.filter(|id| !id.is_empty()) else {
            return Err(Reject::new(
                Reason::MissingField,
                "subject is missing: every record says who it is about",
            ));
        };
        let subject = Subject { id, kind };
        if matches!(self.deleted, Value::Bool(true)) {
            let at = fields.time("at", &self.at);
            return match fields.flaw {
                Some(reject) => Err(reject),
                None => Ok(Record::Deleted { subject, at }),
            };
        }
        let at = fields.time("at", &self.at);
        if self.at.is_absent() {
            fields.refuse(Reason::MissingField, "at is missing: give the event time");
        }
        let (location, body) = match kind {
            Kind::Resource => (
                self.fix(&mut fields),
                Body::Resource(self.resource(&mut fields)),
            ),
            Kind::Incident => (
                self.incident_location(&mut fields),
                Body::Incident(self.incident(&mut fields)),
            ),
        };
        Ok(Record::Report(Box::new(Report {
            subject,
            at,
            location,
            body,
            id: fields.text("id", &self.id),
            flaw: fields.flaw,
            arrival,
        })))
    }

    fn fix(&self, fields: &mut Fields) -> Option<Location> {
        if self.lat.is_absent() && self.lon.is_absent() {
            let values = [&self.easting, &self.northing];
            let (easting, northing) = fields.pair(["easting", "northing"], values)?;
            return Some(Location::EastingNorthing { easting, northing });
        }
        let (lat, lng) = fields.pair(["lat", "lon"], [&self.lat, &self.lon])?;
        Some(Location::Degrees { lat, lng })
    }

    fn incident_location(&self, fields: &mut Fields) -> Option<Location> {
        if self.location.is_absent() {
            fields.refuse(
                Reason::MissingField,
                "location is missing: an incident without a known place has {\"text\":\"\"}",
            );
        }
        fields.location(&self.location)
    }

    fn resource(&self, fields: &mut Fields) -> Resource {
        Resource {
            accuracy_m: fields.number("accuracy_m", &self.accuracy_m),
            speed_mps: fields.number("speed_mps", &self.speed_mps),
            heading_deg: fields.number("heading_deg", &self.heading_deg),
            class: fields.text("class", &self.class),
            status: fields.text("status", &self.status),
            callsign: fields.text("callsign", &self.callsign),
            agency: fields.text("agency", &self.agency),
            unit: fields.text("unit", &self.unit),
            parent: fields.text("parent", &self.parent),
            strength: fields.count("strength", &self.strength),
            assigned: fields.text("assigned", &self.assigned),
            destination: fields.destination(&self.destination),
            source: fields.text("source", &self.source),
        }
    }

    fn incident(&self, fields: &mut Fields) -> Incident {
        Incident {
            category: fields.text("category", &self.category),
            codes: fields.texts("codes", &self.codes),
            grade: fields.text("grade", &self.grade),
            state: fields.state(&self.state),
            agency: fields.text("agency", &self.agency),
            assigned: fields.texts("assigned", &self.assigned),
            rvp: fields.position("rvp", &self.rvp),
            attended_at: fields.time("attended_at", &self.attended_at),
            linked: fields.texts("linked", &self.linked),
            operation: fields.text("operation", &self.operation),
            source: fields.text("source", &self.source),
        }
    }
}

#[cfg(test)]
mod tests;

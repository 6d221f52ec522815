//! Records of the output topics, read for serving: what filters need, and the JSON for clients.

use std::collections::BTreeMap;

use h3o::{CellIndex, LatLng};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::alert::{AlertState, Severity};
use crate::domain::ids::{FenceId, Region};
use crate::domain::position::Position;
use crate::domain::report::{IncidentState, Text};
use crate::domain::served::{Served, What};
use crate::domain::time::Timestamp;
use crate::io::wire::json::Object;
use crate::io::wire::time::parse_rfc3339;

/// A record that is not as Cordon writes it: another version's, or another program's.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// Bytes that are no text.
    #[error("not UTF-8")]
    Encoding,
    /// Text that is not the record.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Raw {
    subject: Option<String>,
    id: Option<serde_json::Value>,
    at: Option<String>,
    lat: Option<f64>,
    lon: Option<f64>,
    class: Option<String>,
    category: Option<String>,
    location: Option<serde::de::IgnoredAny>,
    fence: Option<String>,
    fences: Vec<String>,
    state: Option<String>,
    severity: Option<String>,
    region: Option<String>,
    sequence: i64,
    cell: Option<String>,
    start: Option<String>,
    end: Option<String>,
    window: Option<String>,
    resolution: i64,
}

#[derive(Deserialize)]
struct RawUnplaced<'a> {
    subject: String,
    at: Option<String>,
    reason: String,
    #[serde(default)]
    detail: String,
    #[serde(borrow)]
    report: BTreeMap<String, &'a RawValue>,
}

/// Reads a record of `located`. What names a `location` is an incident.
///
/// # Errors
/// Not UTF-8, or not the record.
pub fn located(bytes: &[u8]) -> Result<Served, Unreadable> {
    let (raw, data) = read(bytes)?;
    let what = if raw.location.is_some() {
        What::Incident {
            is_closed: is_closed(raw.state.as_deref()),
            category: raw.category.as_deref().map(Text::from),
        }
    } else {
        What::Resource {
            class: raw.class.as_deref().map(Text::from),
        }
    };
    Ok(raw.served(what, data))
}

/// Reads a record of `unplaced`. Clients get the incident itself, with `lat` and `lon` null and the
/// reason why.
///
/// # Errors
/// Not UTF-8, or not the record.
pub fn unplaced(bytes: &[u8]) -> Result<Served, Unreadable> {
    let text = std::str::from_utf8(bytes).map_err(|_| Unreadable::Encoding)?;
    let raw: RawUnplaced<'_> = serde_json::from_str(text)?;
    let word = |name: &str| -> Option<String> {
        let value = raw.report.get(name)?;
        serde_json::from_str(value.get()).ok()
    };
    let what = What::Incident {
        is_closed: is_closed(word("state").as_deref()),
        category: word("category").map(Text::from),
    };
    let mut out = Vec::with_capacity(text.len());
    let mut object = Object::open(&mut out);
    object.text("subject", &raw.subject);
    object.text_or_null("at", raw.at.as_deref());
    let told = ["subject", "at", "lat", "lon", "reason", "detail"];
    for (name, value) in &raw.report {
        if !told.contains(&name.as_str()) && is_plain(name) {
            object.name(name).extend_from_slice(value.get().as_bytes());
        }
    }
    object.position_or_null(None);
    object.text("reason", &raw.reason);
    object.text("detail", &raw.detail);
    object.end();
    Ok(Served {
        id: raw.subject.as_str().into(),
        at: raw.at.as_deref().and_then(parse_rfc3339),
        position: None,
        fences: Vec::new(),
        what,
        data: String::from_utf8(out)
            .map_err(|_| Unreadable::Encoding)?
            .into(),
    })
}

/// Reads a record of `alerts`. A severity that is not known counts as critical: nobody's filter drops
/// what it does not understand.
///
/// # Errors
/// Not UTF-8, or not the record.
pub fn alert(bytes: &[u8]) -> Result<Served, Unreadable> {
    let (raw, data) = read(bytes)?;
    let severity = Severity::ALL
        .into_iter()
        .find(|severity| Some(severity.label()) == raw.severity.as_deref());
    let state = match raw.state.as_deref() {
        Some("closed") => AlertState::Closed,
        Some("acknowledged") => AlertState::Acknowledged,
        Some("updated") => AlertState::Updated,
        _ => AlertState::Open,
    };
    let what = What::Alert {
        severity: severity.unwrap_or(Severity::Critical),
        region: raw
            .region
            .as_deref()
            .map_or_else(Region::default, Region::from),
        state,
        sequence: raw.sequence,
    };
    let id = raw.named();
    let served = raw.served(what, data);
    Ok(Served { id, ..served })
}

/// Reads a record of `transitions`.
///
/// # Errors
/// Not UTF-8, or not the record.
pub fn transition(bytes: &[u8]) -> Result<Served, Unreadable> {
    let (raw, data) = read(bytes)?;
    Ok(raw.served(What::Transition, data))
}

/// Reads a record of `cells`; its place is the middle of the cell.
///
/// # Errors
/// Not UTF-8, or not the record.
pub fn cell(bytes: &[u8]) -> Result<Served, Unreadable> {
    let (raw, data) = read(bytes)?;
    let cell: Option<CellIndex> = raw.cell.as_deref().and_then(|text| text.parse().ok());
    let middle = cell.map(LatLng::from);
    let position = middle.and_then(|middle| Position::new(middle.lat(), middle.lng()).ok());
    let what = What::Cell {
        category: raw.category.as_deref().unwrap_or_default().into(),
        window: raw.window.as_deref().unwrap_or_default().into(),
        resolution: raw.resolution,
        end: raw.end.as_deref().and_then(parse_rfc3339),
    };
    let at = raw.start.as_deref().and_then(parse_rfc3339);
    let served = raw.served(what, data);
    Ok(Served {
        at,
        position,
        ..served
    })
}

/// Reads a Feature of `cordon.fences`.
///
/// # Errors
/// Not UTF-8, or not the record.
pub fn fence(bytes: &[u8]) -> Result<Served, Unreadable> {
    let (raw, data) = read(bytes)?;
    let id = raw.named();
    let served = raw.served(What::Fence, data);
    Ok(Served { id, ..served })
}

fn read(bytes: &[u8]) -> Result<(Raw, Text), Unreadable> {
    let text = std::str::from_utf8(bytes).map_err(|_| Unreadable::Encoding)?;
    let text = text.trim();
    Ok((serde_json::from_str(text)?, text.into()))
}

/// A name that is written without an escape.
fn is_plain(name: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    name.bytes().all(is_word)
}

fn is_closed(state: Option<&str>) -> bool {
    state == Some(IncidentState::Closed.label())
}

impl Raw {
    fn at(&self) -> Option<Timestamp> {
        self.at.as_deref().and_then(parse_rfc3339)
    }

    fn named(&self) -> Text {
        match &self.id {
            Some(serde_json::Value::String(id)) => id.as_str().into(),
            Some(other) => other.to_string().into(),
            None => Text::from(""),
        }
    }

    fn served(self, what: What, data: Text) -> Served {
        let position = || Position::new(self.lat?, self.lon?).ok();
        let fences = self.fences.iter().chain(&self.fence);
        Served {
            id: self.subject.as_deref().unwrap_or_default().into(),
            at: self.at(),
            position: position(),
            fences: fences.map(|id| FenceId::from(id.as_str())).collect(),
            what,
            data,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unplaced_incident_becomes_an_incident_without_a_place() {
        let line = br#"{"subject":"CAD 7","at":"2026-08-30T12:00:00.000Z","reason":"unlocatable","detail":"no place","report":{"subject":"CAD 7","at":"2026-08-30T12:00:00.000Z","category":"violence","grade":"I","state":"open","location":{"text":"BY THE OLD TREE"}},"alternatives":[]}"#;
        let served = unplaced(line).unwrap();
        assert_eq!(
            &*served.data,
            r#"{"subject":"CAD 7","at":"2026-08-30T12:00:00.000Z","category":"violence","grade":"I","location":{"text":"BY THE OLD TREE"},"state":"open","lat":null,"lon":null,"reason":"unlocatable","detail":"no place"}"#
        );
        assert_eq!(served.at.unwrap().millis(), 1_788_091_200_000);
    }

    #[test]
    fn what_names_a_location_is_an_incident() {
        let incident = located(br#"{"subject":"J","at":"2026-08-30T12:00:00.000Z","lat":51.5,"lon":-0.1,"category":"fire","state":"closed","location":{"grid":"x"},"fences":["f"]}"#).unwrap();
        let what = What::Incident {
            category: Some("fire".into()),
            is_closed: true,
        };
        assert_eq!(incident.what, what);
        assert_eq!(incident.fences, ["f".into()]);
        let resource = located(b"{\"subject\":\"A\",\"lat\":51.5,\"lon\":-0.1}\n").unwrap();
        assert_eq!(resource.what, What::Resource { class: None });
        assert!(located(b"{\"subject\":\"\xff\"}").is_err());
    }

    #[test]
    fn an_alert_of_unknown_severity_is_critical() {
        let alert =
            alert(br#"{"id":"a","state":"open","severity":"purple","sequence":3,"fence":"f"}"#)
                .unwrap();
        let What::Alert {
            severity, sequence, ..
        } = alert.what
        else {
            panic!("no alert");
        };
        assert_eq!(
            (severity, sequence, &*alert.id),
            (Severity::Critical, 3, "a")
        );
    }
}

//! Facts between the stages: internal, and versioned.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::fact::{Change, Fact};
use crate::domain::ids::{Kind, Subject};
use crate::domain::position::Position;
use crate::domain::profile::Profile;
use crate::domain::reject::{Reason, Reject};
use crate::domain::report::IncidentState;
use crate::domain::time::Timestamp;
use crate::domain::transition::Cause;

/// Of this layout. A reader refuses every other.
const VERSION: u8 = 2;

#[derive(Serialize, Deserialize)]
struct Raw {
    v: u8,
    at: i64,
    subject: String,
    incident: bool,
    change: RawChange,
}

#[derive(Serialize, Deserialize)]
enum RawChange {
    Entered(String, RawProfile),
    Left(String),
    Became(RawProfile),
    /// Latitude and longitude, degrees.
    At(f64, f64, RawProfile),
    /// Latitude and longitude, degrees.
    Moved(f64, f64, RawProfile),
    /// Why.
    Gone(String),
}

#[derive(Serialize, Deserialize)]
struct RawProfile {
    class: String,
    status: Option<String>,
    strength: u32,
    callsign: Option<String>,
    agency: Option<String>,
    grade: Option<String>,
    state: Option<String>,
}

/// Appends a fact.
pub fn encode(fact: &Fact, out: &mut Vec<u8>) {
    let change = match &fact.change {
        Change::Entered(fence, profile) => RawChange::Entered(fence.to_string(), raw(profile)),
        Change::Left(fence) => RawChange::Left(fence.to_string()),
        Change::Became(profile) => RawChange::Became(raw(profile)),
        Change::At(position, profile) => {
            RawChange::At(position.lat(), position.lng(), raw(profile))
        }
        Change::Moved(position, profile) => {
            RawChange::Moved(position.lat(), position.lng(), raw(profile))
        }
        Change::Gone(cause) => RawChange::Gone(cause.label().to_owned()),
    };
    let raw = Raw {
        v: VERSION,
        at: fact.at.millis(),
        subject: fact.subject.id.to_string(),
        incident: fact.subject.kind == Kind::Incident,
        change,
    };
    // Numbers and texts only: that cannot fail, and neither can writing to memory.
    let _ = serde_json::to_writer(out, &raw);
}

/// Reads a fact.
///
/// # Errors
/// When it is not one, or of another version.
pub fn decode(bytes: &[u8]) -> Result<Fact, Reject> {
    let malformed = |what: String| Reject::new(Reason::Malformed, what);
    let raw: Raw =
        serde_json::from_slice(bytes).map_err(|error| malformed(format!("no fact: {error}")))?;
    if raw.v != VERSION {
        let what = format!("a fact of version {}, this version reads {VERSION}", raw.v);
        return Err(Reject::new(Reason::UnknownSchema, what));
    }
    let kind = if raw.incident {
        Kind::Incident
    } else {
        Kind::Resource
    };
    let change = match raw.change {
        RawChange::Entered(fence, profile) => {
            Change::Entered(fence.into(), profile_of(profile, kind))
        }
        RawChange::Left(fence) => Change::Left(fence.into()),
        RawChange::Became(profile) => Change::Became(profile_of(profile, kind)),
        RawChange::At(lat, lng, profile) => {
            Change::At(Position::new(lat, lng)?, profile_of(profile, kind))
        }
        RawChange::Moved(lat, lng, profile) => {
            Change::Moved(Position::new(lat, lng)?, profile_of(profile, kind))
        }
        RawChange::Gone(label) => {
            let cause = Cause::ALL.into_iter().find(|cause| cause.label() == label);
            Change::Gone(cause.ok_or_else(|| malformed(format!("no cause: {label}")))?)
        }
    };
    Ok(Fact {
        at: Timestamp::from_millis(raw.at)
            .ok_or_else(|| malformed("a time out of range".into()))?,
        subject: Subject {
            id: raw.subject.into(),
            kind,
        },
        change,
    })
}

fn raw(profile: &Profile) -> RawProfile {
    let text = |text: &Option<Arc<str>>| text.as_deref().map(str::to_owned);
    RawProfile {
        class: profile.class.to_string(),
        status: text(&profile.status),
        strength: profile.strength,
        callsign: text(&profile.callsign),
        agency: text(&profile.agency),
        grade: text(&profile.grade),
        state: profile.state.map(|state| state.label().to_owned()),
    }
}

fn profile_of(raw: RawProfile, kind: Kind) -> Arc<Profile> {
    let state = |label: String| {
        IncidentState::ALL
            .into_iter()
            .find(|state| state.label() == label)
    };
    Arc::new(Profile {
        kind,
        class: raw.class.into(),
        status: raw.status.map(Into::into),
        strength: raw.strength,
        callsign: raw.callsign.map(Into::into),
        agency: raw.agency.map(Into::into),
        grade: raw.grade.map(Into::into),
        state: raw.state.and_then(state),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_comes_back_as_it_was() {
        let profile = Arc::new(Profile {
            kind: Kind::Incident,
            class: "violence".into(),
            status: None,
            strength: 0,
            callsign: None,
            agency: Some("MPS".into()),
            grade: Some("I".into()),
            state: Some(IncidentState::Attended),
        });
        let here = Position::new(51.513_804, -0.130_733).unwrap();
        for change in [
            Change::Entered("f".into(), Arc::clone(&profile)),
            Change::Left("f".into()),
            Change::Became(Arc::clone(&profile)),
            Change::At(here, Arc::clone(&profile)),
            Change::Moved(here, profile),
            Change::Gone(Cause::SubjectExpired),
        ] {
            let fact = Fact {
                at: Timestamp::from_millis(5).unwrap(),
                subject: Subject::incident("CAD 1"),
                change,
            };
            let mut bytes = Vec::new();
            encode(&fact, &mut bytes);
            assert_eq!(decode(&bytes), Ok(fact));
        }
    }

    #[test]
    fn another_version_is_refused() {
        let reject = decode(
            br#"{"v":9,"at":0,"subject":"A","incident":false,"change":{"Gone":"subject_expired"}}"#,
        )
        .unwrap_err();
        assert_eq!(reject.reason, Reason::UnknownSchema);
    }
}

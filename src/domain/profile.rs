//! What is known of a subject beside where it is, and filters over it.

use std::collections::BTreeSet;

use crate::domain::ids::{Kind, Subject};
use crate::domain::report::{IncidentState, Text};

/// The standing attributes of a subject, as of its newest report that gave each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Resource or incident.
    pub kind: Kind,
    /// Class of a resource (`other` when never said); category of an incident (`unknown` likewise).
    pub class: Text,
    /// Status code of a resource; never a message code.
    pub status: Option<Text>,
    /// Officers; by class when never said, 0 for an incident.
    pub strength: u32,
    /// Name on the radio.
    pub callsign: Option<Text>,
    /// Owning agency.
    pub agency: Option<Text>,
    /// Grade of an incident.
    pub grade: Option<Text>,
    /// Where the work on an incident stands.
    pub state: Option<IncidentState>,
}

impl Profile {
    /// What people call `subject`: its callsign, else its id.
    #[must_use]
    pub fn name_of<'a>(&'a self, subject: &'a Subject) -> &'a str {
        self.callsign.as_deref().unwrap_or(&subject.id)
    }

    /// Status code of a resource, state of an incident.
    #[must_use]
    pub fn standing(&self) -> Option<&str> {
        match self.kind {
            Kind::Resource => self.status.as_deref(),
            Kind::Incident => self.state.map(IncidentState::label),
        }
    }
}

/// Which subjects are meant. A missing kind and an empty list mean all.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct SubjectFilter {
    /// Only this kind.
    pub kind: Option<Kind>,
    /// Only these classes of resource or categories of incident.
    pub classes: BTreeSet<Text>,
    /// Only these status codes (resources) or states (incidents).
    pub statuses: BTreeSet<Text>,
    /// Only these grades of incident.
    pub grades: BTreeSet<Text>,
}

impl SubjectFilter {
    /// Whether a subject of this profile is meant. A subject whose status or grade is not known is
    /// not among the listed ones.
    #[must_use]
    pub fn matches(&self, profile: &Profile) -> bool {
        let listed = |wanted: &BTreeSet<Text>, value: Option<&str>| {
            wanted.is_empty() || value.is_some_and(|value| wanted.contains(value))
        };
        self.kind.is_none_or(|kind| kind == profile.kind)
            && listed(&self.classes, Some(&profile.class))
            && listed(&self.statuses, profile.standing())
            && listed(&self.grades, profile.grade.as_deref())
    }

    /// Whether every subject is meant.
    #[must_use]
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }
}

/// Which pairs of subjects are meant, and when they are near each other.
#[derive(Clone, Debug, PartialEq)]
pub struct PairFilter {
    /// The one.
    pub of: SubjectFilter,
    /// The other.
    pub to: SubjectFilter,
    /// They have come near at this distance or less, metres.
    pub near_m: f64,
    /// They have parted beyond this distance, metres; not less than `near_m`.
    pub far_m: f64,
}

impl PairFilter {
    /// Whether a subject of this profile can be one of a pair. An incident that is closed cannot.
    #[must_use]
    pub fn concerns(&self, profile: &Profile) -> bool {
        let closed = profile.state == Some(IncidentState::Closed);
        !closed && (self.of.matches(profile) || self.to.matches(profile))
    }
}

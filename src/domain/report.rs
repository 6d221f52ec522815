//! What comes in: a resource or an incident says something about itself.
//!
//! A report is what the wire could read of a record. Whether it is a place, in time and new is decided
//! on the path (`track.rs`); a field that could not be read is kept as `flaw`, because an emergency is
//! accepted without it.

use std::hash::{BuildHasher, Hash, Hasher};
use std::time::Duration;

use smol_str::SmolStr;

use crate::domain::ids::{FenceId, Subject};
use crate::domain::position::Position;
use crate::domain::reject::Reject;
use crate::domain::time::Timestamp;

/// A short text of a report; cheap to clone, and up to 23 bytes of it without memory of its own.
pub type Text = SmolStr;

/// One record of `positions` or `incidents`, as far as it could be read.
// 448 bytes without it, and a block of that size mimalloc finds the long way, one of 512 at once.
#[repr(align(128))]
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Who or what reports.
    pub subject: Subject,
    /// Event time; `None` when absent or unreadable, and then `flaw` says so.
    pub at: Option<Timestamp>,
    /// Where, as written; `None` for a status report.
    pub location: Option<Location>,
    /// What else it says.
    pub body: Body,
    /// The sender's own id of this report.
    pub id: Option<Text>,
    /// The first field that could not be read. It refuses the report, unless that is an emergency.
    pub flaw: Option<Reject>,
    /// How the record reached us.
    pub arrival: Arrival,
}

impl Report {
    /// A number that is equal for reports of one subject that are equal in every field, whatever their
    /// arrival, and differs otherwise but for a chance of 2^-64. Lives in memory only.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = foldhash::quality::FixedState::default().build_hasher();
        (self.at, &self.id).hash(&mut hasher);
        match &self.location {
            None => 0u8.hash(&mut hasher),
            Some(Location::Degrees { lat, lng }) => bits([1.0, *lat, *lng]).hash(&mut hasher),
            Some(Location::EastingNorthing { easting, northing }) => {
                bits([2.0, *easting, *northing]).hash(&mut hasher);
            }
            Some(Location::GridReference(text)) => (3u8, text).hash(&mut hasher),
            Some(Location::Postcode(text)) => (4u8, text).hash(&mut hasher),
            Some(Location::Uprn(text)) => (5u8, text).hash(&mut hasher),
            Some(Location::Text(text)) => (6u8, text).hash(&mut hasher),
        }
        match &self.body {
            Body::Resource(resource) => resource.hash_into(&mut hasher),
            Body::Incident(incident) => incident.hash_into(&mut hasher),
        }
        hasher.finish()
    }
}

impl Resource {
    fn hash_into(&self, hasher: &mut impl Hasher) {
        let numbers = [self.accuracy_m, self.speed_mps, self.heading_deg];
        hash_those(&numbers.map(|number| number.map(f64::to_bits)), hasher);
        let texts = [
            &self.class,
            &self.status,
            &self.callsign,
            &self.agency,
            &self.unit,
            &self.parent,
            &self.assigned,
            &self.source,
        ];
        hash_those(&texts.map(Option::as_deref), hasher);
        self.strength.hash(hasher);
        match &self.destination {
            None => 0u8.hash(hasher),
            Some(Destination::Fence(fence)) => (1u8, fence).hash(hasher),
            Some(Destination::Position(position)) => (2u8, position).hash(hasher),
        }
    }
}

impl Incident {
    fn hash_into(&self, hasher: &mut impl Hasher) {
        (
            &self.category,
            &self.codes,
            &self.grade,
            self.state,
            &self.agency,
        )
            .hash(hasher);
        (&self.assigned, self.rvp, self.attended_at, &self.linked).hash(hasher);
        (&self.operation, &self.source).hash(hasher);
    }
}

/// Which there are, and those: most reports have few of many fields.
fn hash_those<const N: usize>(fields: &[Option<impl Hash>; N], hasher: &mut impl Hasher) {
    let there = fields.iter().fold(0_u64, |there, field| {
        there << 1 | u64::from(field.is_some())
    });
    hasher.write_u64(there);
    fields.iter().flatten().for_each(|field| field.hash(hasher));
}

fn bits(numbers: [f64; 3]) -> [u64; 3] {
    numbers.map(f64::to_bits)
}

/// How a record reached us.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrival {
    /// The Kafka timestamp; for files the `--now` of the run. Bounds the future.
    pub received: Timestamp,
    /// Event time behind the moment of arrival: behind the Kafka timestamp; for files, behind the
    /// newest event time read so far.
    pub delay: Duration,
    /// How much older than its subject's newest report one of this feed may be.
    pub lateness: Duration,
}

/// A place as a control room writes it.
#[derive(Clone, Debug, PartialEq)]
pub enum Location {
    /// Degrees, not checked yet.
    Degrees {
        /// Degrees north.
        lat: f64,
        /// Degrees east.
        lng: f64,
    },
    /// EPSG:27700, metres.
    EastingNorthing {
        /// Metres east of the grid's origin.
        easting: f64,
        /// Metres north of the grid's origin.
        northing: f64,
    },
    /// A grid reference such as `TQ 311 756`.
    GridReference(Text),
    /// A postcode.
    Postcode(Text),
    /// A unique property reference number.
    Uprn(Text),
    /// Free text.
    Text(Text),
}

/// What a report says beside who, when and where.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// From a resource.
    Resource(Resource),
    /// About an incident.
    Incident(Incident),
}

/// The fields of a resource report; all may be absent.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Resource {
    /// Radius of the fix, metres.
    pub accuracy_m: Option<f64>,
    /// Metres a second.
    pub speed_mps: Option<f64>,
    /// Degrees clockwise from north.
    pub heading_deg: Option<f64>,
    /// Kind of resource: vehicle, foot, air ...
    pub class: Option<Text>,
    /// Status code as sent.
    pub status: Option<Text>,
    /// Name on the radio.
    pub callsign: Option<Text>,
    /// Owning agency.
    pub agency: Option<Text>,
    /// Unit or serial.
    pub unit: Option<Text>,
    /// Superior in the command structure.
    pub parent: Option<Text>,
    /// Officers aboard.
    pub strength: Option<u32>,
    /// The incident it is assigned to.
    pub assigned: Option<Text>,
    /// Where it is going.
    pub destination: Option<Destination>,
    /// System that sent it.
    pub source: Option<Text>,
}

/// Where a resource is going.
#[derive(Clone, Debug, PartialEq)]
pub enum Destination {
    /// A fence, such as a rendezvous point.
    Fence(FenceId),
    /// A position.
    Position(Position),
}

/// The fields of an incident report beside its location; all may be absent.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Incident {
    /// Class of incident, such as `violence.knife`.
    pub category: Option<Text>,
    /// Opening and closing codes.
    pub codes: Vec<Text>,
    /// Grade of response.
    pub grade: Option<Text>,
    /// Where the work stands.
    pub state: Option<IncidentState>,
    /// Owning agency.
    pub agency: Option<Text>,
    /// Resources assigned.
    pub assigned: Vec<Text>,
    /// Rendezvous point.
    pub rvp: Option<Position>,
    /// First attendance.
    pub attended_at: Option<Timestamp>,
    /// Incidents linked to this one.
    pub linked: Vec<Text>,
    /// Named operation.
    pub operation: Option<Text>,
    /// System that sent it.
    pub source: Option<Text>,
}

/// Where the work on an incident stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IncidentState {
    /// Reported.
    Open,
    /// Somebody is on the way.
    Assigned,
    /// Somebody is there.
    Attended,
    /// Done: it leaves every fence.
    Closed,
}

impl IncidentState {
    /// Every state, in the order of the work.
    pub const ALL: [Self; 4] = [Self::Open, Self::Assigned, Self::Attended, Self::Closed];

    /// The word of the contract.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Assigned => "assigned",
            Self::Attended => "attended",
            Self::Closed => "closed",
        }
    }
}

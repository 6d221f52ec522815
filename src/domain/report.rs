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
    #[inline(always)]
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = foldhash::quality::FixedState::default().build_hasher();
        let (form, numbers, text) = match &self.location {
            None => (0, [0.0; 2], None),
            Some(Location::Degrees { lat, lng }) => (1, [*lat, *lng], None),
            Some(Location::EastingNorthing { easting, northing }) => {
                (2, [*easting, *northing], None)
            }
            Some(Location::GridReference(text)) => (3, [0.0; 2], Some(text)),
            Some(Location::Postcode(text)) => (4, [0.0; 2], Some(text)),
            Some(Location::Uprn(text)) => (5, [0.0; 2], Some(text)),
            Some(Location::Text(text)) => (6, [0.0; 2], Some(text)),
        };
        hash_pair(numbers.map(f64::to_bits), &mut hasher);
        let mut texts = Texts::into(&mut hasher);
        texts.add(self.id.as_ref());
        texts.add(text);
        let there = texts.there << 1 | u64::from(self.at.is_some());
        let at = self.at.map_or(0, |at| at.millis().cast_unsigned());
        hash_pair([at, there << 3 | form], &mut hasher);
        match &self.body {
            Body::Resource(resource) => resource.hash_into(&mut hasher),
            Body::Incident(incident) => incident.hash_into(&mut hasher),
        }
        hasher.finish()
    }
}

impl Resource {
    fn hash_into(&self, hasher: &mut impl Hasher) {
        let mut texts = Texts::into(hasher);
        texts.add(self.class.as_ref());
        texts.add(self.status.as_ref());
        texts.add(self.callsign.as_ref());
        texts.add(self.agency.as_ref());
        texts.add(self.unit.as_ref());
        texts.add(self.parent.as_ref());
        texts.add(self.assigned.as_ref());
        texts.add(self.source.as_ref());
        let there = texts.there << 40;
        // What stands for none is no report's number, and no count.
        let bits = |number: Option<f64>| number.map_or(u64::MAX, f64::to_bits);
        let strength = self.strength.map_or(1 << 32, u64::from);
        hash_pair([bits(self.accuracy_m), bits(self.speed_mps)], hasher);
        hash_pair([bits(self.heading_deg), there | strength], hasher);
        match &self.destination {
            None => {}
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

/// In one write, for which the hasher has a shorter way than for two.
fn hash_pair([low, high]: [u64; 2], hasher: &mut impl Hasher) {
    hasher.write_u128(u128::from(high) << 64 | u128::from(low));
}

/// Texts on their way into a hasher, as far as they are there.
struct Texts<'h, H> {
    hasher: &'h mut H,
    /// A bit for each, whether it is there.
    there: u64,
}

impl<'h, H: Hasher> Texts<'h, H> {
    fn into(hasher: &'h mut H) -> Self {
        Self { hasher, there: 0 }
    }

    #[inline]
    fn add(&mut self, text: Option<&Text>) {
        self.there = self.there << 1 | u64::from(text.is_some());
        if let Some(text) = text {
            self.write(text);
        }
    }

    // Apart, so that what is not there, as most of it, takes no call.
    #[inline(never)]
    fn write(&mut self, text: &Text) {
        // This hasher takes in how long a text is, too.
        self.hasher.write(text.as_bytes());
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn bare() -> Report {
        Report {
            subject: Subject::resource("a"),
            at: Timestamp::from_millis(1),
            location: None,
            body: Body::Resource(Resource::default()),
            id: None,
            flaw: None,
            arrival: Arrival {
                received: Timestamp::MIN,
                delay: Duration::ZERO,
                lateness: Duration::ZERO,
            },
        }
    }

    fn resource(change: impl FnOnce(&mut Resource)) -> Report {
        let mut resource = Resource::default();
        change(&mut resource);
        Report {
            body: Body::Resource(resource),
            ..bare()
        }
    }

    fn with_a_text() -> Vec<Report> {
        let fields: [fn(&mut Resource) -> &mut Option<Text>; 8] = [
            |of| &mut of.class,
            |of| &mut of.status,
            |of| &mut of.callsign,
            |of| &mut of.agency,
            |of| &mut of.unit,
            |of| &mut of.parent,
            |of| &mut of.assigned,
            |of| &mut of.source,
        ];
        let texts = ["", "a", "ab"];
        let one = fields
            .iter()
            .flat_map(|field| texts.map(|text| resource(|of| *field(of) = Some(text.into()))));
        let two = [("a", "b"), ("ab", ""), ("", "ab")].map(|(class, status)| {
            resource(|of| (of.class, of.status) = (Some(class.into()), Some(status.into())))
        });
        one.chain(two).collect()
    }

    fn with_a_number() -> Vec<Report> {
        let fields: [fn(&mut Resource) -> &mut Option<f64>; 3] = [
            |of| &mut of.accuracy_m,
            |of| &mut of.speed_mps,
            |of| &mut of.heading_deg,
        ];
        let numbers = fields
            .iter()
            .flat_map(|field| [0.0, 1.0].map(|number| resource(|of| *field(of) = Some(number))));
        let counts = [0, 1].map(|count| resource(|of| of.strength = Some(count)));
        numbers.chain(counts).collect()
    }

    fn elsewhere() -> Vec<Report> {
        let (lat, lng) = (1.0, 2.0);
        let locations = [
            Location::Degrees { lat, lng },
            Location::Degrees { lat: lng, lng: lat },
            Location::EastingNorthing {
                easting: lat,
                northing: lng,
            },
            Location::Text("a".into()),
            Location::Postcode("a".into()),
            Location::GridReference("a".into()),
            Location::Uprn("a".into()),
        ];
        let at = |location| Report {
            location: Some(location),
            ..bare()
        };
        let to = Destination::Fence("a".into());
        let going = resource(|of| of.destination = Some(to));
        locations.map(at).into_iter().chain([going]).collect()
    }

    #[test]
    fn every_field_counts_in_a_fingerprint_and_no_arrival_does() {
        let times = [None, Timestamp::from_millis(0), Timestamp::from_millis(2)];
        let times = times.map(|at| Report { at, ..bare() });
        let ids = ["", "a"].map(|id| Report {
            id: Some(id.into()),
            ..bare()
        });
        let all = [vec![bare()], times.into(), ids.into(), elsewhere()];
        let all = [all.concat(), with_a_number(), with_a_text()].concat();
        let mut seen: Vec<_> = all.iter().map(Report::fingerprint).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), all.len());

        let mut later = bare();
        later.arrival.received = Timestamp::MAX;
        assert_eq!(later.fingerprint(), bare().fingerprint());
    }
}

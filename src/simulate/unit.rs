//! One resource: it patrols, goes where it is told, stays there, and reports with a receiver's noise.

use std::collections::VecDeque;

use crate::domain::ids::Subject;
use crate::domain::report::{Arrival, Body, Location, Report, Resource, Text};
use crate::domain::time::Timestamp;
use crate::simulate::ground::{CLEARANCE_M, Spot, Zone, clear_of};
use crate::simulate::places::{ROAMING, SECTORS};
use crate::simulate::random::Random;

/// Blocks between streets, degrees of latitude and longitude: about 100 m each way.
const BLOCK: (f64, f64) = (0.0009, 0.0014);
/// How far a patrol keeps inside the edge of its sector, metres: corners are not for patrols.
const INSET_M: f64 = 60.0;

/// Speed of a carrier on call, metres a second.
const VAN_MPS: f64 = 16.0;

pub(super) const AVAILABLE: &str = "2";
pub(super) const EN_ROUTE: &str = "5";
pub(super) const AT_SCENE: &str = "6";
pub(super) const EMERGENCY: &str = "0";

/// A kind of resource: its class, patrol speed and speed on call in m/s, officers, and what reports it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Class {
    name: &'static str,
    patrol: f64,
    call: f64,
    strength: u32,
    source: &'static str,
}

pub(super) const VEHICLE: Class = Class {
    name: "vehicle",
    patrol: 7.0,
    call: 12.0,
    strength: 2,
    source: "avl",
};
pub(super) const FOOT: Class = Class {
    name: "foot",
    patrol: 1.3,
    call: 2.8,
    strength: 1,
    source: "radio",
};
pub(super) const CYCLE: Class = Class {
    name: "cycle",
    patrol: 4.5,
    call: 6.5,
    strength: 1,
    source: "radio",
};
pub(super) const MOUNTED: Class = Class {
    name: "mounted",
    patrol: 2.0,
    call: 4.0,
    strength: 1,
    source: "radio",
};

/// What a unit does once it is where it was going.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Then {
    /// Available, and from corner to corner of its beat.
    Patrol,
    /// Stays, with this status.
    Stay(&'static str),
}

/// A resource in the world.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    subject: Subject,
    callsign: Text,
    class: Class,
    group: &'static str,
    /// The sector it patrols; `None` roams.
    pub(super) beat: Option<usize>,
    pub(super) spot: Spot,
    pub(super) home: Spot,
    pub(super) status: &'static str,
    /// The incident it is assigned to, by number.
    pub(super) job: Option<usize>,
    way: VecDeque<Spot>,
    speed: f64,
    then: Then,
    heading: f64,
    accuracy_m: f64,
}

impl Unit {
    pub(super) fn new(
        callsign: &str,
        class: Class,
        group: &'static str,
        home: Spot,
        then: Then,
    ) -> Self {
        Self {
            subject: Subject::resource(&format!("MP-{callsign}")),
            callsign: callsign.into(),
            class,
            group,
            beat: None,
            spot: home,
            home,
            status: match then {
                Then::Patrol => AVAILABLE,
                Then::Stay(status) => status,
            },
            job: None,
            way: VecDeque::new(),
            speed: 0.0,
            then,
            heading: 0.0,
            accuracy_m: 4.0,
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.subject.id
    }

    /// Could be sent: on patrol and available.
    pub(super) fn is_free(&self) -> bool {
        self.job.is_none() && self.then == Then::Patrol && self.status == AVAILABLE
    }

    pub(super) fn has_arrived(&self) -> bool {
        self.way.is_empty()
    }

    /// Sends it along the streets, at the speed of a call.
    pub(super) fn go(&mut self, to: Spot, status: &'static str, then: Then) {
        let corner = Spot::new(self.spot.lat, to.lng);
        self.follow([corner, to], self.class.call, then);
        self.status = status;
    }

    /// Takes it there in a van, as fast as any unit goes.
    pub(super) fn ride(&mut self, to: Spot, then: Then) {
        let corner = Spot::new(self.spot.lat, to.lng);
        self.follow([corner, to], VAN_MPS, then);
        self.status = EN_ROUTE;
    }

    /// Sends it along `way`.
    pub(super) fn follow(&mut self, way: impl IntoIterator<Item = Spot>, speed: f64, then: Then) {
        self.way = way.into_iter().collect();
        self.speed = speed;
        self.then = then;
    }

    /// Stops where it is.
    pub(super) fn stay(&mut self, status: &'static str) {
        self.follow([], 0.0, Then::Stay(status));
        self.status = status;
    }

    pub(super) fn patrol(&mut self) {
        self.job = None;
        self.follow([], 0.0, Then::Patrol);
        self.status = AVAILABLE;
    }

    /// Moves on for `seconds`.
    pub(super) fn step(&mut self, seconds: f64, random: &mut Random) {
        let mut left_m = self.speed * seconds;
        if self.way.is_empty() {
            self.arrive(random);
            left_m = self.speed * seconds;
        }
        while let Some(&next) = self.way.front() {
            let (east, north) = self.spot.to(next);
            let distance = east.hypot(north);
            if distance > 0.1 {
                self.heading = east.atan2(north).to_degrees().rem_euclid(360.0).round();
            }
            if distance > left_m {
                let part = left_m / distance;
                self.spot = self.spot.moved(east * part, north * part);
                return;
            }
            left_m -= distance;
            self.spot = next;
            self.way.pop_front();
        }
        if let Then::Stay(status) = self.then {
            self.status = status;
            self.speed = 0.0;
        }
    }

    fn arrive(&mut self, random: &mut Random) {
        match self.then {
            Then::Stay(status) => {
                self.status = status;
                self.speed = 0.0;
            }
            Then::Patrol => {
                self.status = AVAILABLE;
                let to = corner_in(self.beat, random);
                let pace = self.class.patrol * random.between(0.7, 1.3);
                self.follow([Spot::new(self.spot.lat, to.lng), to], pace, Then::Patrol);
            }
        }
    }

    /// What it reports at `at`, with a fix that is clear of every edge.
    pub(super) fn report(&mut self, at: Timestamp, zones: &[Zone], random: &mut Random) -> Report {
        self.accuracy_m = (self.accuracy_m + random.between(-1.0, 1.0)).clamp(3.0, 12.0);
        let deviation = self.accuracy_m / 3.0;
        let noisy = self
            .spot
            .moved(random.noise() * deviation, random.noise() * deviation);
        let spot = clear_of(zones, noisy, CLEARANCE_M);
        let tenths = |number: f64| (number * 10.0).round() / 10.0;
        let mut report = self.status_report(at);
        report.location = Some(Location::Degrees {
            lat: spot.lat,
            lng: spot.lng,
        });
        if let Body::Resource(resource) = &mut report.body {
            resource.accuracy_m = Some(tenths(self.accuracy_m));
            resource.speed_mps = Some(tenths(self.speed));
            resource.heading_deg = Some(self.heading);
        }
        report
    }

    /// What it reports at `at` without a fix.
    pub(super) fn status_report(&self, at: Timestamp) -> Report {
        let resource = Resource {
            class: Some(self.class.name.into()),
            status: Some(self.status.into()),
            callsign: Some(self.callsign.clone()),
            agency: Some("MPS".into()),
            unit: Some(self.group.into()),
            strength: Some(self.class.strength),
            assigned: self.job.map(|number| incident_id(number).into()),
            source: Some(self.class.source.into()),
            ..Resource::default()
        };
        report(self.subject.clone(), at, None, Body::Resource(resource))
    }
}

/// A report as a feed sends it; how it arrives is for the reader to say.
pub(super) fn report(
    subject: Subject,
    at: Timestamp,
    location: Option<Location>,
    body: Body,
) -> Report {
    Report {
        subject,
        at: Some(at),
        location,
        body,
        id: None,
        flaw: None,
        arrival: Arrival {
            received: at,
            delay: std::time::Duration::ZERO,
            lateness: std::time::Duration::ZERO,
        },
    }
}

pub(super) fn incident_id(number: usize) -> String {
    format!("CAD-{:04}-SIM", number + 1)
}

/// A street corner of a beat.
pub(super) fn corner_in(beat: Option<usize>, random: &mut Random) -> Spot {
    let sector = beat.unwrap_or_else(|| random.below(ROAMING));
    let (low, high) = SECTORS[sector].zone.shape.grown(-INSET_M).bounds();
    let block = |from: f64, to: f64, size: f64, random: &mut Random| {
        from + (random.between(0.0, to - from) / size).floor() * size
    };
    Spot::new(
        block(low.lat, high.lat, BLOCK.0, random),
        block(low.lng, high.lng, BLOCK.1, random),
    )
}

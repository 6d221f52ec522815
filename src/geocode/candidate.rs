//! What a text may mean, and how much speaks for it.

use super::distance;
use super::gazetteer::Gazetteer;
use super::gazetteer::names::Bearer;
use super::gazetteer::postcodes::Circle;
use super::hints::Hints;
use super::hit::Hit;
use super::{junction, street};
use crate::domain::feature::FeatureKind;
use crate::domain::position::Position;

/// Names that more things bear than these are no context.
const MOST_BEACONS: u32 = 40;

/// What a text may mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum What {
    Street(u32),
    Junction(u32, u32),
    Thing(u32),
}

/// What a text may mean, and what speaks for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Candidate {
    pub what: What,
    /// The hit that named it; the first of a junction.
    pub hit: Hit,
    /// What speaks for it, in letters of a name rightly written.
    pub value: f64,
    /// What of that the hints say.
    pub hinted: f64,
    /// The words that it explains.
    pub explained: u64,
    /// How much in the text agrees with it.
    pub agreements: u32,
    /// How much in the text contradicts it.
    pub doubts: u32,
    /// What its spelling cost.
    pub cost: f64,
    /// Where it is, roughly.
    pub position: Position,
    /// A venue, station or place named beside it.
    pub beside: Option<Position>,
    /// The name of an area that it lies in, the smallest first named.
    pub area: Option<u32>,
    /// A street whose name is that of an area as well, and says of no street that it is one.
    pub is_area_name: bool,
}

/// What a postcode in the text says of the place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Ground {
    Unit(Position),
    Circle(Circle),
}

/// A name in the text that may say where its neighbour is.
#[derive(Clone, Debug)]
struct Beacon {
    hit: Hit,
    bearers: Vec<Bearer>,
    /// It stands where an area is named, behind all else or before a comma, and is one.
    is_area: bool,
}

/// Weighs candidates against all that the text says.
pub(super) struct Scale<'a> {
    pub gazetteer: &'a Gazetteer,
    pub ground: Option<Ground>,
    pub hints: &'a Hints,
    beacons: Vec<Beacon>,
}

/// How a beacon stands to a candidate.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Bearing {
    gain: f64,
    beside: Option<Position>,
    /// The beacon is an area, and the candidate says that it lies in it.
    is_in: bool,
}

impl<'a> Scale<'a> {
    pub(super) fn new(
        gazetteer: &'a Gazetteer,
        found: &[Hit],
        is_last: impl Fn(&Hit) -> bool,
        ground: Option<Ground>,
        hints: &'a Hints,
    ) -> Self {
        // A lone name says nothing of itself.
        let others = if found.len() > 1 { found } else { &[] };
        let mut beacons: Vec<Beacon> = others
            .iter()
            .filter(|hit| gazetteer.bearer_count(hit.name) <= MOST_BEACONS && hit.cost < 4.0)
            .map(|hit| {
                let bearers: Vec<Bearer> = gazetteer.bearers(hit.name).collect();
                let is_area =
                    is_last(hit) && bearers.iter().any(|bearer| is_area(gazetteer, *bearer));
                Beacon {
                    hit: *hit,
                    bearers,
                    is_area,
                }
            })
            .collect();
        beacons.sort_by(|one, other| {
            other
                .hit
                .worth()
                .total_cmp(&one.hit.worth())
                .then(one.hit.from.cmp(&other.hit.from))
        });
        Self {
            gazetteer,
            ground,
            hints,
            beacons,
        }
    }

    /// Whether a name is that of an area.
    pub(super) fn is_of_area(&self, name: u32) -> bool {
        self.gazetteer.bearer_count(name) <= MOST_BEACONS
            && self
                .gazetteer
                .bearers(name)
                .any(|bearer| is_area(self.gazetteer, bearer))
    }

    /// The candidate `what`, named by `hit`; `own` are the words of its names and `worth` their worth.
    pub(super) fn weigh(
        &self,
        what: What,
        hit: Hit,
        own: u64,
        worth: f64,
        position: Position,
    ) -> Candidate {
        let hinted = self.hints.worth(position);
        let mut candidate = Candidate {
            what,
            hit,
            value: worth + hinted,
            hinted,
            explained: own,
            agreements: 0,
            doubts: 0,
            cost: hit.cost,
            position,
            beside: None,
            area: None,
            is_area_name: false,
        };
        self.weigh_ground(&mut candidate);
        let mut contradiction = 0.0_f64;
        let mut told: Vec<u32> = Vec::new();
        for beacon in &self.beacons {
            if beacon.hit.mask() & candidate.explained != 0 {
                continue;
            }
            if told.contains(&beacon.hit.name) {
                // Said twice it is no more true.
                candidate.explained |= beacon.hit.mask();
                continue;
            }
            match self.best_bearing(&candidate, beacon) {
                Some(bearing) => {
                    told.push(beacon.hit.name);
                    candidate.value += bearing.gain - beacon.hit.cost;
                    candidate.explained |= beacon.hit.mask();
                    candidate.agreements += 1;
                    candidate.beside = candidate.beside.or(bearing.beside);
                    candidate.area = candidate.area.or(bearing.is_in.then_some(beacon.hit.name));
                }
                None if self.is_on_another_street(&candidate, beacon) => {
                    contradiction = contradiction.max(14.0);
                }
                None if beacon.is_area && beacon.hit.cost < 1.0 => {
                    contradiction = contradiction.max(9.0);
                }
                None => {}
            }
        }
        if contradiction > 0.0 {
            candidate.value -= contradiction;
            candidate.doubts += 1;
        }
        candidate
    }

    fn weigh_ground(&self, candidate: &mut Candidate) {
        let (gain, agrees, doubts) = match self.ground {
            None => return,
            Some(Ground::Unit(position)) => match self.distance(candidate, position) {
                away if away <= 300.0 => (14.0, 1, 0),
                away if away <= 700.0 => (8.0, 1, 0),
                away if away <= 1200.0 => (0.0, 0, 0),
                _ => (-14.0, 0, 1),
            },
            Some(Ground::Circle(circle)) => {
                match self.distance(candidate, circle.centre) - circle.radius_m * 1.15 {
                    away if away <= 0.0 => (9.0, 1, 0),
                    away if away <= 600.0 => (6.0, 1, 0),
                    away if away <= 2000.0 => (-1.0, 0, 0),
                    _ => (-12.0, 0, 1),
                }
            }
        };
        candidate.value += gain;
        candidate.agreements += agrees;
        candidate.doubts += doubts;
    }

    fn distance(&self, candidate: &Candidate, to: Position) -> f64 {
        let street = match candidate.what {
            What::Street(street) => self.gazetteer.street(street),
            What::Junction(..) | What::Thing(_) => None,
        };
        street.map_or_else(
            || distance::between(candidate.position, to),
            |street| street::distance_to(street, to),
        )
    }

    /// Whether the beacon is the name of streets in full, and the candidate a venue on none of them.
    fn is_on_another_street(&self, candidate: &Candidate, beacon: &Beacon) -> bool {
        let is_venue = |thing| {
            let kind = self.gazetteer.thing(thing).map(|thing| thing.kind);
            matches!(kind, Some(FeatureKind::Premises | FeatureKind::Venue))
        };
        let is_street = matches!(beacon.bearers.first(), Some(Bearer::Street(_)));
        let is_full = beacon.hit.to - beacon.hit.from > 1;
        matches!(candidate.what, What::Thing(thing) if is_venue(thing)) && is_street && is_full
    }

    fn best_bearing(&self, candidate: &Candidate, beacon: &Beacon) -> Option<Bearing> {
        let bearings = beacon.bearers.iter().filter_map(|bearer| match bearer {
            Bearer::Street(other) => self.bearing_of_street(candidate, *other, beacon.hit),
            Bearer::Thing(other) => self.bearing_of_thing(candidate, *other, beacon.hit),
        });
        bearings.max_by(|one, other| one.gain.total_cmp(&other.gain))
    }

    fn bearing_of_street(&self, candidate: &Candidate, other: u32, hit: Hit) -> Option<Bearing> {
        let street = self.gazetteer.street(other)?;
        let away = match candidate.what {
            What::Thing(thing) => {
                let is_there = self.gazetteer.thing(thing)?.street() == Some(other);
                if is_there {
                    0.0
                } else {
                    street::distance_to(street, candidate.position)
                }
            }
            What::Street(_) => {
                // Weak: two streets named side by side should meet, and then they are a junction.
                let away = street::distance_to(street, candidate.position) - 300.0;
                return (away < 300.0).then_some(Bearing {
                    gain: hit.letters * 0.3,
                    ..Bearing::default()
                });
            }
            What::Junction(..) => street::distance_to(street, candidate.position),
        };
        (away <= 250.0).then_some(Bearing {
            gain: hit.letters,
            ..Bearing::default()
        })
    }

    fn bearing_of_thing(&self, candidate: &Candidate, other: u32, hit: Hit) -> Option<Bearing> {
        let thing = self.gazetteer.thing(other)?;
        if candidate.what == What::Thing(other) {
            return None;
        }
        match thing.kind {
            FeatureKind::Area => {
                let is_in = match candidate.what {
                    What::Street(street) => self
                        .gazetteer
                        .street(street)?
                        .areas()
                        .any(|area| area == hit.name),
                    What::Thing(thing) => self
                        .gazetteer
                        .thing(thing)?
                        .areas()
                        .any(|area| area == hit.name),
                    What::Junction(one, _) => self
                        .gazetteer
                        .street(one)?
                        .areas()
                        .any(|area| area == hit.name),
                };
                // Boundaries are known by who lies within them; the circle around one reaches beyond.
                let beyond = || self.distance(candidate, thing.position) - thing.reach_m();
                let gain = hit.letters.min(12.0);
                if is_in {
                    Some(Bearing {
                        gain,
                        is_in: true,
                        ..Bearing::default()
                    })
                } else {
                    (beyond() <= 300.0).then_some(Bearing {
                        gain: gain * 0.5,
                        ..Bearing::default()
                    })
                }
            }
            FeatureKind::Station | FeatureKind::Place => {
                let away = self.distance(candidate, thing.position);
                let near = (away <= 250.0).then_some(thing.position);
                let reach = thing.reach_m() + 1500.0;
                (away <= reach).then_some(Bearing {
                    gain: hit.letters.min(9.0) * (1.0 - away / reach * 0.4),
                    beside: near,
                    ..Bearing::default()
                })
            }
            FeatureKind::Premises
            | FeatureKind::Venue
            | FeatureKind::Marker
            | FeatureKind::Street
            | FeatureKind::Road
            | FeatureKind::Postcode
            | FeatureKind::Uprn => {
                let is_there = matches!(candidate.what, What::Street(street) if thing.street() == Some(street));
                let away = || self.distance(candidate, thing.position);
                (is_there || away() <= 200.0).then_some(Bearing {
                    gain: hit.letters * 0.8,
                    beside: Some(thing.position),
                    ..Bearing::default()
                })
            }
        }
    }
}

fn is_area(gazetteer: &Gazetteer, bearer: Bearer) -> bool {
    match bearer {
        Bearer::Street(_) => false,
        Bearer::Thing(thing) => gazetteer
            .thing(thing)
            .is_some_and(|thing| thing.kind == FeatureKind::Area),
    }
}

/// The junctions of the streets that `one` and `other` name.
pub(super) fn junctions(scale: &Scale<'_>, one: Hit, other: Hit, penalty: f64) -> Vec<Candidate> {
    let gazetteer = scale.gazetteer;
    let streets = |hit: Hit| {
        gazetteer
            .bearers(hit.name)
            .filter_map(|bearer| match bearer {
                Bearer::Street(street) => Some(street),
                Bearer::Thing(_) => None,
            })
    };
    let mut found = Vec::new();
    for (here, there) in streets(one)
        .flat_map(|here| streets(other).map(move |there| (here, there)))
        .take(20_000)
    {
        let (Some(first), Some(second)) = (gazetteer.street(here), gazetteer.street(there)) else {
            continue;
        };
        if here == there {
            continue;
        }
        let Some(junction) = junction::of(first, second, 450.0) else {
            continue;
        };
        let closeness = 8.0 - junction.gap_m / 60.0;
        let worth = one.worth() + other.worth() + closeness - penalty;
        let own = one.mask() | other.mask();
        let mut candidate = scale.weigh(
            What::Junction(here, there),
            one,
            own,
            worth,
            junction.spot.position,
        );
        candidate.cost = one.cost + other.cost;
        found.push(candidate);
    }
    found
}

//! From a position to names: what is around it, and a sentence for people.
//!
//! Nothing is guessed: what is beyond its reach is not there. The nearest point of a stretch is found on
//! a plane around the position, and its distance is the geodesic to it.

use super::Geocoder;
use super::distance::{self, Plane};
use super::gazetteer::Gazetteer;
use super::gazetteer::around::{Lying, What};
use crate::domain::feature::FeatureKind;
use crate::domain::nearby::{Near, PlaceNames, Surroundings};
use crate::domain::position::Position;
use crate::domain::report::Text;

/// How far a street is looked for, metres.
pub const STREET_M: f64 = 500.0;

/// How far a second street and a numbered road are looked for, metres.
pub const OTHER_M: f64 = 250.0;

/// How far a junction is looked for, metres.
pub const JUNCTION_M: f64 = 500.0;

/// How far a postcode is looked for, metres.
pub const POSTCODE_M: f64 = 1000.0;

/// How far a venue, station or place is looked for, metres.
pub const PLACE_M: f64 = 250.0;

/// How far the boundary of an area may be that does not hold the position, metres.
pub const AREA_M: f64 = 2000.0;

/// A sentence begins with a street up to here, and with `near` beyond, metres.
const ON_STREET_M: f64 = 60.0;

/// An area wider than this tells nobody where something is, metres.
const WIDEST_AREA_M: f64 = 25_000.0;

/// Up to 85° of latitude a geodesic of some kilometres is that much longer or shorter than on the plane.
const SLACK: f64 = 1.01;

impl Geocoder {
    /// What is around `position`, of all gazetteers together.
    #[must_use]
    pub fn reverse(&self, position: Position) -> Surroundings {
        let mut search = Search::around(position);
        let mut areas = Areas::default();
        for gazetteer in &self.gazetteers {
            search.look_in(gazetteer);
            areas.look_in(gazetteer, position);
        }
        let mut around = search.into_surroundings();
        areas.holding.sort_by(|one, other| {
            let by_reach = one.0.total_cmp(&other.0);
            by_reach.then_with(|| one.1.cmp(&other.1))
        });
        around.sentence = sentence(&around, areas.district());
        around.nearest_area = areas.nearest.map(|(near, _)| near);
        around.areas = areas.holding.into_iter().map(|(_, title)| title).collect();
        around.areas.dedup();
        around
    }

    /// The area by which people tell a place from others of its name: the widest that holds it and is
    /// no wider than 25 km, such as a borough.
    pub(super) fn district(&self, position: Position) -> Option<Text> {
        let mut areas = Areas::default();
        for gazetteer in &self.gazetteers {
            areas.holding_in(gazetteer, position);
        }
        areas.district()
    }
}

impl PlaceNames for Geocoder {
    fn sentence(&self, position: Position) -> Option<Text> {
        self.reverse(position).sentence
    }
}

/// The nearest of one kind, and the one that follows.
#[derive(Debug)]
struct Nearest {
    reach_m: f64,
    /// Of different titles, the nearest first.
    found: Vec<Near>,
    most: usize,
}

impl Nearest {
    fn new(reach_m: f64, most: usize) -> Self {
        Self {
            reach_m,
            found: Vec::new(),
            most,
        }
    }

    /// Nothing beyond this can become one of the nearest, metres.
    fn limit_m(&self) -> f64 {
        match self.found.last() {
            Some(last) if self.found.len() == self.most => last.distance_m,
            Some(_) | None => self.reach_m,
        }
    }

    fn offer(&mut self, near: Near) {
        if near.distance_m > self.reach_m {
            return;
        }
        let is_same = |known: &Near| known.title.eq_ignore_ascii_case(&near.title);
        let same = self.found.iter().position(is_same);
        match same.and_then(|at| self.found.get_mut(at)) {
            Some(known) if is_nearer(&near, known) => *known = near,
            Some(_) => {}
            None => self.found.push(near),
        }
        self.found.sort_by(|one, other| {
            let by_distance = one.distance_m.total_cmp(&other.distance_m);
            by_distance.then_with(|| one.title.cmp(&other.title))
        });
        self.found.truncate(self.most);
    }
}

fn is_nearer(one: &Near, other: &Near) -> bool {
    (one.distance_m, one.position) < (other.distance_m, other.position)
}

/// What has been found around a position.
#[derive(Debug)]
struct Search {
    from: Position,
    plane: Plane,
    streets: Nearest,
    roads: Nearest,
    junctions: Nearest,
    postcodes: Nearest,
    places: Nearest,
    place_kind: Option<FeatureKind>,
}

impl Search {
    fn around(from: Position) -> Self {
        Self {
            from,
            plane: Plane::around(from),
            streets: Nearest::new(STREET_M, 2),
            roads: Nearest::new(OTHER_M, 1),
            junctions: Nearest::new(JUNCTION_M, 1),
            postcodes: Nearest::new(POSTCODE_M, 1),
            places: Nearest::new(PLACE_M, 1),
            place_kind: None,
        }
    }

    fn look_in(&mut self, gazetteer: &Gazetteer) {
        let (from, plane) = (self.from, self.plane);
        let found = std::cell::RefCell::new(self);
        gazetteer.around(
            from,
            |lying| found.borrow_mut().see(gazetteer, lying),
            |units| {
                let limit_m = found.borrow().limit_m();
                plane.least(units) > limit_m * SLACK
            },
        );
    }

    fn limit_m(&self) -> f64 {
        [
            &self.streets,
            &self.roads,
            &self.junctions,
            &self.postcodes,
            &self.places,
        ]
        .iter()
        .map(|nearest| nearest.limit_m())
        .fold(0.0, f64::max)
    }

    fn see(&mut self, gazetteer: &Gazetteer, lying: Lying) {
        let offset = match lying.what {
            What::Stretch(_) => {
                let (from, to) = (self.plane.offset(lying.from), self.plane.offset(lying.to));
                distance::nearest_on(from, to, distance::Offset::default())
            }
            What::Point(_) | What::Thing(_) | What::Postcode(_) | What::Meeting(_) => {
                self.plane.offset(lying.from)
            }
        };
        let metres = offset.length();
        let nearest = match lying.what {
            What::Point(_) | What::Stretch(_) => &self.streets,
            What::Thing(_) => &self.places,
            What::Postcode(_) => &self.postcodes,
            What::Meeting(_) => &self.junctions,
        };
        let is_road = matches!(lying.what, What::Point(_) | What::Stretch(_))
            && metres <= self.roads.limit_m() * SLACK;
        if metres > nearest.limit_m() * SLACK && !is_road {
            return;
        }
        let position = match lying.what {
            What::Stretch(_) => self.plane.position(offset),
            What::Point(_) | What::Thing(_) | What::Postcode(_) | What::Meeting(_) => lying.from,
        };
        self.take(gazetteer, lying.what, position);
    }

    fn take(&mut self, gazetteer: &Gazetteer, what: What, position: Position) {
        let near = |title: &str| Near {
            title: Text::from(title),
            position,
            distance_m: self.from.distance_m(position),
        };
        match what {
            What::Point(number) | What::Stretch(number) => {
                let Some(street) = gazetteer.street(number) else {
                    return;
                };
                if street.is_road_number() {
                    self.roads.offer(near(street.title()));
                } else {
                    self.streets.offer(near(street.title()));
                }
            }
            What::Thing(number) => {
                let Some(thing) = gazetteer.thing(number) else {
                    return;
                };
                let near = near(thing.title());
                self.places.offer(near.clone());
                if self.places.found.first() == Some(&near) {
                    self.place_kind = Some(thing.kind);
                }
            }
            What::Postcode(row) => {
                if let Some((code, _)) = gazetteer.postcode_at(row) {
                    self.postcodes.offer(near(&code.to_string()));
                }
            }
            What::Meeting(first) => {
                let mut titles: Vec<&str> = gazetteer
                    .meeting(first)
                    .filter_map(|number| Some(gazetteer.street(number)?.title()))
                    .collect();
                // Two streets of one name that touch are no junction for people.
                titles.dedup();
                if titles.len() > 1 {
                    self.junctions.offer(near(&titles.join(" / ")));
                }
            }
        }
    }

    fn into_surroundings(self) -> Surroundings {
        let first = |nearest: Nearest| nearest.found.into_iter().next();
        let mut streets = self.streets.found.into_iter();
        Surroundings {
            street: streets.next(),
            other_street: streets.next().filter(|near| near.distance_m <= OTHER_M),
            road: first(self.roads),
            junction: first(self.junctions),
            postcode: first(self.postcodes),
            place: self.place_kind.zip(first(self.places)),
            ..Surroundings::default()
        }
    }
}

/// The areas around a position.
#[derive(Debug, Default)]
struct Areas {
    /// How far each reaches from its middle, and its title.
    holding: Vec<(f64, Text)>,
    nearest: Option<(Near, f64)>,
}

impl Areas {
    fn holding_in(&mut self, gazetteer: &Gazetteer, position: Position) {
        let holding = gazetteer.outlines(position, (0, 0));
        let holding = holding.filter(|outline| outline.holds(position));
        self.holding
            .extend(holding.map(|area| (area.thing.reach_m(), Text::from(area.thing.title()))));
    }

    fn look_in(&mut self, gazetteer: &Gazetteer, position: Position) {
        self.holding_in(gazetteer, position);
        if !self.holding.is_empty() {
            self.nearest = None;
            return;
        }
        let plane = Plane::around(position);
        for area in gazetteer.outlines(position, plane.units(AREA_M * SLACK)) {
            let offsets = area.boundary().map(|(from, to)| {
                let (from, to) = (plane.offset(from), plane.offset(to));
                distance::nearest_on(from, to, distance::Offset::default())
            });
            let nearest = offsets.min_by(|one, other| one.length().total_cmp(&other.length()));
            let Some(edge) = nearest.map(|offset| plane.position(offset)) else {
                continue;
            };
            let near = Near {
                title: area.thing.title().into(),
                position: edge,
                distance_m: position.distance_m(edge),
            };
            let reach_m = area.thing.reach_m();
            let is_better = self.nearest.as_ref().is_none_or(|(known, known_reach_m)| {
                (near.distance_m, reach_m, &near.title)
                    < (known.distance_m, *known_reach_m, &known.title)
            });
            if near.distance_m <= AREA_M && is_better {
                self.nearest = Some((near, reach_m));
            }
        }
    }

    /// The widest that still says where something is.
    fn district(&self) -> Option<Text> {
        let telling = self
            .holding
            .iter()
            .filter(|(reach_m, _)| *reach_m <= WIDEST_AREA_M);
        let widest = telling
            .max_by(|one, other| one.0.total_cmp(&other.0).then_with(|| other.1.cmp(&one.1)));
        widest.map(|(_, title)| title.clone())
    }
}

/// One short sentence: the street and another that is near, else a place, else a postcode; then the area.
fn sentence(around: &Surroundings, district: Option<Text>) -> Option<Text> {
    let street = around.street.as_ref();
    let place = around.place.as_ref().map(|(_, near)| near);
    let second = around.other_street.as_ref().or(place);
    let first = match (street, place) {
        (Some(street), _) if street.distance_m <= ON_STREET_M => match second {
            Some(second) => format!("{} near {}", street.title, second.title),
            None => street.title.to_string(),
        },
        (Some(street), Some(place)) if place.distance_m < street.distance_m => {
            format!("near {}", place.title)
        }
        (Some(street), _) => format!("near {}", street.title),
        (None, Some(place)) => format!("near {}", place.title),
        (None, None) => {
            let other = around.road.as_ref().or(around.postcode.as_ref());
            match other {
                Some(other) => format!("near {}", other.title),
                None => return district,
            }
        }
    };
    Some(match district {
        Some(district) => format!("{first}, {district}").into(),
        None => first.into(),
    })
}

#[cfg(test)]
mod tests;

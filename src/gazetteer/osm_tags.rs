//! What the tags of a map element say that it is.

use std::collections::BTreeMap;

use crate::domain::feature::{Feature, FeatureKind};
use crate::domain::position::Position;
use crate::gazetteer::intake::filled;

/// Tags of one element.
pub(super) type Tags<'t> = BTreeMap<&'t str, &'t str>;

/// What an element is, before it is known where.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    kind: FeatureKind,
    name: Box<str>,
    also: Vec<Box<str>>,
    number: Option<Box<str>>,
    street: Option<Box<str>>,
    postcode: Option<Box<str>>,
    areas: Vec<Box<str>>,
}

/// Tags whose elements are venues, if they have a name.
const VENUES: [&str; 12] = [
    "amenity",
    "building",
    "craft",
    "emergency",
    "healthcare",
    "historic",
    "leisure",
    "man_made",
    "office",
    "shop",
    "sport",
    "tourism",
];

/// Tags whose elements are places, if they have a name.
const PLACES: [&str; 4] = ["place", "natural", "landuse", "waterway"];

/// Of `leisure`: more like a place than a venue.
const OPEN_SPACES: [&str; 4] = ["park", "garden", "common", "nature_reserve"];

const OTHER_NAMES: [&str; 7] = [
    "alt_name",
    "official_name",
    "short_name",
    "loc_name",
    "old_name",
    "name:en",
    "name:cy",
];

/// Where an address says that it is, beside its street.
const ADDRESS_AREAS: [&str; 4] = ["addr:suburb", "addr:district", "addr:town", "addr:city"];

impl Draft {
    /// `None` for what a gazetteer has no use for.
    pub(super) fn of(tags: &Tags<'_>) -> Option<Self> {
        let street = tag(tags, "addr:street").or_else(|| tag(tags, "addr:place"));
        let number = tag(tags, "addr:housenumber").filter(|_| street.is_some());
        let name = tag(tags, "name").or_else(|| tag(tags, "addr:housename"));
        let kind = match &name {
            Some(_) if is_station(tags) => FeatureKind::Station,
            _ if number.is_some() => FeatureKind::Premises,
            Some(_) if is_open_space(tags) => FeatureKind::Place,
            Some(_) if has_any(tags, &VENUES) => FeatureKind::Venue,
            Some(_) if has_any(tags, &PLACES) => FeatureKind::Place,
            _ => return None,
        };
        let areas = ADDRESS_AREAS.iter().filter_map(|key| tag(tags, key));
        Some(Self {
            kind,
            name: name.unwrap_or_default(),
            also: other_names(tags),
            number,
            street,
            postcode: tag(tags, "addr:postcode"),
            areas: areas.collect(),
        })
    }

    /// The feature, of the element `id`, at `position`.
    pub(super) fn at(self, position: Position, id: &str) -> Feature {
        let mut feature = Feature::named(self.kind, &self.name, position);
        feature.also = self.also;
        feature.number = self.number;
        feature.street = self.street;
        feature.postcode = self.postcode;
        feature.areas = self.areas;
        feature.id = Some(id.into());
        feature
    }
}

pub(super) fn tag(tags: &Tags<'_>, key: &str) -> Option<Box<str>> {
    tags.get(key).and_then(|text| filled(text))
}

/// Other names, each of which may be several between semicolons.
pub(super) fn other_names(tags: &Tags<'_>) -> Vec<Box<str>> {
    let texts = OTHER_NAMES.iter().filter_map(|key| tags.get(key));
    let names = texts.flat_map(|text| text.split(';')).filter_map(filled);
    let mut other: Vec<Box<str>> = Vec::new();
    for name in names {
        if tags.get("name").is_none_or(|own| **own != *name) && !other.contains(&name) {
            other.push(name);
        }
    }
    other
}

/// Whether `highway` is something that one moves along.
pub(super) fn is_way(highway: &str) -> bool {
    !matches!(
        highway,
        "proposed"
            | "construction"
            | "platform"
            | "bus_stop"
            | "rest_area"
            | "services"
            | "corridor"
            | "elevator"
            | "razed"
            | "abandoned"
    )
}

fn is_station(tags: &Tags<'_>) -> bool {
    let is = |key: &str, values: &[&str]| tags.get(key).is_some_and(|value| values.contains(value));
    is("railway", &["station", "halt", "tram_stop"])
        || is("amenity", &["bus_station", "ferry_terminal"])
        || is("public_transport", &["station"])
        || is("aeroway", &["aerodrome", "terminal"])
}

fn is_open_space(tags: &Tags<'_>) -> bool {
    tags.get("leisure")
        .is_some_and(|leisure| OPEN_SPACES.contains(leisure))
}

fn has_any(tags: &Tags<'_>, keys: &[&str]) -> bool {
    keys.iter().any(|key| tags.contains_key(key))
}

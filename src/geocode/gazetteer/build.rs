//! Features into the bytes of a gazetteer. The same features in any order make the same bytes.

mod around;
mod chains;
mod drafts;
mod names;
mod streets;
mod write;

use std::collections::BTreeMap;

use drafts::{Area, House, Postcode, StreetPart, Thing};

pub(in crate::geocode) use drafts::is_road_number;

use super::postcodes::Code;
use crate::domain::feature::{Feature, FeatureKind};
use crate::domain::position::Position;
use crate::geocode::postcode;
use crate::geocode::text::reading::house_numbers;
use crate::geocode::text::words::Words;

/// Premises so near to the middle of their postcode have no position of their own, metres: sources that say
/// so of theirs round them to within five.
const AT_POSTCODE_M: f64 = 5.0;

/// Builds a gazetteer of `features`.
///
/// Streets of one name are told apart by distance; premises without a street of the same name nearby
/// make one. A feature without a usable name is known by its position and identifier alone.
pub fn build(features: impl Iterator<Item = Feature>) -> Vec<u8> {
    let mut gathered = Gathered::default();
    for feature in features {
        gathered.add(feature);
    }
    gathered.sort();
    write::write(&gathered)
}

/// What has been read, by kind.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    streets: BTreeMap<String, Vec<StreetPart>>,
    houses: BTreeMap<String, Vec<House>>,
    things: Vec<Thing>,
    areas: BTreeMap<String, Area>,
    postcodes: BTreeMap<u64, Postcode>,
    uprns: BTreeMap<u64, Position>,
}

impl Gathered {
    fn add(&mut self, feature: Feature) {
        match feature.kind {
            FeatureKind::Street | FeatureKind::Road => self.add_street(&feature),
            FeatureKind::Postcode => self.add_postcode(&feature),
            FeatureKind::Uprn => self.add_uprn(&feature),
            FeatureKind::Premises
            | FeatureKind::Venue
            | FeatureKind::Station
            | FeatureKind::Place
            | FeatureKind::Marker
            | FeatureKind::Area => self.add_thing(feature),
        }
    }

    fn add_street(&mut self, feature: &Feature) {
        let areas = self.areas_of(feature);
        for name in std::iter::once(&feature.name).chain(&feature.also) {
            let key = Words::read(name).name_key();
            if key.is_empty() {
                continue;
            }
            self.streets.entry(key).or_default().push(StreetPart {
                title: title(name),
                position: feature.position,
                line: feature.line.clone(),
                areas: areas.clone(),
                weight: feature.weight,
                id: feature.id.clone(),
            });
        }
    }

    fn add_postcode(&mut self, feature: &Feature) {
        let code = postcode::normalise(&feature.name).and_then(|text| Code::parse(&text));
        let Some(code) = code else { return };
        let areas = self.areas_of(feature);
        let draft = Postcode {
            ended: feature.ended,
            position: feature.position,
            areas,
        };
        // A live one before an ended one; else the lowest, so that the order of features is nothing.
        let slot = self
            .postcodes
            .entry(code.number())
            .or_insert_with(|| draft.clone());
        if draft < *slot {
            *slot = draft;
        }
    }

    fn add_uprn(&mut self, feature: &Feature) {
        let text = feature.id.as_deref().unwrap_or(&feature.name);
        if let Ok(uprn) = text.trim().parse() {
            let slot = self.uprns.entry(uprn).or_insert(feature.position);
            *slot = feature.position.min(*slot);
        }
    }

    fn add_thing(&mut self, feature: Feature) {
        let areas = self.areas_of(&feature);
        let street = feature.street.as_deref().map(Words::read);
        let street = street
            .map(|words| words.name_key())
            .filter(|key| !key.is_empty());
        if feature.kind == FeatureKind::Premises
            && let Some(uprn) = feature.id.as_ref().and_then(|id| id.parse().ok())
        {
            self.uprns.entry(uprn).or_insert(feature.position);
        }
        let code = feature.postcode.as_deref().and_then(postcode::normalise);
        let code = code
            .and_then(|text| Code::parse(&text))
            .map_or(0, Code::number);
        if let Some(key) = &street {
            let (low, high) = feature
                .number
                .as_deref()
                .and_then(house_numbers)
                .unwrap_or((0, 0));
            self.houses.entry(key.clone()).or_default().push(House {
                low,
                high,
                position: feature.position,
                code,
                is_rough: false,
                written: feature.number.clone().unwrap_or_default(),
                title: title(feature.street.as_deref().unwrap_or_default()),
                areas: areas.clone(),
            });
        }
        if feature.name.is_empty() {
            return;
        }
        self.things.push(Thing {
            kind: feature.kind,
            title: title(&feature.name),
            names: drafts::names(&feature),
            position: feature.position,
            radius_m: drafts::radius_m(&feature),
            street,
            code,
            areas,
            id: feature.id,
            outline: if feature.kind == FeatureKind::Area {
                feature.line
            } else {
                Vec::new()
            },
        });
    }

    /// Keys of the areas that a feature lies in; each gains the feature's position.
    fn areas_of(&mut self, feature: &Feature) -> Vec<String> {
        let mut keys = Vec::new();
        for name in &feature.areas {
            let key = Words::read(name).name_key();
            if key.is_empty() || keys.contains(&key) {
                continue;
            }
            let area = self.areas.entry(key.clone()).or_default();
            area.titles.insert(title(name));
            area.members.push(feature.position);
            keys.push(key);
        }
        keys.sort();
        keys
    }

    fn sort(&mut self) {
        for parts in self.streets.values_mut() {
            parts.sort();
            parts.dedup();
        }
        for houses in self.houses.values_mut() {
            for house in houses.iter_mut() {
                let code = self.postcodes.get(&house.code);
                house.is_rough = code
                    .is_some_and(|code| code.position.distance_m(house.position) < AT_POSTCODE_M);
            }
            houses.sort();
            houses.dedup();
        }
        for area in self.areas.values_mut() {
            area.members.sort();
        }
        self.things.sort();
        self.things.dedup();
    }
}

/// A name as people are shown it: one blank between words, `'S` as written by a program that raised
/// every word's first letter as `'s`.
fn title(name: &str) -> Box<str> {
    let words: Vec<&str> = name.split_whitespace().collect();
    let joined = words.join(" ");
    let has_lower = joined.chars().any(char::is_lowercase);
    if has_lower {
        joined.replace("'S", "'s").into()
    } else {
        joined.into()
    }
}

//! Parts and houses of one name into streets.

use std::collections::{BTreeMap, BTreeSet};

use super::Gathered;
use super::chains::chains;
use super::drafts::{self, House, StreetPart, whole};
use crate::domain::feature::FeatureKind;
use crate::domain::position::Position;
use crate::geocode::distance;

/// One street: its parts and houses.
pub(super) struct Street<'a> {
    pub key: &'a str,
    pub title: Box<str>,
    pub parts: Vec<&'a StreetPart>,
    pub houses: Vec<&'a House>,
    pub points: Vec<Position>,
    /// The areas of each point.
    pub areas: Vec<&'a [String]>,
    /// How often something happens at each point.
    pub weights: Vec<u32>,
}

pub(super) fn join_streets(gathered: &Gathered) -> Vec<Street<'_>> {
    let (parts, houses) = (&gathered.streets, &gathered.houses);
    // A locality that an address has in the place of its street is no street.
    let stations = gathered
        .things
        .iter()
        .filter(|thing| thing.kind != FeatureKind::Premises);
    let places: BTreeSet<String> = stations
        .flat_map(|thing| &thing.names)
        .filter_map(|name| Some(drafts::key_and_spaced(name)?.0))
        .chain(gathered.areas.keys().cloned())
        .collect();
    let no_places = houses.keys().filter(|key| !places.contains(*key));
    let keys: BTreeSet<&String> = parts.keys().chain(no_places).collect();
    let mut streets = Vec::new();
    for key in keys {
        let parts = parts.get(key).map_or(&[][..], Vec::as_slice);
        let houses = houses.get(key).map_or(&[][..], Vec::as_slice);
        streets.extend(streets_of(key, parts, houses));
    }
    streets
}

fn streets_of<'a>(key: &'a str, parts: &'a [StreetPart], houses: &'a [House]) -> Vec<Street<'a>> {
    let mut points: Vec<(Position, usize)> = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        points.push((part.position, at));
        points.extend(part.line.iter().flatten().map(|vertex| (*vertex, at)));
    }
    points.extend(
        houses
            .iter()
            .enumerate()
            .map(|(at, house)| (house.position, parts.len() + at)),
    );
    let positions: Vec<Position> = points.iter().map(|(position, _)| *position).collect();
    let chains = if drafts::is_road_number(key) {
        vec![0; points.len()]
    } else {
        chains(&positions)
    };
    let mut chain_of = vec![0; parts.len() + houses.len()];
    for ((_, owner), chain) in points.iter().zip(&chains).rev() {
        if let Some(slot) = chain_of.get_mut(*owner) {
            *slot = *chain;
        }
    }
    let streets = chains.iter().max().map_or(0, |last| last + 1);
    (0..streets)
        .filter_map(|chain| {
            let of_chain = |at: usize| chain_of.get(at) == Some(&chain);
            let parts: Vec<_> = parts
                .iter()
                .enumerate()
                .filter(|(at, _)| of_chain(*at))
                .map(|(_, part)| part)
                .collect();
            let first_house = chain_of.len() - houses.len();
            let houses: Vec<_> = houses
                .iter()
                .enumerate()
                .filter(|(at, _)| of_chain(first_house + at))
                .map(|(_, house)| house)
                .collect();
            street(key, parts, houses)
        })
        .collect()
}

fn street<'a>(
    key: &'a str,
    parts: Vec<&'a StreetPart>,
    houses: Vec<&'a House>,
) -> Option<Street<'a>> {
    let of_parts = parts
        .iter()
        .map(|part| (part.position, part.weight, part.areas.as_slice()));
    let of_houses = houses
        .iter()
        .map(|house| (house.position, 1, house.areas.as_slice()));
    let mut known: Vec<(Position, u32, &[String])> = of_parts.chain(of_houses).collect();
    known.sort_by_key(|(position, weight, areas)| (*position, std::cmp::Reverse(*weight), *areas));
    known.dedup_by_key(|(position, ..)| *position);
    let points = known.iter().map(|(position, ..)| *position).collect();
    let weights = known.iter().map(|(_, weight, _)| *weight).collect();
    let areas = known.iter().map(|(.., areas)| *areas).collect();
    let mut titles: BTreeMap<&str, usize> = BTreeMap::new();
    for title in parts
        .iter()
        .map(|part| &part.title)
        .chain(houses.iter().map(|house| &house.title))
    {
        *titles.entry(title).or_default() += 1;
    }
    let title = titles
        .iter()
        .max_by_key(|(title, count)| (**count, std::cmp::Reverse(**title)))?
        .0;
    Some(Street {
        key,
        title: (*title).into(),
        parts,
        houses,
        points,
        areas,
        weights,
    })
}

/// The street of that name that is nearest to `position`.
pub(super) fn nearest_street(
    streets: &[Street<'_>],
    numbers: &[u32],
    position: Position,
) -> Option<u32> {
    let distance_to = |number: u32| {
        let street = streets.get(number as usize)?;
        let points = street
            .points
            .iter()
            .map(|point| distance::between(position, *point));
        Some(whole(points.fold(f64::MAX, f64::min)))
    };
    numbers
        .iter()
        .copied()
        .min_by_key(|number| distance_to(*number).unwrap_or(u32::MAX))
}

//! What a gazetteer is made of, before it has numbers.

use std::collections::BTreeSet;

use crate::domain::feature::{Feature, FeatureKind};
use crate::domain::position::Position;
use crate::geocode::distance;
use crate::geocode::text::words::Words;

/// A street, or a part of one, as a source has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct StreetPart {
    pub position: Position,
    pub title: Box<str>,
    pub line: Vec<Vec<Position>>,
    pub areas: Vec<String>,
    pub weight: u32,
    pub id: Option<Box<str>>,
}

/// A house number on a street; 0 for premises that have none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct House {
    pub low: u32,
    pub high: u32,
    pub position: Position,
    /// The number of its postcode; 0 where it has none.
    pub code: u64,
    /// Its position is only that of its postcode; told when all postcodes are known.
    pub is_rough: bool,
    pub written: Box<str>,
    pub title: Box<str>,
    pub areas: Vec<String>,
}

/// Whatever is no street and no postcode.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Thing {
    pub kind: FeatureKind,
    pub title: Box<str>,
    pub position: Position,
    pub names: Vec<Box<str>>,
    pub radius_m: u32,
    pub street: Option<String>,
    pub code: u64,
    pub areas: Vec<String>,
    pub id: Option<Box<str>>,
    /// The rings of an area.
    pub outline: Vec<Vec<Position>>,
}

/// An area that features say they lie in.
#[derive(Clone, Debug, Default)]
pub(super) struct Area {
    pub titles: BTreeSet<Box<str>>,
    pub members: Vec<Position>,
}

/// A postcode unit. Those that still exist come first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Postcode {
    pub ended: bool,
    pub position: Position,
    pub areas: Vec<String>,
}

/// Every name under which a feature is looked for.
pub(super) fn names(feature: &Feature) -> Vec<Box<str>> {
    let mut names = BTreeSet::new();
    for name in std::iter::once(&feature.name).chain(&feature.also) {
        if feature.kind == FeatureKind::Station {
            names.extend(station_names(name));
            continue;
        }
        names.insert(name.clone());
        if let Some(rest) = without_end(name, &["Ltd", "Limited", "Plc"]) {
            names.insert(rest);
        }
        let words: Vec<&str> = name.split_whitespace().collect();
        if let [first, rest @ ..] = words.as_slice()
            && first.eq_ignore_ascii_case("the")
            && (rest.len() > 1 || feature.kind != FeatureKind::Premises)
        {
            names.insert(rest.join(" ").into());
        }
    }
    names.into_iter().collect()
}

/// A station's name, and that name with every word for a station behind it.
fn station_names(name: &str) -> Vec<Box<str>> {
    let before_bracket = name.split('(').next().unwrap_or(name).trim();
    let kinds = [
        "Underground Station",
        "Rail Station",
        "Railway Station",
        "Tube Station",
        "DLR Station",
        "Station",
        "DLR",
    ];
    let stem = without_end(before_bracket, &kinds).unwrap_or_else(|| before_bracket.into());
    let with = kinds.map(|kind| format!("{stem} {kind}").into());
    std::iter::once(stem).chain(with).collect()
}

fn without_end(name: &str, ends: &[&str]) -> Option<Box<str>> {
    let capitals = name.to_ascii_uppercase();
    ends.iter().find_map(|end| {
        let rest = capitals
            .strip_suffix(&end.to_ascii_uppercase())?
            .strip_suffix(' ')?;
        Some(name.get(..rest.len())?.trim_end().into())
    })
}

/// How far a feature reaches from its position, metres: as its outline says, else what is usual.
pub(super) fn radius_m(feature: &Feature) -> u32 {
    let vertices = feature.line.iter().flatten();
    let reach = vertices
        .map(|vertex| distance::between(feature.position, *vertex))
        .fold(0.0, f64::max);
    if reach > 0.0 {
        return whole(reach);
    }
    match feature.kind {
        FeatureKind::Area => 1500,
        FeatureKind::Place => 400,
        FeatureKind::Station => 120,
        FeatureKind::Marker => 50,
        FeatureKind::Street
        | FeatureKind::Road
        | FeatureKind::Postcode
        | FeatureKind::Premises
        | FeatureKind::Venue
        | FeatureKind::Uprn => 40,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "metres on the earth, not negative"
)]
pub(super) fn whole(metres: f64) -> u32 {
    metres.clamp(0.0, 4e7).round() as u32
}

/// The middle of some positions and the radius around it that holds nine in ten, metres.
pub(super) fn circle(members: &[Position]) -> Option<(Position, u32)> {
    let first = *members.first()?;
    let plane = distance::Plane::around(first);
    let sum = members
        .iter()
        .fold(distance::Offset::default(), |sum, member| {
            sum.plus(1.0, plane.offset(*member))
        });
    #[expect(clippy::cast_precision_loss, reason = "a count of features")]
    let centre = plane.position(distance::Offset::default().plus(1.0 / members.len() as f64, sum));
    let mut reach: Vec<u32> = members
        .iter()
        .map(|member| whole(distance::between(centre, *member)))
        .collect();
    reach.sort_unstable();
    let ninth = reach.get(reach.len() * 9 / 10).copied()?;
    Some((centre, ninth))
}

/// Whether a name is that of a numbered road, such as A23, B221 or M4.
pub(in crate::geocode) fn is_road_number(key: &str) -> bool {
    let digits = key
        .trim_start_matches(['A', 'B', 'M'])
        .trim_end_matches('M');
    key.starts_with(['A', 'B', 'M'])
        && (1..=4).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The key of a name and its words with blanks between; `None` where nothing is left of it.
pub(super) fn key_and_spaced(name: &str) -> Option<(String, String)> {
    let words = Words::read(name);
    (words.len() > 0).then(|| (words.name_key(), words.spaced()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_station_is_known_with_and_without_the_word() {
        for name in ["Balham (station)", "Balham Rail Station", "Balham"] {
            let names = station_names(name);
            assert!(names.contains(&"Balham".into()), "{name}");
            assert!(names.contains(&"Balham Station".into()), "{name}");
        }
    }

    #[test]
    fn a_road_number_is_a_letter_and_figures() {
        assert!(is_road_number("A23") && is_road_number("B221") && is_road_number("A1M"));
        assert!(!is_road_number("A") && !is_road_number("ABBEY") && !is_road_number("E1"));
    }
}

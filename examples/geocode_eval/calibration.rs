//! Queries to set radii and scores by, apart from those of the query files: written as those are, of premises
//! and streets that are then held out.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use anyhow::{Context, Result};
use cordon::domain::feature::{Feature, FeatureKind};
use cordon::domain::position::Position;
use cordon::gazetteer::manifest::{Format, Manifest};

use super::Set;
use super::sets::code;

/// The column of an establishment's number.
const NUMBER: &str = "fhrsid";

/// One postcode in so many is held out.
const ONE_IN: u64 = 12;

/// Premises with the number of their establishment, by which those with a position of their own are known.
pub(super) fn with_numbers(mut manifest: Manifest) -> Manifest {
    for source in &mut manifest.sources {
        if let Format::Csv { mapping, .. } = &mut source.format
            && mapping.kind == FeatureKind::Premises
        {
            mapping.id = Some(NUMBER.to_owned());
        }
    }
    manifest
}

/// The features without what is asked for, and what is asked for: the premises of whole postcodes, or each
/// alone, so that its neighbours and what else has its number stay.
pub(super) fn of(
    features: Vec<Feature>,
    data: &Path,
    part: u64,
    alone: bool,
) -> Result<(Vec<Feature>, Vec<Set>)> {
    let exact = exact_ids(data)?;
    let chance = |feature: &Feature| {
        let own = feature.id.as_deref().filter(|_| alone);
        own.map_or_else(|| hash(&code(feature)), hash)
    };
    let (asked, kept): (Vec<_>, Vec<_>) = features.into_iter().partition(|feature| {
        feature.kind == FeatureKind::Premises && chance(feature) % ONE_IN == part
    });
    let asked: Vec<Feature> = asked
        .into_iter()
        .filter(|feature| feature.id.as_ref().is_some_and(|id| exact.contains(&**id)))
        .collect();
    let mut sets = Vec::new();
    for (name, metres, write) in STYLES {
        let queries = asked
            .iter()
            .filter_map(|feature| Some((write(feature)?, feature.position)));
        sets.push(Set {
            name,
            queries: queries.collect(),
            goals: vec![(metres, 0.0, 0.0)],
        });
    }
    let (lines, kept): (Vec<_>, Vec<_>) = kept.into_iter().partition(|feature| {
        feature.kind == FeatureKind::Street && feature.line.iter().any(|piece| piece.len() > 1)
    });
    sets.push(Set {
        name: "crossings",
        queries: crossings(&lines),
        goals: vec![(100.0, 0.0, 0.0), (250.0, 0.0, 0.0)],
    });
    let without_numbers = kept.into_iter().map(|mut feature| {
        if feature.kind == FeatureKind::Premises {
            feature.id = None;
        }
        feature
    });
    Ok((without_numbers.collect(), sets))
}

type Style = (&'static str, f64, fn(&Feature) -> Option<String>);

const STYLES: [Style; 5] = [
    ("full", 100.0, full),
    ("street, borough", 200.0, street_borough),
    ("short, small letters", 200.0, abbreviated),
    ("venue", 250.0, venue),
    ("mistake, outcode", 250.0, mistaken),
];

fn full(of: &Feature) -> Option<String> {
    Some(format!(
        "{}, London {}",
        numbered(of)?,
        of.postcode.as_deref()?
    ))
}

fn street_borough(of: &Feature) -> Option<String> {
    Some(format!("{}, {}", numbered(of)?, of.areas.first()?))
}

fn abbreviated(of: &Feature) -> Option<String> {
    let shorts = [
        ("road", "rd"),
        ("street", "st"),
        ("avenue", "ave"),
        ("lane", "ln"),
        ("place", "pl"),
        ("square", "sq"),
        ("terrace", "terr"),
        ("drive", "dr"),
        ("court", "ct"),
        ("gardens", "gdns"),
    ];
    let text = format!("{} {}", numbered(of)?, of.areas.first()?).to_lowercase();
    let words = text.split(' ').map(|word| {
        let short = shorts.iter().find(|(long, _)| *long == word);
        short.map_or(word, |(_, short)| short)
    });
    Some(words.collect::<Vec<_>>().join(" "))
}

fn venue(of: &Feature) -> Option<String> {
    numbered(of)?;
    let (street, borough) = (of.street.as_deref()?, of.areas.first()?);
    let name = Some(&*of.name).filter(|name| !name.is_empty())?;
    Some(format!("o/s {name} {street} {borough}"))
}

/// A letter of the street doubled, left out, or exchanged with the next.
fn mistaken(of: &Feature) -> Option<String> {
    let (text, outcode) = (numbered(of)?, of.postcode.as_deref()?.split(' ').next()?);
    let mut letters: Vec<char> = text.chars().collect();
    let chance = hash(of.id.as_deref()?) / ONE_IN;
    let places: Vec<usize> = (1..letters.len().saturating_sub(1))
        .filter(|at| letters[*at].is_ascii_lowercase() && letters[at + 1].is_ascii_lowercase())
        .collect();
    let at = *places.get((chance / 4) as usize % places.len().max(1))?;
    match chance % 4 {
        0 => letters.insert(at, letters[at]),
        1 => drop(letters.remove(at)),
        2 => letters.swap(at, at + 1),
        _ => {}
    }
    Some(format!("{} {outcode}", letters.iter().collect::<String>()))
}

fn numbered(of: &Feature) -> Option<String> {
    Some(format!(
        "{} {}",
        of.number.as_deref()?,
        of.street.as_deref()?
    ))
}

/// Premises whose position is their own and not only that of their postcode.
fn exact_ids(data: &Path) -> Result<HashSet<String>> {
    let file = data.join("addresses/fhrs_london_2020-07-21.csv");
    let mut reader = csv::Reader::from_path(&file)?;
    let headers = reader.headers()?.clone();
    let at = |name: &str| {
        let place = headers.iter().position(|header| header == name);
        place.context("a column is missing")
    };
    let (id, class) = (at(NUMBER)?, at("coord_class")?);
    let mut ids = HashSet::new();
    for row in reader.records() {
        let row = row?;
        if &row[class] == "address_level" {
            ids.insert(row[id].to_owned());
        }
    }
    Ok(ids)
}

/// Where two streets share a vertex, if they do so at one place only.
fn crossings(streets: &[Feature]) -> Vec<(String, Position)> {
    let mut at: BTreeMap<Position, BTreeSet<&str>> = BTreeMap::new();
    for street in streets {
        for vertex in street.line.iter().flatten() {
            at.entry(*vertex).or_default().insert(&street.name);
        }
    }
    let mut shared: BTreeMap<(&str, &str), Vec<Position>> = BTreeMap::new();
    for (place, names) in &at {
        for one in names {
            for other in names.range(*one..).skip(1) {
                shared.entry((one, other)).or_default().push(*place);
            }
        }
    }
    let is_one = |places: &[Position]| {
        places
            .iter()
            .all(|place| place.distance_m(places[0]) < 60.0)
    };
    let shared = shared.into_iter().filter(|(_, places)| is_one(places));
    shared
        .map(|((one, other), places)| (format!("{one} / {other}"), places[0]))
        .collect()
}

fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    }) >> 20
}

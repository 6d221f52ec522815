//! The query files, and the features without what they ask for.

use std::collections::HashSet;
use std::path::Path;

use anyhow::{Context, Result};
use cordon::domain::feature::{Feature, FeatureKind};
use cordon::domain::position::Position;

use super::Set;

pub(super) fn sets(data: &Path) -> Result<Vec<Set>> {
    let set = |name, file: &str, column, goals: &[(f64, f64, f64)]| {
        anyhow::Ok(Set {
            name,
            queries: rows(&data.join("addresses").join(file), column)?,
            goals: goals.to_vec(),
        })
    };
    let of_addresses = |column, goal| set(column, "geocode_queries_dev_500.csv", column, &[goal]);
    Ok(vec![
        of_addresses("q_full", (100.0, 92.0, 97.0))?,
        of_addresses("q_street_borough", (200.0, 62.0, 72.0))?,
        of_addresses("q_abbrev_lower", (200.0, 62.0, 72.0))?,
        of_addresses("q_venue_style", (250.0, 52.0, 62.0))?,
        of_addresses("q_typo_outcode", (250.0, 62.0, 75.0))?,
        set(
            "camera junctions",
            "tfl_jamcam_junctions_2015.csv",
            "query",
            &[(100.0, 25.0, 40.0), (250.0, 45.0, 65.0)],
        )?,
        set(
            "cycle docks",
            "cycle_hire_docks.csv",
            "query",
            &[(250.0, 60.0, 75.0)],
        )?,
    ])
}

pub(super) fn rows(file: &Path, column: &str) -> Result<Vec<(String, Position)>> {
    let mut reader = csv::Reader::from_path(file).with_context(|| file.display().to_string())?;
    let headers = reader.headers()?.clone();
    let at = |name: &str| {
        headers
            .iter()
            .position(|header| header == name)
            .context("a column is missing")
    };
    let (query, lat, lon) = (at(column)?, at("lat")?, at("lon")?);
    let mut rows = Vec::new();
    for row in reader.records() {
        let row = row?;
        let position = Position::new(row[lat].parse()?, row[lon].parse()?)?;
        rows.push((row[query].to_owned(), position));
    }
    Ok(rows)
}

/// The features without any premises whose postcode occurs among the queries.
pub(super) fn without_asked(features: Vec<Feature>, data: &Path) -> Result<Vec<Feature>> {
    let asked = data.join("addresses/geocode_queries_dev_500.csv");
    let asked: HashSet<String> = rows(&asked, "q_full")?
        .into_iter()
        .filter_map(|(query, _)| {
            let words: Vec<&str> = query.split_whitespace().collect();
            Some(words.get(words.len().checked_sub(2)?..)?.concat())
        })
        .collect();
    let all = features.len();
    let is_asked = |feature: &Feature| asked.contains(&code(feature));
    let features: Vec<Feature> = features
        .into_iter()
        .filter(|feature| feature.kind != FeatureKind::Premises || !is_asked(feature))
        .collect();
    println!("{} premises held out", all - features.len());
    Ok(features)
}

/// The postcode of a feature without blanks.
pub(super) fn code(feature: &Feature) -> String {
    let code = feature.postcode.as_deref().unwrap_or_default();
    code.split_whitespace().collect()
}

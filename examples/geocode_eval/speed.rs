//! How fast it is, on one thread.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use cordon::domain::position::Position;
use cordon::geocode::{Geocoder, Hints};

use super::Set;
use super::report::quantile;
use super::sets::rows;

/// Measures all rows, or those whose name holds `only`, so that a profile is of them alone.
pub(super) fn measure(
    geocoder: &Geocoder,
    sets: &[Set],
    data: &Path,
    rounds: usize,
    only: &str,
) -> Result<()> {
    let postcodes = rows(
        &data.join("gazetteer/postcodes_london_codepoint_open_2014-08.csv"),
        "postcode",
    )?;
    let streets = rows(
        &data.join("gazetteer/street_points_london_police_uk.csv"),
        "name",
    )?;
    let grid: Vec<String> = (0..100_000)
        .map(|at| format!("TQ {:03} {:03}", at % 600 + 200, at % 700 + 200))
        .collect();
    let texts = |rows: &[(String, Position)]| {
        rows.iter()
            .map(|(text, _)| text.clone())
            .collect::<Vec<_>>()
    };
    let mixed: Vec<String> = sets.iter().flat_map(|set| texts(&set.queries)).collect();
    let mut known: BTreeMap<&str, Vec<Position>> = BTreeMap::new();
    for (name, position) in &streets {
        known.entry(name).or_default().push(*position);
    }
    let is_one = |places: &[Position]| {
        places
            .iter()
            .all(|place| place.distance_m(places[0]) < 700.0)
    };
    let (single, shared): (Vec<_>, Vec<_>) = known.iter().partition(|(_, places)| is_one(places));
    let names = |of: Vec<(&&str, &Vec<Position>)>| {
        of.iter()
            .map(|(name, _)| (**name).to_string())
            .collect::<Vec<_>>()
    };
    let (single, shared) = (names(single), names(shared));
    println!("\n| speed, one thread, by its CPU time | queries/s | p99 us |\n|---|--:|--:|");
    for (name, queries) in [
        ("postcodes", texts(&postcodes)),
        ("grid references", grid),
        ("exact names of one street", single),
        ("exact names of several", shared),
        ("all sets", mixed),
    ] {
        if !name.contains(only) {
            continue;
        }
        let mut times = Vec::new();
        let started = cpu_seconds();
        for query in queries.iter().cycle().take(queries.len() * rounds) {
            let one = Instant::now();
            let _ = std::hint::black_box(geocoder.answer_text(query, &Hints::default()));
            times.push(one.elapsed().as_secs_f64() * 1e6);
        }
        let total = cpu_seconds() - started;
        times.sort_by(f64::total_cmp);
        println!(
            "| {name} | {:.0} | {:.0} |",
            times.len() as f64 / total,
            quantile(&times, 0.99)
        );
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    for line in status
        .lines()
        .filter(|line| line.starts_with("VmRSS") || line.starts_with("VmHWM"))
    {
        println!("{line}");
    }
    Ok(())
}

/// CPU time of this thread: others may use the machine as well.
fn cpu_seconds() -> f64 {
    let status = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = status
        .split(' ')
        .next()
        .and_then(|first| first.parse().ok());
    nanoseconds.unwrap_or(0.0) / 1e9
}

//! How well the geocoder does on open data: `make geocode-eval`.
//!
//! The gazetteer is built from `config/gazetteer/open-data.toml` without any premises whose postcode
//! occurs among the queries: with them the figures would only flatter.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it measures, and prints what it measured"
)]

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result};
use cordon::config::manifest;
use cordon::domain::feature::FeatureKind;
use cordon::domain::position::Position;
use cordon::gazetteer::gather::gather;
use cordon::geocode::gazetteer::{Gazetteer, build};
use cordon::geocode::{Geocoder, Hints, Match, Refusal, grid};

/// A set of queries with their truth, and what has to be reached: metres, least and aim in per cent.
struct Set {
    name: &'static str,
    queries: Vec<(String, Position)>,
    goals: Vec<(f64, f64, f64)>,
}

struct Judged<'a> {
    set: &'static str,
    query: &'a str,
    answer: Result<Match, Refusal>,
    error_m: f64,
    /// Of the first alternative of a refusal.
    first_m: f64,
}

fn main() -> Result<()> {
    let data = PathBuf::from(
        std::env::var("CORDON_OPEN_DATA").unwrap_or_else(|_| "../shared/data".into()),
    );
    // The manifest names its files by this variable.
    let sets = sets(&data)?;
    let geocoder = geocoder(&data)?;
    let mut judged = Vec::new();
    for set in &sets {
        for (query, truth) in &set.queries {
            let answer = geocoder.answer_text(query, &Hints::default());
            let error_m = answer.as_ref().map_or(f64::INFINITY, |found| {
                found.placed.position.distance_m(*truth)
            });
            let first = answer
                .as_ref()
                .err()
                .and_then(|refusal| refusal.alternatives.first());
            let first_m = first.map_or(f64::INFINITY, |place| place.position.distance_m(*truth));
            judged.push(Judged {
                first_m,
                set: set.name,
                query,
                answer,
                error_m,
            });
        }
    }
    table(&sets, &judged);
    os_points(&data)?;
    by_precision(&judged);
    wrong(&judged);
    speed(&geocoder, &sets, &data)?;
    if std::env::args().nth(1).as_deref() == Some("pairs") {
        for judged in &judged {
            if let Ok(found) = &judged.answer {
                println!(
                    "pair\t{}\t{}\t{:.0}\t{}\t{}",
                    judged.set,
                    found.placed.precision.label(),
                    judged.error_m,
                    radius(judged),
                    found.placed.matched.as_deref().unwrap_or_default()
                );
            }
        }
    } else if let Some(set) = std::env::args().nth(1) {
        misses(&set, &judged);
    }
    Ok(())
}

fn sets(data: &Path) -> Result<Vec<Set>> {
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

fn rows(file: &Path, column: &str) -> Result<Vec<(String, Position)>> {
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

fn geocoder(data: &Path) -> Result<Geocoder> {
    let asked: HashSet<String> = rows(
        &data.join("addresses/geocode_queries_dev_500.csv"),
        "q_full",
    )?
    .into_iter()
    .filter_map(|(query, _)| {
        let words: Vec<&str> = query.split_whitespace().collect();
        Some(words.get(words.len().checked_sub(2)?..)?.concat())
    })
    .collect();
    let manifest = manifest::load(Path::new("config/gazetteer/open-data.toml"))
        .map_err(|problems| anyhow::anyhow!("{:?}", problems.0))?;
    let started = Instant::now();
    let gathered = gather(&manifest, |_| {}, |_, _| {})?;
    let all = gathered.features.len();
    let features: Vec<_> = gathered
        .features
        .into_iter()
        .filter(|feature| {
            let code: String = feature
                .postcode
                .as_deref()
                .unwrap_or_default()
                .split_whitespace()
                .collect();
            feature.kind != FeatureKind::Premises || !asked.contains(&code)
        })
        .collect();
    println!(
        "{all} features, {} premises held out, read in {:.1} s",
        all - features.len(),
        started.elapsed().as_secs_f64()
    );
    let started = Instant::now();
    let bytes = build(features.into_iter());
    println!(
        "built in {:.1} s, {} MB",
        started.elapsed().as_secs_f64(),
        bytes.len() / 1_000_000
    );
    let started = Instant::now();
    let gazetteer = Gazetteer::open(Arc::new(bytes))?;
    println!(
        "opened in {:.3} s: {} streets, {} places, {} postcodes",
        started.elapsed().as_secs_f64(),
        gazetteer.streets(),
        gazetteer.places(),
        gazetteer.postcodes()
    );
    Ok(Geocoder::with(vec![gazetteer]))
}

fn per_cent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

fn quantile(sorted: &[f64], share: f64) -> f64 {
    let at = ((sorted.len() as f64 - 1.0) * share).round().max(0.0) as usize;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

fn table(sets: &[Set], judged: &[Judged]) {
    println!(
        "\n| query set | right within | right | at least | aim | answered | median m | p95 m | radius holds |"
    );
    println!("|---|---|--:|--:|--:|--:|--:|--:|--:|");
    for set in sets {
        let of_set: Vec<&Judged> = judged
            .iter()
            .filter(|judged| judged.set == set.name)
            .collect();
        let mut errors: Vec<f64> = of_set
            .iter()
            .map(|judged| judged.error_m)
            .filter(|error| error.is_finite())
            .collect();
        errors.sort_by(f64::total_cmp);
        for (metres, least, aim) in &set.goals {
            let right = errors.iter().filter(|error| *error <= metres).count();
            let held = of_set.iter().filter(|judged| holds(judged)).count();
            println!(
                "| {} | {metres} m | {:.1} % | {least} % | {aim} % | {:.1} % | {:.0} | {:.0} | {:.1} % |",
                set.name,
                per_cent(right, of_set.len()),
                per_cent(errors.len(), of_set.len()),
                quantile(&errors, 0.5),
                quantile(&errors, 0.95),
                per_cent(held, errors.len()),
            );
        }
    }
}

/// The test points of the Ordnance Survey, both ways.
fn os_points(data: &Path) -> Result<()> {
    let mut reader = csv::Reader::from_path(data.join("fixtures/ostn15_sample_3_points.csv"))?;
    let (mut right, mut all, mut worst) = (0, 0, 0.0_f64);
    for row in reader.records() {
        let row = row?;
        let numbers: Vec<f64> = (1..5).filter_map(|at| row.get(at)?.parse().ok()).collect();
        let [lat, lng, easting, northing] = numbers[..] else {
            continue;
        };
        let position = Position::new(lat, lng)?;
        let there = grid::to_position(easting, northing)
            .map_or(f64::INFINITY, |found| found.distance_m(position));
        let back = grid::from_position(position)
            .map_or(f64::INFINITY, |(e, n)| (e - easting).hypot(n - northing));
        for error in [there, back] {
            all += 1;
            right += usize::from(error <= 0.02);
            worst = worst.max(error);
        }
    }
    println!(
        "| OS test points, both ways | 0.02 m | {:.1} % | 100 % | 100 % | | | {worst:.3} | |",
        per_cent(right, all)
    );
    Ok(())
}

fn radius(judged: &Judged) -> f64 {
    judged
        .answer
        .as_ref()
        .ok()
        .and_then(|found| found.placed.radius_m)
        .unwrap_or(0.0)
}

fn holds(judged: &Judged) -> bool {
    judged.error_m.is_finite() && judged.error_m <= radius(judged)
}

fn by_precision(judged: &[Judged]) {
    println!(
        "\n| precision | answers | median m | p95 m | median radius m | p80, p90 of error/radius | radius holds |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|");
    let mut classes: BTreeMap<&str, Vec<&Judged>> = BTreeMap::new();
    for judged in judged {
        if let Ok(found) = &judged.answer {
            classes
                .entry(found.placed.precision.label())
                .or_default()
                .push(judged);
            let name = found.placed.matched.as_deref().unwrap_or_default();
            if found.placed.precision.label() == "street" {
                let is_numbered = name.starts_with(|sign: char| sign.is_ascii_digit());
                classes
                    .entry(if is_numbered {
                        "street, by number"
                    } else {
                        "street, whole"
                    })
                    .or_default()
                    .push(judged);
            }
            classes.entry("(all)").or_default().push(judged);
        }
    }
    for (class, members) in classes {
        let sorted = |of: &dyn Fn(&Judged) -> f64| {
            let mut all: Vec<f64> = members.iter().map(|judged| of(judged)).collect();
            all.sort_by(f64::total_cmp);
            all
        };
        let errors = sorted(&|judged| judged.error_m);
        let ratios = sorted(&|judged| judged.error_m / radius(judged).max(1.0));
        println!(
            "| {class} | {} | {:.0} | {:.0} | {:.0} | {:.2} {:.2} | {:.1} % |",
            members.len(),
            quantile(&errors, 0.5),
            quantile(&errors, 0.95),
            quantile(&sorted(&radius), 0.5),
            quantile(&ratios, 0.8),
            quantile(&ratios, 0.9),
            per_cent(
                members.iter().filter(|judged| holds(judged)).count(),
                members.len()
            ),
        );
    }
}

fn is_wrong(judged: &Judged) -> bool {
    let Ok(found) = &judged.answer else {
        return false;
    };
    let score = found.placed.score.unwrap_or(1.0);
    judged.error_m > (3.0 * radius(judged)).max(500.0) || (judged.error_m > 1000.0 && score >= 0.8)
}

fn wrong(judged: &[Judged]) {
    let mut wrong: Vec<&Judged> = judged.iter().filter(|judged| is_wrong(judged)).collect();
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for judged in judged {
        if let Err(refusal) = &judged.answer {
            *reasons.entry(refusal.reject.reason.label()).or_default() += 1;
        }
    }
    println!(
        "\nwrong: {} of {} queries, {:.2} % (at most 2 %); no answer: {reasons:?}",
        wrong.len(),
        judged.len(),
        per_cent(wrong.len(), judged.len())
    );
    let mut sets: BTreeMap<&str, usize> = BTreeMap::new();
    for judged in &wrong {
        *sets.entry(judged.set).or_default() += 1;
    }
    println!("wrong by set: {sets:?}\n\nthe worst 20:");
    let worst = std::env::args()
        .nth(2)
        .and_then(|most| most.parse().ok())
        .unwrap_or(20);
    wrong.sort_by(|one, other| other.error_m.total_cmp(&one.error_m));
    for judged in wrong.iter().take(worst) {
        show(judged);
    }
}

fn show(judged: &Judged) {
    match &judged.answer {
        Ok(found) => println!(
            "{:>7.0} m  {}  {:?} -> {} {} score {} radius {} at {:.5},{:.5}",
            judged.error_m,
            judged.set,
            judged.query,
            found.placed.precision.label(),
            found.placed.matched.as_deref().unwrap_or_default(),
            found.placed.score.unwrap_or(1.0),
            radius(judged),
            found.placed.position.lat(),
            found.placed.position.lng(),
        ),
        Err(refusal) => {
            let names: Vec<_> = refusal
                .alternatives
                .iter()
                .map(|place| place.matched.as_deref().unwrap_or_default())
                .collect();
            println!(
                "first at {:.0} m         -  {}  {:?} -> {} {names:?}",
                judged.first_m,
                judged.set,
                judged.query,
                refusal.reject.reason.label()
            );
        }
    }
}

/// All of a set that is not within 100 m.
fn misses(set: &str, judged: &[Judged]) {
    println!("\nmisses of {set}:");
    for judged in judged
        .iter()
        .filter(|judged| judged.set.contains(set) && judged.error_m > 100.0)
    {
        show(judged);
    }
}

fn speed(geocoder: &Geocoder, sets: &[Set], data: &Path) -> Result<()> {
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
    let rounds = std::env::args().nth(3);
    let rounds: usize = rounds.and_then(|rounds| rounds.parse().ok()).unwrap_or(1);
    println!("\n| speed, one thread | queries/s | p99 us |\n|---|--:|--:|");
    for (name, queries) in [
        ("postcodes", texts(&postcodes)),
        ("grid references", grid),
        ("exact names of one street", single),
        ("exact names of several", shared),
        ("all sets", mixed),
    ] {
        let mut times = Vec::new();
        let started = Instant::now();
        for query in queries.iter().cycle().take(queries.len() * rounds) {
            let one = Instant::now();
            let _ = std::hint::black_box(geocoder.answer_text(query, &Hints::default()));
            times.push(one.elapsed().as_secs_f64() * 1e6);
        }
        let total = started.elapsed().as_secs_f64();
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

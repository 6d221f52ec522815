//! How well the geocoder does on open data: `make geocode-eval`.
//!
//! The gazetteer is built from `config/gazetteer/open-data.toml` without any premises whose postcode
//! occurs among the queries: with them the figures would only flatter.
//!
//! With the word `calibration` the queries are others: made of every twelfth postcode's premises, which are
//! then held out as well, and of the crossings of streets whose lines are held out. Radii are set by
//! those, so that the figures of the query files stay a test of them; `calibration=1` to `calibration=11`
//! take the other postcodes. With `alone` premises are held out one by one: of whole postcodes nothing is known
//! by its number that is not another's. `worst=N`, `misses=SET`, `pairs` and `rounds=N` print more;
//! `speed=ROW` measures the speed of nothing else.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it measures, and prints what it measured"
)]

mod calibration;
mod report;
mod sets;
mod speed;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use cordon::config::manifest;
use cordon::domain::feature::Feature;
use cordon::domain::position::Position;
use cordon::gazetteer::gather::gather;
use cordon::geocode::gazetteer::{Gazetteer, build};
use cordon::geocode::{Geocoder, Hints, Match, Refusal};

/// As in the program itself.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
    let features = sets::without_asked(features()?, &data)?;
    let (features, sets) = match option("calibration") {
        Some(part) => {
            let alone = option("alone").is_some();
            calibration::of(features, &data, part.parse().unwrap_or(0), alone)?
        }
        None => (features, sets::sets(&data)?),
    };
    let geocoder = geocoder(features)?;
    let mut judged = Vec::new();
    for set in &sets {
        for (query, truth) in &set.queries {
            judged.push(judge(&geocoder, set.name, query, *truth));
        }
    }
    report::table(&sets, &judged);
    report::os_points(&data)?;
    report::by_precision(&judged);
    report::wrong(&judged, number("worst").unwrap_or(20));
    if let Some(set) = option("misses") {
        report::misses(&set, &judged);
    }
    if option("pairs").is_some() {
        report::pairs(&judged);
    }
    let rounds = number("rounds").unwrap_or(1);
    let only = option("speed").unwrap_or_default();
    speed::measure(&geocoder, &sets, &data, rounds, &only)
}

/// What follows `name=` among the arguments; empty for `name` alone.
fn option(name: &str) -> Option<String> {
    std::env::args().skip(1).find_map(|argument| {
        let rest = argument.strip_prefix(name)?;
        let value = rest.strip_prefix('=').or(rest.is_empty().then_some(""));
        value.map(str::to_owned)
    })
}

fn number(name: &str) -> Option<usize> {
    option(name)?.parse().ok()
}

fn judge<'a>(
    geocoder: &Geocoder,
    set: &'static str,
    query: &'a str,
    truth: Position,
) -> Judged<'a> {
    let answer = geocoder.answer_text(query, &Hints::default());
    let error_m = answer.as_ref().map_or(f64::INFINITY, |found| {
        found.placed.position.distance_m(truth)
    });
    let first = answer
        .as_ref()
        .err()
        .and_then(|refusal| refusal.alternatives.first());
    let first_m = first.map_or(f64::INFINITY, |place| place.position.distance_m(truth));
    Judged {
        set,
        query,
        answer,
        error_m,
        first_m,
    }
}

fn features() -> Result<Vec<Feature>> {
    // The manifest names its files by the variable CORDON_OPEN_DATA.
    let manifest = manifest::load(Path::new("config/gazetteer/open-data.toml"))
        .map_err(|problems| anyhow::anyhow!("{:?}", problems.0))?;
    let manifest = match option("calibration") {
        Some(_) => calibration::with_numbers(manifest),
        None => manifest,
    };
    let started = Instant::now();
    let features = gather(&manifest, |_| {}, |_, _| {})?.features;
    println!(
        "{} features, read in {:.1} s",
        features.len(),
        started.elapsed().as_secs_f64()
    );
    Ok(features)
}

fn geocoder(features: Vec<Feature>) -> Result<Geocoder> {
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

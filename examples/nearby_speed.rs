//! How fast reverse and suggest answer: `cargo run --profile eval --example nearby_speed -- GAZETTEER`.
//!
//! Positions are spread over the box of inner London; what is typed is every beginning of names that lie
//! there, with and without a mistake.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "figures go to people"
)]
#![expect(clippy::disallowed_methods, reason = "it measures")]
#![expect(clippy::cast_precision_loss, reason = "counts of thousands")]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cordon::domain::position::Position;
use cordon::geocode::Geocoder;
use cordon::geocode::gazetteer::Gazetteer;

fn main() -> ExitCode {
    let Some(folder) = std::env::args().nth(1) else {
        eprintln!("name the folder of a gazetteer");
        return ExitCode::from(2);
    };
    let opened = std::fs::read(format!("{folder}/gazetteer.bin"))
        .map_err(|error| error.to_string())
        .and_then(|bytes| Gazetteer::open(Arc::new(bytes)).map_err(|error| error.to_string()));
    let gazetteer = match opened {
        Ok(gazetteer) => gazetteer,
        Err(error) => {
            eprintln!("{folder}: {error}");
            return ExitCode::FAILURE;
        }
    };
    let geocoder = Geocoder::with(vec![gazetteer]);
    let mut names = Vec::new();
    let mut times = Vec::new();
    for step in 0..20_000_u32 {
        let position = somewhere(step);
        let (around, took) = timed(|| geocoder.reverse(position));
        times.push(took);
        let near = [around.street, around.junction, around.postcode];
        names.extend(
            near.into_iter()
                .flatten()
                .map(|near| near.title.to_string()),
        );
        names.extend(around.place.map(|(_, near)| near.title.to_string()));
        if step < 5 {
            println!(
                "{:.5},{:.5}: {:?}",
                position.lat(),
                position.lng(),
                around.sentence
            );
        }
    }
    told("reverse", &mut times);
    names.sort();
    names.dedup();
    let typed: Vec<String> = names
        .iter()
        .step_by(11)
        .flat_map(|name| beginnings(name))
        .collect();
    let mut slowest = Vec::new();
    let mut times = Vec::new();
    for text in &typed {
        let (suggested, took) = timed(|| geocoder.suggest(text, 8));
        std::hint::black_box(suggested);
        slowest.push((took, text));
        times.push(took);
    }
    told("suggest", &mut times);
    slowest.sort_unstable();
    println!(
        "slowest: {:?}",
        slowest.iter().rev().take(8).collect::<Vec<_>>()
    );
    ExitCode::SUCCESS
}

/// What `asked` gives, and the least of five times that it took: other work shares the cores.
fn timed<T>(asked: impl Fn() -> T) -> (T, Duration) {
    let mut least = Duration::MAX;
    for _ in 0..4 {
        let began = Instant::now();
        std::hint::black_box(asked());
        least = least.min(began.elapsed());
    }
    let began = Instant::now();
    let given = asked();
    (given, least.min(began.elapsed()))
}

fn somewhere(step: u32) -> Position {
    let part = |by: f64| (f64::from(step) * by).fract();
    let (lat, lng) = (
        51.43 + 0.13 * part(0.618_034),
        -0.25 + 0.27 * part(0.754_878),
    );
    Position::new(lat, lng).unwrap_or_else(|_| unreachable!("inner London"))
}

/// Every beginning of a name, and of some the same with its fourth letter left out.
fn beginnings(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let whole = (1..=letters.len()).map(|end| letters.iter().take(end).collect::<String>());
    let mistaken = (6..=letters.len()).map(|end| {
        let kept = letters
            .iter()
            .take(end)
            .enumerate()
            .filter(|(at, _)| *at != 3);
        kept.map(|(_, letter)| *letter).collect()
    });
    whole.chain(mistaken).collect()
}

fn told(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |share: usize| {
        times
            .get(times.len() * share / 1000)
            .copied()
            .unwrap_or_default()
    };
    let total: Duration = times.iter().sum();
    println!(
        "{what}: {} asked, {:.0}/s, median {:?}, p99 {:?}, p99.9 {:?}",
        times.len(),
        times.len() as f64 / total.as_secs_f64(),
        at(500),
        at(990),
        at(999)
    );
}

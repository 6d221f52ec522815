//! What is printed of the answers.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use cordon::domain::position::Position;
use cordon::geocode::grid;

use super::{Judged, Set};

fn per_cent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

pub(super) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let at = ((sorted.len() as f64 - 1.0) * share).round().max(0.0) as usize;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

pub(super) fn table(sets: &[Set], judged: &[Judged]) {
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
pub(super) fn os_points(data: &Path) -> Result<()> {
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

pub(super) fn by_precision(judged: &[Judged]) {
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

pub(super) fn wrong(judged: &[Judged], worst: usize) {
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
    println!("wrong by set: {sets:?}\n\nthe worst {worst}:");
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
pub(super) fn misses(set: &str, judged: &[Judged]) {
    println!("\nmisses of {set}:");
    for judged in judged
        .iter()
        .filter(|judged| judged.set.contains(set) && judged.error_m > 100.0)
    {
        show(judged);
    }
}

/// Error and radius of every answer, to set radii by.
pub(super) fn pairs(judged: &[Judged]) {
    for judged in judged {
        if let Ok(found) = &judged.answer {
            println!(
                "pair\t{}\t{}\t{:.0}\t{}\t{}\t{}\t{}",
                judged.set,
                found.placed.precision.label(),
                judged.error_m,
                radius(judged),
                found.placed.score.unwrap_or(1.0),
                judged.query,
                found.placed.matched.as_deref().unwrap_or_default()
            );
        }
    }
}

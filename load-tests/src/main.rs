//! A load of positions for Cordon, on standard output at a steady rate: pipe it into any Kafka producer.
//!
//!     load-tests RATE SUBJECTS SECONDS [SEED] | kcat -P -b HOST:PORT -t positions -K '\t'
//!
//! Each line is a key, a tab and a record. What was sent, and how far behind the rate, goes to standard
//! error at the end. Socket clients are not part of it yet.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Lines between two looks at the clock.
const PORTION: u64 = 100;

struct Load {
    rate: u64,
    subjects: u64,
    seconds: u64,
    seed: u64,
}

fn main() -> ExitCode {
    let numbers: Vec<u64> = std::env::args()
        .skip(1)
        .filter_map(|text| text.parse().ok())
        .collect();
    let load = match numbers[..] {
        [rate, subjects, seconds] => Load {
            rate,
            subjects,
            seconds,
            seed: 1,
        },
        [rate, subjects, seconds, seed] => Load {
            rate,
            subjects,
            seconds,
            seed,
        },
        _ => {
            eprintln!(
                "load-tests RATE SUBJECTS SECONDS [SEED]: records a second, subjects, how long"
            );
            return ExitCode::from(2);
        }
    };
    match run(&load, &mut BufWriter::new(io::stdout().lock())) {
        Ok(behind) => {
            let sent = load.rate * load.seconds;
            eprintln!(
                "{sent} records, {} ms behind the rate at the end",
                behind.as_millis()
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("load-tests: {error}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a load is about real time")]
fn run(load: &Load, out: &mut impl Write) -> io::Result<Duration> {
    let began = Instant::now();
    let mut behind = Duration::ZERO;
    for number in 0..load.rate * load.seconds {
        if number % PORTION == 0 {
            out.flush()?;
            let due = Duration::from_nanos(number.saturating_mul(1_000_000_000) / load.rate.max(1));
            behind = began.elapsed().saturating_sub(due);
            std::thread::sleep(due.saturating_sub(began.elapsed()));
        }
        let at = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_millis();
        let subject = number % load.subjects.max(1);
        let (lat, lon) = place(load.seed, subject, number / load.subjects.max(1));
        writeln!(
            out,
            "LOAD-{subject}\t{{\"subject\":\"LOAD-{subject}\",\"at\":{at},\"lat\":{lat:.6},\"lon\":{lon:.6},\"class\":\"vehicle\"}}"
        )?;
    }
    out.flush()?;
    Ok(behind)
}

/// Where a subject is after so many steps: around a place of its own in Greater London.
fn place(seed: u64, subject: u64, step: u64) -> (f64, f64) {
    // SplitMix64 (Steele, Lea, Flood 2014): one mixed number for each subject.
    let mut mixed = seed.wrapping_add(subject.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let part = |bits: u64| f64::from(u32::try_from(bits & 0xffff).unwrap_or(0)) / 65_536.0;
    let angle = f64::from(u32::try_from(step % 360).unwrap_or(0)).to_radians();
    let lat = 51.35 + 0.3 * part(mixed) + 0.001 * angle.sin();
    let lon = -0.45 + 0.7 * part(mixed >> 16) + 0.001 * angle.cos();
    (lat, lon)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_is_as_many_records_as_it_says_and_stays_in_london() {
        let load = Load {
            rate: 1000,
            subjects: 7,
            seconds: 1,
            seed: 3,
        };
        let mut out = Vec::new();
        run(&load, &mut out).unwrap();
        assert_eq!(out.split(|byte| *byte == b'\n').count(), 1001);
        for subject in 0..100 {
            let (lat, lon) = place(3, subject, 5);
            assert!(
                (51.3..51.7).contains(&lat) && (-0.5..0.3).contains(&lon),
                "{lat} {lon}"
            );
        }
        assert_ne!(place(3, 1, 0), place(4, 1, 0));
    }
}

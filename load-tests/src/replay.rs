//! How fast `cordon replay` is on one thread among many small fences; the reading of the fences is told apart.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use crate::random::Numbers;

/// Latitudes and longitudes of Greater London.
const EXTENT: [(f64, f64); 2] = [(51.28, 51.70), (-0.52, 0.34)];
/// Least and greatest radius of a fence, metres.
const RADIUS_M: (f64, f64) = (30.0, 300.0);
/// Each subject moves so far from record to record at most, degrees.
const STEP: f64 = 1e-4;
/// 2026-08-30T12:00:00Z, when the first record is; two records are in each millisecond.
const START: u64 = 1_788_091_200_000;
/// Records of a run that takes as long as the fences do.
const FEW: u64 = 1_000;

/// Which recording, and how often.
///
/// A table: positions a second of the whole command, and without the time that a run of a thousand positions takes.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The program to be measured; several take turns
    #[arg(long, default_value = "target/release/cordon")]
    binary: Vec<PathBuf>,
    /// Records
    #[arg(long, default_value_t = 4_000_000)]
    positions: u64,
    /// Subjects that take turns
    #[arg(long, default_value_t = 2_000)]
    subjects: u64,
    /// Of 30 to 300 m, with 177 points on average
    #[arg(long, default_value_t = 10_000)]
    fences: u32,
    /// Each record has its names in an order of its own
    #[arg(long)]
    shuffled: bool,
    /// A space behind each colon and comma, as Python writes
    #[arg(long)]
    spaced: bool,
    /// How often, after one that warms the caches
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Of the places
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Where the recording and the answers are put
    #[arg(long, default_value = "target/load")]
    folder: PathBuf,
}

pub(crate) fn run(asked: &Arguments) -> anyhow::Result<()> {
    ensure!(
        asked.positions > FEW,
        "--positions must be above {FEW}: so many are read to tell the fences apart"
    );
    fs::create_dir_all(&asked.folder)?;
    let file = |name: &str| asked.folder.join(name);
    let (fences, few, all) = (
        file("fences.geojson"),
        file("few.ndjson"),
        file("positions.ndjson"),
    );
    eprintln!("making the recording in {}", asked.folder.display());
    write_fences(asked, &fences)?;
    write_positions(asked, FEW, &few)?;
    write_positions(asked, asked.positions, &all)?;
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "| run | program | positions/s | seconds | of them the fences | positions/s without them |"
    )?;
    writeln!(out, "|--:|---|--:|--:|--:|--:|")?;
    let mut rates = vec![(Vec::new(), Vec::new()); asked.binary.len()];
    for run in 0..=asked.runs {
        for (program, (of_all, of_path)) in asked.binary.iter().zip(&mut rates) {
            // What was just written or read is not read from disk.
            for path in [&fences, &all] {
                io::copy(&mut File::open(path)?, &mut io::sink())?;
            }
            let loading = seconds_of(program, asked, &few, &fences)?;
            let whole = seconds_of(program, asked, &all, &fences)?;
            #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
            let (positions, later) = (asked.positions as f64, (asked.positions - FEW) as f64);
            let (rate, path) = (positions / whole, later / (whole - loading));
            let (name, program) = (["warm ", ""][run.min(1)], program.display());
            writeln!(
                out,
                "| {name}{run} | {program} | {rate:.0} | {whole:.2} | {loading:.2} | {path:.0} |"
            )?;
            if run > 0 {
                of_all.push(rate);
                of_path.push(path);
            }
        }
    }
    for (program, (of_all, of_path)) in asked.binary.iter().zip(rates) {
        let program = program.display();
        writeln!(out, "{program}: {} positions/s", spread(of_all))?;
        writeln!(
            out,
            "  without the reading of the fences {}",
            spread(of_path)
        )?;
    }
    Ok(())
}

/// Median, least and greatest.
fn spread(mut rates: Vec<f64>) -> String {
    rates.sort_by(f64::total_cmp);
    match (rates.first(), rates.get(rates.len() / 2), rates.last()) {
        (Some(least), Some(median), Some(greatest)) => {
            format!("{median:.0} [{least:.0}-{greatest:.0}]")
        }
        _ => "not run".to_owned(),
    }
}

/// Seconds that the program itself says it took.
fn seconds_of(
    program: &Path,
    asked: &Arguments,
    positions: &Path,
    fences: &Path,
) -> anyhow::Result<f64> {
    let answers = asked.folder.join("answers");
    if answers.exists() {
        fs::remove_dir_all(&answers)?;
    }
    let done = Command::new(program)
        .args(["replay", "--now", "2026-08-31T12:00:00Z"])
        .args(["--positions".as_ref(), positions.as_os_str()])
        .args(["--fences".as_ref(), fences.as_os_str()])
        .args(["--out".as_ref(), answers.as_os_str()])
        .output()
        .with_context(|| format!("starting {}", program.display()))?;
    let said = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "{}: {said}", program.display());
    let summary = fs::read_to_string(answers.join("summary.json"))?;
    let summary: serde_json::Value = serde_json::from_str(&summary)?;
    summary["seconds"]
        .as_f64()
        .context("summary.json without seconds")
}

/// Six in ten of 32 points, three jagged of 20 to 200, one smooth of 1,000 to 1,500.
fn write_fences(asked: &Arguments, path: &Path) -> anyhow::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    let mut numbers = Numbers::new(asked.seed);
    write!(out, r#"{{"type":"FeatureCollection","features":["#)?;
    for number in 0..asked.fences {
        let (lat, lon) = numbers.place(EXTENT);
        let (low, high) = RADIUS_M;
        let radius_m = low * (high / low).powf(numbers.within(0.0, 1.0));
        let (points, least) = match number % 10 {
            0..6 => (32, 1.0),
            6..9 => (20 + numbers.below(181), 0.5),
            _ => (1_000 + numbers.below(501), 1.0),
        };
        let comma = if number > 0 { ",\n" } else { "\n" };
        write!(
            out,
            r#"{comma}{{"type":"Feature","id":"F{number}","properties":{{"name":"F{number}","detect":["enter","exit"]}},"geometry":{{"type":"Polygon","coordinates":[["#
        )?;
        let mut ring = (0..points).map(|point| {
            let angle = std::f64::consts::TAU * f64::from(point) / f64::from(points);
            let reach = radius_m * numbers.within(least, 1.0);
            let (lat, lon) = (
                lat + reach * angle.sin() / 111_200.0,
                lon + reach * angle.cos() / 69_400.0,
            );
            format!("[{lon:.7},{lat:.7}]")
        });
        let first = ring.next().unwrap_or_default();
        write!(out, "{first},")?;
        for vertex in ring {
            write!(out, "{vertex},")?;
        }
        write!(out, "{first}]]}}}}")?;
    }
    writeln!(out, "]}}")?;
    Ok(out.flush()?)
}

fn write_positions(asked: &Arguments, count: u64, path: &Path) -> anyhow::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut numbers = Numbers::new(asked.seed + 1);
    let subjects = 0..asked.subjects.max(1);
    let mut places: Vec<_> = subjects.map(|_| numbers.place(EXTENT)).collect();
    for number in 0..count {
        let subject = usize::try_from(number % asked.subjects.max(1))?;
        let (lat, lon) = &mut places[subject];
        *lat += numbers.within(-STEP, STEP);
        *lon += numbers.within(-STEP, STEP);
        let mut fields = [
            format!(r#""subject":"MP-{subject:05}""#),
            format!(r#""at":{}"#, START + number / 2),
            format!(r#""lat":{lat:.6}"#),
            format!(r#""lon":{lon:.6}"#),
            r#""accuracy_m":6.0"#.to_owned(),
            r#""speed_mps":8.2"#.to_owned(),
            r#""heading_deg":271"#.to_owned(),
            r#""class":"vehicle""#.to_owned(),
            r#""status":"2""#.to_owned(),
        ];
        if asked.shuffled {
            // Any order (Fisher and Yates).
            for last in (1..9).rev() {
                let other = numbers.below(last + 1);
                fields.swap(last as usize, other as usize);
            }
        }
        if asked.spaced {
            for field in &mut fields {
                *field = field.replacen(':', ": ", 1);
            }
        }
        let comma = if asked.spaced { ", " } else { "," };
        writeln!(out, "{{{}}}", fields.join(comma))?;
    }
    Ok(out.flush()?)
}

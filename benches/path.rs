//! The path against the plain way, in one run: a point query against asking every fence, an H3 cell against
//! `h3o`, and the whole path of a report, decoding and encoding included. `cargo bench --bench path`.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

use h3o::{LatLng, Resolution};

use cordon::config::Config;
use cordon::domain::fence::{Fence, FenceEdit, Geometry};
use cordon::domain::ids::{Kind, Region};
use cordon::domain::position::Position;
use cordon::domain::profile::{Profile, SubjectFilter};
use cordon::domain::report::Arrival;
use cordon::domain::time::Timestamp;
use cordon::domain::transition::TransitionKind;
use cordon::geocode::Geocoder;
use cordon::geofence::table::{Drawn, FenceTable};
use cordon::io::wire;
use cordon::io::wire::report::Record;
use cordon::track::Track;

/// 2026-08-30T12:00:00Z, where the records begin.
const NOON_MS: i64 = 1_788_091_200_000;

/// A seeded sequence of numbers from 0 to 1 (Knuth's MMIX multiplier).
struct Numbers(u64);

impl Numbers {
    fn within(&mut self, low: f64, high: f64) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let part = f64::from(u32::try_from(self.0 >> 33).unwrap_or(0)) / f64::from(1u32 << 31);
        low + (high - low) * part
    }

    /// Somewhere in Greater London.
    fn place(&mut self) -> (f64, f64) {
        (self.within(51.30, 51.68), self.within(-0.50, 0.30))
    }
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms).unwrap_or_default()
}

/// Fences of 30 to 300 m: six in ten of 32 points, three of 20 to 200, one of 1,000 to 1,500.
fn fences(count: u32) -> Vec<Fence> {
    let mut numbers = Numbers(7);
    (0..count)
        .map(|number| fence(number, &mut numbers))
        .collect()
}

fn fence(number: u32, numbers: &mut Numbers) -> Fence {
    let (lat, lng) = numbers.place();
    let radius_m = 30.0 * 10f64.powf(numbers.within(0.0, 1.0));
    let points = match number % 10 {
        0..6 => 32,
        6..9 => 20 + number % 181,
        _ => 1000 + number % 501,
    };
    let ring = (0..points).map(|point| {
        let angle = std::f64::consts::TAU * f64::from(point) / f64::from(points);
        (
            lat + radius_m * angle.sin() / 111_000.0,
            lng + radius_m * angle.cos() / 69_000.0,
        )
    });
    let id = format!("F{number}");
    Fence {
        id: id.as_str().into(),
        name: id.as_str().into(),
        class: None,
        tags: std::collections::BTreeSet::new(),
        severity: None,
        geometry: Geometry::Polygons(vec![vec![ring.collect()]]),
        detect: [TransitionKind::Enter, TransitionKind::Exit].into(),
        valid_from: None,
        valid_until: None,
        applies_to: SubjectFilter::default(),
        region: Region::default(),
        approved: true,
        dwell: None,
        min_inside: Duration::ZERO,
        exit_margin_m: 0.0,
        speed_limit: None,
        absent_after: Fence::ABSENT_AFTER,
    }
}

fn queries(criterion: &mut Criterion) {
    let mut table = FenceTable::default();
    let drawn: Vec<_> = fences(1000)
        .into_iter()
        .filter_map(|fence| Drawn::new(fence, at(0)).ok())
        .collect();
    for drawn in &drawn {
        table.put(drawn.clone());
    }
    let profile = Profile {
        kind: Kind::Resource,
        class: "vehicle".into(),
        status: None,
        strength: 2,
        callsign: None,
        agency: None,
        grade: None,
        state: None,
    };
    let mut numbers = Numbers(11);
    let places = (0..4096).map(|_| numbers.place());
    let points: Vec<_> = places
        .filter_map(|(lat, lng)| Position::new(lat, lng).ok())
        .collect();
    let mut group = criterion.benchmark_group("fences_1000_sparse");
    group.throughput(Throughput::Elements(points.len() as u64));
    group.bench_function("index", |bench| {
        bench.iter(|| {
            let holding = |point: &Position| table.holding(*point, &profile).len();
            points
                .iter()
                .map(|point| holding(black_box(point)))
                .sum::<usize>()
        });
    });
    group.sample_size(10);
    group.bench_function("every_fence", |bench| {
        bench.iter(|| {
            let holding = |point: &Position| {
                drawn
                    .iter()
                    .filter(|drawn| drawn.holds(*point, &profile))
                    .count()
            };
            points
                .iter()
                .map(|point| holding(black_box(point)))
                .sum::<usize>()
        });
    });
    group.finish();
}

/// A cell by vectors against `h3o`, which it must equal.
fn cells(criterion: &mut Criterion) {
    let mut numbers = Numbers(17);
    let place = |(lat, lng)| Position::new(lat, lng).ok();
    let places: Vec<_> = (0..4096).filter_map(|_| place(numbers.place())).collect();
    let mut group = criterion.benchmark_group("h3_cell_12");
    group.throughput(Throughput::Elements(places.len() as u64));
    group.bench_function("vectors", |bench| {
        let cell = |place: &Position| place.cell_index(Resolution::Twelve);
        bench.iter(|| {
            black_box(&places)
                .iter()
                .map(cell)
                .fold(0, |all, cell| all ^ cell)
        });
    });
    group.bench_function("h3o", |bench| {
        let cell = |place: &Position| {
            let place = LatLng::new(place.lat(), place.lng()).unwrap_or_default();
            u64::from(place.to_cell(Resolution::Twelve))
        };
        bench.iter(|| {
            black_box(&places)
                .iter()
                .map(cell)
                .fold(0, |all, cell| all ^ cell)
        });
    });
    group.finish();
}

/// Records as they come: 2,000 subjects, each moving some metres a second.
fn records(count: u32) -> Vec<Vec<u8>> {
    let mut numbers = Numbers(13);
    let mut places: Vec<_> = (0..2000).map(|_| numbers.place()).collect();
    let record = |number: u32| {
        let subject = number as usize % places.len();
        let (lat, lng) = places[subject];
        places[subject] = (
            lat + numbers.within(-1e-4, 1e-4),
            lng + numbers.within(-1e-4, 1e-4),
        );
        let at = NOON_MS + i64::from(number / 2);
        let rest =
            r#""accuracy_m":6.0,"speed_mps":8.2,"heading_deg":271,"class":"vehicle","status":"2""#;
        format!(r#"{{"subject":"MP-{subject:05}","at":{at},"lat":{lat:.6},"lon":{lng:.6},{rest}}}"#)
            .into_bytes()
    };
    (0..count).map(record).collect()
}

fn whole_path(criterion: &mut Criterion) {
    let records = records(100_000);
    let config = Config::default();
    let arrival = Arrival {
        received: at(NOON_MS + 86_400_000),
        delay: Duration::ZERO,
        lateness: Duration::from_secs(30),
    };
    let track = || {
        let mut track = Track::new(config.track(), Geocoder::default(), config.rules.clone());
        for fence in fences(1000) {
            let edit = FenceEdit {
                id: fence.id.clone(),
                at: None,
                fence: Some(fence.into()),
            };
            let _ = track.edit_fence(at(NOON_MS), &edit);
        }
        track
    };
    let through = |track: &mut Track, record: &[u8], line: &mut Vec<u8>| {
        let Ok(Record::Report(report)) = wire::report::decode(Kind::Resource, record, arrival)
        else {
            return;
        };
        if let Some(at) = report.at {
            track.advance(at);
        }
        let effects = track.process(report).unwrap_or_default();
        if let Some(located) = &effects.located {
            line.clear();
            wire::located::encode(located, line);
        }
    };
    let mut group = criterion.benchmark_group("path_1000_sparse");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(records.len() as u64));
    group.bench_function("decode_process_encode", |bench| {
        bench.iter_batched(
            track,
            |mut track| {
                let mut line = Vec::new();
                for record in &records {
                    through(&mut track, record, &mut line);
                }
                black_box((track, line))
            },
            BatchSize::PerIteration,
        );
    });
    group.bench_function("decode", |bench| {
        bench.iter(|| {
            let is_good =
                |record: &&Vec<u8>| wire::report::decode(Kind::Resource, record, arrival).is_ok();
            records.iter().filter(is_good).count()
        });
    });
    group.finish();
}

criterion_group!(benches, queries, cells, whole_path);
criterion_main!(benches);

//! The index of fences against an R-tree with `geo::Contains`, in one run, on the two mixes of
//! performance.md. `cargo bench --bench geofence`; a million fences, one structure at a time, with
//! `cargo bench --bench geofence -- million`.
//!
//! Times are CPU time of the one thread, so that others on the machine blur them less. The table takes
//! the median of rounds in which both structures answer the same places, one after the other.

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{Criterion, Throughput};
use geo::{Contains, LineString, Point, Polygon};
use rstar::RTree;
use rstar::primitives::{GeomWithData, Rectangle};
use rustix::time::{ClockId, clock_gettime};

use cordon::domain::fence::Geometry;
use cordon::domain::position::Position;
use cordon::geofence::index::{FenceIndex, Slot};
use cordon::geofence::shape::{self, Shape};

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Latitudes and longitudes of Greater London.
const EXTENT: [(f64, f64); 2] = [(51.28, 51.70), (-0.52, 0.34)];
const SEED: u64 = 7;

/// A mix of fences and what the index must reach on it.
struct Column {
    name: &'static str,
    count: u32,
    /// Least and greatest radius, metres.
    radius_m: (f64, f64),
    most_ns: f64,
    least_ratio: f64,
}

const DENSE: (f64, f64) = (50.0, 3_000.0);
const SPARSE: (f64, f64) = (30.0, 300.0);

const COLUMNS: [Column; 4] = [
    column("dense 1k", 1_000, DENSE, 150.0, 4.0),
    column("dense 10k", 10_000, DENSE, 900.0, 10.0),
    column("dense 100k", 100_000, DENSE, 2_500.0, 50.0),
    column("sparse 10k", 10_000, SPARSE, 80.0, 5.0),
];
const MILLION: Column = column("dense 1M", 1_000_000, DENSE, 15_000.0, 100.0);

const fn column(
    name: &'static str,
    count: u32,
    radius_m: (f64, f64),
    most_ns: f64,
    least_ratio: f64,
) -> Column {
    Column {
        name,
        count,
        radius_m,
        most_ns,
        least_ratio,
    }
}

/// A seeded sequence of numbers (Knuth's MMIX multiplier).
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

    fn whole(&mut self, low: u32, high: u32) -> u32 {
        let span = f64::from(high - low + 1);
        let picks = (low..=high).zip(1u32..);
        let at = self.within(0.0, span);
        picks
            .into_iter()
            .find(|(_, end)| at < f64::from(*end))
            .map_or(high, |(pick, _)| pick)
    }

    fn place(&mut self) -> (f64, f64) {
        let [lat, lng] = EXTENT;
        (self.within(lat.0, lat.1), self.within(lng.0, lng.1))
    }
}

/// Rings of a mix, one after the other: six in ten of 32 points, three jagged of 20 to 200, one smooth of
/// 1,000 to 1,500.
fn rings(column: &Column) -> impl Iterator<Item = Vec<(f64, f64)>> {
    let (low, high) = column.radius_m;
    let mut numbers = Numbers(SEED);
    (0..column.count).map(move |number| {
        let (lat, lng) = numbers.place();
        let radius_m = low * (high / low).powf(numbers.within(0.0, 1.0));
        let (points, least) = match number % 10 {
            0..6 => (32, 1.0),
            6..9 => (numbers.whole(20, 200), 0.5),
            _ => (numbers.whole(1_000, 1_500), 1.0),
        };
        let ring = (0..points).map(|point| {
            let angle = std::f64::consts::TAU * f64::from(point) / f64::from(points);
            let reach = radius_m * numbers.within(least, 1.0);
            let snap = |degrees: f64| (degrees * 1e7).round() / 1e7;
            (
                snap(lat + reach * angle.sin() / 111_200.0),
                snap(lng + reach * angle.cos() / 69_400.0),
            )
        });
        ring.collect()
    })
}

fn places(count: usize) -> Vec<Position> {
    let mut numbers = Numbers(11);
    std::iter::from_fn(|| Some(numbers.place()))
        .filter_map(|(lat, lng)| Position::new(lat, lng).ok())
        .take(count)
        .collect()
}

/// What the index is measured against.
struct Plain {
    tree: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>,
    polygons: Vec<Polygon<f64>>,
}

impl Plain {
    fn new(rings: impl Iterator<Item = Vec<(f64, f64)>>) -> Self {
        let close = |ring: Vec<(f64, f64)>| {
            let line: LineString<f64> = ring.into_iter().map(|(lat, lng)| (lng, lat)).collect();
            Polygon::new(line, Vec::new())
        };
        let polygons: Vec<_> = rings.map(close).collect();
        let boxes = polygons.iter().enumerate().map(|(number, polygon)| {
            let fold = |pick: fn(f64, f64) -> f64, start: f64| {
                let vertices = polygon.exterior().0.iter();
                vertices.fold([start; 2], |at, vertex| {
                    [pick(at[0], vertex.x), pick(at[1], vertex.y)]
                })
            };
            let (low, high) = (
                fold(f64::min, f64::INFINITY),
                fold(f64::max, f64::NEG_INFINITY),
            );
            GeomWithData::new(Rectangle::from_corners(low, high), number)
        });
        let tree = RTree::bulk_load(boxes.collect());
        Self { tree, polygons }
    }

    fn holding(&self, at: Position) -> usize {
        let point = Point::from((at.lng(), at.lat()));
        self.tree
            .locate_all_at_point(&[at.lng(), at.lat()])
            .filter(|entry| self.polygons[entry.data].contains(&point))
            .count()
    }
}

/// The index and the shapes in it.
struct Ours {
    index: FenceIndex,
    shapes: Vec<Shape>,
}

impl Ours {
    fn new(rings: impl Iterator<Item = Vec<(f64, f64)>>) -> Self {
        let mut ours = Self {
            index: FenceIndex::default(),
            shapes: Vec::new(),
        };
        for ring in rings {
            if let Ok(shape) = Shape::compile(&Geometry::Polygons(vec![vec![ring]])) {
                ours.index.insert(slot(ours.shapes.len()), &shape);
                ours.shapes.push(shape);
            }
        }
        ours
    }

    fn holding(&self, at: Position, holding: &mut Vec<Slot>) -> usize {
        holding.clear();
        let covers = |slot: Slot| self.shapes[slot as usize].covers(at);
        self.index.containing(at, covers, holding);
        holding.len()
    }

    /// Bytes a fence of the index and of the checked shapes in it, without the fence as it was drawn.
    fn bytes(&self) -> f64 {
        const TREE: usize = 90;
        let geometry = self.shapes.iter().map(|shape| match shape {
            Shape::Polygons(polygons) => polygons.iter().map(shape::Polygon::heap_bytes).sum(),
            Shape::Circle { .. } | Shape::Corridor(_) => 0,
        });
        let geometry: usize = geometry.sum();
        let fixed = self.shapes.len() * (size_of::<Shape>() + size_of::<shape::Polygon>() + TREE);
        per(
            self.index.cell_bytes() + geometry + fixed,
            self.shapes.len(),
        )
    }
}

fn slot(number: usize) -> Slot {
    Slot::try_from(number).unwrap_or(Slot::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn per(amount: usize, count: usize) -> f64 {
    amount as f64 / count as f64
}

/// CPU time of this thread, nanoseconds.
fn cpu_ns() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(now.tv_sec).unwrap_or(0),
        u32::try_from(now.tv_nsec).unwrap_or(0),
    )
    .as_secs_f64()
        * 1e9
}

/// CPU nanoseconds for each place, after a round that is not counted: what the other structure pushed out
/// of the caches is its cost, not this one's. So criterion does it too.
fn warmed(places: &[Position], mut ask: impl FnMut(Position) -> usize) -> (f64, usize) {
    timed(places, &mut ask);
    timed(places, ask)
}

/// CPU nanoseconds for each place.
fn timed(places: &[Position], mut ask: impl FnMut(Position) -> usize) -> (f64, usize) {
    let start = cpu_ns();
    let hits: usize = places.iter().map(|place| ask(black_box(*place))).sum();
    let took = cpu_ns() - start;
    (took / per(places.len(), 1), black_box(hits))
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Least, median and greatest.
fn spread(times: Vec<f64>) -> (f64, f64, f64) {
    let least = times.iter().copied().fold(f64::INFINITY, f64::min);
    let most = times.iter().copied().fold(0.0, f64::max);
    (least, median(times), most)
}

/// Places and rounds: as many places as the figures in performance.md were taken with.
fn rows_for(column: &Column) -> (usize, usize) {
    match column.count {
        0..=10_000 => (20_000, 15),
        10_001..=100_000 => (4_000, 9),
        _ => (2_000, 5),
    }
}

fn print_row(column: &Column, plain: Vec<f64>, ours: Vec<f64>, hits: f64, bytes: f64) {
    let (plain_low, plain, plain_high) = spread(plain);
    let (low, ours, high) = spread(ours);
    let ratio = plain / ours;
    let verdict = if ours <= column.most_ns && ratio >= column.least_ratio {
        "reached"
    } else {
        "MISSED"
    };
    say(&format!(
        "{:<11} hits {hits:>8.2} | rstar + Contains {plain:>11.0} ns ({plain_low:.0}-{plain_high:.0}) | index {ours:>8.1} ns ({low:.1}-{high:.1}), at most {:>6.0} | {ratio:>6.1} times faster, at least {:>3.0} | {bytes:>6.0} B a fence | {verdict}",
        column.name, column.most_ns, column.least_ratio
    ));
}

fn table() {
    for column in &COLUMNS {
        let (count, rounds) = rows_for(column);
        let places = places(count);
        let (plain, ours) = (Plain::new(rings(column)), Ours::new(rings(column)));
        let mut holding = Vec::new();
        let (mut plain_times, mut times, mut hits) = (Vec::new(), Vec::new(), 0);
        for _ in 0..rounds {
            let (plain_ns, plain_hits) = warmed(&places, |at| plain.holding(at));
            let (ns, found) = warmed(&places, |at| ours.holding(at, &mut holding));
            // `Contains` leaves out the boundary, which random places do not meet.
            assert!(found.abs_diff(plain_hits) <= 2, "{found} and {plain_hits}");
            plain_times.push(plain_ns);
            times.push(ns);
            hits = found;
        }
        print_row(column, plain_times, times, per(hits, count), ours.bytes());
        print_cold(&plain, &ours);
    }
}

/// The same where nothing is in the cache that an earlier place brought there.
fn print_cold(plain: &Plain, ours: &Ours) {
    let places = places(300_000).split_off(100_000);
    let mut holding = Vec::new();
    let (ns, _) = timed(&places, |at| ours.holding(at, &mut holding));
    let (plain_ns, _) = timed(&places[..20_000], |at| plain.holding(at));
    say(&format!(
        "            places never seen before: rstar + Contains {plain_ns:.0} ns | index {ns:.1} ns"
    ));
}

/// The column of a million fences, one structure after the other for the sake of memory.
fn million() {
    let (count, rounds) = rows_for(&MILLION);
    let places = places(count);
    let plain = Plain::new(rings(&MILLION));
    let plain_rounds = (0..rounds).map(|_| timed(&places, |at| plain.holding(at)));
    let (plain_times, plain_hits): (Vec<_>, Vec<_>) = plain_rounds.unzip();
    drop(plain);
    let ours = Ours::new(rings(&MILLION));
    let mut holding = Vec::new();
    let our_rounds = (0..rounds).map(|_| timed(&places, |at| ours.holding(at, &mut holding)));
    let (times, hits): (Vec<_>, Vec<_>) = our_rounds.unzip();
    assert!(
        hits[0].abs_diff(plain_hits[0]) <= 20,
        "{hits:?} {plain_hits:?}"
    );
    print_row(
        &MILLION,
        plain_times,
        times,
        per(hits[0], count),
        ours.bytes(),
    );
}

/// How long an edit takes with 10,000 dense fences.
fn edits() {
    let mut ours = Ours::new(rings(&COLUMNS[1]));
    let (mut removing, mut inserting) = (Vec::new(), Vec::new());
    for round in 0..3 {
        for (number, shape) in ours.shapes.iter().enumerate().skip(round).step_by(3) {
            let start = cpu_ns();
            ours.index.remove(slot(number), shape);
            let removed = cpu_ns();
            ours.index.insert(slot(number), shape);
            let inserted = cpu_ns();
            removing.push((removed - start) / 1e3);
            inserting.push((inserted - removed) / 1e3);
        }
    }
    for (name, mut times) in [("insert", inserting), ("remove", removing)] {
        times.sort_by(f64::total_cmp);
        let at = |percent: usize| times[(times.len() - 1) * percent / 100];
        say(&format!(
            "{name}, dense 10k: p50 {:.1} µs, p99 {:.1} µs, max {:.1} µs; at most 1,000 at p99",
            at(50),
            at(99),
            at(100)
        ));
    }
}

/// How long a ring of 100,000 vertices takes to check and to put in.
fn long_ring() {
    let mut numbers = Numbers(SEED);
    let vertices = (0..100_000).map(|vertex| {
        let angle = std::f64::consts::TAU * f64::from(vertex) / 100_000.0;
        let reach = numbers.within(0.0999, 0.1);
        (51.5 + reach * angle.sin(), reach * angle.cos())
    });
    let ring = std::iter::once(vertices.collect());
    let start = cpu_ns();
    let ours = Ours::new(ring);
    let took = (cpu_ns() - start) / 1e6;
    say(&format!(
        "a ring of 100,000 vertices: {} taken, checked and put in within {took:.0} ms",
        ours.shapes.len()
    ));
}

#[expect(clippy::print_stdout, reason = "a bench says what it found")]
fn say(line: &str) {
    println!("{line}");
}

/// Criterion's clock, but of this thread's CPU.
struct ThreadCpu(WallTime);

impl Measurement for ThreadCpu {
    type Intermediate = f64;
    type Value = f64;

    fn start(&self) -> f64 {
        cpu_ns()
    }

    fn end(&self, start: f64) -> f64 {
        cpu_ns() - start
    }

    fn add(&self, first: &f64, second: &f64) -> f64 {
        first + second
    }

    fn zero(&self) -> f64 {
        0.0
    }

    fn to_f64(&self, value: &f64) -> f64 {
        *value
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        self.0.formatter()
    }
}

fn criterion() {
    let mut criterion = Criterion::default()
        .with_measurement(ThreadCpu(WallTime))
        .configure_from_args();
    let places = places(4096);
    for column in COLUMNS.iter().filter(|column| column.count <= 10_000) {
        let (plain, ours) = (Plain::new(rings(column)), Ours::new(rings(column)));
        let mut holding = Vec::new();
        let mut group = criterion.benchmark_group(column.name.replace(' ', "_"));
        group.throughput(Throughput::Elements(places.len() as u64));
        group.sample_size(20);
        group.bench_function("index", |bench| {
            bench.iter(|| timed(&places, |at| ours.holding(at, &mut holding)).1);
        });
        group.bench_function("rstar_contains", |bench| {
            bench.iter(|| timed(&places, |at| plain.holding(at)).1);
        });
        group.finish();
    }
    criterion.final_summary();
}

fn main() {
    let is_asked = |name: &str| std::env::args().any(|arg| arg == name);
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find(|line| line.starts_with("model name"));
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    say(&format!(
        "{}; load {}; AVX2 {}",
        model.unwrap_or("model name: unknown"),
        load.trim(),
        cfg!(target_feature = "avx2")
    ));
    if is_asked("million") {
        return million();
    }
    if !is_asked("--test") {
        table();
        edits();
        long_ring();
    }
    if !is_asked("table") {
        criterion();
    }
}

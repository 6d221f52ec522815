//! A million places, most of them where a mistake would show, against parity in i128.

use crate::geofence::{Indexed, Numbers};
use cordon::domain::fence::Geometry;
use cordon::domain::position::Position;

/// x and y, units of 1e-7 degree.
type Vertex = (i64, i64);

/// An area in whole numbers: polygons, each of rings.
type Area = Vec<Vec<Vec<Vertex>>>;

const GROUPS: u32 = 125;
const AREAS: u32 = 8;
const PLACES: u32 = 8_000;

#[test]
fn a_million_places_are_where_whole_numbers_say() {
    let mut numbers = Numbers(2_026);
    let (mut asked, mut inside, mut on_boundary) = (0u32, 0u32, 0u32);
    for group in 0..GROUPS {
        let middle = middle(group, &mut numbers);
        let mut fences = Indexed::default();
        let mut areas: Vec<Area> = Vec::new();
        while areas.len() < AREAS as usize {
            let area = area(middle, &mut numbers);
            if fences.add(&geometry(&area)).is_ok() {
                areas.push(area);
            }
        }
        for _ in 0..PLACES {
            let at = adversarial(&areas, &mut numbers);
            let Ok(position) = Position::new(degrees(at.1), degrees(at.0)) else {
                continue;
            };
            let sides: Vec<_> = areas.iter().map(|area| side_of(area, at)).collect();
            let expected = (0u32..)
                .zip(&sides)
                .filter(|(_, side)| **side != Side::Outside);
            let expected: Vec<_> = expected.map(|(slot, _)| slot).collect();
            assert_eq!(
                fences.holding(position),
                expected,
                "{position:?} of {areas:?}"
            );
            asked += 1;
            inside += u32::from(!expected.is_empty());
            on_boundary += u32::from(sides.contains(&Side::On));
        }
    }
    println!("{asked} places, {inside} of them inside, {on_boundary} on a boundary");
    assert!(asked >= 990_000 && inside > asked / 4 && on_boundary > asked / 10);
}

/// A corner of four cells, the centre of one, or anywhere; in London, by the equator, in the far south.
fn middle(group: u32, numbers: &mut Numbers) -> Vertex {
    let (x, y) = [
        (-1_200_000, 515_000_000),
        (1_000_000_000, 100),
        (-700_000_000, -540_000_000),
    ][group as usize % 3];
    match group % 4 {
        0 => (x >> 14 << 14, y >> 14 << 14),
        1 => ((x >> 14 << 14) + (1 << 13), (y >> 14 << 14) + (1 << 13)),
        2 => (x >> 18 << 18, y >> 18 << 18),
        _ => (
            x + i64::from(numbers.below(1_000_000)),
            y + i64::from(numbers.below(1_000_000)),
        ),
    }
}

/// From a few units wide, so that every edge meets lattice points, to some cells of the second level.
fn area(middle: Vertex, numbers: &mut Numbers) -> Area {
    let reach = [6, 40, 3_000, 40_000, 200_000, 6_000_000][numbers.below(6) as usize];
    match numbers.below(4) {
        0 => vec![vec![star(middle, reach, numbers)]],
        1 => {
            let outer = vec![
                (middle.0 - reach, middle.1 - reach),
                (middle.0 + reach, middle.1 - reach),
                (middle.0 + reach, middle.1 + reach),
                (middle.0 - reach, middle.1 + reach),
            ];
            vec![vec![outer, star(middle, reach / 2, numbers)]]
        }
        // A sliver: two long edges a few units apart.
        2 => {
            let mut shift = || i64::from(numbers.below(7)) - 3;
            let tip = (middle.0 + reach + shift(), middle.1 + reach / 3 + shift());
            let ends = [
                (middle.0 - reach, middle.1 - reach / 3),
                (middle.0 - reach + shift(), middle.1 - reach / 3 + shift()),
            ];
            vec![vec![vec![ends[0], ends[1], tip]]]
        }
        // Two that may overlap, or touch.
        _ => {
            let beside = (middle.0 + reach, middle.1);
            vec![
                vec![star(middle, reach, numbers)],
                vec![star(beside, reach, numbers)],
            ]
        }
    }
}

/// Vertices around a middle, each in its own sector and so never crossing for long; what does cross is not
/// taken.
fn star(middle: Vertex, reach: i64, numbers: &mut Numbers) -> Vec<Vertex> {
    let arms = 3 + numbers.below(30);
    let vertex = |arm: u32| {
        let angle = std::f64::consts::TAU * f64::from(arm) / f64::from(arms);
        let length = numbers.within(0.3, 1.0) * f64::from(i32::try_from(reach).unwrap());
        let whole = |value: f64| format!("{value:.0}").parse::<i64>().unwrap();
        (
            middle.0 + whole(length * angle.cos()),
            middle.1 + whole(length * angle.sin()),
        )
    };
    (0..arms).map(vertex).collect()
}

/// A vertex, a place of an edge, the line of an edge beyond its end, one unit beside any of them, or
/// anywhere near.
fn adversarial(areas: &[Area], numbers: &mut Numbers) -> Vertex {
    let mut pick = |count: usize| numbers.below(u32::try_from(count).unwrap()) as usize;
    let area = &areas[pick(areas.len())];
    let polygon = &area[pick(area.len())];
    let ring = &polygon[pick(polygon.len())];
    let start = pick(ring.len());
    let (a, b) = (ring[start], ring[(start + 1) % ring.len()]);
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let steps = gcd(dx.abs(), dy.abs()).max(1);
    let step = i64::from(numbers.below(u32::try_from(steps + steps / 4 + 2).unwrap()));
    let on_line = (a.0 + dx / steps * step, a.1 + dy / steps * step);
    let part = i64::from(numbers.below(1_000));
    let nudge = |numbers: &mut Numbers| i64::from(numbers.below(3)) - 1;
    match numbers.below(6) {
        0 => a,
        1 => on_line,
        2 => (on_line.0 + nudge(numbers), on_line.1 + nudge(numbers)),
        3 => (a.0 + nudge(numbers), a.1 + nudge(numbers)),
        4 => (
            a.0 + dx * part / 1_000 + nudge(numbers),
            a.1 + dy * part / 1_000 + nudge(numbers),
        ),
        _ => {
            let reach = dx.abs().max(dy.abs()).max(3) * 2;
            let mut off = || i64::from(numbers.below(u32::try_from(2 * reach).unwrap())) - reach;
            (a.0 + off(), a.1 + off())
        }
    }
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Inside,
    On,
    Outside,
}

fn side_of(area: &Area, at: Vertex) -> Side {
    let sides = area.iter().map(|polygon| side_of_polygon(polygon, at));
    let best = sides.min_by_key(|side| *side as u8);
    best.unwrap_or(Side::Outside)
}

fn side_of_polygon(rings: &[Vec<Vertex>], (x, y): Vertex) -> Side {
    let mut is_inside = false;
    for ring in rings {
        for (number, &(x1, y1)) in ring.iter().enumerate() {
            let (x2, y2) = ring[(number + 1) % ring.len()];
            let product = |a: i64, b: i64| i128::from(a) * i128::from(b);
            let cross = product(x2 - x1, y - y1) - product(y2 - y1, x - x1);
            let within = |a: i64, b: i64, at: i64| a.min(b) <= at && at <= a.max(b);
            if cross == 0 && within(x1, x2, x) && within(y1, y2, y) {
                return Side::On;
            }
            if (y1 > y) != (y2 > y) && (cross > 0) == (y2 > y1) {
                is_inside = !is_inside;
            }
        }
    }
    if is_inside {
        Side::Inside
    } else {
        Side::Outside
    }
}

fn geometry(area: &Area) -> Geometry {
    let ring = |ring: &Vec<Vertex>| {
        ring.iter()
            .map(|&(x, y)| (degrees(y), degrees(x)))
            .collect()
    };
    let polygon = |rings: &Vec<Vec<Vertex>>| rings.iter().map(ring).collect();
    Geometry::Polygons(area.iter().map(polygon).collect())
}

fn degrees(units: i64) -> f64 {
    f64::from(i32::try_from(units).unwrap()) / 1e7
}

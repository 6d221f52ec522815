//! Whether edges of rings cross, or run over each other.

use geo::line_intersection::{LineIntersection, line_intersection};
use geo::{Coord, Line};

use crate::domain::position::{UNITS_PER_DEGREE, plane_of_units};
use crate::geofence::shape::InvalidShape;
use crate::geofence::shape::ring::Drawn;
use crate::geofence::shape::segment::{Place, Segment};

/// Edges that are looked at together: neighbours lie close together, so that most of the others are told
/// apart from them by one look at their boxes.
const RUN: usize = 8;
/// Runs that are looked at together, for the same reason.
const STRETCH: usize = 4;

/// An edge of a ring.
#[derive(Clone, Copy)]
struct Edge {
    /// Number of the ring.
    ring: usize,
    /// Its number in the ring.
    number: usize,
    way: Segment,
}

/// Neighbouring edges.
struct Run<'e> {
    edges: &'e [Edge],
    bounds: Bounds,
    ways: Ways,
}

/// Whether edges of one ring all go east, all west, all north or all south: then no two of them have more in
/// common than a vertex. So it is with most stretches of a ring of many vertices.
#[derive(Clone, Copy)]
struct Ways {
    /// Number of the ring; `None` of several.
    ring: Option<usize>,
    /// East, west, north, south.
    all: [bool; 4],
}

/// A box in the plane.
#[derive(Clone, Copy)]
struct Bounds {
    low: Place,
    high: Place,
}

/// Refuses a ring two of whose edges cross or run over each other, and rings that cross each other. One
/// that touches itself or another in a vertex is taken, and so is an edge that two rings share: what is
/// inside is plain.
pub(super) fn refuse_crossing(rings: &[Drawn]) -> Result<(), InvalidShape> {
    let mut edges = Vec::with_capacity(rings.iter().map(|drawn| drawn.line.len()).sum());
    for (ring, drawn) in rings.iter().enumerate() {
        let ways = drawn.edges().enumerate();
        edges.extend(ways.map(|(number, way)| Edge { ring, number, way }));
    }
    let runs: Vec<_> = edges.chunks(RUN).map(Run::of).collect();
    let stretches = runs.chunks(STRETCH).map(|stretch| {
        let boxes = stretch.iter().map(|run| run.bounds);
        (boxes.fold(Bounds::NONE, Bounds::and), stretch)
    });
    let stretches: Vec<_> = stretches.collect();
    let found = stretches
        .iter()
        .enumerate()
        .find_map(|(number, (bounds, stretch))| {
            let later = stretches.get(number + 1..).unwrap_or_default();
            let near = later.iter().filter(|(other, _)| bounds.meets(*other));
            crossing_within(stretch).or_else(|| {
                near.into_iter()
                    .find_map(|(other, runs)| crossing_between(stretch, *other, runs))
            })
        });
    found.map_or(Ok(()), |(edge, other, at)| {
        Err(refusal(rings, edge, other, at))
    })
}

type Crossing = (Edge, Edge, Coord<f64>);

/// The first crossing of two edges of a stretch.
fn crossing_within(stretch: &[Run<'_>]) -> Option<Crossing> {
    let ways = stretch.iter().map(|run| run.ways);
    if ways.reduce(Ways::and).is_none_or(Ways::is_one) {
        return None;
    }
    stretch.iter().enumerate().find_map(|(number, run)| {
        let later = stretch.get(number + 1..).unwrap_or_default();
        let is_one_way = run.ways.is_one();
        run.edges.iter().enumerate().find_map(|(number, edge)| {
            let own = run.edges.get(number + 1..).filter(|_| !is_one_way);
            own.and_then(|own| first_crossing(edge, own))
                .or_else(|| crossing_of(edge, later))
        })
    })
}

/// The first crossing of an edge of one stretch and one of another, whose box is `bounds`.
fn crossing_between(stretch: &[Run<'_>], bounds: Bounds, other: &[Run<'_>]) -> Option<Crossing> {
    let near = stretch.iter().filter(|run| run.bounds.meets(bounds));
    let mut near = near.flat_map(|run| run.edges);
    near.find_map(|edge| {
        let is_near = Bounds::of(edge.way).meets(bounds);
        is_near.then(|| crossing_of(edge, other)).flatten()
    })
}

fn crossing_of(edge: &Edge, runs: &[Run<'_>]) -> Option<Crossing> {
    let bounds = Bounds::of(edge.way);
    let mut near = runs.iter().filter(|run| run.bounds.meets(bounds));
    near.find_map(|run| first_crossing(edge, run.edges))
}

fn first_crossing(edge: &Edge, others: &[Edge]) -> Option<Crossing> {
    others.iter().find_map(|other| {
        let at = crossing(edge.way, other.way, edge.ring == other.ring)?;
        Some((*edge, *other, at))
    })
}

/// Where two edges cross, or begin to run over each other, which those of two rings may. Whether they do is
/// told in whole numbers.
fn crossing(edge: Segment, other: Segment, is_same_ring: bool) -> Option<Coord<f64>> {
    if !Bounds::of(edge).meets(Bounds::of(other)) {
        return None;
    }
    let (from, to) = (other.side(edge.from), other.side(edge.to));
    let is_on_one_line = from == 0 && to == 0;
    let cross = || {
        let (other_from, other_to) = (edge.side(other.from), edge.side(other.to));
        from * to < 0 && other_from * other_to < 0
    };
    let may_cross = (is_on_one_line && is_same_ring) || cross();
    if !may_cross {
        return None;
    }
    match line_intersection(line(edge), line(other))? {
        LineIntersection::SinglePoint {
            intersection,
            is_proper: true,
        } => Some(intersection),
        LineIntersection::Collinear { intersection }
            if is_same_ring && intersection.start != intersection.end =>
        {
            Some(intersection.start)
        }
        LineIntersection::SinglePoint { .. } | LineIntersection::Collinear { .. } => None,
    }
}

fn line(edge: Segment) -> Line<f64> {
    let vertex = |(east, north): Place| plane_of_units(east, north);
    Line {
        start: vertex(edge.from),
        end: vertex(edge.to),
    }
}

fn refusal(rings: &[Drawn], edge: Edge, other: Edge, at: Coord<f64>) -> InvalidShape {
    let (lat, lng) = (at.y / UNITS_PER_DEGREE, at.x / UNITS_PER_DEGREE);
    let lng = if lng > 180.0 { lng - 360.0 } else { lng };
    let (ring, other_ring) = (&rings[edge.ring], &rings[other.ring]);
    if edge.ring == other.ring {
        InvalidShape::CrossesItself {
            ring: ring.name,
            first: ring.number(edge.number),
            second: ring.number(other.number),
            lat,
            lng,
        }
    } else {
        InvalidShape::RingsCross {
            first: ring.name,
            second: other_ring.name,
            lat,
            lng,
        }
    }
}

impl<'e> Run<'e> {
    fn of(edges: &'e [Edge]) -> Self {
        let mut bounds = Bounds::NONE;
        let (mut east, mut west, mut north, mut south) = (true, true, true, true);
        for Segment { from, to } in edges.iter().map(|edge| edge.way) {
            bounds = bounds.and(Bounds::of(Segment { from, to }));
            east &= to.0 > from.0;
            west &= to.0 < from.0;
            north &= to.1 > from.1;
            south &= to.1 < from.1;
        }
        let ring = |edge: Option<&Edge>| edge.map(|edge| edge.ring);
        let (first, last) = (ring(edges.first()), ring(edges.last()));
        Self {
            edges,
            bounds,
            ways: Ways {
                ring: first.filter(|_| first == last),
                all: [east, west, north, south],
            },
        }
    }
}

impl Ways {
    fn and(self, other: Self) -> Self {
        Self {
            ring: self.ring.filter(|_| self.ring == other.ring),
            all: std::array::from_fn(|way| self.all[way] && other.all[way]),
        }
    }

    fn is_one(self) -> bool {
        self.ring.is_some() && self.all.contains(&true)
    }
}

impl Bounds {
    const NONE: Self = Self {
        low: (i64::MAX, i64::MAX),
        high: (i64::MIN, i64::MIN),
    };

    fn of(Segment { from, to }: Segment) -> Self {
        Self {
            low: (from.0.min(to.0), from.1.min(to.1)),
            high: (from.0.max(to.0), from.1.max(to.1)),
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            low: (self.low.0.min(other.low.0), self.low.1.min(other.low.1)),
            high: (self.high.0.max(other.high.0), self.high.1.max(other.high.1)),
        }
    }

    fn meets(self, other: Self) -> bool {
        self.low.0 <= other.high.0
            && other.low.0 <= self.high.0
            && self.low.1 <= other.high.1
            && other.low.1 <= self.high.1
    }
}

//! Rings as people draw them, checked and put into the plane.

use geo::kernels::{Kernel, Orientation, RobustKernel};
use geo::line_intersection::{LineIntersection, line_intersection};
use geo::{Coord, Line, LineString, Polygon};
use rstar::{AABB, Envelope as _};

use crate::domain::fence::Ring;
use crate::domain::position::{TURN, UNITS_PER_DEGREE, plane_vertex};
use crate::geofence::shape::segment::place;
use crate::geofence::shape::{Envelope, InvalidShape, LineName, RingName, covers_at};

/// A ring in the plane, with the number of the drawn vertex for each of its own.
struct Drawn {
    name: RingName,
    line: LineString<f64>,
    numbers: Vec<usize>,
}

/// Checks the rings of polygon `number`, the outer one first.
pub(super) fn polygon(number: usize, rings: &[Ring]) -> Result<Polygon<f64>, InvalidShape> {
    let mut drawn: Vec<_> = rings
        .iter()
        .enumerate()
        .map(|(ring, vertices)| {
            let polygon = number;
            Drawn::new(RingName { polygon, ring }, vertices)
        })
        .collect::<Result<_, _>>()?;
    if let Some((outer, holes)) = drawn.split_first_mut() {
        let (west, _) = outer.reach();
        outer.turn(-TURN * ((west + TURN / 2.0) / TURN).floor());
        for hole in holes {
            hole.turn_into(outer);
        }
    }
    refuse_crossing(&drawn)?;
    let mut lines = drawn.iter().map(|ring| ring.line.clone());
    let outer = Polygon::new(lines.next().ok_or(InvalidShape::Empty)?, Vec::new());
    if let Some(hole) = drawn.iter().skip(1).find(|hole| !hole.is_within(&outer)) {
        return Err(InvalidShape::HoleOutside { ring: hole.name });
    }
    Ok(Polygon::new(outer.into_inner().0, lines.collect()))
}

impl Drawn {
    fn new(name: RingName, vertices: &Ring) -> Result<Self, InvalidShape> {
        for (vertex, &(lat, lng)) in vertices.iter().enumerate() {
            if !(lat.abs() <= 90.0 && lng.abs() <= 360.0) {
                return Err(InvalidShape::VertexOutOfRange {
                    ring: LineName::Ring(name),
                    vertex,
                    lat,
                    lng,
                });
            }
        }
        let (line, numbers) = unbroken(name, vertices)?;
        if line.len() < 4 {
            let is_closed = line.len() > 1;
            return Err(InvalidShape::TooFewVertices {
                ring: name,
                vertices: line.len() - usize::from(is_closed),
            });
        }
        let line = LineString(line);
        if on_one_line(&line) {
            return Err(InvalidShape::NoArea { ring: name });
        }
        Ok(Self {
            name,
            line,
            numbers,
        })
    }

    /// Westernmost and easternmost longitude.
    fn reach(&self) -> (f64, f64) {
        reach(&self.line.0)
    }

    fn turn(&mut self, by: f64) {
        for vertex in &mut self.line.0 {
            vertex.x += by;
        }
    }

    /// Turns a hole round the earth to where its outer ring stands.
    fn turn_into(&mut self, outer: &Self) {
        let (west, east) = outer.reach();
        let (hole_west, hole_east) = self.reach();
        let fits = |turn: &f64| west <= hole_west + turn && hole_east + turn <= east;
        if let Some(turn) = [0.0, TURN, -TURN].into_iter().find(fits) {
            self.turn(turn);
        }
    }

    /// Whether it lies in the outer ring, which it does not cross: then a few vertices tell.
    fn is_within(&self, outer: &Polygon<f64>) -> bool {
        let mut vertices = self.line.0.iter().take(8);
        vertices.all(|at| covers_at(outer, place(*at)))
    }

    fn edges(&self) -> impl Iterator<Item = Edge> {
        let numbered = self.line.lines().zip(&self.numbers);
        numbered.map(|(line, vertex)| Edge {
            ring: self.name,
            vertex: *vertex,
            line,
            envelope: AABB::from_corners(line.start.into(), line.end.into()),
        })
    }
}

/// The vertices of a closed ring without repeats. Two that lie more than half a turn apart are joined the
/// short way, across the antimeridian.
fn unbroken(
    ring: RingName,
    vertices: &Ring,
) -> Result<(Vec<Coord<f64>>, Vec<usize>), InvalidShape> {
    let (mut turn, mut across) = (0.0, None);
    let mut line: Vec<Coord<f64>> = Vec::with_capacity(vertices.len() + 1);
    let mut numbers = Vec::with_capacity(vertices.len() + 1);
    let drawn: Vec<_> = vertices
        .iter()
        .map(|&(lat, lng)| plane_vertex(lat, lng))
        .collect();
    for (vertex, at) in drawn
        .iter()
        .copied()
        .chain(drawn.first().copied())
        .enumerate()
    {
        let mut at = at;
        if let Some(before) = line.last() {
            let jump = at.x + turn - before.x;
            // A vertex at a pole has any longitude: nothing leaps there.
            let is_pole = at.y.abs().max(before.y.abs()) >= TURN / 4.0;
            if jump.abs() > TURN / 2.0 && !is_pole {
                turn -= TURN * (jump / TURN).round();
                across = Some(vertex - 1);
            }
        }
        at.x += turn;
        if line.last() != Some(&at) {
            line.push(at);
            numbers.push(vertex);
        }
    }
    let (west, east) = reach(&line);
    if let Some(vertex) = across {
        // From -180 straight to 180 and back is the whole earth, not nothing.
        if west >= east {
            return Ok(as_drawn(&drawn));
        }
        if line.first() != line.last() {
            return Err(InvalidShape::GoesRound { ring, vertex });
        }
    }
    if east - west > TURN {
        return Err(InvalidShape::GoesRound { ring, vertex: 0 });
    }
    Ok((line, numbers))
}

fn as_drawn(drawn: &[Coord<f64>]) -> (Vec<Coord<f64>>, Vec<usize>) {
    let mut numbered: Vec<_> = drawn.iter().copied().zip(0..).collect();
    numbered.extend(drawn.first().map(|first| (*first, drawn.len())));
    numbered.dedup_by_key(|(vertex, _)| *vertex);
    numbered.into_iter().unzip()
}

fn reach(line: &[Coord<f64>]) -> (f64, f64) {
    line.iter().fold(
        (f64::INFINITY, f64::NEG_INFINITY),
        |(west, east), vertex| (west.min(vertex.x), east.max(vertex.x)),
    )
}

/// Whether every vertex lies on one line. The area would not tell: a bow tie's two wings cancel.
fn on_one_line(line: &LineString<f64>) -> bool {
    let on_a_line = |corner: &[Coord<f64>]| {
        RobustKernel::orient2d(corner[0], corner[1], corner[2]) == Orientation::Collinear
    };
    line.0.windows(3).all(on_a_line)
}

/// Edges that are looked at together: neighbours lie close together, so that most of the others are told
/// apart from them by one look at their boxes.
const STRETCH: usize = 32;

/// An edge of a ring.
struct Edge {
    ring: RingName,
    /// Number of the drawn vertex that starts it.
    vertex: usize,
    line: Line<f64>,
    envelope: Envelope,
}

/// Refuses a ring two of whose edges cross or run over each other, and rings that cross each other. One
/// that touches itself or another in a vertex is taken, and so is an edge that two rings share: what is
/// inside is plain.
fn refuse_crossing(rings: &[Drawn]) -> Result<(), InvalidShape> {
    let edges: Vec<_> = rings.iter().flat_map(Drawn::edges).collect();
    let boxed = |stretch: &[Edge]| {
        let boxes = stretch.iter().map(|edge| edge.envelope);
        boxes
            .reduce(|all, edge| all.merged(&edge))
            .unwrap_or_else(AABB::new_empty)
    };
    let stretches: Vec<_> = edges
        .chunks(STRETCH)
        .map(|stretch| (boxed(stretch), stretch))
        .collect();
    for (number, (envelope, stretch)) in stretches.iter().enumerate() {
        if !runs_one_way(stretch) {
            for (place, edge) in stretch.iter().enumerate() {
                refuse_crossing_of(edge, &stretch[place + 1..])?;
            }
        }
        for (other_envelope, other) in &stretches[number + 1..] {
            if !envelope.intersects(other_envelope) {
                continue;
            }
            let near = stretch
                .iter()
                .filter(|edge| edge.envelope.intersects(other_envelope));
            for edge in near {
                refuse_crossing_of(edge, other)?;
            }
        }
    }
    Ok(())
}

/// Whether edges of one ring all go east, all west, all north or all south: then no two of them have more in
/// common than a vertex. So it is with most stretches of a ring of many vertices, and telling them so takes
/// a third of the time.
fn runs_one_way(stretch: &[Edge]) -> bool {
    let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else {
        return true;
    };
    let (mut east, mut west, mut north, mut south) = (true, true, true, true);
    for Line { start, end } in stretch.iter().map(|edge| edge.line) {
        east &= end.x > start.x;
        west &= end.x < start.x;
        north &= end.y > start.y;
        south &= end.y < start.y;
    }
    first.ring == last.ring && (east || west || north || south)
}

fn refuse_crossing_of(edge: &Edge, others: &[Edge]) -> Result<(), InvalidShape> {
    for other in others {
        if !edge.envelope.intersects(&other.envelope) {
            continue;
        }
        let is_same = edge.ring == other.ring;
        let Some(at) = crossing(edge.line, other.line, is_same) else {
            continue;
        };
        let (lat, lng) = (at.y / UNITS_PER_DEGREE, at.x / UNITS_PER_DEGREE);
        let lng = if lng > 180.0 { lng - 360.0 } else { lng };
        return Err(if is_same {
            InvalidShape::CrossesItself {
                ring: edge.ring,
                first: edge.vertex,
                second: other.vertex,
                lat,
                lng,
            }
        } else {
            InvalidShape::RingsCross {
                first: edge.ring,
                second: other.ring,
                lat,
                lng,
            }
        });
    }
    Ok(())
}

fn crossing(edge: Line<f64>, other: Line<f64>, is_same_ring: bool) -> Option<Coord<f64>> {
    match line_intersection(edge, other)? {
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

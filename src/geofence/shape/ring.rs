//! Rings as people draw them, checked and put into the plane.

mod crossing;

use crate::domain::fence::Ring;
use crate::domain::position::{TURN, TURN_E7, plane_vertex};
use crate::geofence::shape::polygon::{Polygon, covers};
use crate::geofence::shape::ring::crossing::refuse_crossing;
use crate::geofence::shape::segment::{Place, Segment, place};
use crate::geofence::shape::{InvalidShape, LineName, RingName};

/// A ring in the plane.
struct Drawn {
    name: RingName,
    line: Vec<Place>,
    /// For each vertex the number of the drawn one; empty where that is its own.
    numbers: Vec<usize>,
}

/// Checks the rings of polygon `number`, the outer one first.
pub(super) fn polygon(number: usize, rings: &[Ring]) -> Result<Polygon, InvalidShape> {
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
        outer.turn(-TURN_E7 * (west + TURN_E7 / 2).div_euclid(TURN_E7));
        for hole in holes {
            hole.turn_into(outer);
        }
    }
    refuse_crossing(&drawn)?;
    let (outer, holes) = drawn.split_first().ok_or(InvalidShape::Empty)?;
    if let Some(hole) = holes.iter().find(|hole| !hole.is_within(outer)) {
        return Err(InvalidShape::HoleOutside { ring: hole.name });
    }
    let lines = drawn.iter().map(|ring| ring.line.as_slice());
    Polygon::of(lines).ok_or(InvalidShape::Empty)
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
        let (line, numbers) = match as_people_draw(vertices) {
            Some(line) => (line, Vec::new()),
            None => unbroken(name, vertices)?,
        };
        if line.len() < 4 {
            let is_closed = line.len() > 1;
            return Err(InvalidShape::TooFewVertices {
                ring: name,
                vertices: line.len() - usize::from(is_closed),
            });
        }
        if on_one_line(&line) {
            return Err(InvalidShape::NoArea { ring: name });
        }
        Ok(Self {
            name,
            line,
            numbers,
        })
    }

    /// The number of the drawn vertex that one of its own is.
    fn number(&self, vertex: usize) -> usize {
        self.numbers.get(vertex).copied().unwrap_or(vertex)
    }

    /// Westernmost and easternmost longitude.
    fn reach(&self) -> (i64, i64) {
        reach(&self.line)
    }

    fn turn(&mut self, by: i64) {
        if by != 0 {
            self.line.iter_mut().for_each(|vertex| vertex.0 += by);
        }
    }

    /// Turns a hole round the earth to where its outer ring stands.
    fn turn_into(&mut self, outer: &Self) {
        let (west, east) = outer.reach();
        let (hole_west, hole_east) = self.reach();
        let fits = |turn: &i64| west <= hole_west + turn && hole_east + turn <= east;
        if let Some(turn) = [0, TURN_E7, -TURN_E7].into_iter().find(fits) {
            self.turn(turn);
        }
    }

    /// Whether it lies in the outer ring, which it does not cross: then a few vertices tell.
    fn is_within(&self, outer: &Self) -> bool {
        let mut vertices = self.line.iter().take(8);
        vertices.all(|at| covers(outer.edges(), *at))
    }

    fn edges(&self) -> impl Iterator<Item = Segment> {
        let pairs = self.line.iter().zip(self.line.iter().skip(1));
        pairs.map(|(from, to)| Segment {
            from: *from,
            to: *to,
        })
    }
}

/// The vertices of a closed ring in which none is repeated and none lies more than half a turn from the next.
fn as_people_draw(vertices: &Ring) -> Option<Vec<Place>> {
    let is_closed = vertices.first() == vertices.last();
    let last = vertices.first().filter(|_| !is_closed);
    let mut line = Vec::with_capacity(vertices.len() + 1);
    line.extend(vertices.iter().map(in_plane));
    line.extend(last.map(in_plane));
    let is_plain =
        |edge: &[Place]| edge[0] != edge[1] && (edge[1].0 - edge[0].0).abs() <= TURN_E7 / 2;
    let is_narrow = || {
        let (west, east) = reach(&line);
        east.saturating_sub(west) <= TURN_E7
    };
    (line.windows(2).all(is_plain) && is_narrow()).then_some(line)
}

fn in_plane(&(lat, lng): &(f64, f64)) -> Place {
    place(plane_vertex(lat, lng))
}

/// The vertices of a closed ring without repeats. Two that lie more than half a turn apart are joined the
/// short way, across the antimeridian.
fn unbroken(ring: RingName, vertices: &Ring) -> Result<(Vec<Place>, Vec<usize>), InvalidShape> {
    let (mut turn, mut across) = (0, None);
    let mut line: Vec<Place> = Vec::with_capacity(vertices.len() + 1);
    let mut numbers = Vec::with_capacity(vertices.len() + 1);
    let drawn = || {
        let closed = vertices.iter().chain(vertices.first());
        closed.map(in_plane)
    };
    for (vertex, mut at) in drawn().enumerate() {
        if let Some(before) = line.last() {
            let jump = at.0 + turn - before.0;
            // A vertex at a pole has any longitude: nothing leaps there.
            let is_pole = at.1.abs().max(before.1.abs()) >= TURN_E7 / 4;
            if jump.abs() > TURN_E7 / 2 && !is_pole {
                turn -= TURN_E7 * turns(jump);
                across = Some(vertex - 1);
            }
        }
        at.0 += turn;
        if line.last() != Some(&at) {
            line.push(at);
            numbers.push(vertex);
        }
    }
    let (west, east) = reach(&line);
    if let Some(vertex) = across {
        // From -180 straight to 180 and back is the whole earth, not nothing.
        if west >= east {
            return Ok(as_drawn(drawn()));
        }
        if line.first() != line.last() {
            return Err(InvalidShape::GoesRound { ring, vertex });
        }
    }
    if east.saturating_sub(west) > TURN_E7 {
        return Err(InvalidShape::GoesRound { ring, vertex: 0 });
    }
    Ok((line, numbers))
}

/// How often so many units go round the earth, to the nearest whole number.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "two vertices are at most a few turns apart"
)]
fn turns(units: i64) -> i64 {
    (units as f64 / TURN).round() as i64
}

fn as_drawn(drawn: impl Iterator<Item = Place>) -> (Vec<Place>, Vec<usize>) {
    let mut numbered: Vec<_> = drawn.zip(0..).collect();
    numbered.dedup_by_key(|(vertex, _)| *vertex);
    numbered.into_iter().unzip()
}

fn reach(line: &[Place]) -> (i64, i64) {
    line.iter()
        .fold((i64::MAX, i64::MIN), |(west, east), vertex| {
            (west.min(vertex.0), east.max(vertex.0))
        })
}

/// Whether every vertex lies on one line. The area would not tell: a bow tie's two wings cancel.
fn on_one_line(line: &[Place]) -> bool {
    line.windows(3).all(|corner| {
        let edge = Segment {
            from: corner[0],
            to: corner[1],
        };
        edge.side(corner[2]) == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_people_draw_is_unbroken(
            vertices in prop::collection::vec((-2i32..=2, -4i32..=4), 0..7),
            (height, width) in prop_oneof![Just((45.0, 90.0)), Just((1.0, 1.0)), Just((1e-8, 1e-8))],
            is_closed: bool,
        ) {
            let at = |(lat, lng): (i32, i32)| (height * f64::from(lat), width * f64::from(lng));
            let mut vertices: Vec<_> = vertices.into_iter().map(at).collect();
            if is_closed {
                vertices.extend(vertices.first().copied());
            }
            let name = RingName { polygon: 0, ring: 0 };
            if let Some(line) = as_people_draw(&vertices) {
                let numbers = (0..line.len()).collect();
                prop_assert_eq!(unbroken(name, &vertices), Ok((line, numbers)));
            }
        }
    }
}

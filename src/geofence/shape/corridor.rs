//! A corridor: every place at most half its width from a line, with round ends. The line is straight in
//! longitude and latitude from vertex to vertex; the distance is the geodesic to its nearest place.

use geo::{Coord, Line, LineString};
use rstar::AABB;

use crate::domain::position::{Position, TURN, UNITS_PER_DEGREE, plane_distance_m, plane_vertex};
use crate::geofence::shape::local::LocalPlane;
use crate::geofence::shape::segment::Segment;
use crate::geofence::shape::{Envelope, InvalidShape, LineName, grown};

/// Longest piece in which a line is measured, units of 1e-7 degree: a plane is true enough for it.
const PIECE: f64 = 0.02 * UNITS_PER_DEGREE;
/// Most pieces of a line for the index.
const MOST_PIECES: f64 = 256.0;
/// Half-width up to which a plane may decide what is far from the edge, metres.
const PLANE_M: f64 = 50_000.0;

/// A band around one line, or around those parts of it that count now.
#[derive(Clone, Debug, PartialEq)]
pub struct Corridor {
    lines: Vec<LineString<f64>>,
    half_width_m: f64,
}

impl Corridor {
    /// Checks a line; `parts` are the vertices, first and last, of what counts of it.
    pub(super) fn new(
        line: &[(f64, f64)],
        width_m: f64,
        parts: &[(usize, usize)],
    ) -> Result<Self, InvalidShape> {
        if !(width_m.is_finite() && width_m > 0.0) {
            return Err(InvalidShape::Width(width_m));
        }
        let vertices = unbroken(line)?;
        if vertices.iter().all(|vertex| *vertex == vertices[0]) {
            return Err(InvalidShape::TooShort);
        }
        let mut lines = Vec::new();
        for &(first, last) in parts {
            let part = vertices.get(first..=last).filter(|part| part.len() > 1);
            let part = part.ok_or(InvalidShape::Section {
                first,
                last,
                vertices: vertices.len(),
            })?;
            lines.push(LineString(part.to_vec()));
        }
        Ok(Self {
            lines,
            half_width_m: width_m / 2.0,
        })
    }

    /// Whether `position` is at most half the width from the line.
    pub(super) fn covers(&self, position: Position) -> bool {
        let place = position.plane();
        self.edges()
            .any(|edge| is_within(place, edge, self.half_width_m))
    }

    /// Metres from `position` to the edge of the band, whichever side it is on.
    #[must_use]
    pub fn distance_to_edge_m(&self, position: Position) -> f64 {
        let place = position.plane();
        let distances = self.edges().map(|edge| distance_m(place, edge));
        (distances.fold(f64::INFINITY, f64::min) - self.half_width_m).abs()
    }

    /// Whether the way from `from` to `to`, straight in longitude and latitude the short way round, meets
    /// the band.
    #[must_use]
    pub fn meets_way(&self, from: Position, to: Position) -> bool {
        let (start, mut end) = (from.plane(), to.plane());
        end.x -= TURN * ((end.x - start.x) / TURN).round();
        let way = Line { start, end };
        self.covers(from)
            || self.covers(to)
            || self.edges().any(|edge| {
                let edge = beside(way.start, edge);
                Segment::of(way).meets(&Segment::of(edge))
                    || [edge.start, edge.end]
                        .into_iter()
                        .any(|vertex| is_within(vertex, way, self.half_width_m))
            })
    }

    /// Boxes that together hold the band.
    pub(super) fn parts(&self) -> Vec<Envelope> {
        let length: f64 = self.edges().map(extent).sum();
        let longest = PIECE.max(length / MOST_PIECES);
        self.edges()
            .flat_map(|edge| pieces(edge, longest))
            .map(|piece| {
                let around = AABB::from_corners(piece.start.into(), piece.end.into());
                grown(&around, self.half_width_m)
            })
            .collect()
    }

    fn edges(&self) -> impl Iterator<Item = Line<f64>> {
        self.lines.iter().flat_map(LineString::lines)
    }
}

/// The vertices of a line. Two that lie more than half a turn apart are joined the short way.
fn unbroken(line: &[(f64, f64)]) -> Result<Vec<Coord<f64>>, InvalidShape> {
    let mut vertices: Vec<Coord<f64>> = Vec::with_capacity(line.len());
    for (vertex, &(lat, lng)) in line.iter().enumerate() {
        if !(lat.abs() <= 90.0 && lng.abs() <= 360.0) {
            return Err(InvalidShape::VertexOutOfRange {
                ring: LineName::Line,
                vertex,
                lat,
                lng,
            });
        }
        let mut at = plane_vertex(lat, lng);
        if let Some(before) = vertices.last() {
            at.x -= TURN * ((at.x - before.x) / TURN).round();
        }
        vertices.push(at);
    }
    let west = vertices.iter().map(|vertex| vertex.x);
    let west = west.fold(f64::INFINITY, f64::min);
    for vertex in &mut vertices {
        vertex.x -= TURN * ((west + TURN / 2.0) / TURN).floor();
    }
    if vertices.len() < 2 {
        return Err(InvalidShape::TooShort);
    }
    Ok(vertices)
}

/// The edge turned round the earth to where it is nearest to a place.
fn beside(place: Coord<f64>, mut edge: Line<f64>) -> Line<f64> {
    let middle = f64::midpoint(edge.start.x, edge.end.x);
    let turn = TURN * ((middle - place.x) / TURN).round();
    edge.start.x -= turn;
    edge.end.x -= turn;
    edge
}

/// The longer of its two sides, units.
fn extent(edge: Line<f64>) -> f64 {
    edge.dx().abs().max(edge.dy().abs())
}

fn pieces(edge: Line<f64>, longest: f64) -> impl Iterator<Item = Line<f64>> {
    let count = (extent(edge) / longest).ceil().max(1.0);
    let at = move |piece: f64| {
        let mut at = edge.start;
        at.x += edge.dx() * piece / count;
        at.y += edge.dy() * piece / count;
        at
    };
    std::iter::successors(Some(0.0), |piece| Some(piece + 1.0))
        .take_while(move |piece| *piece < count)
        .map(move |piece| Line {
            start: at(piece),
            end: at(piece + 1.0),
        })
}

fn is_within(place: Coord<f64>, edge: Line<f64>, reach_m: f64) -> bool {
    pieces(beside(place, edge), PIECE).any(|piece| {
        let (foot, about_m) = foot(place, piece);
        // The plane is true to 1 % there.
        let is_plain = reach_m <= PLANE_M && place.y.abs() <= 80.0 * UNITS_PER_DEGREE;
        if is_plain && about_m > 1.01 * reach_m {
            return false;
        }
        (is_plain && about_m < 0.99 * reach_m) || plane_distance_m(place, foot) <= reach_m
    })
}

fn distance_m(place: Coord<f64>, edge: Line<f64>) -> f64 {
    let feet = pieces(beside(place, edge), PIECE).map(|piece| foot(place, piece));
    let near = |a: &(_, f64), b: &(_, f64)| a.1.total_cmp(&b.1);
    feet.min_by(near)
        .map_or(f64::INFINITY, |(foot, _)| plane_distance_m(place, foot))
}

/// The place of a piece that is nearest in the plane halfway to it, and about how many metres away.
fn foot(place: Coord<f64>, piece: Line<f64>) -> (Coord<f64>, f64) {
    let halfway = f64::midpoint(place.y, f64::midpoint(piece.start.y, piece.end.y));
    let seen = |at: Coord<f64>| (at.x - place.x, at.y - place.y);
    let (part, metres) =
        LocalPlane::around(halfway / UNITS_PER_DEGREE).nearest(seen(piece.start), seen(piece.end));
    let mut foot = piece.start;
    foot.x += piece.dx() * part;
    foot.y += piece.dy() * part;
    (foot, metres)
}

#[cfg(test)]
mod tests;

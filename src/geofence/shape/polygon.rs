//! Polygons in whole units of 1e-7 degree, a vertex in eight bytes: ten thousand fences have millions of them.

use rstar::AABB;

use crate::domain::position::{Position, TURN, TURN_E7};
use crate::geofence::shape::Envelope;
use crate::geofence::shape::segment::{Place, Segment};

/// A polygon with its holes, in the plane.
#[derive(Clone, Debug, PartialEq)]
pub struct Polygon {
    outer: Ring,
    holes: Box<[Ring]>,
    /// The box around the outer ring.
    envelope: Envelope,
}

/// A closed line of at most two turns round the earth.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::geofence) struct Ring {
    west: i64,
    /// Each as east of `west` in the upper 33 bits and north of the south pole in the lower 31.
    vertices: Box<[u64]>,
}

const NORTH_BITS: u32 = 31;
const POLE: i64 = TURN_E7 / 4;

impl Polygon {
    /// Of rings that were checked, the outer one first; `None` without one.
    pub(super) fn of<'r>(mut rings: impl Iterator<Item = &'r [Place]>) -> Option<Self> {
        let outer = Ring::of(rings.next()?);
        Some(Self {
            envelope: outer.envelope(),
            outer,
            holes: rings.map(Ring::of).collect(),
        })
    }

    /// The outer one first.
    pub(in crate::geofence) fn rings(&self) -> impl Iterator<Item = &Ring> {
        std::iter::once(&self.outer).chain(&self.holes)
    }

    pub(in crate::geofence) fn edges(&self) -> impl Iterator<Item = Segment> {
        self.rings().flat_map(Ring::edges)
    }

    /// A box that holds it.
    pub(super) fn envelope(&self) -> Envelope {
        self.envelope
    }

    /// Bytes of heap that its vertices take.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.rings().map(|ring| size_of_val(&*ring.vertices)).sum()
    }

    /// Turns it round the earth by so many units.
    pub(super) fn turn(&mut self, by: i64) {
        for ring in std::iter::once(&mut self.outer).chain(&mut self.holes) {
            ring.west += by;
        }
        self.envelope = self.outer.envelope();
    }

    /// Whether a position is in it or on its boundary.
    pub(super) fn covers(&self, position: Position) -> bool {
        let (x, y) = (i64::from(position.lng_e7()), i64::from(position.lat_e7()));
        let is_beyond = self.envelope.upper()[0] >= TURN / 2.0;
        covers(self.edges(), (x, y))
            || (is_beyond && covers(self.edges(), (x + TURN_E7, y)))
            // 180 east is 180 west.
            || (x >= TURN_E7 / 2 && covers(self.edges(), (x - TURN_E7, y)))
    }
}

impl Ring {
    fn of(line: &[Place]) -> Self {
        let west = line.iter().map(|vertex| vertex.0).min().unwrap_or(0);
        let packed =
            |&(x, y): &Place| (x - west).cast_unsigned() << NORTH_BITS | (y + POLE).cast_unsigned();
        Self {
            west,
            vertices: line.iter().map(packed).collect(),
        }
    }

    /// Its vertices; the first stands again at the end.
    pub(in crate::geofence) fn vertices(&self) -> impl Iterator<Item = Place> {
        self.vertices.iter().map(|packed| self.vertex(*packed))
    }

    fn edges(&self) -> impl Iterator<Item = Segment> {
        let pairs = self.vertices.iter().zip(self.vertices.iter().skip(1));
        pairs.map(|(from, to)| Segment {
            from: self.vertex(*from),
            to: self.vertex(*to),
        })
    }

    fn vertex(&self, packed: u64) -> Place {
        let (east, north) = (packed >> NORTH_BITS, packed & ((1 << NORTH_BITS) - 1));
        (self.west + east.cast_signed(), north.cast_signed() - POLE)
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a few turns of the earth are below 2^53 units"
    )]
    fn envelope(&self) -> Envelope {
        let mut vertices = self.vertices();
        let first = vertices.next().unwrap_or_default();
        let (mut low, mut high) = (first, first);
        for (x, y) in vertices {
            low = (low.0.min(x), low.1.min(y));
            high = (high.0.max(x), high.1.max(y));
        }
        let corner = |(x, y): Place| [x as f64, y as f64];
        AABB::from_corners(corner(low), corner(high))
    }
}

/// Whether a place is within edges that make up closed lines, or on one of them.
pub(super) fn covers(edges: impl Iterator<Item = Segment>, (x, y): Place) -> bool {
    let mut is_inside = false;
    for edge in edges {
        let ((x1, y1), (x2, y2)) = (edge.from, edge.to);
        if y < y1.min(y2) || y > y1.max(y2) || x > x1.max(x2) {
            continue;
        }
        let side = edge.side((x, y));
        if side == 0 && x >= x1.min(x2) {
            return true;
        }
        // Towards the east: an edge counts with its lower end and without its upper one.
        is_inside ^= (y1 > y) != (y2 > y) && (side > 0) == (y2 > y1);
    }
    is_inside
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_ring_is_the_line_that_it_is_of(
            west in -2 * TURN_E7..=2 * TURN_E7,
            line in prop::collection::vec((0..=2 * TURN_E7, -POLE..=POLE), 1..9),
        ) {
            let line: Vec<Place> = line.into_iter().map(|(x, y)| (west + x, y)).collect();
            let ring = Ring::of(&line);
            prop_assert!(ring.vertices().eq(line.iter().copied()));
            let ways = ring.edges().map(|edge| (edge.from, edge.to));
            prop_assert!(ways.eq(line.windows(2).map(|ends| (ends[0], ends[1]))));
        }
    }
}

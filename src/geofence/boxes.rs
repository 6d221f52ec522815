//! Fences by the boxes that hold them: an R-tree, and the authority for what is near.

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use crate::domain::position::{Position, TURN};
use crate::geofence::index::Slot;
use crate::geofence::shape::Envelope;

type Entry = GeomWithData<Rectangle<[f64; 2]>, Slot>;

/// Boxes, each with the slot of its fence.
#[derive(Clone, Debug, Default)]
pub(super) struct Boxes {
    tree: RTree<Entry>,
}

impl Boxes {
    pub(super) fn is_empty(&self) -> bool {
        self.tree.size() == 0
    }

    /// Adds the fence in `slot`, by the box around it.
    pub(super) fn insert(&mut self, slot: Slot, envelope: &Envelope) {
        for entry in entries(slot, envelope) {
            self.tree.insert(entry);
        }
    }

    /// Takes the fence in `slot` out; `envelope` is the one it was added with.
    pub(super) fn remove(&mut self, slot: Slot, envelope: &Envelope) {
        for entry in entries(slot, envelope) {
            self.tree.remove(&entry);
        }
    }

    /// The fences whose box holds `position`, in no particular order; one that goes all round the earth may
    /// come twice.
    pub(super) fn at(&self, position: Position) -> impl Iterator<Item = Slot> + '_ {
        let plane = position.plane();
        self.tree
            .locate_all_at_point(&[plane.x, plane.y])
            .map(|entry| entry.data)
    }

    /// The fences whose box meets that of the way from `from` to `to`, in no particular order and some of
    /// them twice.
    pub(super) fn near(&self, from: Position, to: Position) -> impl Iterator<Item = Slot> + '_ {
        // A way across the antimeridian goes on beyond 180 degrees, where a box may not have been drawn.
        let turns = if self.is_empty() {
            [].as_slice()
        } else {
            [-TURN, 0.0, TURN].as_slice()
        };
        let start = from.plane();
        let end = start.x + f64::from(from.eastward_e7(to));
        let (south, north) = (to.plane().y.min(start.y), to.plane().y.max(start.y));
        turns.iter().flat_map(move |turn| {
            let envelope = AABB::from_corners(
                [start.x.min(end) + turn, south],
                [start.x.max(end) + turn, north],
            );
            self.tree
                .locate_in_envelope_intersecting(&envelope)
                .map(|entry| entry.data)
        })
    }
}

/// One box for each way to count longitude in which a position may lie in the envelope: an envelope
/// across the antimeridian has two.
fn entries(slot: Slot, envelope: &Envelope) -> impl Iterator<Item = Entry> + use<> {
    let (lower, upper) = (envelope.lower(), envelope.upper());
    [-TURN, 0.0, TURN].into_iter().filter_map(move |turn| {
        let (west, east) = (lower[0] + turn, upper[0] + turn);
        let reaches = west <= TURN / 2.0 && east >= -TURN / 2.0;
        let corners = ([west, lower[1]], [east, upper[1]]);
        let rectangle = Rectangle::from_aabb(AABB::from_corners(corners.0, corners.1));
        reaches.then(|| GeomWithData::new(rectangle, slot))
    })
}

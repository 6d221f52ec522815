//! The fences that exist, each with its checked shape, and the index over those in force.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rstar::Envelope as _;

use crate::domain::fence::{Fence, SpeedLimit};
use crate::domain::ids::FenceId;
use crate::domain::position::{Position, TURN};
use crate::domain::profile::Profile;
use crate::domain::time::Timestamp;
use crate::domain::transition::{TransitionKind, TransitionKinds};
use crate::geofence::boxes::Boxes;
use crate::geofence::index::{FenceIndex, Slot};
use crate::geofence::shape::{Envelope, InvalidShape, Shape};
use crate::prefetch::Look;

/// A fence with its checked shape, and beside it what the path asks of the fence with every report: the
/// fence itself is elsewhere in memory, three cache lines away.
#[derive(Clone, Debug)]
pub struct Drawn {
    id: FenceId,
    /// Its place in the table that it is in.
    slot: Slot,
    detect: TransitionKinds,
    /// Whether it is about every subject.
    for_all: bool,
    limits_speed: bool,
    fence: Arc<Fence>,
    shape: Shape,
    /// The box around the shape.
    envelope: Envelope,
    in_force: bool,
}

/// Every fence by id and by slot.
#[derive(Clone, Debug, Default)]
pub struct FenceTable {
    /// By slot; `None` where a fence was taken out.
    fences: Vec<Option<Drawn>>,
    free: Vec<Slot>,
    next: Slot,
    slots: BTreeMap<FenceId, Slot>,
    /// Every fence in force.
    index: FenceIndex,
    /// Fences in force that want a word about everybody who is not in them.
    outside: BTreeSet<FenceId>,
    /// Fences in force that want to know who passes through.
    crossings: Boxes,
}

impl Drawn {
    /// Checks a fence, as of `at`.
    ///
    /// # Errors
    /// When its geometry is no shape.
    pub fn new(fence: impl Into<Arc<Fence>>, at: Timestamp) -> Result<Self, InvalidShape> {
        let fence = fence.into();
        let shape = Shape::compile_at(&fence.geometry, at)?;
        Ok(Self {
            id: fence.id.clone(),
            slot: 0,
            detect: fence.detect,
            for_all: fence.applies_to.is_all(),
            limits_speed: fence.speed_limit.is_some(),
            envelope: shape.envelope(),
            shape,
            in_force: fence.is_in_force(at),
            fence,
        })
    }

    /// The same fence as of `at`.
    #[must_use]
    pub fn as_of(self, at: Timestamp) -> Self {
        let in_force = self.fence.is_in_force(at);
        // It was a shape when the fence was drawn, so it is one now.
        let shape = Shape::compile_at(&self.fence.geometry, at).unwrap_or(self.shape);
        Self {
            envelope: shape.envelope(),
            shape,
            in_force,
            ..self
        }
    }

    /// The fence's id.
    #[must_use]
    pub fn id(&self) -> &FenceId {
        &self.id
    }

    /// Its place in the table that it is in; another version of the fence has the same.
    #[must_use]
    pub fn slot(&self) -> Slot {
        self.slot
    }

    /// Whether it is about a subject of `profile`.
    #[must_use]
    pub fn is_about(&self, profile: &Profile) -> bool {
        self.for_all || self.fence.applies_to.matches(profile)
    }

    /// Whether transitions of that kind are recorded.
    #[must_use]
    pub fn detects(&self, kind: TransitionKind) -> bool {
        self.detect.contains(kind)
    }

    /// How fast is too fast in it.
    #[must_use]
    pub fn speed_limit(&self) -> Option<SpeedLimit> {
        let limit = self.limits_speed.then(|| self.fence.speed_limit);
        limit.flatten()
    }

    /// The fence as somebody drew it.
    #[must_use]
    pub fn fence(&self) -> &Fence {
        &self.fence
    }

    /// Where it is.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Whether it fires.
    #[must_use]
    pub fn in_force(&self) -> bool {
        self.in_force
    }

    /// Whether a subject of `profile` at `position` is in it.
    #[must_use]
    pub fn holds(&self, position: Position, profile: &Profile) -> bool {
        self.in_force && self.is_about(profile) && self.shape.covers(position)
    }

    /// Whether it may hold what is at `position`: false only where it does not, and quicker to tell.
    #[must_use]
    pub fn may_hold(&self, position: Position) -> bool {
        let place = position.plane();
        [0.0, -TURN, TURN].into_iter().any(|turn| {
            let point = [place.x + turn, place.y];
            self.envelope.contains_point(&point)
        })
    }

    /// Whether a subject of `profile` that is in it stays in it at `position`: its margin counts too.
    #[must_use]
    pub fn keeps(&self, position: Position, profile: &Profile) -> bool {
        self.in_force && self.is_about(profile) && self.reaches(position)
    }

    /// Whether `position` is in the shape or in the margin around it.
    #[must_use]
    pub fn reaches(&self, position: Position) -> bool {
        self.shape.covers(position) || self.is_in_margin(position)
    }

    /// Whether the edge is no farther from `position` than its margin.
    #[must_use]
    pub fn is_in_margin(&self, position: Position) -> bool {
        let margin = self.fence.exit_margin_m;
        margin > 0.0 && self.shape.distance_to_edge_m(position) <= margin
    }
}

impl FenceTable {
    /// The fence `id`, in force or not.
    #[must_use]
    pub fn get(&self, id: &FenceId) -> Option<&Drawn> {
        self.fences.get(*self.slots.get(id)? as usize)?.as_ref()
    }

    /// The fence in `slot`.
    #[must_use]
    pub fn at(&self, slot: Slot) -> Option<&Drawn> {
        self.fences.get(slot as usize)?.as_ref()
    }

    /// Asks for what tells which fences hold `position`.
    pub fn prefetch(&self, position: Position, look: Look) {
        self.index.prefetch(position, look);
    }

    /// The fences that hold a subject of `profile` at `position`, by id.
    #[must_use]
    pub fn holding(&self, position: Position, profile: &Profile) -> Vec<&Drawn> {
        let mut slots = Vec::new();
        self.covering(position, &mut slots);
        self.about(profile, &slots)
    }

    /// Makes `slots` those of the fences in force whose shape covers `position`, each once and in no particular
    /// order.
    #[inline(always)]
    pub fn covering(&self, position: Position, slots: &mut Vec<Slot>) {
        slots.clear();
        let covers = |slot| {
            self.at(slot)
                .is_some_and(|drawn| drawn.shape.covers(position))
        };
        self.index.containing(position, covers, slots);
    }

    /// The fences in `slots` that are about a subject of `profile`, by id.
    #[must_use]
    pub fn about(&self, profile: &Profile, slots: &[Slot]) -> Vec<&Drawn> {
        if slots.is_empty() {
            return Vec::new(); // as nearly everywhere
        }
        let drawn = slots.iter().filter_map(|slot| self.at(*slot));
        let mut about: Vec<_> = drawn.filter(|drawn| drawn.is_about(profile)).collect();
        about.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        about
    }

    /// Whether there is a `position`, and the shape of a fence in force covers it: the index tells without
    /// going along its edges.
    #[must_use]
    pub fn shape_covers(&self, drawn: &Drawn, position: Option<Position>) -> bool {
        position.is_some_and(|position| {
            let mut slots = Vec::new();
            self.covering(position, &mut slots);
            slots.contains(&drawn.slot)
        })
    }

    /// Whether a fence in force detects `outside`.
    #[must_use]
    pub fn watches_outside(&self) -> bool {
        !self.outside.is_empty()
    }

    /// The fences in force that detect `outside`, by id.
    pub fn watching_outside(&self) -> impl Iterator<Item = &Drawn> {
        self.outside.iter().filter_map(|id| self.get(id))
    }

    /// Whether a fence in force detects `cross`.
    #[must_use]
    pub fn watches_crossings(&self) -> bool {
        !self.crossings.is_empty()
    }

    /// The fences in force that detect `cross` and that the straight way from `from` to `to` meets.
    pub fn crossed(&self, from: Position, to: Position) -> impl Iterator<Item = &Drawn> {
        let mut near: Vec<_> = self.crossings.near(from, to).collect();
        near.sort_unstable();
        near.dedup();
        near.into_iter()
            .filter_map(|slot| self.at(slot))
            .filter(move |drawn| drawn.shape.meets_segment(from, to))
    }

    /// Puts a fence in; one with its id must have been taken out before.
    ///
    /// Put in as soon as the other was taken out it has the same slot.
    pub fn put(&mut self, mut drawn: Drawn) {
        let id = drawn.id.clone();
        let slot = self.free.pop().unwrap_or_else(|| {
            self.fences.push(None);
            self.next += 1;
            self.next - 1
        });
        drawn.slot = slot;
        if drawn.in_force {
            self.index.insert(slot, &drawn.shape);
            if drawn.detects(TransitionKind::Outside) {
                self.outside.insert(id.clone());
            }
            if drawn.detects(TransitionKind::Cross) {
                self.crossings.insert(slot, &drawn.envelope);
            }
        }
        self.slots.insert(id, slot);
        self.fences[slot as usize] = Some(drawn);
    }

    /// Takes the fence `id` out.
    pub fn take(&mut self, id: &FenceId) -> Option<Drawn> {
        let slot = self.slots.remove(id)?;
        let drawn = self.fences.get_mut(slot as usize)?.take()?;
        self.free.push(slot);
        self.outside.remove(id);
        if drawn.in_force {
            self.index.remove(slot, &drawn.shape);
            if drawn.detects(TransitionKind::Cross) {
                self.crossings.remove(slot, &drawn.envelope);
            }
        }
        Some(drawn)
    }
}

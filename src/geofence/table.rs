//! The fences that exist, each with its checked shape, and the index over those in force.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::fence::Fence;
use crate::domain::ids::FenceId;
use crate::domain::position::Position;
use crate::domain::profile::Profile;
use crate::domain::time::Timestamp;
use crate::domain::transition::TransitionKind;
use crate::geofence::index::{FenceIndex, Slot};
use crate::geofence::shape::{InvalidShape, Shape};

/// A fence with its checked shape.
#[derive(Clone, Debug)]
pub struct Drawn {
    fence: Fence,
    shape: Shape,
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
    index: FenceIndex,
    /// Fences in force that want a word about everybody who is not in them.
    outside: BTreeSet<FenceId>,
}

impl Drawn {
    /// Checks a fence, as of `at`.
    ///
    /// # Errors
    /// When its geometry is no shape.
    pub fn new(fence: Fence, at: Timestamp) -> Result<Self, InvalidShape> {
        Ok(Self {
            shape: Shape::compile_at(&fence.geometry, at)?,
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
            shape,
            in_force,
            ..self
        }
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
        self.in_force && self.fence.applies_to.matches(profile) && self.shape.covers(position)
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

    /// The fences that hold a subject of `profile` at `position`, by id.
    #[must_use]
    pub fn holding(&self, position: Position, profile: &Profile) -> Vec<&Drawn> {
        let mut slots = Vec::new();
        let covers = |slot| {
            self.at(slot)
                .is_some_and(|drawn| drawn.shape.covers(position))
        };
        self.index.containing(position, covers, &mut slots);
        let mut holding: Vec<_> = slots
            .into_iter()
            .filter_map(|slot| self.at(slot))
            .filter(|drawn| drawn.fence.applies_to.matches(profile))
            .collect();
        holding.sort_unstable_by(|a, b| a.fence.id.cmp(&b.fence.id));
        holding
    }

    /// The fences in force that detect `outside`, by id.
    pub fn watching_outside(&self) -> impl Iterator<Item = &Drawn> {
        self.outside.iter().filter_map(|id| self.get(id))
    }

    /// Puts a fence in; one with its id must have been taken out before.
    pub fn put(&mut self, drawn: Drawn) {
        let id = drawn.fence.id.clone();
        let slot = self.free.pop().unwrap_or_else(|| {
            self.fences.push(None);
            self.next += 1;
            self.next - 1
        });
        if drawn.in_force {
            self.index.insert(slot, &drawn.shape);
            if drawn.fence.detect.contains(&TransitionKind::Outside) {
                self.outside.insert(id.clone());
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
        }
        Some(drawn)
    }
}

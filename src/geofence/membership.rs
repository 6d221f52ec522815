//! Who is in which fence, and the transitions when that changes.
//!
//! A subject is in a fence while the fence is in force, its shape covers the subject's newest position
//! and the fence is about the subject. Whatever ends or begins that, a move, an edit, a status, silence,
//! makes one exit or one enter. A fence may ask for a stay before a visit begins (`min_inside`) and for a
//! margin before it ends (`exit_margin_m`).

mod member;
mod visit;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::fence::{Fence, FenceEdit};
use crate::domain::ids::{FenceId, Subject};
use crate::domain::position::Position;
use crate::domain::profile::Profile;
use crate::domain::time::Timestamp;
use crate::domain::transition::{Cause, Transition};
use crate::geofence::index::Slot;
use crate::geofence::membership::visit::Moment;
use crate::geofence::shape::InvalidShape;
use crate::geofence::table::{Drawn, FenceTable};
use crate::prefetch::Look;

pub use crate::geofence::membership::member::Member;

/// Every fence. Who is in it is kept with what else is known of each subject.
#[derive(Debug, Default)]
pub struct Geofences {
    table: FenceTable,
    due: Timers,
    /// Room for the fences that cover a position.
    slots: Vec<Slot>,
}

/// Every subject that the fences look at, whoever keeps them.
pub trait Members {
    /// What the fences remember of `subject`.
    fn member(&mut self, subject: &Subject) -> Option<&mut Member>;

    /// The same of all, in no particular order.
    fn members(&mut self) -> impl Iterator<Item = (&Subject, &mut Member)>;
}

/// What becomes due, and when. A timer of a visit that is over is not looked for: it fires in vain.
type Timers = BTreeSet<(Timestamp, Due)>;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// A fence comes into force or goes out of it.
    Turn(FenceId),
    /// A subject will have been in a fence for its dwell time.
    Dwell(Subject, FenceId),
}

/// A subject as the fences look at it.
#[derive(Clone, Debug)]
pub struct Sighting<'a> {
    /// Who.
    pub subject: &'a Subject,
    /// When.
    pub at: Timestamp,
    /// Its new position; `None` where only its attributes are new.
    pub fix: Option<Fix>,
    /// Its attributes now.
    pub profile: &'a Arc<Profile>,
    /// Silence after which its position is stale: then no timer says that it has stayed.
    pub stale_after: Duration,
}

/// A position and how it was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fix {
    /// Where.
    pub position: Position,
    /// Radius of the fix, metres.
    pub accuracy_m: Option<f64>,
    /// Metres a second.
    pub speed_mps: Option<f64>,
}

impl Geofences {
    /// Asks for what a sighting at `position` will need.
    pub fn prefetch(&self, position: Position, look: Look) {
        self.table.prefetch(position, look);
    }

    /// What changes by a sighting of `member`: for each fence an exit or an enter, and for a fix the level events
    /// that the fences ask for; in the order of the contract. And the fences that the subject is in
    /// then, in order.
    #[inline(always)]
    pub fn observe(
        &mut self,
        member: &mut Member,
        sighting: &Sighting,
    ) -> (Vec<Transition>, Vec<FenceId>) {
        let happened = member.observe(sighting, &self.table, &mut self.due, &mut self.slots);
        (happened, member.visited().cloned().collect())
    }

    /// The fences that would hold the subject of a sighting that comes too late to change anything, in
    /// order; none without a fix.
    #[must_use]
    pub fn covering(&self, sighting: &Sighting) -> Vec<FenceId> {
        let Some(fix) = sighting.fix else {
            return Vec::new();
        };
        let holding = self.table.holding(fix.position, sighting.profile);
        holding
            .into_iter()
            .map(|drawn| drawn.id().clone())
            .collect()
    }

    /// Lets `subject`, of which `member` is remembered, out of every fence and forgets where it was.
    pub fn dismiss(
        &self,
        member: &mut Member,
        subject: &Subject,
        at: Timestamp,
        cause: Cause,
    ) -> Vec<Transition> {
        member.dismiss(subject, at, cause, &self.table)
    }

    /// Applies an edit at `at`: subjects that fall in enter, those that fall out exit, those in both
    /// versions stay in the same visit. Ordered by subject.
    ///
    /// # Errors
    /// When the new version is no shape; then the last good version stays.
    pub fn edit(
        &mut self,
        at: Timestamp,
        edit: &FenceEdit,
        members: &mut impl Members,
    ) -> Result<Vec<Transition>, InvalidShape> {
        let new = edit
            .fence
            .clone()
            .map(|fence| Drawn::new(fence, at))
            .transpose()?;
        let old = self.table.take(&edit.id);
        for turn in old.iter().flat_map(|old| old.fence().turns()) {
            self.due.remove(&(turn, Due::Turn(edit.id.clone())));
        }
        if let Some(new) = new {
            let turns = new.fence().turns().filter(|turn| *turn > at);
            self.due
                .extend(turns.map(|turn| (turn, Due::Turn(edit.id.clone()))));
            self.table.put(new);
        }
        let cause = match (&old, &edit.fence) {
            (_, None) => Cause::FenceDeleted,
            (Some(old), Some(_)) if old.in_force() => Cause::FenceChanged,
            (_, Some(_)) => Cause::FenceCreated,
        };
        Ok(self.revisit(&edit.id, old.as_ref(), at, cause, members))
    }

    /// When the next fence comes into force or goes out of it, or somebody may have stayed long enough.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Does what is due next.
    pub fn fire_next(&mut self, members: &mut impl Members) -> Vec<Transition> {
        match self.due.pop_first() {
            None => Vec::new(),
            Some((at, Due::Turn(id))) => self.turn(&id, at, members),
            Some((at, Due::Dwell(subject, fence))) => {
                let stayed = members.member(&subject).and_then(|member| {
                    let drawn = self.table.get(&fence)?;
                    member.stayed(&subject, drawn, at)
                });
                stayed.into_iter().collect()
            }
        }
    }

    /// The fence `id`, in force or not.
    #[must_use]
    pub fn fence(&self, id: &FenceId) -> Option<&Fence> {
        self.table.get(id).map(Drawn::fence)
    }

    /// Brings a fence into force, out of it, or into another shape.
    fn turn(&mut self, id: &FenceId, at: Timestamp, members: &mut impl Members) -> Vec<Transition> {
        let Some(drawn) = self.table.take(id) else {
            return Vec::new();
        };
        let was_in_force = drawn.in_force();
        let drawn = drawn.as_of(at);
        let cause = match (was_in_force, drawn.in_force()) {
            (true, true) => Cause::FenceChanged,
            (false, true) => Cause::FenceCreated,
            (_, false) => Cause::FenceExpired,
        };
        self.table.put(drawn);
        self.revisit(id, None, at, cause, members)
    }

    /// Compares everybody's visit to the fence `id` with what now holds, after an edit; `old` is the
    /// version that went.
    fn revisit(
        &mut self,
        id: &FenceId,
        old: Option<&Drawn>,
        at: Timestamp,
        cause: Cause,
        members: &mut impl Members,
    ) -> Vec<Transition> {
        let now = self.table.get(id);
        let Some(drawn) = now.or(old) else {
            return Vec::new();
        };
        let mut happened = Vec::new();
        for (subject, member) in members.members() {
            let moment = Moment {
                at,
                subject,
                fix: member.fix(),
                is_fix: false,
            };
            happened.extend(member.revisit(&moment, cause, drawn, now.is_some(), &mut self.due));
        }
        happened.sort_by(|a, b| (&a.subject, a.kind).cmp(&(&b.subject, b.kind)));
        happened
    }
}

#[cfg(test)]
mod tests;

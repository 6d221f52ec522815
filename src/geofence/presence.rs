//! Whom each fence holds, over all tracks, and for how long it holds nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::fact::{Change, Fact};
use crate::domain::fence::Fence;
use crate::domain::ids::{FenceId, Subject};
use crate::domain::profile::Profile;
use crate::domain::time::Timestamp;
use crate::domain::transition::{Cause, Transition, TransitionKind};

/// Who is where, by fence and by subject.
#[derive(Debug, Default)]
pub struct Presence {
    fences: BTreeMap<FenceId, Held>,
    whereabouts: BTreeMap<Subject, BTreeSet<FenceId>>,
    /// When somebody will have been missed for long enough.
    due: Timers,
}

type Timers = BTreeSet<(Timestamp, FenceId)>;

/// A fence in force and whom it holds.
#[derive(Debug)]
struct Held {
    fence: Arc<Fence>,
    members: BTreeMap<Subject, Arc<Profile>>,
    /// Since when nobody is in it.
    empty_since: Option<Timestamp>,
    /// That somebody is missed was said.
    absent: bool,
}

impl Presence {
    /// `fence` is in force from `at` on, or is another version of one that was; its members stay.
    /// Gives whether it was not in force before.
    pub fn draw(&mut self, at: Timestamp, fence: &Arc<Fence>) -> bool {
        let old = self.fences.remove(&fence.id);
        if let Some(old) = &old {
            await_nothing(&mut self.due, old);
        }
        let is_new = old.is_none();
        let mut held = Held {
            fence: Arc::clone(fence),
            ..old.unwrap_or_else(|| Held::new(fence, at))
        };
        // Nothing is said of a time before the edit.
        if held.missed_at().is_some_and(|missed_at| missed_at < at) {
            held.empty_since = Some(at - fence.absent_after);
        }
        await_absence(&mut self.due, &held);
        self.fences.insert(fence.id.clone(), held);
        is_new
    }

    /// The fence `id` is no longer in force.
    pub fn erase(&mut self, id: &FenceId) {
        let Some(held) = self.fences.remove(id) else {
            return;
        };
        await_nothing(&mut self.due, &held);
        for subject in held.members.keys() {
            forget(&mut self.whereabouts, subject, id);
        }
    }

    /// Takes in who came and went; gives that somebody is back, where that was missed.
    pub fn observe(&mut self, fact: &Fact) -> Option<Transition> {
        match &fact.change {
            Change::Entered(id, profile) => {
                let held = self.fences.get_mut(id)?;
                await_nothing(&mut self.due, held);
                held.members
                    .insert(fact.subject.clone(), Arc::clone(profile));
                held.empty_since = None;
                let fences = self.whereabouts.entry(fact.subject.clone());
                fences.or_default().insert(id.clone());
                let missed = std::mem::take(&mut held.absent);
                missed.then(|| held.transition(fact.at, TransitionKind::Restored))
            }
            Change::Left(id) => {
                self.leave(&fact.subject, id, fact.at);
                forget(&mut self.whereabouts, &fact.subject, id);
                None
            }
            Change::Gone(_) => {
                let fences = self.whereabouts.remove(&fact.subject).unwrap_or_default();
                for id in &fences {
                    self.leave(&fact.subject, id, fact.at);
                }
                None
            }
            Change::Became(_) | Change::At(..) | Change::Moved(..) => None,
        }
    }

    /// The fence `id`, while it is in force.
    #[must_use]
    pub fn fence(&self, id: &FenceId) -> Option<&Fence> {
        self.fences.get(id).map(|held| &*held.fence)
    }

    /// Whom the fence `id` holds, in order, each as it was when it entered.
    pub fn members(&self, id: &FenceId) -> impl Iterator<Item = (&Subject, &Profile)> {
        let members = self.fences.get(id).map(|held| held.members.iter());
        let members = members.into_iter().flatten();
        members.map(|(subject, profile)| (subject, &**profile))
    }

    /// When somebody will next have been missed for long enough.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Says that nobody is there.
    pub fn fire_next(&mut self) -> Option<Transition> {
        let (at, id) = self.due.pop_first()?;
        let held = self.fences.get_mut(&id)?;
        held.absent = true;
        Some(held.transition(at, TransitionKind::Absent))
    }

    fn leave(&mut self, subject: &Subject, id: &FenceId, at: Timestamp) {
        let Some(held) = self.fences.get_mut(id) else {
            return;
        };
        let left = held.members.remove(subject).is_some();
        if left && held.members.is_empty() {
            held.empty_since = Some(at);
            await_absence(&mut self.due, held);
        }
    }
}

impl Held {
    fn new(fence: &Arc<Fence>, at: Timestamp) -> Self {
        Self {
            fence: Arc::clone(fence),
            members: BTreeMap::new(),
            empty_since: Some(at),
            absent: false,
        }
    }

    /// When it will have been empty for long enough to say so.
    fn missed_at(&self) -> Option<Timestamp> {
        let detect = &self.fence.detect;
        let asks =
            detect.contains(TransitionKind::Absent) || detect.contains(TransitionKind::Restored);
        let since = self.empty_since.filter(|_| asks && !self.absent)?;
        Some(since + self.fence.absent_after)
    }

    fn transition(&self, at: Timestamp, kind: TransitionKind) -> Transition {
        Transition {
            at,
            subject: None,
            fence: Some(self.fence.id.clone()),
            kind,
            position: None,
            cause: Cause::Report,
            visit: None,
            other: None,
            distance_m: None,
            uncertain: false,
            detected: self.fence.detect.contains(kind),
        }
    }
}

fn await_absence(due: &mut Timers, held: &Held) {
    due.extend(held.missed_at().map(|at| (at, held.fence.id.clone())));
}

fn await_nothing(due: &mut Timers, held: &Held) {
    if let Some(at) = held.missed_at() {
        due.remove(&(at, held.fence.id.clone()));
    }
}

fn forget(whereabouts: &mut BTreeMap<Subject, BTreeSet<FenceId>>, subject: &Subject, id: &FenceId) {
    if let Some(fences) = whereabouts.get_mut(subject) {
        fences.remove(id);
        if fences.is_empty() {
            whereabouts.remove(subject);
        }
    }
}

//! Who is in which fence, and the transitions when that changes.
//!
//! A subject is in a fence while the fence is in force, its shape covers the subject's newest position
//! and the fence is about the subject. Whatever ends or begins that, a move, an edit, a status, silence,
//! makes one exit or one enter.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use foldhash::fast::FixedState;

use crate::domain::fence::{Fence, FenceEdit};
use crate::domain::ids::{FenceId, Subject, VisitId, digest};
use crate::domain::position::Position;
use crate::domain::profile::Profile;
use crate::domain::time::Timestamp;
use crate::domain::transition::{Cause, Transition, TransitionKind};
use crate::geofence::shape::InvalidShape;
use crate::geofence::table::{Drawn, FenceTable};

/// Every fence and who is in it.
#[derive(Debug, Default)]
pub struct Geofences {
    table: FenceTable,
    /// When a fence comes into force or goes out of it.
    due: BTreeSet<(Timestamp, FenceId)>,
    members: HashMap<Subject, Member, FixedState>,
}

/// What the fences remember of a subject.
#[derive(Debug)]
struct Member {
    position: Option<Position>,
    profile: Arc<Profile>,
    /// By fence id.
    visits: Vec<Visit>,
}

#[derive(Clone, Debug)]
struct Visit {
    fence: FenceId,
    id: VisitId,
}

/// A subject as the fences look at it.
#[derive(Clone, Debug)]
pub struct Sighting<'a> {
    /// Who.
    pub subject: &'a Subject,
    /// When.
    pub at: Timestamp,
    /// Its new position; `None` where only its attributes are new.
    pub position: Option<Position>,
    /// Its attributes now.
    pub profile: &'a Arc<Profile>,
}

impl Geofences {
    /// What changes by a sighting: for each fence an exit or an enter, and for a fix the level events
    /// that the fences ask for; in the order of the contract.
    pub fn observe(&mut self, sighting: &Sighting) -> Vec<Transition> {
        let Some(member) = self.members.get_mut(sighting.subject) else {
            let mut member = Member::new(sighting.profile);
            let happened = member.observe(sighting, &self.table);
            self.members.insert(sighting.subject.clone(), member);
            return happened;
        };
        member.observe(sighting, &self.table)
    }

    /// The fences that `subject` is in, in order.
    #[must_use]
    pub fn visited_by(&self, subject: &Subject) -> Vec<FenceId> {
        let visits = self.members.get(subject).map(|member| member.visits.iter());
        visits
            .into_iter()
            .flatten()
            .map(|visit| visit.fence.clone())
            .collect()
    }

    /// The fences that would hold a subject of `profile` at `position`, in order.
    #[must_use]
    pub fn covering(&self, position: Position, profile: &Profile) -> Vec<FenceId> {
        let holding = self.table.holding(position, profile);
        holding
            .into_iter()
            .map(|drawn| drawn.fence().id.clone())
            .collect()
    }

    /// Lets `subject` out of every fence and forgets where it was.
    pub fn dismiss(&mut self, subject: &Subject, at: Timestamp, cause: Cause) -> Vec<Transition> {
        let Some(member) = self.members.remove(subject) else {
            return Vec::new();
        };
        let moment = Moment {
            at,
            subject,
            position: member.position,
        };
        let exits = member.visits.iter().filter_map(|visit| {
            let fence = self.table.get(&visit.fence)?.fence();
            moment.transition(TransitionKind::Exit, cause, fence, Some(visit))
        });
        exits.collect()
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
    ) -> Result<Vec<Transition>, InvalidShape> {
        let new = edit
            .fence
            .clone()
            .map(|fence| Drawn::new(fence, at))
            .transpose()?;
        let old = self.table.take(&edit.id);
        self.due.retain(|(_, id)| *id != edit.id);
        if let Some(new) = new {
            let fence = new.fence();
            for moment in fence.turns() {
                if moment > at {
                    self.due.insert((moment, edit.id.clone()));
                }
            }
            self.table.put(new);
        }
        let cause = match (&old, &edit.fence) {
            (_, None) => Cause::FenceDeleted,
            (Some(old), Some(_)) if old.in_force() => Cause::FenceChanged,
            (_, Some(_)) => Cause::FenceCreated,
        };
        let fence = edit.fence.as_ref().or(old.as_ref().map(Drawn::fence));
        Ok(fence.map_or_else(Vec::new, |fence| self.revisit(fence, at, cause)))
    }

    /// When the next fence comes into force or goes out of it.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Brings the fence that is due next into force or out of it.
    pub fn fire_next(&mut self) -> Vec<Transition> {
        let due = self.due.pop_first();
        let Some((at, drawn)) = due.and_then(|(at, id)| Some((at, self.table.take(&id)?))) else {
            return Vec::new();
        };
        let fence = drawn.fence().clone();
        let was_in_force = drawn.in_force();
        self.table.put(drawn.as_of(at));
        let cause = match (was_in_force, fence.is_in_force(at)) {
            (true, true) => Cause::FenceChanged,
            (false, true) => Cause::FenceCreated,
            (_, false) => Cause::FenceExpired,
        };
        self.revisit(&fence, at, cause)
    }

    /// The fence `id`, in force or not.
    #[must_use]
    pub fn fence(&self, id: &FenceId) -> Option<&Fence> {
        self.table.get(id).map(Drawn::fence)
    }

    /// Compares everybody's visit to `fence` with what now holds, after an edit.
    fn revisit(&mut self, fence: &Fence, at: Timestamp, cause: Cause) -> Vec<Transition> {
        let drawn = self.table.get(&fence.id);
        let mut happened = Vec::new();
        #[expect(
            clippy::iter_over_hash_type,
            reason = "what happened is sorted by subject below"
        )]
        for (subject, member) in &mut self.members {
            let moment = Moment {
                at,
                subject,
                position: member.position,
            };
            let place = member
                .visits
                .binary_search_by(|visit| visit.fence.cmp(&fence.id));
            let holds = drawn
                .zip(member.position)
                .is_some_and(|(drawn, position)| drawn.holds(position, &member.profile));
            match (place, holds) {
                (Ok(place), false) => {
                    let visit = member.visits.remove(place);
                    happened.extend(moment.transition(
                        TransitionKind::Exit,
                        cause,
                        fence,
                        Some(&visit),
                    ));
                }
                (Err(place), true) => {
                    let visit = Visit::begin(&fence.id, subject, at);
                    for kind in [TransitionKind::Enter, TransitionKind::Inside] {
                        happened.extend(moment.transition(kind, cause, fence, Some(&visit)));
                    }
                    member.visits.insert(place, visit);
                }
                (Ok(_), true) | (Err(_), false) => {}
            }
        }
        happened.sort_by(|a, b| (&a.subject, a.kind).cmp(&(&b.subject, b.kind)));
        happened
    }
}

impl Member {
    fn new(profile: &Arc<Profile>) -> Self {
        Self {
            position: None,
            profile: Arc::clone(profile),
            visits: Vec::new(),
        }
    }

    fn observe(&mut self, sighting: &Sighting, table: &FenceTable) -> Vec<Transition> {
        let before = self.position;
        self.position = sighting.position.or(before);
        if !Arc::ptr_eq(&self.profile, sighting.profile) {
            self.profile = Arc::clone(sighting.profile);
        }
        let Some(position) = self.position else {
            return Vec::new();
        };
        let moment = Moment {
            at: sighting.at,
            subject: sighting.subject,
            position: self.position,
        };
        let holding = table.holding(position, sighting.profile);
        let mut happened = self.turn_over(&holding, before, &moment, table);
        if sighting.position.is_some() {
            happened.extend(self.level_events(&holding, &moment, table));
        }
        happened.sort_by(|a, b| (a.kind, &a.fence).cmp(&(b.kind, &b.fence)));
        happened
    }

    /// Makes the visits those of `holding`, ordered by fence id as both lists are.
    fn turn_over(
        &mut self,
        holding: &[&Drawn],
        before: Option<Position>,
        moment: &Moment,
        table: &FenceTable,
    ) -> Vec<Transition> {
        let mut happened = Vec::new();
        let unchanged = self.visits.len() == holding.len()
            && self
                .visits
                .iter()
                .zip(holding)
                .all(|(visit, drawn)| visit.fence == drawn.fence().id);
        if unchanged {
            return happened;
        }
        let mut old = std::mem::take(&mut self.visits).into_iter().peekable();
        let exit = |left: &Visit| {
            let drawn = table.get(&left.fence)?;
            // Still in the shape: then it is an attribute that let it out.
            let still_covered = moment.position.is_some_and(|now| drawn.shape().covers(now));
            let cause = if still_covered {
                Cause::Condition
            } else {
                Cause::Report
            };
            moment.transition(TransitionKind::Exit, cause, drawn.fence(), Some(left))
        };
        for drawn in holding {
            let fence = drawn.fence();
            while let Some(left) = old.next_if(|visit| visit.fence < fence.id) {
                happened.extend(exit(&left));
            }
            let visit = old
                .next_if(|visit| visit.fence == fence.id)
                .unwrap_or_else(|| {
                    let visit = Visit::begin(&fence.id, moment.subject, moment.at);
                    // Was in the shape before: then it is an attribute that let it in.
                    let was_covered = before.is_some_and(|before| drawn.shape().covers(before));
                    let cause = if was_covered {
                        Cause::Condition
                    } else {
                        Cause::Report
                    };
                    happened.extend(moment.transition(
                        TransitionKind::Enter,
                        cause,
                        fence,
                        Some(&visit),
                    ));
                    visit
                });
            self.visits.push(visit);
        }
        happened.extend(old.filter_map(|left| exit(&left)));
        happened
    }

    /// `inside` for each fence that holds a fix, `outside` for each that watches and does not.
    fn level_events(
        &self,
        holding: &[&Drawn],
        moment: &Moment,
        table: &FenceTable,
    ) -> Vec<Transition> {
        let inside = holding
            .iter()
            .zip(&self.visits)
            .filter_map(|(drawn, visit)| {
                moment.transition(
                    TransitionKind::Inside,
                    Cause::Report,
                    drawn.fence(),
                    Some(visit),
                )
            });
        let outside = table
            .watching_outside()
            .map(Drawn::fence)
            .filter_map(|fence| {
                let visited = self
                    .visits
                    .binary_search_by(|visit| visit.fence.cmp(&fence.id))
                    .is_ok();
                let concerned = fence
                    .applies_to
                    .kind
                    .is_none_or(|kind| kind == self.profile.kind);
                (concerned && !visited).then(|| {
                    moment.transition(TransitionKind::Outside, Cause::Report, fence, None)
                })?
            });
        inside.chain(outside).collect()
    }
}

impl Visit {
    fn begin(fence: &FenceId, subject: &Subject, at: Timestamp) -> Self {
        let began = at.millis().to_string();
        let id = digest(&[
            "visit",
            fence.as_str(),
            subject.kind.label(),
            &subject.id,
            &began,
        ]);
        Self {
            fence: fence.clone(),
            id: VisitId::from(id),
        }
    }
}

/// Who was where when something happened.
struct Moment<'a> {
    at: Timestamp,
    subject: &'a Subject,
    position: Option<Position>,
}

impl Moment<'_> {
    /// A transition, if the fence asks for its kind or it turns a membership over.
    fn transition(
        &self,
        kind: TransitionKind,
        cause: Cause,
        fence: &Fence,
        visit: Option<&Visit>,
    ) -> Option<Transition> {
        let detected = fence.detect.contains(&kind);
        let turns_over = matches!(kind, TransitionKind::Enter | TransitionKind::Exit);
        (detected || turns_over).then(|| Transition {
            at: self.at,
            subject: Some(self.subject.clone()),
            fence: Some(fence.id.clone()),
            kind,
            position: self.position,
            cause,
            visit: visit.map(|visit| visit.id.clone()),
            other: None,
            distance_m: None,
            uncertain: false,
            detected,
        })
    }
}

#[cfg(test)]
mod tests;

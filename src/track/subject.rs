//! Every subject: what is known of each (`state`), and when it falls silent.

mod attributes;
pub mod moves;
pub mod order;
mod patience;
mod state;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use h3o::Resolution;

use crate::domain::by_subject::{self, BySubject};
use crate::domain::command::Command;
use crate::domain::ids::{Kind, Subject};
use crate::domain::located::Placed;
use crate::domain::position::Position;
use crate::domain::reject::Reject;
use crate::domain::report::Report;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::Vocabulary;
use crate::geofence::membership::{Member, Members};
use crate::prefetch::{Look, prefetch};
use crate::track::Config;
use crate::track::admit::Timely;
use crate::track::place::PlacedReport;
use crate::track::subject::moves::{Moved, Moves};
use crate::track::subject::order::Order;

pub use state::State;

/// Every subject that is alive here.
#[derive(Debug)]
pub struct Subjects {
    vocabulary: Arc<Vocabulary>,
    future_skew: Duration,
    fact_resolution: Resolution,
    moves: Option<Moves>,
    states: BySubject<State>,
    /// One entry a subject: when to look whether it has fallen silent. May be earlier than that.
    silence: BinaryHeap<Reverse<(Timestamp, Subject)>>,
}

impl Subjects {
    /// Nobody yet.
    #[must_use]
    pub fn new(config: Config, moves: Option<Moves>) -> Self {
        Self {
            vocabulary: config.vocabulary,
            future_skew: config.future_skew,
            fact_resolution: config.fact_resolution,
            moves,
            states: BySubject::default(),
            silence: BinaryHeap::new(),
        }
    }

    /// From now on moves are told as finely as `moves` says, or not at all.
    pub fn tell_moves(&mut self, moves: Option<Moves>) {
        if self.moves == moves {
            return;
        }
        self.moves = moves;
        for (_, state) in self.states.iter_mut() {
            state.moved = Moved::new(moves);
        }
    }

    /// Admits a report and takes in what it says of its subject: a late one gives only a status that is
    /// newer than the one that is known. `clock` is the newest event time of the input.
    ///
    /// # Errors
    /// When it is not admitted, as `Watermark::admit` says; then nothing changes.
    #[inline(always)]
    pub fn admit(
        &mut self,
        placed: PlacedReport,
        clock: Timestamp,
    ) -> Result<(Timely, &mut State), Reject> {
        let (timing, state) = if let Some(place) = self.states.place(&placed.report.subject) {
            let state = self.states.in_place(place);
            (state.watermark.admit(&placed, self.future_skew)?, state)
        } else {
            let subject = placed.report.subject.clone();
            let mut state =
                State::new(&subject, &self.vocabulary, self.fact_resolution, self.moves);
            let timing = state.watermark.admit(&placed, self.future_skew)?;
            self.silence
                .push(Reverse((Timestamp::MIN, subject.clone())));
            (timing, self.states.insert(subject, state))
        };
        let timely = Timely::new(placed, timing, clock);
        state.update(&timely, &self.vocabulary);
        Ok((timely, state))
    }

    /// Asks for what a report of `subject` will need.
    #[inline(always)]
    pub fn prefetch(&self, subject: &Subject, look: Look) {
        let Some(known) = self.states.expect(by_subject::hash(subject)) else {
            return;
        };
        match look {
            Look::First => prefetch(known),
            Look::Second => {
                let (_, state) = known;
                prefetch(&*state.profile);
                state.watermark.prefetch();
                state.member.prefetch();
            }
        }
    }

    /// What is known of `subject`.
    #[must_use]
    pub fn get(&self, subject: &Subject) -> Option<&State> {
        self.states.get(subject)
    }

    /// Where `subject` was last.
    #[must_use]
    pub fn position(&self, subject: &Subject) -> Option<Position> {
        let (position, _) = self.states.get(subject)?.fix?;
        Some(position)
    }

    /// The last report of an incident, if `command` places it anew: the command is not one that was done
    /// already, nor older.
    #[must_use]
    pub fn last_report(&self, incident: &Subject, command: &Command) -> Option<&Report> {
        let state = self.states.get(incident)?;
        let is_done = state
            .order
            .as_ref()
            .is_some_and(|order| order.covers(command));
        state.last.as_deref().filter(|_| !is_done)
    }

    /// An operator placed an incident, and it is there.
    pub fn order(&mut self, incident: &Subject, order: Order) {
        if let Some(state) = self.states.get_mut(incident) {
            state.order(order);
        }
    }

    /// Where an operator placed the incident of `report`, if that says of its place what it said then: the
    /// control room's system sends the same words with every update.
    #[must_use]
    pub fn ordered_place(&self, report: &Report) -> Option<&Placed> {
        if report.subject.kind != Kind::Incident || report.flaw.is_some() {
            return None;
        }
        let order = self.states.get(&report.subject)?.order.as_ref()?;
        order.place_instead_of(report.location.as_ref())
    }

    /// Forgets `subject`; gives what was known of it.
    pub fn forget(&mut self, subject: &Subject) -> Option<State> {
        self.states.remove(subject)
    }

    /// When to look next whether somebody has fallen silent.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.silence.peek().map(|Reverse((at, _))| *at)
    }

    /// Looks at the subject that is due next: gives it when it has been silent for too long.
    pub fn fire_next(&mut self) -> Option<Subject> {
        let Reverse((due, subject)) = self.silence.pop()?;
        let silent_at = self.states.get(&subject)?.silent_at;
        if silent_at <= due {
            return Some(subject);
        }
        self.silence.push(Reverse((silent_at, subject)));
        None
    }
}

impl Members for Subjects {
    fn member(&mut self, subject: &Subject) -> Option<&mut Member> {
        let state = self.states.get_mut(subject)?;
        Some(&mut state.member)
    }

    fn members(&mut self) -> impl Iterator<Item = (&Subject, &mut Member)> {
        let states = self.states.iter_mut();
        states.map(|(subject, state)| (subject, &mut state.member))
    }
}

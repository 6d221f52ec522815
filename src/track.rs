//! The path of one report, top to bottom: place, admit, observe, remember, judge.
//!
//! Pure: runs on event time, knows no clock, no I/O. Same input in the same order, same effects, byte
//! for byte. Every `?` of `process` stands before any state changes, so a report that is refused leaves
//! no trace but the reject.

pub mod admit;
mod known_texts;
pub mod place;
pub mod subject;

use std::sync::Arc;
use std::time::Duration;

use h3o::Resolution;

use crate::alert::judge::AlertRules;
use crate::alert::life::Trigger;
use crate::alert::rule::{RuleEdit, RuleSet};
use crate::domain::alert::Alert;
use crate::domain::command::{Action, Command};
use crate::domain::fact::{Change, Fact};
use crate::domain::fence::FenceEdit;
use crate::domain::ids::Subject;
use crate::domain::located::{Located, Unplaced};
use crate::domain::position::Position;
use crate::domain::reject::{Reason, Reject};
use crate::domain::report::{Arrival, Location, Report};
use crate::domain::time::Timestamp;
use crate::domain::transition::{Cause, Transition};
use crate::domain::vocabulary::Vocabulary;
use crate::geocode::Geocoder;
use crate::geofence::membership::Geofences;
use crate::prefetch::Look;
use crate::track::place::{PlacedReport, Placer};
use crate::track::subject::Subjects;
use crate::track::subject::moves::Moves;
use crate::track::subject::order::Order;

/// The state of one shard: every subject that reports here, and every fence.
#[derive(Debug)]
pub struct Track {
    placer: Placer,
    subjects: Subjects,
    geofences: Geofences,
    rules: AlertRules,
    moves: Moves,
    /// The newest event time of the input, as the driver told it.
    clock: Timestamp,
}

/// What a track is made with.
#[derive(Clone, Debug)]
pub struct Config {
    /// The force's codes.
    pub vocabulary: Arc<Vocabulary>,
    /// How far beyond its arrival a report's time may lie.
    pub future_skew: Duration,
    /// The finest resolution that windows count at: a subject in another cell of it is a fact.
    pub fact_resolution: Resolution,
    /// How finely moves are told, where a rule asks who is near whom.
    pub moves: Moves,
}

/// What a report, an edit or the passing of time did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Effects {
    /// The report with its place.
    pub located: Option<Located>,
    /// The incident that has none, and why: a reject that goes on.
    pub unplaced: Option<Unplaced>,
    /// What the fences saw.
    pub transitions: Vec<Transition>,
    /// What the picture needs to know.
    pub facts: Vec<Fact>,
    /// What people must know.
    pub alerts: Vec<Alert>,
    /// Subjects that are forgotten from now on.
    pub gone: Vec<Subject>,
}

impl Track {
    /// A track that has seen nothing.
    #[must_use]
    pub fn new(config: Config, geocoder: Geocoder, rules: RuleSet) -> Self {
        let moves = config.moves.asked_for_by(&rules);
        Self {
            rules: AlertRules::new(rules, Arc::new(geocoder.clone())),
            placer: Placer::new(geocoder, Arc::clone(&config.vocabulary)),
            moves: config.moves,
            subjects: Subjects::new(config, moves),
            geofences: Geofences::default(),
            clock: Timestamp::MIN,
        }
    }

    /// Asks for the memory that a report which comes soon will need. Changes nothing.
    #[inline(always)]
    pub fn prefetch(&self, report: &Report, look: Look) {
        self.subjects.prefetch(&report.subject, look);
        if let Some(Location::Degrees { lat, lng }) = report.location
            && let Ok(position) = Position::new(lat, lng)
        {
            self.geofences.prefetch(position, look);
        }
    }

    /// The path of one report.
    ///
    /// # Errors
    /// When the report is refused. An incident without a place is not: it goes on, and its reject goes
    /// out with its effects. Neither is an emergency, unless it is an exact copy.
    pub fn process(&mut self, report: Box<Report>) -> Result<Effects, Reject> {
        let placed = if let Some(placed) = self.subjects.ordered_place(&report) {
            PlacedReport::ordered(report, placed.clone())
        } else {
            let previous = match &report.location {
                Some(Location::Text(_)) => self.subjects.position(&report.subject),
                _ => None,
            };
            self.placer.place(report, previous)?
        };
        self.take(placed)
    }

    /// The path of a report that has its place, or needs none.
    #[inline(always)]
    fn take(&mut self, placed: PlacedReport) -> Result<Effects, Reject> {
        let (timely, subject) = self.subjects.admit(placed, self.clock)?;

        let is_closed = subject.is_closed();
        let (sighting, member) = subject.sighting(&timely);
        let (transitions, fences) = if timely.late {
            (Vec::new(), self.geofences.covering(&sighting))
        } else if is_closed {
            let (who, cause) = (sighting.subject, Cause::SubjectClosed);
            let exits = self.geofences.dismiss(member, who, timely.at, cause);
            (exits, Vec::new())
        } else {
            self.geofences.observe(member, &sighting)
        };
        let facts = subject.facts(&timely, &transitions);
        let known = subject.known(&timely);
        let fence = |id: &_| self.geofences.fence(id);
        let alerts = if is_closed {
            self.rules
                .dismiss(&timely.report.subject, &timely.trigger())
        } else {
            self.rules
                .judge(&timely.trigger(), &known, &transitions, fence)
        };
        Ok(timely.into_effects(fences, transitions, facts, alerts))
    }

    /// The owner took `subject` away: it leaves every fence.
    pub fn delete(&mut self, subject: &Subject, at: Timestamp) -> Effects {
        self.dismiss(subject, at, Cause::SubjectDeleted)
    }

    /// A fence is another from `at` on, or is no more.
    ///
    /// # Errors
    /// When the new version is no shape; the last good one stays.
    pub fn edit_fence(&mut self, at: Timestamp, edit: &FenceEdit) -> Result<Effects, Reject> {
        let edited = self.geofences.edit(at, edit, &mut self.subjects);
        let transitions = edited.map_err(|invalid| {
            Reject::new(
                Reason::InvalidFence,
                format!("fence {}: {invalid}", edit.id),
            )
        })?;
        Ok(self.fences_changed(transitions))
    }

    /// A rule is another from `at` on, or is no more.
    pub fn edit_rule(&mut self, at: Timestamp, edit: &RuleEdit) -> Effects {
        let alerts = self.rules.edit(at, edit);
        let moves = self.moves.asked_for_by(self.rules.set());
        self.subjects.tell_moves(moves);
        Effects {
            alerts,
            ..Effects::default()
        }
    }

    /// An operator did something about an alert or an incident of this shard.
    ///
    /// # Errors
    /// When it places an incident at what is no place.
    pub fn command(&mut self, command: &Command, arrival: Arrival) -> Result<Effects, Reject> {
        match &command.action {
            Action::Place(location) => self.place(command, location, arrival),
            Action::Acknowledge | Action::Note => Ok(Effects {
                alerts: self.rules.command(command).into_iter().collect(),
                ..Effects::default()
            }),
        }
    }

    /// Fires every timer due by `to`, the newest event time of the input, in the order of time.
    pub fn advance(&mut self, to: Timestamp) -> Vec<Effects> {
        let mut fired = Vec::new();
        while let Some((at, timer)) = self.next_due().filter(|(at, _)| *at <= to) {
            fired.push(match timer {
                Timer::Fence => {
                    let transitions = self.geofences.fire_next(&mut self.subjects);
                    if transitions.is_empty() {
                        continue;
                    }
                    self.fences_changed(transitions)
                }
                Timer::Subject => match self.subjects.fire_next() {
                    Some(silent) => self.dismiss(&silent, at, Cause::SubjectExpired),
                    None => continue,
                },
                Timer::Alert => Effects {
                    alerts: self.rules.fire_next().into_iter().collect(),
                    ..Effects::default()
                },
            });
        }
        self.clock = self.clock.max(to);
        fired
    }

    /// What is due first, and when; of several at one time the first of these. At the end of time nothing is.
    #[inline(always)]
    fn next_due(&self) -> Option<(Timestamp, Timer)> {
        let at = |due: Option<Timestamp>| due.unwrap_or(Timestamp::MAX);
        let fence = at(self.geofences.next_due());
        let subject = at(self.subjects.next_due());
        let alert = at(self.rules.next_due());
        let first = fence.min(subject).min(alert);
        let timer = if first == fence {
            Timer::Fence
        } else if first == subject {
            Timer::Subject
        } else {
            Timer::Alert
        };
        (first < Timestamp::MAX).then_some((first, timer))
    }

    /// An incident is where an operator says: its last report is processed again, there. Where it was says
    /// nothing of that, and what has been done once or is older than what was done changes nothing.
    fn place(
        &mut self,
        command: &Command,
        location: &Location,
        arrival: Arrival,
    ) -> Result<Effects, Reject> {
        let incident = Subject::incident(&command.target);
        let Some(last) = self.subjects.last_report(&incident, command) else {
            return Ok(Effects::default());
        };
        let instead_of = last.location.clone();
        // The clock of the incident's sender may be ahead of the operator's.
        let at = last.at.map_or(command.at, |at| at.max(command.at));
        let report = Report {
            at: Some(at),
            location: Some(location.clone()),
            id: Some(command.id.clone()),
            flaw: None,
            arrival: Arrival {
                received: arrival.received.max(at),
                ..arrival
            },
            ..last.clone()
        };
        let placed = self.placer.place(Box::new(report), None)?;
        let order = Order::new(command, placed.found()?.clone(), instead_of);
        let effects = self.take(placed)?;
        self.subjects.order(&incident, order);
        Ok(effects)
    }

    fn dismiss(&mut self, subject: &Subject, at: Timestamp, cause: Cause) -> Effects {
        let mut effects = Effects {
            alerts: self
                .rules
                .dismiss(subject, &Trigger::plain(at, cause.label())),
            gone: vec![subject.clone()],
            ..Effects::default()
        };
        if let Some(mut state) = self.subjects.forget(subject) {
            effects.facts.push(state.fact(at, Change::Gone(cause)));
            effects.transitions = self
                .geofences
                .dismiss(&mut state.member, subject, at, cause);
        }
        effects
    }

    /// What follows from transitions that an edit of a fence made.
    fn fences_changed(&mut self, transitions: Vec<Transition>) -> Effects {
        let mut effects = Effects::default();
        for of_subject in transitions.chunk_by(|a, b| a.subject == b.subject) {
            let Some((first, subject)) = of_subject
                .first()
                .and_then(|first| Some((first, first.subject.as_ref()?)))
            else {
                continue;
            };
            let Some(state) = self.subjects.get(subject) else {
                continue;
            };
            let trigger = Trigger::plain(first.at, first.cause.label());
            let known = state.known_at(subject, first.at);
            let fence = |id: &_| self.geofences.fence(id);
            effects.facts.extend(state.membership_facts(of_subject));
            effects.alerts.extend(
                self.rules
                    .judge_transitions(&trigger, &known, of_subject, fence),
            );
        }
        effects.transitions = transitions;
        effects
    }
}

/// What can become due.
#[derive(Clone, Copy)]
enum Timer {
    Fence,
    Subject,
    Alert,
}

#[cfg(test)]
mod tests;

//! What is known of one subject, and what a report changes of it.

use std::sync::Arc;

use h3o::Resolution;

use crate::alert::judge::{Known, Settled};
use crate::domain::fact::{Change, Fact};
use crate::domain::ids::{Kind, Subject};
use crate::domain::position::{CellAround, Position};
use crate::domain::profile::Profile;
use crate::domain::reject::Reject;
use crate::domain::report::{Body, IncidentState, Report};
use crate::domain::time::Timestamp;
use crate::domain::transition::{Transition, TransitionKind};
use crate::domain::vocabulary::Vocabulary;
use crate::geofence::membership::{Fix, Member, Sighting};
use crate::track::admit::{Timely, Watermark};
use crate::track::place::Place;
use crate::track::subject::attributes::Attributes;
use crate::track::subject::moves::{Moved, Moves};
use crate::track::subject::order::Order;
use crate::track::subject::patience::Patience;
use crate::window::counting_cell_around;

/// What is known of a subject.
#[derive(Debug)]
pub struct State {
    subject: Subject,
    pub(super) watermark: Watermark,
    pub(super) profile: Arc<Profile>,
    /// What the fences remember of it.
    pub(in crate::track) member: Member,
    /// The profile that facts have told.
    told: Option<Arc<Profile>>,
    /// Of the newest report that gave a status or state.
    status_at: Timestamp,
    pub(super) fix: Option<(Position, Timestamp)>,
    /// The cell that facts have told, around where it was computed.
    cell: Option<CellAround>,
    fact_resolution: Resolution,
    /// The last report of an incident, with the location that it gave itself.
    pub(super) last: Option<Box<Report>>,
    /// Where an operator placed an incident.
    pub(super) order: Option<Box<Order>>,
    /// Why an incident has no place.
    unplaced: Option<Box<Reject>>,
    pub(super) silent_at: Timestamp,
    patience: Patience,
    /// Of the newest fix.
    speed_mps: Option<f64>,
    pub(super) moved: Moved,
    settled: Settled,
}

impl State {
    pub(super) fn new(
        subject: &Subject,
        vocabulary: &Vocabulary,
        fact_resolution: Resolution,
        moves: Option<Moves>,
    ) -> Self {
        let (class, strength) = match subject.kind {
            Kind::Resource => {
                let class = vocabulary.default_class.clone();
                let strength = vocabulary
                    .classes
                    .get(&class)
                    .map_or(0, |class| class.strength);
                (class, strength)
            }
            Kind::Incident => (UNKNOWN_CATEGORY.into(), 0),
        };
        let profile = Profile {
            kind: subject.kind,
            class,
            status: None,
            strength,
            callsign: None,
            agency: None,
            grade: None,
            state: None,
        };
        let patience = Patience::with(&profile, vocabulary);
        let profile = Arc::new(profile);
        Self {
            subject: subject.clone(),
            watermark: Watermark::default(),
            member: Member::new(&profile),
            patience,
            profile,
            told: None,
            status_at: Timestamp::MIN,
            fix: None,
            cell: None,
            fact_resolution,
            last: None,
            order: None,
            unplaced: None,
            silent_at: Timestamp::MIN,
            speed_mps: None,
            moved: Moved::new(moves),
            settled: Settled::default(),
        }
    }

    /// Its attributes now.
    #[must_use]
    pub fn profile(&self) -> &Arc<Profile> {
        &self.profile
    }

    /// Whether it is an incident that is done.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.profile.state == Some(IncidentState::Closed)
    }

    /// The report as the fences look at it, and what they remember.
    #[must_use]
    pub fn sighting<'a>(&'a mut self, timely: &'a Timely) -> (Sighting<'a>, &'a mut Member) {
        let sighting = Sighting {
            subject: &timely.report.subject,
            at: timely.at,
            fix: timely.position().map(|position| Fix {
                position,
                accuracy_m: timely.accuracy_m(),
                speed_mps: timely.speed_mps(),
            }),
            profile: &self.profile,
            stale_after: self.patience.stale_after,
        };
        (sighting, &mut self.member)
    }

    /// What the rules may know when a report has come.
    #[must_use]
    pub fn known<'a>(&'a self, timely: &'a Timely) -> Known<'a> {
        self.known_at(&timely.report.subject, timely.moment)
    }

    /// What the rules may know at `moment`.
    #[must_use]
    pub fn known_at<'a>(&'a self, subject: &'a Subject, moment: Timestamp) -> Known<'a> {
        Known {
            subject,
            profile: &self.profile,
            fix: self.fix.map(|(position, at)| (position, moment.since(at))),
            speed_mps: self.speed_mps,
            unplaced: self.unplaced.as_deref(),
            settled: &self.settled,
        }
    }

    /// What the picture needs to know of a report.
    #[inline(always)]
    pub fn facts(&mut self, timely: &Timely, transitions: &[Transition]) -> Vec<Fact> {
        let mut facts = self.membership_facts(transitions);
        // The same allocation nearly always: then there is nothing to compare.
        let told = self
            .told
            .as_ref()
            .is_some_and(|told| Arc::ptr_eq(told, &self.profile) || **told == *self.profile);
        if !told {
            self.told = Some(Arc::clone(&self.profile));
            facts.push(self.fact(timely.moment, Change::Became(Arc::clone(&self.profile))));
        }
        let Some(position) = timely.position() else {
            return facts;
        };
        let here =
            |of: &Self, position, at| of.fact(at, Change::At(position, Arc::clone(&of.profile)));
        if timely.late {
            // The windows now think that it stayed there: tell them again where it was next.
            facts.push(here(self, position, timely.moment));
            facts.extend(self.fix.map(|(position, at)| here(self, position, at)));
            return facts;
        }
        if !self.cell.is_some_and(|cell| cell.surely_holds(position)) {
            let cell = counting_cell_around(position, self.fact_resolution);
            let told = self.cell.replace(cell);
            if told.is_none_or(|told| told.cell != cell.cell) {
                facts.push(here(self, position, timely.moment));
            }
        }
        if self
            .moved
            .is_news(position, timely.moment, self.is_closed())
        {
            let moved = Change::Moved(position, Arc::clone(&self.profile));
            facts.push(self.fact(timely.moment, moved));
        }
        facts
    }

    /// The facts that transitions are.
    #[must_use]
    pub fn membership_facts(&self, transitions: &[Transition]) -> Vec<Fact> {
        let facts = transitions.iter().filter_map(|transition| {
            let fence = transition.fence.clone()?;
            let change = if transition.kind == TransitionKind::Enter {
                Change::Entered(fence, Arc::clone(&self.profile))
            } else if transition.kind == TransitionKind::Exit {
                Change::Left(fence)
            } else {
                return None;
            };
            Some(self.fact(transition.at, change))
        });
        facts.collect()
    }

    /// It changed at `at`.
    #[must_use]
    pub fn fact(&self, at: Timestamp, change: Change) -> Fact {
        Fact {
            at,
            subject: self.subject.clone(),
            change,
        }
    }

    #[inline(always)]
    pub(super) fn update(&mut self, timely: &Timely, vocabulary: &Vocabulary) {
        // A status whose own time is impossible is taken as it comes, and dates nothing.
        let dated = timely.reported_at.is_none();
        let newer_status = !dated || timely.moment >= self.status_at;
        let mut attributes = Attributes::of(&mut self.profile);
        match &timely.report.body {
            Body::Resource(resource) => {
                if newer_status && attributes.take_status(resource, vocabulary) && dated {
                    self.status_at = timely.moment;
                }
                if !timely.late {
                    attributes.take_resource(resource, vocabulary);
                }
            }
            Body::Incident(incident) if !timely.late => attributes.take_incident(incident),
            Body::Incident(_) => {}
        }
        if attributes.are_others() {
            self.patience = Patience::with(&self.profile, vocabulary);
            self.settled = Settled::default();
        }
        if timely.late {
            return;
        }
        self.silent_at = timely.moment + self.patience.expire_after;
        if self.profile.kind == Kind::Incident {
            self.last = Some(timely.report.clone());
            if let Some(order) = &mut self.order {
                order.hear(timely.report.location.as_ref());
            }
        }
        match &timely.place {
            Place::Placed(placed) => {
                self.fix = Some((placed.position, timely.moment));
                self.speed_mps = timely.speed_mps();
                if self.unplaced.take().is_some() {
                    self.settled = Settled::default();
                }
            }
            Place::Unplaced(refusal) if self.fix.is_none() => {
                self.unplaced = Some(Box::new(refusal.reject.clone()));
                self.settled = Settled::default();
            }
            Place::Unplaced(_) | Place::Unsaid => {}
        }
    }

    /// What the incident says itself of its place stays known.
    pub(super) fn order(&mut self, order: Order) {
        if let Some(last) = &mut self.last {
            last.location.clone_from(&order.instead_of);
        }
        self.order = Some(Box::new(order));
    }
}

impl Timely {
    /// Radius of its fix, metres.
    fn accuracy_m(&self) -> Option<f64> {
        match &self.report.body {
            Body::Resource(resource) => resource.accuracy_m,
            Body::Incident(_) => None,
        }
    }

    /// Metres a second.
    fn speed_mps(&self) -> Option<f64> {
        match &self.report.body {
            Body::Resource(resource) => resource.speed_mps,
            Body::Incident(_) => None,
        }
    }
}

/// Category of an incident that never said one.
const UNKNOWN_CATEGORY: &str = "unknown";

//! First step: where a report is.

use std::sync::Arc;

use crate::domain::located::Placed;
use crate::domain::position::Position;
use crate::domain::reject::{Reason, Reject};
use crate::domain::report::{Body, Location, Report};
use crate::domain::vocabulary::Vocabulary;
use crate::geocode::{self, Geocoder, Hints, Refusal};
use crate::track::known_texts::KnownTexts;

/// Places reports.
#[derive(Debug)]
pub struct Placer {
    geocoder: Geocoder,
    known: KnownTexts,
    vocabulary: Arc<Vocabulary>,
}

/// A report with its place, a status report, an incident without a place, or an emergency. Only
/// `Placer::place` makes one, or an operator.
#[derive(Debug)]
pub struct PlacedReport {
    pub(super) report: Box<Report>,
    pub(super) place: Place,
    /// An officer needs help: never refused for place, age or clock.
    pub(super) emergency: bool,
}

/// Where a report is.
#[derive(Debug)]
pub enum Place {
    /// Here.
    Placed(Placed),
    /// It says nothing of a place, or an emergency says nothing usable.
    Unsaid,
    /// An incident that cannot be placed, why, and what its text may mean.
    Unplaced(Refusal),
}

impl PlacedReport {
    /// A report of an incident that is where an operator said.
    #[must_use]
    pub fn ordered(report: Box<Report>, placed: Placed) -> Self {
        Self {
            report,
            place: Place::Placed(placed),
            emergency: false,
        }
    }

    /// Its place.
    ///
    /// # Errors
    /// Why it has none.
    pub(super) fn found(&self) -> Result<&Placed, Reject> {
        match &self.place {
            Place::Placed(placed) => Ok(placed),
            Place::Unplaced(refusal) => Err(refusal.reject.clone()),
            Place::Unsaid => Err(no_location()),
        }
    }

    /// Why it has no place; `None` for one that has, or says nothing of one.
    #[must_use]
    pub fn reject(&self) -> Option<&Reject> {
        match &self.place {
            Place::Unplaced(refusal) => Some(&refusal.reject),
            Place::Placed(_) | Place::Unsaid => None,
        }
    }
}

impl Placer {
    /// Places with `geocoder`; `vocabulary` tells what is an emergency.
    #[must_use]
    pub fn new(geocoder: Geocoder, vocabulary: Arc<Vocabulary>) -> Self {
        Self {
            geocoder,
            known: KnownTexts::default(),
            vocabulary,
        }
    }

    /// Places a report; `previous` is where its subject was until now.
    ///
    /// # Errors
    /// When a field of it could not be read, or a resource is at no place; never for an emergency, nor
    /// for an incident that only its place fails.
    #[inline(always)]
    pub fn place(
        &mut self,
        mut report: Box<Report>,
        previous: Option<Position>,
    ) -> Result<PlacedReport, Reject> {
        let emergency = match &report.body {
            Body::Resource(resource) => resource
                .status
                .as_ref()
                .is_some_and(|status| self.vocabulary.emergency.contains(status)),
            Body::Incident(_) => false,
        };
        let incident = matches!(report.body, Body::Incident(_));
        let no_place_at_all = incident && report.location.is_none() && report.at.is_some();
        let flaw = report.flaw.take();
        let place = match (&report.location, flaw) {
            (_, Some(flaw)) if !emergency && !no_place_at_all => return Err(flaw),
            (Some(location), _) => match self.locate(location, previous) {
                Ok(placed) => Place::Placed(placed),
                Err(_) if emergency => Place::Unsaid,
                Err(refusal) if incident => Place::Unplaced(refusal),
                Err(refusal) => return Err(refusal.reject),
            },
            (None, flaw) if incident => Place::Unplaced(flaw.unwrap_or_else(no_location).into()),
            (None, _) => Place::Unsaid,
        };
        Ok(PlacedReport {
            report,
            place,
            emergency,
        })
    }

    #[inline(always)]
    fn locate(
        &mut self,
        location: &Location,
        previous: Option<Position>,
    ) -> Result<Placed, Refusal> {
        let Self {
            geocoder, known, ..
        } = self;
        let hints = Hints {
            previous,
            ..Hints::default()
        };
        let look_up = || geocoder.answer(location, &hints).map(|found| found.placed);
        match location {
            Location::Text(text) => known.answer(text, previous, look_up),
            Location::Degrees { lat, lng } => Ok(geocode::degrees(*lat, *lng)?),
            Location::EastingNorthing { .. }
            | Location::GridReference(_)
            | Location::Postcode(_)
            | Location::Uprn(_) => look_up(),
        }
    }
}

fn no_location() -> Reject {
    Reject::new(
        Reason::MissingField,
        "location is missing: an incident needs one",
    )
}

//! First step: where a report is.

use std::sync::Arc;

use crate::domain::located::Placed;
use crate::domain::reject::{Reason, Reject};
use crate::domain::report::{Body, Location, Report};
use crate::domain::vocabulary::Vocabulary;
use crate::geocode::Geocoder;

/// Places reports.
#[derive(Debug)]
pub struct Placer {
    geocoder: Geocoder,
    vocabulary: Arc<Vocabulary>,
}

/// A report with its place, a status report, an incident without a place, or an emergency. Only
/// `Placer::place` makes one.
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
    /// An incident that cannot be placed, and why.
    Unplaced(Reject),
}

impl PlacedReport {
    /// Why it has no place; `None` for one that has, or says nothing of one.
    #[must_use]
    pub fn reject(&self) -> Option<&Reject> {
        match &self.place {
            Place::Unplaced(reject) => Some(reject),
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
            vocabulary,
        }
    }

    /// Places a report.
    ///
    /// # Errors
    /// When a field of it could not be read, or a resource is at no place; never for an emergency, nor
    /// for an incident that only its place fails.
    pub fn place(&self, mut report: Box<Report>) -> Result<PlacedReport, Reject> {
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
            (Some(location), _) => match self.geocoder.locate(location) {
                Ok(placed) => Place::Placed(placed),
                Err(_) if emergency => Place::Unsaid,
                Err(reject) if incident => Place::Unplaced(reject),
                Err(reject) => return Err(reject),
            },
            (None, flaw) if incident => Place::Unplaced(flaw.unwrap_or_else(no_location)),
            (None, _) => Place::Unsaid,
        };
        Ok(PlacedReport {
            report,
            place,
            emergency,
        })
    }

    /// Whether `location` is a place.
    ///
    /// # Errors
    /// When it is none.
    pub fn check(&self, location: &Location) -> Result<(), Reject> {
        self.geocoder.locate(location).map(|_| ())
    }
}

fn no_location() -> Reject {
    Reject::new(
        Reason::MissingField,
        "location is missing: an incident needs one",
    )
}

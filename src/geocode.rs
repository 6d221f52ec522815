//! Text and references to positions.

use crate::domain::located::{Placed, Precision};
use crate::domain::position::Position;
use crate::domain::reject::{Reason, Reject};
use crate::domain::report::Location;

/// Turns locations into places.
#[derive(Clone, Debug, Default)]
pub struct Geocoder {}

impl Geocoder {
    /// Places.
    ///
    /// # Errors
    /// When it is no place.
    pub fn locate(&self, location: &Location) -> Result<Placed, Reject> {
        match location {
            Location::Degrees { lat, lng } => Ok(Placed {
                position: Position::new(*lat, *lng)?,
                precision: Precision::Exact,
                matched: None,
                score: None,
                radius_m: None,
            }),
            _ => Err(Reject::new(Reason::Unlocatable, "not a place")),
        }
    }
}

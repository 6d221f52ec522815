//! The National Grid: EPSG:27700 to and from WGS 84, and references such as `TQ 311 756`.
//!
//! Inside the 700 km by 1,250 km of OSTN15 the shifts of that table apply (good to a centimetre or
//! two). Where the table ends, in the northernmost 50 km of the grid and its westernmost 100 m, all of
//! it sea, the Helmert transformation of Ordnance Survey stands in (good to about five metres). WGS 84 is taken to be ETRS89, as EPSG does: the two
//! drift apart by 2.5 cm a year, and what reports a position does not say which it means.

mod helmert;
mod mercator;
mod square;

pub use square::Square;

use crate::domain::position::Position;
use crate::domain::reject::{Reason, Reject};
use mercator::Ellipsoid;

/// Metres from the western to the eastern edge of the grid.
pub const EAST_END_M: f64 = 700_000.0;
/// Metres from the southern to the northern edge of the grid.
pub const NORTH_END_M: f64 = 1_300_000.0;
/// Northing, on ETRS89, where OSTN15 ends, metres.
const TABLE_END_M: f64 = 1_250_000.0;

/// The position of `easting`, `northing` in metres of EPSG:27700. The southern and
/// western edges belong to the grid, the northern and eastern ones do not.
///
/// # Errors
/// `malformed` for a number that is not finite, `out_of_range` beyond the grid.
pub fn to_position(easting: f64, northing: f64) -> Result<Position, Reject> {
    if !easting.is_finite() || !northing.is_finite() {
        let detail = "easting or northing is not a number";
        return Err(Reject::new(Reason::Malformed, detail));
    }
    if !is_on_grid(easting, northing) {
        let detail = format!(
            "easting {easting}, northing {northing} is beyond the National Grid, 0 to {EAST_END_M} and 0 to {NORTH_END_M} m"
        );
        return Err(Reject::new(Reason::OutOfRange, detail));
    }
    // What the table would not bring back is not of the table, so that both ways change over together.
    let (lat, lng) = match lonlat_bng::convert_osgb36_to_etrs89(easting, northing) {
        Ok((east, north)) if east >= 0.0 && north <= TABLE_END_M => {
            mercator::unproject(Ellipsoid::GRS80, east, north)
        }
        _ => {
            let (lat, lng) = mercator::unproject(Ellipsoid::AIRY_1830, easting, northing);
            helmert::to_wgs84(lat, lng)
        }
    };
    Ok(Position::new(lat.to_degrees(), lng.to_degrees())?)
}

/// Easting and northing of `position` in EPSG:27700, rounded to millimetres; `None` beyond the grid.
#[must_use]
pub fn from_position(position: Position) -> Option<(f64, f64)> {
    // The series of the projection mean something only near its meridian.
    if !(48.0..=63.0).contains(&position.lat()) || !(-11.0..=6.0).contains(&position.lng()) {
        return None;
    }
    let (lat, lng) = (position.lat().to_radians(), position.lng().to_radians());
    let (east, north) = mercator::project(Ellipsoid::GRS80, lat, lng);
    let (easting, northing) =
        lonlat_bng::convert_etrs89_to_osgb36(east, north).unwrap_or_else(|_| {
            let (lat, lng) = helmert::to_airy(lat, lng);
            mercator::project(Ellipsoid::AIRY_1830, lat, lng)
        });
    let round = |metres: f64| (metres * 1000.0).round() / 1000.0;
    let (easting, northing) = (round(easting), round(northing));
    is_on_grid(easting, northing).then_some((easting, northing))
}

/// The reference of `position` in `figures` figures, an even number from 2 (10 km) to 10 (1 m), such as
/// `TQ 311 756`; `None` for another number or beyond the grid.
#[must_use]
pub fn reference(position: Position, figures: u8) -> Option<String> {
    let (easting, northing) = from_position(position)?;
    Some(Square::holding(easting, northing, figures)?.to_string())
}

fn is_on_grid(easting: f64, northing: f64) -> bool {
    (0.0..EAST_END_M).contains(&easting) && (0.0..NORTH_END_M).contains(&northing)
}

#[cfg(test)]
mod tests;

//! Positions on the earth, and the one place that knows that `geo` is (lng, lat).
//!
//! A position is a pair of integers in units of 1e-7 degree, about a centimetre: the finest that the
//! contract prints. So equality is exact, a position hashes, and geometry can be decided without
//! rounding.

use geo::{Distance, Geodesic};
use h3o::{CellIndex, Resolution};

use crate::domain::cell::{cell_around, cell_at, index_at};

/// Units of a coordinate in one degree.
pub const UNITS_PER_DEGREE: f64 = 1e7;

/// A turn of the earth in units of 1e-7 degree.
pub const TURN_E7: i64 = 3_600_000_000;

/// `TURN_E7` for the plane.
pub const TURN: f64 = 360.0 * UNITS_PER_DEGREE;

/// A place, WGS 84.
///
/// ```
/// use cordon::domain::position::{InvalidPosition, Position};
///
/// let charing_cross = Position::new(51.508, -0.1247)?;
/// assert_eq!(charing_cross.lat(), 51.508);
/// // A receiver without a fix reports 0,0: that is never a place.
/// assert_eq!(Position::new(0.0, 0.0), Err(InvalidPosition::NullIsland));
/// # Ok::<(), InvalidPosition>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    lat_e7: i32,
    lng_e7: i32,
}

/// The cell of a position, which is also that of every other position near enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellAround {
    /// The cell.
    pub cell: CellIndex,
    middle: Position,
    /// How far from there, at least, it goes: an angle, in units of 1e-7 degree.
    reach_e7: i64,
}

impl CellAround {
    /// Whether `position` is surely in the cell: quick to tell, and false also for some that are.
    #[must_use]
    pub fn surely_holds(&self, position: Position) -> bool {
        // Meridians come together: the way on the earth is never longer than this, nor than the way round.
        let north = i64::from(position.lat_e7) - i64::from(self.middle.lat_e7);
        let east = i64::from(position.lng_e7) - i64::from(self.middle.lng_e7);
        north * north + east * east <= self.reach_e7 * self.reach_e7
    }
}

/// Why two numbers are no position.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum InvalidPosition {
    /// A coordinate is not a finite number.
    #[error("a coordinate is not a number")]
    NotFinite,
    /// Latitude beyond ±90 or longitude beyond ±180 degrees.
    #[error("lat {lat}, lon {lng} is beyond ±90, ±180 degrees")]
    OutOfRange {
        /// The latitude as given, degrees.
        lat: f64,
        /// The longitude as given, degrees.
        lng: f64,
    },
    /// Exactly 0,0: what a receiver without a fix reports.
    #[error("lat 0, lon 0 is what a receiver without a fix reports")]
    NullIsland,
}

impl Position {
    /// The position at `lat`, `lng` in degrees, rounded to 1e-7 degree.
    ///
    /// # Errors
    /// When a coordinate is not finite, beyond ±90 or ±180 degrees, or both are exactly 0.
    pub fn new(lat: f64, lng: f64) -> Result<Self, InvalidPosition> {
        if !lat.is_finite() || !lng.is_finite() {
            return Err(InvalidPosition::NotFinite);
        }
        if lat.abs() > 90.0 || lng.abs() > 180.0 {
            return Err(InvalidPosition::OutOfRange { lat, lng });
        }
        let position = Self {
            lat_e7: to_units(lat),
            lng_e7: to_units(lng),
        };
        if lat == 0.0 && lng == 0.0 {
            return Err(InvalidPosition::NullIsland);
        }
        Ok(position)
    }

    /// The position at so many units of 1e-7 degree; `None` where `new` refuses them as degrees.
    #[must_use]
    pub fn of_units(lat_e7: i32, lng_e7: i32) -> Option<Self> {
        let is_on_earth =
            lat_e7.unsigned_abs() <= 900_000_000 && lng_e7.unsigned_abs() <= 1_800_000_000;
        (is_on_earth && (lat_e7, lng_e7) != (0, 0)).then_some(Self { lat_e7, lng_e7 })
    }

    /// Latitude, degrees north.
    #[must_use]
    pub fn lat(self) -> f64 {
        f64::from(self.lat_e7) / UNITS_PER_DEGREE
    }

    /// Longitude, degrees east.
    #[must_use]
    pub fn lng(self) -> f64 {
        f64::from(self.lng_e7) / UNITS_PER_DEGREE
    }

    /// Latitude in units of 1e-7 degree.
    #[must_use]
    pub fn lat_e7(self) -> i32 {
        self.lat_e7
    }

    /// Longitude in units of 1e-7 degree.
    #[must_use]
    pub fn lng_e7(self) -> i32 {
        self.lng_e7
    }

    /// Length of the WGS 84 geodesic to `other`, metres (Karney 2013, through `geo`).
    #[must_use]
    pub fn distance_m(self, other: Self) -> f64 {
        Geodesic.distance(self.degrees(), other.degrees())
    }

    /// The position a `part` of the way to `to`, from 0 to 1, along the line that is straight in longitude
    /// and latitude and goes the short way round the earth.
    #[must_use]
    pub fn towards(self, to: Self, part: f64) -> Self {
        let north = f64::from(to.lat_e7) - f64::from(self.lat_e7);
        let lat = f64::from(self.lat_e7) + north * part;
        let lng = f64::from(self.lng_e7) + f64::from(self.eastward_e7(to)) * part;
        let whole = |units: f64| to_units(units / UNITS_PER_DEGREE);
        Self {
            lat_e7: whole(lat),
            lng_e7: whole(lng - TURN * (lng / TURN).round()),
        }
    }

    /// How far east `to` lies by longitude, the short way round: at most ±180 degrees, in units of 1e-7
    /// degree.
    #[must_use]
    pub fn eastward_e7(self, to: Self) -> i32 {
        let east = i64::from(to.lng_e7) - i64::from(self.lng_e7);
        let short = (east + TURN_E7 / 2).rem_euclid(TURN_E7) - TURN_E7 / 2;
        i32::try_from(short).unwrap_or(0) // at most 1.8e9
    }

    /// The H3 cell of this position, computed at `resolution` itself and never through a parent or a
    /// child: those differ for one position in fourteen.
    #[must_use]
    pub fn cell(self, resolution: Resolution) -> CellIndex {
        cell_at(self.lat_e7, self.lng_e7, resolution)
    }

    /// The number of this cell, which is quicker to tell.
    #[inline]
    #[must_use]
    pub fn cell_index(self, resolution: Resolution) -> u64 {
        index_at(self.lat_e7, self.lng_e7, resolution)
    }

    /// The same cell, and how far around this position it goes.
    #[must_use]
    pub fn cell_around(self, resolution: Resolution) -> CellAround {
        let (cell, radians) = cell_around(self.lat_e7, self.lng_e7, resolution);
        #[expect(clippy::cast_possible_truncation, reason = "at most half a turn")]
        let reach_e7 = (radians.to_degrees() * UNITS_PER_DEGREE) as i64;
        CellAround {
            cell,
            middle: self,
            reach_e7,
        }
    }

    /// The position as a plane coordinate in units of 1e-7 degree, x = lng.
    #[must_use]
    pub fn plane(self) -> geo::Coord<f64> {
        geo::Coord {
            x: f64::from(self.lng_e7),
            y: f64::from(self.lat_e7),
        }
    }

    fn degrees(self) -> geo::Point<f64> {
        geo::Point(geo::Coord {
            x: self.lng(),
            y: self.lat(),
        })
    }
}

/// A vertex of a fence as a plane coordinate in units of 1e-7 degree, x = lng.
///
/// Longitudes beyond ±180 are kept: a ring across the antimeridian is drawn unbroken there.
#[must_use]
pub fn plane_vertex(lat: f64, lng: f64) -> geo::Coord<f64> {
    geo::Coord {
        x: (lng * UNITS_PER_DEGREE).round(),
        y: (lat * UNITS_PER_DEGREE).round(),
    }
}

/// So many units of 1e-7 degree east and north on the plane; whole turns more are kept.
#[expect(
    clippy::cast_precision_loss,
    reason = "a few turns of the earth are below 2^53 units"
)]
#[must_use]
pub fn plane_of_units(east: i64, north: i64) -> geo::Coord<f64> {
    geo::Coord {
        x: east as f64,
        y: north as f64,
    }
}

/// Length of the WGS 84 geodesic between two plane coordinates, metres. Longitudes may go on beyond ±180.
#[must_use]
pub fn plane_distance_m(from: geo::Coord<f64>, to: geo::Coord<f64>) -> f64 {
    Geodesic.distance(
        geo::Point(from / UNITS_PER_DEGREE),
        geo::Point(to / UNITS_PER_DEGREE),
    )
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "180 degrees are 1.8e9 units, inside an i32"
)]
fn to_units(degrees: f64) -> i32 {
    (degrees * UNITS_PER_DEGREE).round() as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_comes_back_as_it_was_written() {
        for lat in [51.513_804, -0.130_733, 89.999_999_9, 0.000_000_1] {
            let position = Position::new(lat, 1.0).unwrap();
            assert_eq!(position.lat().to_string(), lat.to_string());
        }
    }

    #[test]
    fn units_are_taken_and_refused_as_degrees_are() {
        let ends = [
            0,
            1,
            -1,
            515_138_040,
            900_000_000,
            900_000_001,
            -900_000_001,
        ];
        let wide = [
            0,
            1,
            -1_307_330,
            1_800_000_000,
            -1_800_000_000,
            1_800_000_001,
            i32::MIN,
        ];
        for (lat, lng) in ends.into_iter().flat_map(|lat| wide.map(|lng| (lat, lng))) {
            let degrees = |units| f64::from(units) / UNITS_PER_DEGREE;
            let by_degrees = Position::new(degrees(lat), degrees(lng)).ok();
            assert_eq!(Position::of_units(lat, lng), by_degrees, "{lat} {lng}");
        }
    }

    #[test]
    fn range_ends_are_places_and_what_lies_beyond_is_not() {
        assert!(Position::new(90.0, 180.0).is_ok());
        assert!(matches!(
            Position::new(91.0, 0.0),
            Err(InvalidPosition::OutOfRange { .. })
        ));
        assert_eq!(
            Position::new(f64::NAN, 0.0),
            Err(InvalidPosition::NotFinite)
        );
        assert!(Position::new(0.0, 0.000_000_1).is_ok());
    }

    #[test]
    fn the_way_from_one_place_to_another_is_the_short_one() {
        let at = |lat, lng| Position::new(lat, lng).unwrap();
        let (west, east) = (at(10.0, 179.0), at(12.0, -179.0));
        assert_eq!(west.eastward_e7(east), 20_000_000);
        assert_eq!(west.towards(east, 0.25), at(10.5, 179.5));
        assert_eq!(west.towards(east, 0.75), at(11.5, -179.5));
        assert_eq!(west.towards(east, 1.0), east);
    }

    #[test]
    fn distance_is_the_geodesic() {
        // One degree of the equator on the WGS 84 ellipsoid: 2π · 6,378,137 m / 360.
        let metres = Position::new(0.0, 10.0)
            .unwrap()
            .distance_m(Position::new(0.0, 11.0).unwrap());
        assert!((metres - 111_319.490_8).abs() < 0.001, "{metres}");
    }
}

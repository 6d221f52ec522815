//! Who may be near a position: subjects by rows of latitude and, in each row, columns of longitude.
//!
//! A row is as high as the reach, so whoever is within it is in the same row or in one beside it. Columns
//! are about as wide as high where the row is.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::domain::ids::Subject;
use crate::domain::position::Position;

/// Least radius of curvature of the WGS 84 ellipsoid, metres.
const LEAST_RADIUS_M: f64 = 6_335_000.0;
/// A pole's column would have no width: from here on they are narrower than high.
const NARROWEST: f64 = 0.01;

/// Subjects by place.
#[derive(Debug)]
pub(super) struct Neighbourhood {
    /// The reach, degrees of latitude, never too small.
    reach: f64,
    cells: BTreeMap<(i32, i32), BTreeMap<Subject, Position>>,
}

impl Neighbourhood {
    /// For what is at most `reach_m` metres away.
    pub(super) fn new(reach_m: f64) -> Self {
        // No smaller than what rounding to a centimetre could undo.
        let reach = (reach_m / LEAST_RADIUS_M).to_degrees().clamp(1e-6, 180.0);
        Self {
            reach,
            cells: BTreeMap::new(),
        }
    }

    pub(super) fn insert(&mut self, subject: &Subject, at: Position) {
        let row = self.row(at.lat());
        let cell = (row, self.column(row, at.lng()));
        let subjects = self.cells.entry(cell).or_default();
        subjects.insert(subject.clone(), at);
    }

    pub(super) fn remove(&mut self, subject: &Subject, at: Position) {
        let row = self.row(at.lat());
        let cell = (row, self.column(row, at.lng()));
        if let Some(subjects) = self.cells.get_mut(&cell) {
            subjects.remove(subject);
            if subjects.is_empty() {
                self.cells.remove(&cell);
            }
        }
    }

    /// Everybody who may be within reach of `at`, and some who are not.
    pub(super) fn near(&self, at: Position) -> impl Iterator<Item = (&Subject, Position)> {
        let row = self.row(at.lat());
        let (west, east) = self.span(at);
        let rows = (row - 1..=row + 1).flat_map(move |row| {
            self.columns(row, west, east)
                .map(move |columns| (row, columns))
        });
        rows.flat_map(|(row, columns)| {
            let cells = (row, *columns.start())..=(row, *columns.end());
            self.cells.range(cells)
        })
        .flat_map(|(_, subjects)| subjects.iter().map(|(subject, at)| (subject, *at)))
    }

    /// How far west and east the reach goes from `at`, degrees; beyond ±180 where it goes round.
    fn span(&self, at: Position) -> (f64, f64) {
        let ratio = self.reach.to_radians().min(1.5).sin() / at.lat().to_radians().cos().max(1e-12);
        let half = if ratio < 1.0 {
            // 1 % for the ellipsoid.
            1.01 * ratio.asin().to_degrees()
        } else {
            180.0
        };
        (at.lng() - half, at.lng() + half)
    }

    /// The columns of a row from `west` to `east`: one stretch, or two where they go round the earth.
    fn columns(&self, row: i32, west: f64, east: f64) -> impl Iterator<Item = RangeInclusive<i32>> {
        let stretches = if east - west >= 360.0 {
            [Some((-180.0, 180.0)), None]
        } else if west < -180.0 {
            [Some((west + 360.0, 180.0)), Some((-180.0, east))]
        } else if east > 180.0 {
            [Some((west, 180.0)), Some((-180.0, east - 360.0))]
        } else {
            [Some((west, east)), None]
        };
        let column = |lng| self.column(row, lng);
        let stretches = stretches.map(|stretch| stretch.map(|(w, e)| column(w)..=column(e)));
        stretches.into_iter().flatten()
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "at most 180 degrees by a millionth of one"
    )]
    fn row(&self, lat: f64) -> i32 {
        (lat / self.reach).floor() as i32
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "at most 360 degrees by a millionth of one"
    )]
    fn column(&self, row: i32, lng: f64) -> i32 {
        let middle = (f64::from(row) + 0.5) * self.reach;
        let width = self.reach / middle.to_radians().cos().max(NARROWEST);
        (lng / width).floor() as i32
    }
}

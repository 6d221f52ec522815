//! The cells of a circle: those certainly within, and those where each place must be measured.
//!
//! The geodesic between two places of the ellipsoid is between R1 and R2 times the angle that the two
//! make on a sphere with the same latitudes and longitudes, since its radii of curvature are: so an angle
//! decides for a whole cell, and never wrongly.

use crate::domain::position::{Position, UNITS_PER_DEGREE};
use crate::geofence::cells::place::Rect;
use crate::geofence::cells::plan::{Content, Plan};
use crate::geofence::shape::{R1, R2};

pub(super) fn plan(centre: Position, radius_m: f64, rect: Rect, plan: &mut Plan) {
    let half = degrees(rect.side()) / 2.0;
    let middle = |corner: i64| (degrees(corner) + half).to_radians();
    let (lat, lng) = (centre.lat().to_radians(), centre.lng().to_radians());
    let columns: Vec<_> = (0..rect.columns as usize)
        .map(|column| sin2((middle(rect.west_of(column)) - lng) / 2.0))
        .collect();
    let mut cells = rect.cells();
    for row in 0..rect.rows as usize {
        let row_lat = middle(rect.south_of(row));
        let up = sin2((row_lat - lat) / 2.0);
        let shrink = lat.cos() * row_lat.cos();
        // From the centre of a cell to any place in it: along the meridian, then along the parallel.
        let half_diagonal_m = R2 * half.to_radians() * (1.0 + widest(row_lat, half.to_radians()));
        for (across, cell) in columns.iter().zip(cells.by_ref()) {
            let angle = 2.0 * (up + shrink * across).clamp(0.0, 1.0).sqrt().asin();
            // A millimetre for the rounding of the angle.
            if R2 * angle + half_diagonal_m + 0.001 <= radius_m {
                plan.put(cell, Content::Full);
            } else if R1 * angle - half_diagonal_m - 0.001 <= radius_m {
                plan.put(cell, Content::Exact);
            }
        }
    }
}

/// The cosine of the latitude nearest to the equator within `half` of `lat`, radians.
fn widest(lat: f64, half: f64) -> f64 {
    (lat.abs() - half).max(0.0).cos()
}

fn sin2(angle: f64) -> f64 {
    angle.sin().powi(2)
}

#[expect(clippy::cast_precision_loss, reason = "at most 3.6e9 units")]
fn degrees(units: i64) -> f64 {
    units as f64 / UNITS_PER_DEGREE
}

//! The counting cell of a subject on the move: as long as it stays well inside, H3 need not be asked.

use h3o::{CellIndex, LatLng, Resolution};

use crate::domain::position::{Position, UNITS_PER_DEGREE};
use crate::window::counting_cell;

/// The cell that a subject was last seen in.
#[derive(Clone, Copy, Debug)]
pub struct CountedIn {
    resolution: Resolution,
    last: Option<Inside>,
}

/// A cell, and a disc around its centre that lies in it.
#[derive(Clone, Copy, Debug)]
struct Inside {
    cell: CellIndex,
    centre: LatLng,
    /// Width of a degree of longitude there, in degrees of latitude.
    shrink: f64,
    /// Square of the disc's radius, in degrees of latitude.
    reach2: f64,
}

impl CountedIn {
    /// A subject that was nowhere yet; it counts at `resolution`.
    #[must_use]
    pub fn new(resolution: Resolution) -> Self {
        Self {
            resolution,
            last: None,
        }
    }

    /// What `counting_cell` is for `position`, where it is now.
    pub fn cell_at(&mut self, position: Position) -> CellIndex {
        if let Some(last) = self.last.filter(|last| last.holds(position)) {
            return last.cell;
        }
        let cell = counting_cell(position, self.resolution);
        // Coarser cells are made of these.
        let computed = position.cell(self.resolution.max(Resolution::Nine));
        self.last = Inside::of(cell, computed);
        cell
    }
}

impl Inside {
    /// `cell` for all places in the middle of `computed`; none near a pole, where a degree of longitude is
    /// not the same width all over a cell.
    fn of(cell: CellIndex, computed: CellIndex) -> Option<Self> {
        /// Part of the way to the nearest edge that is surely inside: an edge is straight on the face of
        /// the icosahedron, not in degrees.
        const SURE: f64 = 0.95;
        let centre = LatLng::from(computed);
        let shrink = centre.lat_radians().cos();
        if shrink < 0.1 {
            return None;
        }
        let seen = |at: &LatLng| {
            let east = (at.lng() - centre.lng()) * shrink;
            (east, at.lat() - centre.lat())
        };
        let vertices: Vec<_> = computed.boundary().iter().map(seen).collect();
        let next = vertices.iter().cycle().skip(1);
        let reach = vertices
            .iter()
            .zip(next)
            .map(|(a, b)| (a.0 * b.1 - a.1 * b.0).abs() / (b.0 - a.0).hypot(b.1 - a.1))
            .fold(f64::INFINITY, f64::min);
        Some(Self {
            cell,
            centre,
            shrink,
            reach2: (SURE * reach).powi(2),
        })
    }

    /// Whether a position is in the disc. Across the antimeridian it seems far away, and is looked up.
    fn holds(&self, position: Position) -> bool {
        let east =
            (f64::from(position.lng_e7()) / UNITS_PER_DEGREE - self.centre.lng()) * self.shrink;
        let north = f64::from(position.lat_e7()) / UNITS_PER_DEGREE - self.centre.lat();
        east * east + north * north < self.reach2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn the_cell_is_what_h3_says(
            (lat, lng) in (-90.0..90.0, -180.0..180.0),
            steps in prop::collection::vec((-1.0..1.0, -1.0..1.0), 1..30),
            resolution in prop::sample::select(vec![Resolution::Six, Resolution::Eight, Resolution::Nine, Resolution::Ten]),
        ) {
            let mut counted = CountedIn::new(resolution);
            for (north, east) in steps {
                // Up to 330 m each: as far as a cell of resolution 9 is wide.
                let lat = f64::clamp(lat + north * 0.003, -90.0, 90.0);
                let lng = f64::clamp(lng + east * 0.003 / lat.to_radians().cos().max(0.01), -180.0, 180.0);
                let position = Position::new(lat, lng).unwrap();
                prop_assert_eq!(counted.cell_at(position), counting_cell(position, resolution));
            }
        }
    }

    #[test]
    fn around_pentagons_and_along_the_edges_of_faces_the_cell_is_what_h3_says() {
        for pentagon in Resolution::Nine.pentagons() {
            let centre = LatLng::from(pentagon);
            let mut counted = CountedIn::new(Resolution::Nine);
            for step in 0..2000 {
                let part = f64::from(step) / 2000.0;
                let angle = part * 97.0 * std::f64::consts::TAU;
                let lat = centre.lat() + part * 0.01 * angle.sin();
                let lng = centre.lng() + part * 0.01 * angle.cos();
                let position = Position::new(lat, lng).unwrap();
                assert_eq!(
                    counted.cell_at(position),
                    counting_cell(position, Resolution::Nine)
                );
            }
        }
    }
}

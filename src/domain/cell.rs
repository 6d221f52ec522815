//! The H3 cell of a place by vectors and whole numbers; where it could be in doubt, by `h3o`.
//!
//! H3 lays a grid of hexagons over each of the 20 faces of an icosahedron (Sahr, White and Kimerling 2003,
//! "Geodesic Discrete Global Grid Systems"): a place is projected from the earth's centre onto its face,
//! and the nearest point of the grid there is its cell. `h3o` goes by the angle and the length of the
//! projection, through seven trigonometric functions; by dot products the sines and cosines of the place are
//! enough, which are nearly all in a table. The icosahedron, and how each base cell lies on its faces, are
//! learned from `h3o`, so no table of H3 is repeated here.

mod face;
mod grid;
mod units;

use std::sync::LazyLock;

use h3o::{BaseCell, CellIndex, LatLng, Resolution};

use crate::domain::cell::face::{Faces, Vector, box_of, scale};
use crate::domain::cell::grid::{FourUp, GridPoint, Turn, digit};
use crate::domain::cell::units::Circle;
use crate::domain::position::UNITS_PER_DEGREE;

/// How near to the edge of its hexagon, in widths of one, a place is left to `h3o`. Both ways err by less
/// than a thousandth of this: a face is 7^8 hexagons wide at most, a float holds 2^53.
const DOUBTFUL: f64 = 5e-4;

/// How many times as long as on the earth a way can be on the plane of its face: 1 / cos² of the angle
/// between a face's centre and its corners, 37.377°, is 1.584.
const STRETCH: f64 = 1.6;

/// The bits that say that an index is a cell.
const MODE: u64 = 1 << 59;

static ICOSAHEDRON: LazyLock<Icosahedron> = LazyLock::new(Icosahedron::learned);

/// The cell at these units of 1e-7 degree, as `LatLng::to_cell` computes it.
#[must_use]
pub fn cell_at(lat_e7: i32, lng_e7: i32, resolution: Resolution) -> CellIndex {
    cell_around(lat_e7, lng_e7, resolution).0
}

/// The number of this cell: quicker to tell than the cell, whose type looks at each digit, and where the resolution is
/// known beforehand quicker still.
// Inlined, with all that it does, since where it is the resolution is known.
#[inline(always)]
#[must_use]
pub fn index_at(lat_e7: i32, lng_e7: i32, resolution: Resolution) -> u64 {
    let surely = ICOSAHEDRON.index_at(lat_e7, lng_e7, resolution);
    surely.map_or_else(
        || asked(lat_e7, lng_e7, resolution).into(),
        |(index, _)| index,
    )
}

/// The same cell, and so many radians around there, at least, it is the same; 0 where that is not known.
#[must_use]
pub fn cell_around(lat_e7: i32, lng_e7: i32, resolution: Resolution) -> (CellIndex, f64) {
    let surely = ICOSAHEDRON.index_at(lat_e7, lng_e7, resolution);
    let surely =
        surely.and_then(|(index, to_edge)| Some((CellIndex::try_from(index).ok()?, to_edge)));
    surely.map_or_else(
        || (asked(lat_e7, lng_e7, resolution), 0.0),
        |(cell, to_edge)| (cell, reach(to_edge, resolution)),
    )
}

/// The radians on the earth that so many widths of a hexagon on a face are at least.
fn reach(to_edge: f64, resolution: Resolution) -> f64 {
    (to_edge - DOUBTFUL) / (ICOSAHEDRON.scales[usize::from(resolution)] * STRETCH)
}

#[cold]
fn asked(lat_e7: i32, lng_e7: i32, resolution: Resolution) -> CellIndex {
    let [lat, lng] = [lat_e7, lng_e7].map(|units| f64::from(units) / UNITS_PER_DEGREE);
    let place = LatLng::new(lat, lng).unwrap_or_default();
    place.to_cell(resolution)
}

/// How a base cell lies on a face.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Base {
    cell: BaseCell,
    /// By how many sixths of a turn its axes are turned against the face's.
    turn: Turn,
}

/// Points of the grid of resolution 0 on a face, from -2 to 2 both ways.
type Bases = [[Option<Base>; 5]; 5];

#[derive(Debug)]
struct Icosahedron {
    circle: Circle,
    faces: Faces,
    /// By resolution.
    scales: [f64; 16],
    four_up: FourUp,
    /// By face and point; none for a pentagon, which lacks a sixth of its directions.
    bases: [Bases; 20],
}

impl Icosahedron {
    /// Its corners are where H3 has its pentagons.
    fn learned() -> Self {
        let corners: Vec<_> = Resolution::Zero.pentagons().map(centre_of).collect();
        let mut learned = Self {
            circle: Circle::new(),
            faces: Faces::between(&corners),
            scales: std::array::from_fn(|resolution| {
                let resolution = u8::try_from(resolution).unwrap_or(0);
                scale(Resolution::try_from(resolution).unwrap_or(Resolution::Zero))
            }),
            four_up: FourUp::new(),
            bases: std::array::from_fn(|_| Bases::default()),
        };
        let base_cells = CellIndex::base_cells().filter(|cell| !cell.is_pentagon());
        for child in base_cells.flat_map(|cell| cell.children(Resolution::Two)) {
            learned.learn(child);
        }
        learned
    }

    /// How the base cell of `child` lies on the face where that is.
    fn learn(&mut self, child: CellIndex) {
        let place = centre_of(child);
        let Some(number) = self.faces.holding_from(place, 0) else {
            return;
        };
        let Some((point, _)) = self.point_at(place, number, Resolution::Two) else {
            return;
        };
        let (point, second) = point.parent(2);
        let (point, first) = point.parent(1);
        // The one in the middle of its parent is there however that is turned.
        let turns_of = |found, resolution| {
            let told = u8::from(child.direction_at(resolution)?);
            let mut turns = (0..6).filter(|turns| digit(found, *turns) == told);
            turns.next().filter(|_| turns.next().is_none())
        };
        let turns = turns_of(first, Resolution::One).or_else(|| turns_of(second, Resolution::Two));
        if let (Some(turns), Some((a, b))) = (turns, place_of(point)) {
            let cell = child.base_cell();
            self.bases[number][a][b] = Some(Base {
                cell,
                turn: Turn::of(turns),
            });
        }
    }

    /// The number of the cell of a place, and how far its edge is on the face, in widths of a hexagon; `None` where
    /// that is in doubt.
    #[inline(always)]
    fn index_at(&self, lat_e7: i32, lng_e7: i32, resolution: Resolution) -> Option<(u64, f64)> {
        let place = self.circle.vector(lat_e7, lng_e7);
        let number = self.faces.holding(place, box_of(lat_e7, lng_e7))?;
        self.index_on(place, number, resolution)
    }

    /// The same of a place on this face.
    #[inline(always)]
    fn index_on(&self, place: Vector, number: usize, resolution: Resolution) -> Option<(u64, f64)> {
        let (point, to_edge) = self.point_at(place, number, resolution)?;
        let finest = usize::from(resolution);
        // One digit in three bits from the coarsest on; 7 stands behind the last.
        let (point, digits) = if resolution.is_class3() {
            let (parent, child) = point.parent(finest);
            let (point, digits) = self.four_up.climb(parent, finest - 1);
            (point, digits << 3 | u64::from(digit(child, 0)))
        } else {
            self.four_up.climb(point, finest)
        };
        let (a, b) = place_of(point)?;
        let base = self.bases[number][a][b]?;
        let unused = 3 * (15 - finest);
        let digits = base.turn.turned(digits) << unused | ((1 << unused) - 1);
        let base = u64::from(u8::from(base.cell));
        let index = MODE | (finest as u64) << 52 | base << 45 | digits;
        Some((index, to_edge))
    }

    /// The point of the grid at a place of this face, and how far the edge of its hexagon is; `None` where that is in
    /// doubt.
    #[inline(always)]
    fn point_at(
        &self,
        place: Vector,
        number: usize,
        resolution: Resolution,
    ) -> Option<(GridPoint, f64)> {
        let scale = self.scales[usize::from(resolution)];
        let (a, b) = self
            .faces
            .project(number, place, resolution.is_class3(), scale);
        let (point, to_edge) = GridPoint::holding(a, b);
        (to_edge > DOUBTFUL).then_some((point, to_edge))
    }
}

/// Where a point of the grid of resolution 0 stands among `Bases`.
fn place_of(point: GridPoint) -> Option<(usize, usize)> {
    let index = |number: i32| usize::try_from(number + 2).ok().filter(|index| *index < 5);
    Some((index(point.a)?, index(point.b)?))
}

fn centre_of(cell: CellIndex) -> Vector {
    let centre = LatLng::from(cell);
    Vector::at(centre.lat_radians(), centre.lng_radians())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Resolution; 16] = [
        Resolution::Zero,
        Resolution::One,
        Resolution::Two,
        Resolution::Three,
        Resolution::Four,
        Resolution::Five,
        Resolution::Six,
        Resolution::Seven,
        Resolution::Eight,
        Resolution::Nine,
        Resolution::Ten,
        Resolution::Eleven,
        Resolution::Twelve,
        Resolution::Thirteen,
        Resolution::Fourteen,
        Resolution::Fifteen,
    ];

    /// Of degrees, which are not rounded to units: where there is no doubt about it, h3o itself otherwise.
    fn around(lat: f64, lng: f64, resolution: Resolution) -> (CellIndex, f64) {
        let place = Vector::at(lat.to_radians(), lng.to_radians());
        let number = ICOSAHEDRON.faces.holding_from(place, 0);
        let surely = number.and_then(|number| ICOSAHEDRON.index_on(place, number, resolution));
        surely.map_or_else(
            || (told(lat, lng, resolution), 0.0),
            |(index, to_edge)| {
                let cell = CellIndex::try_from(index).unwrap();
                (cell, reach(to_edge, resolution))
            },
        )
    }

    fn told(lat: f64, lng: f64, resolution: Resolution) -> CellIndex {
        LatLng::new(lat, lng).unwrap().to_cell(resolution)
    }

    #[expect(clippy::cast_possible_truncation, reason = "degrees")]
    fn units(degrees: f64) -> i32 {
        (degrees * UNITS_PER_DEGREE).round() as i32
    }

    fn is_same(lat: f64, lng: f64) {
        for resolution in ALL {
            let (cell, _) = around(lat, lng, resolution);
            assert_eq!(cell, told(lat, lng, resolution), "{lat} {lng} {resolution}");
            let (lat, lng) = (units(lat), units(lng));
            let cell = cell_at(lat, lng, resolution);
            assert_eq!(index_at(lat, lng, resolution), u64::from(cell));
            assert_eq!(
                cell,
                asked(lat, lng, resolution),
                "{lat} {lng} {resolution}"
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn everywhere_it_is_what_h3_says(lat in -90.0..=90.0, lng in -180.0..=180.0) {
            is_same(lat, lng);
        }

        #[test]
        fn in_a_town_it_is_what_h3_says(lat in 51.3..51.7, lng in -0.5..0.3) {
            is_same(lat, lng);
        }

        #[test]
        fn at_the_corners_of_cells_it_is_what_h3_says(
            lat in -90.0..90.0,
            lng in -180.0..180.0,
            resolution in prop::sample::select(ALL.to_vec()),
            off in (-3e-8..3e-8, -3e-8..3e-8),
        ) {
            for corner in told(lat, lng, resolution).boundary().iter() {
                is_same(corner.lat() + off.0, corner.lng() + off.1);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn as_far_around_as_it_says_the_cell_is_the_same(
            lat in -89.0..89.0f64,
            lng in -180.0..180.0f64,
            resolution in prop::sample::select(ALL.to_vec()),
            bearing in 0.0..std::f64::consts::TAU,
            part in prop_oneof![Just(1.0), 0.0..1.0f64],
        ) {
            let (cell, reach) = around(lat, lng, resolution);
            let there = away(lat, lng, bearing, part * reach);
            prop_assert_eq!(told(there.0, there.1, resolution), cell);
        }

        #[test]
        fn around_pentagons_too(
            corner in 0..12_usize,
            bearings in (0.0..std::f64::consts::TAU, 0.0..std::f64::consts::TAU),
            off in -7.0..-0.5f64,
            resolution in prop::sample::select(ALL.to_vec()),
        ) {
            let pentagon = LatLng::from(Resolution::Zero.pentagons().nth(corner).unwrap());
            let near = away(pentagon.lat(), pentagon.lng(), bearings.0, 10f64.powf(off));
            let (cell, reach) = around(near.0, near.1, resolution);
            let there = away(near.0, near.1, bearings.1, reach);
            prop_assert_eq!(told(there.0, there.1, resolution), cell);
        }
    }

    /// Where one comes from a place on a great circle, by radians, in degrees.
    fn away(lat: f64, lng: f64, bearing: f64, by: f64) -> (f64, f64) {
        let up = Vector::at(lat.to_radians(), lng.to_radians());
        let north = Vector::at(
            lat.to_radians() + std::f64::consts::FRAC_PI_2,
            lng.to_radians(),
        );
        let east = north.cross(up);
        let ahead = Vector::default()
            .plus(north, bearing.cos())
            .plus(east, bearing.sin());
        let there = Vector::default().plus(up, by.cos()).plus(ahead, by.sin());
        (
            there.z.clamp(-1.0, 1.0).asin().to_degrees(),
            there.y.atan2(there.x).to_degrees(),
        )
    }

    #[test]
    fn around_pentagons_and_the_centres_of_faces_it_is_what_h3_says() {
        let corners: Vec<_> = Resolution::Zero.pentagons().map(centre_of).collect();
        let centres = Faces::between(&corners).centres();
        for middle in centres.into_iter().chain(corners) {
            let (lat, lng) = (
                middle.z.asin().to_degrees(),
                middle.y.atan2(middle.x).to_degrees(),
            );
            for step in 0..2000 {
                let reach = 10f64.powf(f64::from(step) / 250.0 - 7.0);
                let angle = f64::from(step) * 2.4;
                is_same(lat + reach * angle.sin(), lng + reach * angle.cos());
            }
        }
    }

    /// Else it would be slow, and right without being tried.
    #[test]
    fn nearly_everywhere_h3o_is_not_asked() {
        let surely = (0..10_000).filter(|number| {
            let part = f64::from(*number) / 10_000.0;
            let (lat, lng) = (units(51.3 + 0.4 * part), units(0.3 - part));
            let surely = ICOSAHEDRON.index_at(lat, lng, Resolution::Twelve);
            surely.is_some()
        });
        assert!(surely.count() > 9_900);
    }
}

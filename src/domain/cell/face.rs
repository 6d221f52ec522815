//! The faces of the icosahedron: which one a place is on, and where on it.

use h3o::Resolution;

use crate::domain::cell::units::sum;
use crate::domain::position::UNITS_PER_DEGREE;

/// How near to another face: a difference of cosines.
const BETWEEN_FACES: f64 = 1e-9;

/// How near to the centre of its face, as tangent of the angle: there `h3o` takes the arc cosine of nearly
/// 1, whose error grows without bound.
const CENTRAL: f64 = 1e-4;

/// Width of a hexagon of resolution 0 on the plane that touches a face in its centre: (3 - √5) / 2.
const WIDTH: f64 = 0.381_966_011_250_105_2;

/// The grids of odd resolutions are turned by asin √(3/28): its sine and cosine.
const TURN: (f64, f64) = (0.327_326_835_353_988_6, 0.944_911_182_523_068);

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Vector {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) z: f64,
}

impl Vector {
    /// Of radians.
    pub(super) fn at(lat: f64, lng: f64) -> Self {
        let ((sin_lat, cos_lat), (sin_lng, cos_lng)) = (lat.sin_cos(), lng.sin_cos());
        Self {
            x: cos_lat * cos_lng,
            y: cos_lat * sin_lng,
            z: sin_lat,
        }
    }

    pub(super) fn dot(self, other: Self) -> f64 {
        sum(self.x, other.x, sum(self.y, other.y, self.z * other.z))
    }

    pub(super) fn plus(self, other: Self, times: f64) -> Self {
        Self {
            x: self.x + other.x * times,
            y: self.y + other.y * times,
            z: self.z + other.z * times,
        }
    }

    pub(super) fn cross(self, other: Self) -> Self {
        Self {
            x: self.y * other.z - self.z * other.y,
            y: self.z * other.x - self.x * other.z,
            z: self.x * other.y - self.y * other.x,
        }
    }

    pub(super) fn normalized(self) -> Self {
        Self::default().plus(self, self.dot(self).sqrt().recip())
    }
}

/// A face and the plane that touches it in its centre.
#[derive(Clone, Copy, Debug, Default)]
struct Face {
    centre: Vector,
    /// Towards a corner of the face, and a quarter of a turn to the left.
    ahead: Vector,
    left: Vector,
}

impl Face {
    /// What the two coordinates of a hexagonal grid are dot products with, which is turned against the face by an
    /// angle of this sine and cosine; its second axis is a third of a turn from the first.
    fn axes(&self, (sin, cos): (f64, f64)) -> [Vector; 2] {
        let turned = |x: f64, y: f64| Vector::default().plus(self.ahead, x).plus(self.left, y);
        let (ahead, left) = (turned(cos, sin), turned(-sin, cos));
        let third = 1.0 / 3f64.sqrt();
        [
            ahead.plus(left, third),
            Vector::default().plus(left, 2.0 * third),
        ]
    }
}

/// Hexagons of a resolution in a unit of the plane: √7 times as many as of the one before.
pub(super) fn scale(resolution: Resolution) -> f64 {
    let resolution = u8::from(resolution);
    let whole = 7f64.powi(i32::from(resolution / 2));
    let half = if resolution % 2 == 1 {
        7f64.sqrt()
    } else {
        1.0
    };
    whole * half / WIDTH
}

/// All of them.
#[derive(Debug)]
pub(super) struct Faces {
    all: [Face; 20],
    /// Of each face, for even resolutions and for odd ones.
    axes: [[[Vector; 2]; 20]; 2],
    /// Of each face the three that share an edge with it.
    beside: [[usize; 3]; 20],
    /// By `box_of` the face of its middle, and whether all of it is surely there, and not near the centre.
    boxes: [(u8, bool); BOXES],
}

impl Faces {
    /// The faces between three of the `corners` each.
    pub(super) fn between(corners: &[Vector]) -> Self {
        let all = faces(corners);
        let mut faces = Self {
            all,
            axes: [(0.0, 1.0), TURN].map(|turn| all.map(|face| face.axes(turn))),
            beside: all.map(|face| {
                let mut nearest: Vec<_> = (0..all.len()).collect();
                let near = |number: &usize| all[*number].centre.dot(face.centre);
                nearest.sort_by(|a, b| near(b).total_cmp(&near(a)));
                [nearest[1], nearest[2], nearest[3]]
            }),
            boxes: std::array::from_fn(|_| (0, false)),
        };
        for number in 0..BOXES {
            let middle = middle_of_box(number);
            let face = faces.nearest(middle, 0);
            faces.boxes[number] = (
                u8::try_from(face).unwrap_or(0),
                faces.surely_holds(face, middle),
            );
        }
        faces
    }

    /// The face whose centre is nearest to a place, looked for from this one on: where there is a nearer one, one of
    /// those beside is nearer too, since a face's edges are half way to them.
    fn nearest(&self, place: Vector, mut number: usize) -> usize {
        loop {
            let (beside, there) = self.nearest_beside(number, place);
            if there <= self.all[number].centre.dot(place) {
                return number;
            }
            number = beside;
        }
    }

    /// Of the faces beside this one that which is nearest, and the cosine of how far it is.
    fn nearest_beside(&self, number: usize, place: Vector) -> (usize, f64) {
        let near = |number: usize| (number, self.all[number].centre.dot(place));
        let nearer =
            |one: (usize, f64), other: (usize, f64)| if one.1 > other.1 { one } else { other };
        let [a, b, c] = self.beside[number].map(near);
        nearer(nearer(a, b), c)
    }

    /// Whether a box with this middle is surely on a face, and none of it near the centre.
    fn surely_holds(&self, number: usize, middle: Vector) -> bool {
        let here = self.all[number].centre.dot(middle);
        let lead = here - self.nearest_beside(number, middle).1;
        // Centres of neighbours are 0.7137 apart: the lead changes by no more than that times the way.
        lead > 0.72 * BOX_RADIUS + BETWEEN_FACES && here < (BOX_RADIUS + CENTRAL).cos()
    }

    /// The number of the face of a place in this box; `None` where that is in doubt, and near the face's centre.
    pub(super) fn holding(&self, place: Vector, box_number: usize) -> Option<usize> {
        let (number, surely) = self.boxes[box_number];
        if surely {
            Some(usize::from(number))
        } else {
            self.holding_from(place, usize::from(number))
        }
    }

    /// The same, looked for from a face on.
    pub(super) fn holding_from(&self, place: Vector, number: usize) -> Option<usize> {
        let number = self.nearest(place, number);
        let here = self.all[number].centre.dot(place);
        let is_certain = here - self.nearest_beside(number, place).1 > BETWEEN_FACES;
        (is_certain && here < CENTRAL.cos()).then_some(number)
    }

    /// The two coordinates of a place of the face in its grid of hexagons, of which `scale` are in a unit of the plane.
    pub(super) fn project(
        &self,
        number: usize,
        place: Vector,
        is_odd: bool,
        scale: f64,
    ) -> (f64, f64) {
        let near = scale / self.all[number].centre.dot(place);
        let [a, b] = &self.axes[usize::from(is_odd)][number];
        (a.dot(place) * near, b.dot(place) * near)
    }

    #[cfg(test)]
    pub(super) fn centres(&self) -> [Vector; 20] {
        self.all.map(|face| face.centre)
    }
}

/// Bits of the units of 1e-7 degree along a side of a box: 3.4 degrees.
const BOX_BITS: u32 = 25;

/// Half the diagonal of a box where it is longest, in radians: 2.372 degrees.
const BOX_RADIUS: f64 = 0.0415;

/// Boxes of a circle of all 2^32 units, of which 360 degrees are less.
const BOXES_ROUND: usize = 1 << (32 - BOX_BITS);

const BOXES: usize = BOXES_ROUND * BOXES_ROUND;

/// The box that a place is in.
pub(super) fn box_of(lat_e7: i32, lng_e7: i32) -> usize {
    let along = |units: i32| ((units.cast_unsigned() ^ 1 << 31) >> BOX_BITS) as usize;
    along(lat_e7) * BOXES_ROUND + along(lng_e7)
}

fn middle_of_box(number: usize) -> Vector {
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let along = |index: usize| {
        let steps = index as f64 + 0.5 - BOXES_ROUND as f64 / 2.0;
        (steps * f64::from(1 << BOX_BITS) / UNITS_PER_DEGREE).to_radians()
    };
    Vector::at(along(number / BOXES_ROUND), along(number % BOXES_ROUND))
}

/// The faces between three corners each.
fn faces(corners: &[Vector]) -> [Face; 20] {
    // Neighbours are atan 2 apart, all others farther: cosines 0.45 and -0.45.
    let joined = |one: usize, other: usize| one < other && corners[one].dot(corners[other]) > 0.0;
    let all = 0..corners.len();
    let pairs = all
        .clone()
        .flat_map(|one| all.clone().map(move |other| (one, other)));
    let triples = pairs
        .filter(|(one, other)| joined(*one, *other))
        .flat_map(|(one, other)| all.clone().map(move |third| [one, other, third]))
        .filter(|[one, other, third]| joined(*one, *third) && joined(*other, *third));
    let mut faces = [Face::default(); 20];
    for (face, triple) in faces.iter_mut().zip(triples) {
        let [one, other, third] = triple.map(|corner| corners[corner]);
        let centre = one.plus(other, 1.0).plus(third, 1.0).normalized();
        let ahead = one.plus(centre, -centre.dot(one)).normalized();
        let left = centre.cross(ahead);
        *face = Face {
            centre,
            ahead,
            left,
        };
    }
    faces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cell::centre_of;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static FACES: LazyLock<Faces> = LazyLock::new(|| {
        let corners: Vec<_> = Resolution::Zero.pentagons().map(centre_of).collect();
        Faces::between(&corners)
    });

    /// A little more than what is left in doubt.
    fn is_doubtful(place: Vector) -> bool {
        let mut near = FACES.centres().map(|centre| centre.dot(place));
        near.sort_by(|a, b| b.total_cmp(a));
        near[0] - near[1] < 1e-8 || near[0] > 1.0 - 1e-8
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn the_face_of_a_place_is_the_nearest_of_all(
            lat in -900_000_000..=900_000_000,
            lng in -1_800_000_000..=1_800_000_000,
            corner in (any::<bool>(), any::<bool>()),
            is_at_corner: bool,
            first in 0..20_usize,
        ) {
            // Of a box the corners are what is farthest from its middle.
            let at_corner = |units: i32, is_high: bool| {
                let low = units >> BOX_BITS << BOX_BITS;
                if is_high { low | ((1 << BOX_BITS) - 1) } else { low }
            };
            let (lat, lng) = if is_at_corner {
                (at_corner(lat, corner.0), at_corner(lng, corner.1))
            } else {
                (lat, lng)
            };
            let radians = |units: i32| (f64::from(units) / UNITS_PER_DEGREE).to_radians();
            let place = Vector::at(radians(lat), radians(lng));
            let near = |number: &usize| FACES.all[*number].centre.dot(place);
            let nearest = (0..20).max_by(|a, b| near(a).total_cmp(&near(b)));
            for found in [FACES.holding(place, box_of(lat, lng)), FACES.holding_from(place, first)] {
                prop_assert!(found == nearest || found.is_none() && is_doubtful(place), "{found:?} {nearest:?}");
            }
        }
    }
}

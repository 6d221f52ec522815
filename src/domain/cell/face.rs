//! The faces of the icosahedron: which one a place is on, and where on it.

use std::sync::LazyLock;

use h3o::Resolution;

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
        self.x * other.x + self.y * other.y + self.z * other.z
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
    fn project(&self, place: Vector, resolution: Resolution) -> Option<(f64, f64)> {
        let near = self.centre.dot(place).recip();
        let (x, y) = (self.ahead.dot(place) * near, self.left.dot(place) * near);
        if x * x + y * y < CENTRAL * CENTRAL {
            return None;
        }
        let scale = SCALES[usize::from(resolution)];
        let (x, y) = (x * scale, y * scale);
        if !resolution.is_class3() {
            return Some((x, y));
        }
        let (sin, cos) = TURN;
        Some((x * cos + y * sin, y * cos - x * sin))
    }
}

/// Hexagons of each resolution in a unit of the plane: √7 times as many as of the one before.
pub(super) static SCALES: LazyLock<[f64; 16]> = LazyLock::new(|| {
    std::array::from_fn(|resolution| {
        let whole = 7f64.powi(i32::try_from(resolution / 2).unwrap_or(0));
        let half = if resolution % 2 == 1 {
            7f64.sqrt()
        } else {
            1.0
        };
        whole * half / WIDTH
    })
});

/// All of them.
#[derive(Debug)]
pub(super) struct Faces {
    all: [Face; 20],
    /// Of each face the three that share an edge with it.
    beside: [[usize; 3]; 20],
    /// By `box_of`, a face to begin with where the nearest one is looked for.
    likely: Vec<usize>,
}

impl Faces {
    /// The faces between three of the `corners` each.
    pub(super) fn between(corners: &[Vector]) -> Self {
        let faces = faces(corners);
        let nearest_to = |place: Vector| {
            let mut numbers: Vec<_> = (0..faces.len()).collect();
            numbers.sort_by(|a, b| {
                let near = |number: usize| faces[number].centre.dot(place);
                near(*b).total_cmp(&near(*a))
            });
            numbers
        };
        Self {
            beside: faces.map(|face| {
                let nearest = nearest_to(face.centre);
                [nearest[1], nearest[2], nearest[3]]
            }),
            likely: (0..BOXES.pow(3))
                .map(|number| nearest_to(middle_of_box(number))[0])
                .collect(),
            all: faces,
        }
    }

    /// The number of the face of a place; `None` where that is in doubt. Where there is a nearer face, one
    /// of those beside is nearer too, since a face's edges are half way to them: so it is reached by steps.
    pub(super) fn holding(&self, place: Vector) -> Option<usize> {
        let near = |number: usize| self.all[number].centre.dot(place);
        let mut number = self.likely[box_of(place)];
        loop {
            let here = near(number);
            let [a, b, c] = self.beside[number].map(|beside| (near(beside), beside));
            let nearer =
                |one: (f64, usize), other: (f64, usize)| if one.0 > other.0 { one } else { other };
            let (there, beside) = nearer(nearer(a, b), c);
            if here - there > BETWEEN_FACES {
                return Some(number);
            }
            if there - here > BETWEEN_FACES {
                number = beside;
            } else {
                return None;
            }
        }
    }

    /// Where a place of the face is on it, in widths of a hexagon; `None` near its centre.
    pub(super) fn project(
        &self,
        number: usize,
        place: Vector,
        resolution: Resolution,
    ) -> Option<(f64, f64)> {
        self.all[number].project(place, resolution)
    }

    #[cfg(test)]
    pub(super) fn centres(&self) -> [Vector; 20] {
        self.all.map(|face| face.centre)
    }
}

/// Boxes along each side of the cube around the unit sphere.
const BOXES: usize = 16;

/// The box that a place is in.
fn box_of(place: Vector) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "from 0 up to the number of boxes"
    )]
    let along = |length: f64| (((length + 1.0) * (BOXES as f64 / 2.0)) as usize).min(BOXES - 1);
    (along(place.x) * BOXES + along(place.y)) * BOXES + along(place.z)
}

fn middle_of_box(number: usize) -> Vector {
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let along = |index: usize| (index as f64 + 0.5) / (BOXES as f64 / 2.0) - 1.0;
    Vector {
        x: along(number / BOXES / BOXES),
        y: along(number / BOXES % BOXES),
        z: along(number % BOXES),
    }
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

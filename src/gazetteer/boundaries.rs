//! Areas that name what lies inside them: a street is in a borough whether or not its source says so.

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use crate::domain::feature::Feature;
use crate::domain::fence::Geometry;
use crate::geofence::shape::Shape;

/// Latitude and longitude, degrees.
pub(super) type LatLon = (f64, f64);

/// An area with a name.
#[derive(Clone, Debug)]
pub struct Boundary {
    name: Box<str>,
    shape: Shape,
}

impl Boundary {
    /// The boundary of `area`; `None` where its polygons are no plain area.
    pub(super) fn new(area: &Feature, polygons: Vec<Vec<Vec<LatLon>>>) -> Option<Self> {
        let shape = Shape::compile(&Geometry::Polygons(polygons)).ok()?;
        Some(Self {
            name: area.name.clone(),
            shape,
        })
    }
}

/// Adds to the areas of each of `features` the names of those of `boundaries` that hold it.
pub fn name_areas(features: &mut [Feature], boundaries: &[Boundary]) {
    let boxes = boundaries.iter().enumerate().map(|(number, boundary)| {
        let envelope = boundary.shape.envelope();
        GeomWithData::new(Rectangle::from_aabb(envelope), number)
    });
    let tree: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>> = RTree::bulk_load(boxes.collect());
    for feature in features {
        let at: [f64; 2] = feature.position.plane().into();
        let found = tree.locate_in_envelope_intersecting(&AABB::from_point(at));
        let mut numbers: Vec<usize> = found.map(|boxed| boxed.data).collect();
        numbers.sort_unstable();
        for boundary in numbers
            .into_iter()
            .filter_map(|number| boundaries.get(number))
        {
            if !feature.name.eq_ignore_ascii_case(&boundary.name)
                && !feature
                    .areas
                    .iter()
                    .any(|area| area.eq_ignore_ascii_case(&boundary.name))
                && boundary.shape.covers(feature.position)
            {
                feature.areas.push(boundary.name.clone());
            }
        }
    }
}

/// The centre of mass of the largest outer ring, on the plane of degrees.
pub(super) fn middle(polygons: &[Vec<Vec<LatLon>>]) -> Option<LatLon> {
    let rings = polygons.iter().filter_map(|rings| rings.first());
    let centres = rings.filter_map(|ring| centre(ring));
    let largest = centres.max_by(|(one, _), (other, _)| one.total_cmp(other));
    largest.map(|(_, centre)| centre)
}

/// Twice the area of a ring, without a sign, and its centre of mass.
fn centre(ring: &[LatLon]) -> Option<(f64, LatLon)> {
    let (lat_0, lon_0) = *ring.first()?;
    let (mut doubled, mut lat_sum, mut lon_sum) = (0.0, 0.0, 0.0);
    for pair in ring.windows(2) {
        let [(lat_a, lon_a), (lat_b, lon_b)] = pair else {
            continue;
        };
        // From the first vertex, so that no digits are lost.
        let (a, b) = (
            (lat_a - lat_0, lon_a - lon_0),
            (lat_b - lat_0, lon_b - lon_0),
        );
        let cross = a.1 * b.0 - b.1 * a.0;
        doubled += cross;
        lat_sum += (a.0 + b.0) * cross;
        lon_sum += (a.1 + b.1) * cross;
    }
    let thirds = 3.0 * doubled;
    (doubled.abs() > 0.0).then(|| {
        (
            doubled.abs(),
            (lat_0 + lat_sum / thirds, lon_0 + lon_sum / thirds),
        )
    })
}

//! A fence as somebody drew it. Whether it is a shape is decided where it is compiled
//! (`geofence/shape.rs`).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::alert::Severity;
use crate::domain::ids::{FenceId, Region};
use crate::domain::position::Position;
use crate::domain::profile::SubjectFilter;
use crate::domain::report::Text;
use crate::domain::time::Timestamp;
use crate::domain::transition::TransitionKinds;

/// A fence: an area, who it is about and what it detects.
#[derive(Clone, Debug, PartialEq)]
pub struct Fence {
    /// The Feature's id.
    pub id: FenceId,
    /// Name for people; the id where none was given.
    pub name: Text,
    /// What it is: sterile, sector, route, rvp ...
    pub class: Option<Text>,
    /// Free labels.
    pub tags: BTreeSet<Text>,
    /// Severity of alerts about it, where the rule leaves it to the fence.
    pub severity: Option<Severity>,
    /// Where it is.
    pub geometry: Geometry,
    /// Transitions that are recorded.
    pub detect: TransitionKinds,
    /// In force from this moment on.
    pub valid_from: Option<Timestamp>,
    /// No longer in force from this moment on.
    pub valid_until: Option<Timestamp>,
    /// Who it is about.
    pub applies_to: SubjectFilter,
    /// Its area of command.
    pub region: Region,
    /// A proposed fence never fires.
    pub approved: bool,
    /// Stay, without a break, after which a visit counts as dwelling.
    pub dwell: Option<Duration>,
    /// Stay, without a break, before a visit begins.
    pub min_inside: Duration,
    /// Metres outside the edge at which a visit ends.
    pub exit_margin_m: f64,
    /// How fast is too fast in it.
    pub speed_limit: Option<SpeedLimit>,
    /// How long nobody may be in it before somebody is missed.
    pub absent_after: Duration,
}

/// How fast is too fast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpeedLimit {
    /// Metres a second; exactly this is allowed.
    pub above_mps: f64,
    /// For how long, without a fix at or below the limit, before it counts.
    pub lasting: Duration,
}

impl Fence {
    /// How long nobody may be in a fence that does not say: as long as a sector may be without cover.
    pub const ABSENT_AFTER: Duration = Duration::from_mins(5);

    /// Whether it fires at `at`: approved, from `valid_from` on, up to but not at `valid_until`.
    #[must_use]
    pub fn is_in_force(&self, at: Timestamp) -> bool {
        self.approved
            && self.valid_from.is_none_or(|from| from <= at)
            && self.valid_until.is_none_or(|until| at < until)
            && self.geometry.sections_at(at) != Some(Vec::new())
    }

    /// Every moment at which it comes into force, goes out of it or takes another shape.
    pub fn turns(&self) -> impl Iterator<Item = Timestamp> + use<> {
        let sections = match &self.geometry {
            Geometry::Corridor { sections, .. } => sections.as_slice(),
            Geometry::Polygons(_) | Geometry::Circle { .. } => &[],
        };
        let own = [self.valid_from, self.valid_until];
        let of_sections = sections
            .iter()
            .flat_map(|section| [section.valid_from, section.valid_until]);
        let turns: BTreeSet<_> = own.into_iter().chain(of_sections).flatten().collect();
        turns.into_iter()
    }
}

/// An area as drawn: vertices are (latitude, longitude) in degrees, unchecked.
#[derive(Clone, Debug, PartialEq)]
pub enum Geometry {
    /// Polygons, each an outer ring and its holes.
    Polygons(Vec<Vec<Ring>>),
    /// All positions at most `radius_m` metres of geodesic from the centre.
    Circle {
        /// Centre: latitude, longitude.
        centre: (f64, f64),
        /// Radius, metres.
        radius_m: f64,
    },
    /// All positions at most half of `width_m` from a line.
    Corridor {
        /// The line's vertices: latitude, longitude.
        line: Vec<(f64, f64)>,
        /// Whole width, metres.
        width_m: f64,
        /// Which stretches of the line count, and when: a march closes its route before it and opens it
        /// behind it. None: the whole line at all times.
        sections: Vec<Section>,
    },
}

/// A stretch of a corridor and when it counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Number of the vertex where it begins, from 0.
    pub from: usize,
    /// Number of the vertex where it ends; after `from`.
    pub to: usize,
    /// Counts from this moment on.
    pub valid_from: Option<Timestamp>,
    /// No longer counts from this moment on.
    pub valid_until: Option<Timestamp>,
}

impl Geometry {
    /// A place in the middle of it, to name it by: of a circle its centre, of a corridor the middle vertex, of
    /// polygons the middle of the widest stretch half-way up the first. `None` for what is no place, and for a
    /// polygon as wide as half the earth.
    #[must_use]
    pub fn middle(&self) -> Option<Position> {
        let (lat, lng) = match self {
            Self::Polygons(polygons) => middle_of_polygon(polygons.first()?)?,
            Self::Circle { centre, .. } => *centre,
            Self::Corridor { line, .. } => *line.get(line.len() / 2)?,
        };
        Position::new(lat, lng).ok()
    }

    /// The stretches that count at `at`, as first and last vertex; `None` where it has no sections, so that
    /// all of it counts at all times.
    #[must_use]
    pub fn sections_at(&self, at: Timestamp) -> Option<Vec<(usize, usize)>> {
        match self {
            Self::Corridor { sections, .. } if !sections.is_empty() => {
                let counts = |section: &&Section| {
                    section.valid_from.is_none_or(|from| from <= at)
                        && section.valid_until.is_none_or(|until| at < until)
                };
                let sections = sections.iter().filter(counts);
                Some(sections.map(|section| (section.from, section.to)).collect())
            }
            Self::Corridor { .. } | Self::Polygons(_) | Self::Circle { .. } => None,
        }
    }
}

/// A closed line: (latitude, longitude) in degrees; the first vertex stands again at the end.
pub type Ring = Vec<(f64, f64)>;

/// A change to the fences in force.
#[derive(Clone, Debug, PartialEq)]
pub struct FenceEdit {
    /// The fence that changes.
    pub id: FenceId,
    /// Event time from which the change holds; `None` is before all data.
    pub at: Option<Timestamp>,
    /// Its new version, or `None` where it is deleted. Shared: every shard and the picture keep it, and its
    /// vertices are most of what a day with many fences weighs.
    pub fence: Option<Arc<Fence>>,
}

/// The middle of the widest stretch of a polygon half-way between its south and its north: inside of it
/// whatever its form, which the mean of its vertices is not.
fn middle_of_polygon(rings: &[Ring]) -> Option<(f64, f64)> {
    let outer = rings.first()?;
    let span = |of: fn(&(f64, f64)) -> f64| {
        let values = outer.iter().map(of);
        let south_west = values.clone().fold(f64::INFINITY, f64::min);
        (south_west, values.fold(f64::NEG_INFINITY, f64::max))
    };
    let ((south, north), (west, east)) = (span(|vertex| vertex.0), span(|vertex| vertex.1));
    let lat = f64::midpoint(south, north);
    let edges = rings
        .iter()
        .flat_map(|ring| ring.iter().zip(ring.iter().skip(1)));
    let mut crossings: Vec<f64> = edges
        .filter(|(from, to)| (from.0 <= lat) != (to.0 <= lat))
        .map(|(from, to)| from.1 + (to.1 - from.1) * (lat - from.0) / (to.0 - from.0))
        .collect();
    crossings.sort_by(f64::total_cmp);
    let stretches = crossings.as_chunks::<2>().0.iter();
    let widest = stretches.max_by(|one, other| (one[1] - one[0]).total_cmp(&(other[1] - other[0])));
    let [from, to] = *widest?;
    (east - west < 180.0).then(|| (lat, f64::midpoint(from, to)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_fence_is_inside_of_it() {
        let ring = |vertices: &[(f64, f64)]| -> Ring {
            let mut ring = vertices.to_vec();
            ring.extend(vertices.first());
            ring
        };
        // An L whose box has its middle outside, and a square with a hole in its middle.
        let l = ring(&[
            (0.0, 0.0),
            (0.0, 4.0),
            (1.0, 4.0),
            (1.0, 1.0),
            (4.0, 1.0),
            (4.0, 0.0),
        ]);
        let square = ring(&[(1.0, 1.0), (1.0, 5.0), (5.0, 5.0), (5.0, 1.0)]);
        let hole = ring(&[(2.0, 2.0), (2.0, 4.5), (4.0, 4.5), (4.0, 2.0)]);
        let middle = |rings: Vec<Ring>| Geometry::Polygons(vec![rings]).middle();
        assert_eq!(middle(vec![l]), Position::new(2.0, 0.5).ok());
        assert_eq!(middle(vec![square, hole]), Position::new(3.0, 1.5).ok());
        let circle = Geometry::Circle {
            centre: (51.5, -0.1),
            radius_m: 10.0,
        };
        assert_eq!(circle.middle(), Position::new(51.5, -0.1).ok());
        assert_eq!(middle(vec![]), None);
        assert_eq!(middle(vec![ring(&[(1.0, 1.0), (1.0, 2.0)])]), None);
        assert_eq!(
            middle(vec![ring(&[(0.0, -170.0), (0.0, 170.0), (9.0, 170.0)])]),
            None
        );
    }
}

//! A fence as somebody drew it. Whether it is a shape is decided where it is compiled
//! (`geofence/shape.rs`).

use std::collections::BTreeSet;
use std::time::Duration;

use crate::domain::alert::Severity;
use crate::domain::ids::{FenceId, Region};
use crate::domain::profile::SubjectFilter;
use crate::domain::report::Text;
use crate::domain::time::Timestamp;
use crate::domain::transition::TransitionKind;

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
    pub detect: BTreeSet<TransitionKind>,
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
    },
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
    /// Its new version, or `None` where it is deleted.
    pub fence: Option<Fence>,
}

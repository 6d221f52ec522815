//! The ground: spots, and areas with the plainest arithmetic there is.
//!
//! What is in which area is computed here on degrees as written and on a sphere, on purpose not with
//! Cordon's own geometry: reports keep clear of every edge, so that both must agree.

use std::collections::BTreeSet;

use crate::domain::fence::{Fence, FenceEdit, Geometry};
use crate::domain::ids::{FenceId, Region};
use crate::domain::profile::SubjectFilter;
use crate::domain::transition::TransitionKind;
use crate::io::wire;

/// Metres in a degree of latitude, and of longitude at inner London.
const METRES: (f64, f64) = (111_260.0, 69_400.0);
/// Mean radius of the earth, metres.
const EARTH_M: f64 = 6_371_009.0;
/// How far every report keeps from every edge, metres: more than all methods of measuring differ by.
pub(super) const CLEARANCE_M: f64 = 3.0;

/// A place in inner London, degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spot {
    pub(super) lat: f64,
    pub(super) lng: f64,
}

/// An area that becomes a fence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Zone {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) class: &'static str,
    pub(super) shape: Shape,
}

/// The two shapes that leave no room for argument.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// South-west and north-east corner.
    Rectangle(Spot, Spot),
    /// Centre and radius in metres.
    Circle(Spot, f64),
}

/// A fence as it is sent: a `GeoJSON` Feature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FenceFeature {
    /// Its id, and the key of its record.
    pub id: &'static str,
    /// The Feature.
    pub json: Vec<u8>,
}

impl Spot {
    pub(super) const fn new(lat: f64, lng: f64) -> Self {
        Self { lat, lng }
    }

    /// Metres (east, north) from here to `other`, on the plane.
    pub(super) fn to(self, other: Self) -> (f64, f64) {
        let east = (other.lng - self.lng) * METRES.1;
        (east, (other.lat - self.lat) * METRES.0)
    }

    /// Metres on the plane.
    pub(super) fn distance(self, other: Self) -> f64 {
        let (east, north) = self.to(other);
        east.hypot(north)
    }

    /// The spot so many metres away.
    pub(super) fn moved(self, east: f64, north: f64) -> Self {
        Self::new(self.lat + north / METRES.0, self.lng + east / METRES.1)
    }

    /// As a feed writes it: six decimals, a tenth of a metre.
    pub(super) fn written(self) -> Self {
        let round = |degrees: f64| (degrees * 1e6).round() / 1e6;
        Self::new(round(self.lat), round(self.lng))
    }

    /// Metres by the haversine formula.
    fn haversine(self, other: Self) -> f64 {
        let half = |a: f64, b: f64| ((b - a).to_radians() / 2.0).sin().powi(2);
        let cosines = self.lat.to_radians().cos() * other.lat.to_radians().cos();
        let chord = half(self.lat, other.lat) + cosines * half(self.lng, other.lng);
        2.0 * EARTH_M * chord.sqrt().asin()
    }

    /// EPSG:27700, metres: a linear fit to inner London, good to 2 m.
    pub(super) fn grid(self) -> (f64, f64) {
        let (lat, lng) = (self.lat - 51.506, self.lng + 0.125);
        (
            530_227.0 - 2848.8 * lat + 69_397.3 * lng,
            180_229.4 + 111_203.4 * lat + 1777.8 * lng,
        )
    }
}

impl Shape {
    /// Whether `spot` is inside.
    pub(super) fn holds(&self, spot: Spot) -> bool {
        match *self {
            Self::Rectangle(low, high) => {
                (low.lat..=high.lat).contains(&spot.lat) && (low.lng..=high.lng).contains(&spot.lng)
            }
            Self::Circle(centre, radius_m) => centre.haversine(spot) <= radius_m,
        }
    }

    /// Whether `spot` is farther than `margin_m` from the edge, to the safe side.
    pub(super) fn is_clear(&self, spot: Spot, margin_m: f64) -> bool {
        match *self {
            Self::Rectangle(..) => {
                self.grown(-margin_m).holds(spot) || !self.grown(margin_m).holds(spot)
            }
            Self::Circle(centre, radius_m) => {
                // A sphere and the ellipsoid differ by up to half a per cent.
                let margin_m = margin_m + radius_m * 0.01;
                (centre.haversine(spot) - radius_m).abs() > margin_m
            }
        }
    }

    /// The shape with its edge moved outwards.
    pub(super) fn grown(&self, by_m: f64) -> Self {
        match *self {
            Self::Rectangle(low, high) => {
                Self::Rectangle(low.moved(-by_m, -by_m), high.moved(by_m, by_m))
            }
            Self::Circle(centre, radius_m) => Self::Circle(centre, radius_m + by_m),
        }
    }

    /// South-west and north-east corner of the rectangle around it.
    pub(super) fn bounds(&self) -> (Spot, Spot) {
        match *self {
            Self::Rectangle(low, high) => (low, high),
            Self::Circle(centre, radius_m) => (
                centre.moved(-radius_m, -radius_m),
                centre.moved(radius_m, radius_m),
            ),
        }
    }

    fn geometry(&self) -> Geometry {
        match *self {
            Self::Rectangle(low, high) => Geometry::Polygons(vec![vec![vec![
                (low.lat, low.lng),
                (low.lat, high.lng),
                (high.lat, high.lng),
                (high.lat, low.lng),
                (low.lat, low.lng),
            ]]]),
            Self::Circle(centre, radius_m) => Geometry::Circle {
                centre: (centre.lat, centre.lng),
                radius_m,
            },
        }
    }
}

impl Zone {
    /// The fence that the zone is.
    pub(super) fn feature(&self) -> FenceFeature {
        let id = FenceId::from(self.id);
        let fence = Fence {
            id: id.clone(),
            name: self.name.into(),
            class: Some(self.class.into()),
            tags: BTreeSet::new(),
            severity: None,
            geometry: self.shape.geometry(),
            detect: [TransitionKind::Enter, TransitionKind::Exit].into(),
            valid_from: None,
            valid_until: None,
            applies_to: SubjectFilter::default(),
            region: Region::default(),
            approved: true,
            dwell: None,
            min_inside: std::time::Duration::ZERO,
            exit_margin_m: 0.0,
            speed_limit: None,
            absent_after: Fence::ABSENT_AFTER,
        };
        let edit = FenceEdit {
            id,
            at: None,
            fence: Some(fence.into()),
        };
        let mut json = Vec::new();
        wire::fence::encode(&edit, &mut json);
        json.truncate(json.trim_ascii_end().len());
        FenceFeature { id: self.id, json }
    }
}

/// The nearest spot to `spot` that a report may give: as written, and clear of every edge.
pub(super) fn clear_of(zones: &[Zone], spot: Spot, margin_m: f64) -> Spot {
    let mut spot = spot.written();
    // Along the diagonal every edge of a box or circle is left behind before long.
    while !zones.iter().all(|zone| zone.shape.is_clear(spot, margin_m)) {
        spot = spot.moved(2.0, 2.0).written();
    }
    spot
}

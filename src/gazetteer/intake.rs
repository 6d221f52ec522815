//! Where readers put what they read, and what became of each row.

use std::collections::BTreeMap;

use crate::domain::feature::Feature;
use crate::domain::position::{InvalidPosition, Position};
use crate::gazetteer::boundaries::Boundary;
use crate::gazetteer::manifest::Bounds;
use crate::geocode::grid;

/// Why a row is no feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Skipped {
    /// It has too few or too many cells, is no UTF-8, or a number in it is none.
    Malformed,
    /// Nothing to look it up by.
    NoName,
    /// Its publisher does not know where it is.
    NoPosition,
    /// Exactly 0,0.
    NullIsland,
    /// Beyond ±90, ±180 degrees or the National Grid.
    OutOfRange,
    /// Outside the bounds of the manifest.
    Outside,
    /// What the manifest does not ask for.
    Unwanted,
    /// A kind of thing that a gazetteer has no use for.
    OtherKind,
    /// Points of its line are not in the file.
    NoGeometry,
    /// A boundary that crosses itself or has no area.
    NoArea,
}

impl Skipped {
    /// For people and `sources.json`.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::NoName => "no name",
            Self::NoPosition => "no position",
            Self::NullIsland => "null island",
            Self::OutOfRange => "out of range",
            Self::Outside => "outside the bounds",
            Self::Unwanted => "not asked for",
            Self::OtherKind => "another kind of thing",
            Self::NoGeometry => "points not in the file",
            Self::NoArea => "no plain area",
        }
    }
}

/// What became of the rows of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows, or elements of a map.
    pub rows: u64,
    /// Features that they gave: a road with a name and a number gives two.
    pub features: u64,
    /// Rows that gave none, by reason.
    pub skipped: BTreeMap<Skipped, u64>,
}

/// Takes the features of one source.
pub struct Intake<'a> {
    bounds: Option<Bounds>,
    features: &'a mut Vec<Feature>,
    boundaries: &'a mut Vec<Boundary>,
    progress: &'a mut dyn FnMut(u64),
    /// What became of the rows so far.
    pub tally: Tally,
}

impl<'a> Intake<'a> {
    /// Takes into `features` and `boundaries` what `bounds` hold; `progress` is told the bytes of the
    /// source that were read.
    pub fn new(
        bounds: Option<Bounds>,
        features: &'a mut Vec<Feature>,
        boundaries: &'a mut Vec<Boundary>,
        progress: &'a mut dyn FnMut(u64),
    ) -> Self {
        Self {
            bounds,
            features,
            boundaries,
            progress,
            tally: Tally::default(),
        }
    }

    /// One row and what it is.
    pub(super) fn row(&mut self, read: Result<Feature, Skipped>) {
        self.rows(1);
        match read {
            Ok(feature) => self.feature(feature),
            Err(why) => self.skip(why),
        }
    }

    /// `count` rows were read.
    pub(super) fn rows(&mut self, count: u64) {
        self.tally.rows += count;
    }

    pub(super) fn skip(&mut self, why: Skipped) {
        *self.tally.skipped.entry(why).or_default() += 1;
    }

    /// A feature of a row that was counted.
    pub(super) fn feature(&mut self, feature: Feature) {
        if !self.holds(feature.position) {
            return self.skip(Skipped::Outside);
        }
        self.tally.features += 1;
        self.features.push(feature);
    }

    /// An area that names what lies inside it.
    pub(super) fn boundary(&mut self, boundary: Boundary) {
        self.boundaries.push(boundary);
    }

    pub(super) fn at_byte(&mut self, bytes: u64) {
        (self.progress)(bytes);
    }

    fn holds(&self, position: Position) -> bool {
        self.bounds.is_none_or(|bounds| bounds.hold(position))
    }
}

/// The position of two cells in degrees.
pub(super) fn from_degrees(lat: &str, lon: &str) -> Result<Position, Skipped> {
    let (lat, lon) = numbers(lat, lon)?;
    Position::new(lat, lon).map_err(|invalid| match invalid {
        InvalidPosition::NullIsland => Skipped::NullIsland,
        InvalidPosition::OutOfRange { .. } => Skipped::OutOfRange,
        InvalidPosition::NotFinite => Skipped::Malformed,
    })
}

/// The position of two cells in metres of EPSG:27700.
pub(super) fn from_metres(easting: &str, northing: &str) -> Result<Position, Skipped> {
    let (easting, northing) = numbers(easting, northing)?;
    if easting == 0.0 && northing == 0.0 {
        return Err(Skipped::NullIsland);
    }
    grid::to_position(easting, northing).map_err(|_| Skipped::OutOfRange)
}

fn numbers(one: &str, other: &str) -> Result<(f64, f64), Skipped> {
    if one.trim().is_empty() || other.trim().is_empty() {
        return Err(Skipped::NoPosition);
    }
    let number = |text: &str| text.trim().parse::<f64>().map_err(|_| Skipped::Malformed);
    Ok((number(one)?, number(other)?))
}

/// `text` without blanks around it; `None` where nothing is left.
pub(super) fn filled(text: &str) -> Option<Box<str>> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.into())
}

impl Tally {
    /// Adds what became of other rows.
    pub(super) fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        self.features += other.features;
        for (why, count) in &other.skipped {
            *self.skipped.entry(*why).or_default() += count;
        }
    }
}

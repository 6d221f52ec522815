//! What a gazetteer is to be made of. Manifest files are read by `config::manifest`.

use std::path::PathBuf;

use crate::domain::position::Position;
use crate::gazetteer::mapping::Mapping;

/// Sources, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Only what lies inside; everything where there is none.
    pub bounds: Option<Bounds>,
    /// What to read.
    pub sources: Vec<Source>,
}

/// One source: files of one layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// For people.
    pub name: String,
    /// How its files are laid out.
    pub format: Format,
    /// Its files, in order of their names.
    pub files: Vec<PathBuf>,
    /// What has to be said wherever it is used.
    pub attribution: String,
    /// The licence that it comes under.
    pub licence: String,
}

/// How files are laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// OS Open Names: CSV tiles without a header.
    OsOpenNames,
    /// Code-Point Open: CSV without a header.
    CodePointOpen,
    /// ONS Postcode Directory or National Statistics Postcode Lookup.
    Onspd,
    /// OS Open UPRN.
    OsOpenUprn,
    /// An `OpenStreetMap` extract.
    OsmPbf,
    /// Any table with a header.
    Csv {
        /// What stands between two cells.
        delimiter: u8,
        /// Which column is what.
        mapping: Mapping<String>,
    },
    /// A `FeatureCollection`.
    GeoJson {
        /// Which property is what.
        mapping: Mapping<String>,
    },
}

impl Format {
    /// Its name in a manifest.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::OsOpenNames => "os-open-names",
            Self::CodePointOpen => "code-point-open",
            Self::Onspd => "onspd",
            Self::OsOpenUprn => "os-open-uprn",
            Self::OsmPbf => "osm-pbf",
            Self::Csv { .. } => "csv",
            Self::GeoJson { .. } => "geojson",
        }
    }
}

/// A box of positions, edges included; in units of 1e-7 degree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    south_west: Position,
    north_east: Position,
}

impl Bounds {
    /// From corner to corner; `None` where they are the wrong way round.
    #[must_use]
    pub fn new(south_west: Position, north_east: Position) -> Option<Self> {
        let ordered = south_west.lat_e7() <= north_east.lat_e7()
            && south_west.lng_e7() <= north_east.lng_e7();
        ordered.then_some(Self {
            south_west,
            north_east,
        })
    }

    /// Whether `position` is inside or on an edge.
    #[must_use]
    pub fn hold(&self, position: Position) -> bool {
        (self.south_west.lat_e7()..=self.north_east.lat_e7()).contains(&position.lat_e7())
            && (self.south_west.lng_e7()..=self.north_east.lng_e7()).contains(&position.lng_e7())
    }
}

//! ONS Postcode Directory and National Statistics Postcode Lookup: every postcode of the United Kingdom,
//! also those that exist no more.
//!
//! Names of columns change with every edition, so each is known by several.

use std::path::Path;

use crate::domain::feature::{Feature, FeatureKind};
use crate::gazetteer::Broken;
use crate::gazetteer::intake::{Intake, Skipped, from_degrees, from_metres};
use crate::gazetteer::rows::{self, Cells, First, each};
use crate::geocode::postcode;

/// The quality of a postcode without a grid reference.
const NOWHERE: &str = "9";

/// Where its columns are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    width: usize,
    postcode: usize,
    ended: Option<usize>,
    quality: Option<usize>,
    degrees: Option<(usize, usize)>,
    metres: Option<(usize, usize)>,
}

impl Columns {
    /// Finds them in `header`; the error names what is missing.
    pub(super) fn find(header: &[String]) -> Result<Self, &'static str> {
        let find = |names: &[&str]| {
            let known = |name: &&str| header.iter().position(|own| own.eq_ignore_ascii_case(name));
            names.iter().find_map(known)
        };
        let columns = Self {
            width: header.len(),
            postcode: find(&["pcds", "pcd8", "pcd2", "pcd7", "pcd"]).ok_or("pcds")?,
            ended: find(&["doterm"]),
            quality: find(&["gridind", "osgrdind"]),
            degrees: find(&["lat"]).zip(find(&["long"])),
            metres: find(&["oseast1m", "east1m"]).zip(find(&["osnrth1m", "north1m"])),
        };
        if columns.degrees.is_none() && columns.metres.is_none() {
            return Err("lat and long, or oseast1m and osnrth1m");
        }
        Ok(columns)
    }

    fn feature(&self, cells: &Cells<'_>) -> Result<Feature, Skipped> {
        let name = cells.at(self.postcode)?;
        if name.trim().is_empty() {
            return Err(Skipped::NoName);
        }
        let name = postcode::normalise(name).ok_or(Skipped::Malformed)?;
        let cell = |column: Option<usize>| column.map_or(Ok(""), |column| cells.at(column));
        if cell(self.quality)?.trim() == NOWHERE {
            return Err(Skipped::NoPosition);
        }
        // Degrees first: metres of Northern Ireland are of another grid.
        let position = match (self.degrees, self.metres) {
            (Some((lat, lon)), _) => from_degrees(cells.at(lat)?, cells.at(lon)?)?,
            (None, Some((east, north))) => from_metres(cells.at(east)?, cells.at(north)?)?,
            (None, None) => return Err(Skipped::NoPosition),
        };
        let mut feature = Feature::named(FeatureKind::Postcode, &name, position);
        feature.ended = !cell(self.ended)?.trim().is_empty();
        Ok(feature)
    }
}

/// Reads `file` into `intake`.
///
/// # Errors
/// When the file cannot be read to its end, or has not the columns.
pub fn read(file: &Path, intake: &mut Intake<'_>) -> Result<(), Broken> {
    let header = rows::header(file, b',').map_err(|error| Broken::new(file, error))?;
    let columns = Columns::find(&header)
        .map_err(|missing| Broken::new(file, format!("has no column {missing}")))?;
    each(file, b',', First::Header, columns.width, intake, |cells| {
        columns.feature(cells)
    })
}

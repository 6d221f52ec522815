//! Code-Point Open: every postcode unit of Great Britain.
//!
//! `Data/CSV/AREA.csv`, no header, 10 columns: postcode, positional quality, easting, northing, and codes
//! of administration. A postcode is padded to 7 characters.

use std::path::Path;

use crate::domain::feature::{Feature, FeatureKind};
use crate::gazetteer::Broken;
use crate::gazetteer::intake::{Intake, Skipped, from_metres};
use crate::gazetteer::rows::{Cells, First, each};
use crate::geocode::postcode;

pub(super) const WIDTH: usize = 10;
/// The quality of a postcode without a position.
const NOWHERE: &str = "90";

/// Reads `file` into `intake`.
///
/// # Errors
/// When the file cannot be read to its end.
pub fn read(file: &Path, intake: &mut Intake<'_>) -> Result<(), Broken> {
    each(file, b',', First::Row, WIDTH, intake, feature)
}

fn feature(cells: &Cells<'_>) -> Result<Feature, Skipped> {
    let name = cells.at(0)?;
    if name.trim().is_empty() {
        return Err(Skipped::NoName);
    }
    let name = postcode::normalise(name).ok_or(Skipped::Malformed)?;
    if cells.at(1)?.trim() == NOWHERE {
        return Err(Skipped::NoPosition);
    }
    let position = from_metres(cells.at(2)?, cells.at(3)?)?;
    Ok(Feature::named(FeatureKind::Postcode, &name, position))
}

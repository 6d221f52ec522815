//! OS Open UPRN: the position of every UPRN of Great Britain, without an address.

use std::path::Path;

use crate::domain::feature::{Feature, FeatureKind};
use crate::gazetteer::Broken;
use crate::gazetteer::intake::{Intake, Skipped, from_degrees};
use crate::gazetteer::rows::{Cells, First, each};

/// Its columns, as published.
pub(super) const COLUMNS: [&str; 5] = [
    "UPRN",
    "X_COORDINATE",
    "Y_COORDINATE",
    "LATITUDE",
    "LONGITUDE",
];

/// Reads `file` into `intake`.
///
/// # Errors
/// When the file cannot be read to its end.
pub fn read(file: &Path, intake: &mut Intake<'_>) -> Result<(), Broken> {
    each(file, b',', First::Header, COLUMNS.len(), intake, feature)
}

fn feature(cells: &Cells<'_>) -> Result<Feature, Skipped> {
    let uprn = cells.at(0)?.trim();
    if uprn.is_empty() {
        return Err(Skipped::NoName);
    }
    if uprn.len() > 12 || !uprn.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Skipped::Malformed);
    }
    let position = from_degrees(cells.at(3)?, cells.at(4)?)?;
    let mut feature = Feature::named(FeatureKind::Uprn, uprn, position);
    feature.id = Some(uprn.into());
    Ok(feature)
}

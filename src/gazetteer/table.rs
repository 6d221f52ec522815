//! Any CSV, by the names of its columns.

use std::path::Path;

use crate::gazetteer::Broken;
use crate::gazetteer::intake::Intake;
use crate::gazetteer::mapping::Mapping;
use crate::gazetteer::rows::{self, First, each};

/// Reads `file` into `intake`.
///
/// # Errors
/// When the file cannot be read to its end, or has not a column of `mapping`.
pub fn read(
    file: &Path,
    delimiter: u8,
    mapping: &Mapping<String>,
    intake: &mut Intake<'_>,
) -> Result<(), Broken> {
    let header = rows::header(file, delimiter).map_err(|error| Broken::new(file, error))?;
    let bound = mapping.bind(|name| {
        let column = header.iter().position(|column| column == name);
        column.ok_or_else(|| Broken::new(file, missing(name, &header)))
    })?;
    each(
        file,
        delimiter,
        First::Header,
        header.len(),
        intake,
        |cells| bound.feature(|column| cells.at(column), None),
    )
}

/// That `header` has no column `name`.
#[must_use]
pub fn missing(name: &str, header: &[String]) -> String {
    format!(
        "there is no column \"{name}\"; it has: {}",
        header.join(", ")
    )
}

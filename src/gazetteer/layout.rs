//! Whether a file has the layout that a manifest says it has, told by its beginning.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use osmpbf::{BlobReader, BlobType};

use crate::gazetteer::manifest::Format;
use crate::gazetteer::{code_point_open, onspd, os_open_names, os_open_uprn, rows};

/// What is wrong with `file`, if it cannot be of `format`. Columns of a table are checked where they are
/// named.
#[must_use]
pub fn misfit(file: &Path, format: &Format) -> Option<String> {
    let header = |delimiter| rows::header(file, delimiter).map_err(unreadable);
    let found = match format {
        Format::CodePointOpen => header(b',').and_then(|row| wide(&row, code_point_open::WIDTH)),
        Format::OsOpenNames => header(b',').and_then(|row| wide(&row, os_open_names::WIDTH)),
        Format::Onspd => header(b',').and_then(|row| {
            let found = onspd::Columns::find(&row);
            found.map(|_| ()).map_err(|name| no_column(name, &row))
        }),
        Format::OsOpenUprn => header(b',').and_then(|row| {
            let missing = os_open_uprn::COLUMNS.iter().zip(0..);
            let mut missing =
                missing.filter(|(name, at)| row.get(*at).is_none_or(|own| own != *name));
            match missing.next() {
                Some((name, _)) => Err(no_column(name, &row)),
                None => Ok(()),
            }
        }),
        Format::OsmPbf => is_map(file),
        Format::Csv { .. } | Format::GeoJson { .. } => {
            File::open(file).map(|_| ()).map_err(unreadable)
        }
    };
    found.err()
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unreadable(error: std::io::Error) -> String {
    format!("it cannot be read ({error})")
}

fn no_column(name: &str, header: &[String]) -> String {
    format!("there is no column {name}; it has: {}", header.join(", "))
}

fn wide(row: &[String], width: usize) -> Result<(), String> {
    if row.len() == width {
        return Ok(());
    }
    Err(format!("it has {} columns, not {width}", row.len()))
}

fn is_map(file: &Path) -> Result<(), String> {
    let opened = File::open(file).map_err(unreadable)?;
    match BlobReader::new(BufReader::new(opened)).next() {
        Some(Ok(blob)) if blob.get_type() == BlobType::OsmHeader => Ok(()),
        Some(Err(error)) => Err(format!("it is no OSM PBF ({error})")),
        Some(Ok(_)) | None => Err("it is no OSM PBF: it does not begin with a header".to_owned()),
    }
}

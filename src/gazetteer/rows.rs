//! Rows of CSV files, with or without a header.

use std::fs::File;
use std::io;
use std::path::Path;

use csv::{ByteRecord, Reader, ReaderBuilder};

use crate::gazetteer::Broken;
use crate::gazetteer::intake::{Intake, Skipped};

/// The names of the columns of `file`, without a byte order mark and blanks around them.
///
/// # Errors
/// When the file cannot be read; an empty file has no columns.
pub fn header(file: &Path, delimiter: u8) -> io::Result<Vec<String>> {
    let mut reader = open(file, delimiter)?;
    let mut row = ByteRecord::new();
    reader.read_byte_record(&mut row)?;
    Ok(names(&row))
}

fn names(row: &ByteRecord) -> Vec<String> {
    row.iter()
        .map(|cell| {
            String::from_utf8_lossy(cell)
                .trim_start_matches('\u{feff}')
                .trim()
                .to_owned()
        })
        .collect()
}

fn open(file: &Path, delimiter: u8) -> io::Result<Reader<File>> {
    let file = File::open(file)?;
    Ok(ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .buffer_capacity(1 << 16)
        .from_reader(file))
}

/// How a file begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    /// With the names of the columns.
    Header,
    /// With a row.
    Row,
}

/// The cells of one row, as texts.
pub(super) struct Cells<'r> {
    row: &'r ByteRecord,
}

impl<'r> Cells<'r> {
    /// The cell of this number, from 0.
    ///
    /// # Errors
    /// `Malformed` where there is none, or it is not UTF-8.
    pub(super) fn at(&self, column: usize) -> Result<&'r str, Skipped> {
        let cell = self.row.get(column).ok_or(Skipped::Malformed)?;
        std::str::from_utf8(cell).map_err(|_| Skipped::Malformed)
    }
}

/// Gives each row of `file` to `read`, if it has `width` cells, and what it makes of it to `intake`.
pub(super) fn each(
    file: &Path,
    delimiter: u8,
    first: First,
    width: usize,
    intake: &mut Intake<'_>,
    mut read: impl FnMut(&Cells<'_>) -> Result<crate::domain::feature::Feature, Skipped>,
) -> Result<(), Broken> {
    let broken = |what: &dyn std::fmt::Display| Broken::new(file, what);
    let mut reader = open(file, delimiter).map_err(|error| broken(&error))?;
    let mut row = ByteRecord::new();
    if first == First::Header {
        reader
            .read_byte_record(&mut row)
            .map_err(|error| broken(&error))?;
    }
    while reader
        .read_byte_record(&mut row)
        .map_err(|error| broken(&error))?
    {
        intake.at_byte(reader.position().byte());
        if row.len() == width {
            intake.row(read(&Cells { row: &row }));
        } else {
            intake.row(Err(Skipped::Malformed));
        }
    }
    Ok(())
}

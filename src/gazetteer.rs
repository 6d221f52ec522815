//! Sources of a gazetteer: files as others publish them, read into features one row at a time.
//!
//! A reader never guesses: a row that is no feature is counted under its reason, and a file that breaks
//! off ends the build. What a gazetteer is made of features for is `geocode`'s.

use std::path::Path;

pub mod address;
pub mod boundaries;
pub mod code_point_open;
pub mod gather;
pub mod geojson;
pub mod intake;
pub mod layout;
pub mod manifest;
pub mod mapping;
pub mod onspd;
pub mod os_open_names;
pub mod os_open_uprn;
pub mod osm_pbf;
mod osm_streets;
mod osm_tags;
mod rows;
pub mod table;
pub mod written;

pub use rows::header;

/// Why reading a source ended before its end.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {what}")]
pub struct Broken {
    /// The file.
    pub file: String,
    /// What is wrong with it.
    pub what: String,
}

impl Broken {
    fn new(file: &Path, what: impl std::fmt::Display) -> Self {
        Self {
            file: file.display().to_string(),
            what: what.to_string(),
        }
    }
}

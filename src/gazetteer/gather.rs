//! All sources of a manifest, one after the other.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::domain::feature::Feature;
use crate::domain::ids::hex;
use crate::gazetteer::boundaries;
use crate::gazetteer::intake::{Intake, Tally};
use crate::gazetteer::manifest::{Format, Manifest};
use crate::gazetteer::{
    Broken, code_point_open, geojson, onspd, os_open_names, os_open_uprn, osm_pbf, table,
};

/// What the sources hold.
#[derive(Debug, Default)]
pub struct Gathered {
    /// In the order of the sources and their rows.
    pub features: Vec<Feature>,
    /// What became of each source, in the order of the manifest.
    pub sources: Vec<SourceRead>,
}

/// What became of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceRead {
    /// Of all its files.
    pub tally: Tally,
    /// Its files.
    pub files: Vec<FileRead>,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRead {
    /// Its name, without its folders.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its digest, hexadecimal.
    pub sha256: String,
}

/// Reads every source; `progress` is told the bytes that were read of all files, `told` each source when
/// it is done.
///
/// # Errors
/// The first file that cannot be read to its end.
pub fn gather(
    manifest: &Manifest,
    mut progress: impl FnMut(u64),
    mut told: impl FnMut(&str, &SourceRead),
) -> Result<Gathered, Broken> {
    let mut gathered = Gathered::default();
    let mut boundaries = Vec::new();
    let mut before = 0;
    for source in &manifest.sources {
        let mut read = SourceRead::default();
        for file in &source.files {
            let identity = identify(file)?;
            let mut progress = |bytes| progress(before + bytes);
            let mut intake = Intake::new(
                manifest.bounds,
                &mut gathered.features,
                &mut boundaries,
                &mut progress,
            );
            read_file(file, &source.format, &mut intake)?;
            read.tally.add(&intake.tally);
            before += identity.bytes;
            read.files.push(identity);
        }
        told(&source.name, &read);
        gathered.sources.push(read);
    }
    boundaries::name_areas(&mut gathered.features, &boundaries);
    Ok(gathered)
}

fn read_file(file: &Path, format: &Format, intake: &mut Intake<'_>) -> Result<(), Broken> {
    match format {
        Format::OsOpenNames => os_open_names::read(file, intake),
        Format::CodePointOpen => code_point_open::read(file, intake),
        Format::Onspd => onspd::read(file, intake),
        Format::OsOpenUprn => os_open_uprn::read(file, intake),
        Format::OsmPbf => osm_pbf::read(file, intake),
        Format::Csv { delimiter, mapping } => table::read(file, *delimiter, mapping, intake),
        Format::GeoJson { mapping } => geojson::read(file, mapping, intake),
    }
}

fn identify(file: &Path) -> Result<FileRead, Broken> {
    let broken = |error: std::io::Error| Broken::new(file, error);
    let mut opened = File::open(file).map_err(broken)?;
    let (mut digest, mut bytes) = (Sha256::new(), 0);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = opened.read(&mut buffer).map_err(broken)?;
        let Some(part) = buffer.get(..count).filter(|part| !part.is_empty()) else {
            break;
        };
        digest.update(part);
        bytes += count as u64;
    }
    let name = file.file_name().unwrap_or(file.as_os_str());
    Ok(FileRead {
        name: name.to_string_lossy().into_owned(),
        bytes,
        sha256: hex(&digest.finalize()),
    })
}

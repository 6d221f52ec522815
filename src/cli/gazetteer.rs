//! `cordon gazetteer`, and the opening of what it builds.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::{Parser, Subcommand};

use super::exit::Stopped;
use super::progress::Progress;
use crate::config::manifest;
use crate::gazetteer::gather::gather;
use crate::gazetteer::manifest::Manifest;
use crate::gazetteer::written;
use crate::geocode::Geocoder;
use crate::geocode::gazetteer::{Gazetteer, build};
use crate::io::mapped::Mapped;

/// The file of a gazetteer's folder that is looked things up in.
const FILE: &str = "gazetteer.bin";

/// Builds gazetteers, in which postcodes, addresses, junctions and names are looked up.
///
///   cordon gazetteer build --manifest open-data.toml --out gazetteer
///   echo "J/W BRIXTON RD & COLDHARBOUR LN" | cordon geocode --gazetteer gazetteer
#[derive(Debug, Parser)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Reads the sources of a manifest and writes a gazetteer; the same sources give the same bytes
    Build {
        /// What to read; docs/gazetteer.md says what it may hold and where to get the sources
        #[arg(long, value_name = "FILE")]
        manifest: PathBuf,
        /// Folder for gazetteer.bin, sources.json and ATTRIBUTION.txt; made where it is not there
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

pub(super) fn run(args: &Args) -> Result<(), Stopped> {
    let What::Build { manifest, out } = &args.what;
    let manifest = manifest::load(manifest)
        .map_err(|found| Stopped::Input(found.0.iter().map(ToString::to_string).collect()))?;
    write(&manifest, out).map_err(Stopped::Failed)
}

fn write(manifest: &Manifest, out: &Path) -> anyhow::Result<()> {
    let files = manifest.sources.iter().flat_map(|source| &source.files);
    let total = files
        .filter_map(|file| Some(fs::metadata(file).ok()?.len()))
        .sum();
    let mut progress = Progress::new("gazetteer build", total);
    let gathered = gather(
        manifest,
        |bytes| progress.at(bytes),
        |name, read| eprintln!("{}", written::line(name, read)),
    );
    progress.done();
    let gathered = gathered?;
    let features = gathered.features.len();
    let bytes = build(gathered.features.into_iter());
    fs::create_dir_all(out).with_context(|| format!("making {}", out.display()))?;
    let sources = written::sources(manifest, &gathered.sources).context("writing sources.json")?;
    for (name, content) in [
        ("sources.json", sources.as_bytes()),
        ("ATTRIBUTION.txt", written::attribution(manifest).as_bytes()),
        (FILE, &bytes),
    ] {
        put(out, name, content)
            .with_context(|| format!("writing {name} into {}", out.display()))?;
    }
    eprintln!(
        "{features} features in {}, {} kB",
        out.join(FILE).display(),
        bytes.len() / 1000
    );
    Ok(())
}

/// Writes a file whole or not at all: one that is in use goes on as it was.
fn put(folder: &Path, name: &str, content: &[u8]) -> std::io::Result<()> {
    let unfinished = folder.join(format!("{name}.unfinished"));
    fs::write(&unfinished, content)?;
    fs::rename(unfinished, folder.join(name))
}

/// A geocoder with the gazetteers of `folders`, the first one's answers before those of the next.
///
/// # Errors
/// What is wrong with each that cannot be opened.
pub(super) fn geocoder(folders: &[PathBuf]) -> Result<Geocoder, Vec<String>> {
    let (mut gazetteers, mut problems) = (Vec::new(), Vec::new());
    for folder in folders {
        match open(folder) {
            Ok(gazetteer) => gazetteers.push(gazetteer),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        Ok(Geocoder::with(gazetteers))
    } else {
        Err(problems)
    }
}

fn open(folder: &Path) -> Result<Gazetteer, String> {
    let path = folder.join(FILE);
    let told = path.display();
    let mapped = Mapped::open(&path).map_err(|error| {
        format!(
            "{told}: cannot be opened ({error}); make it with cordon gazetteer build --out {}",
            folder.display()
        )
    })?;
    Gazetteer::open(Arc::new(mapped)).map_err(|invalid| format!("{told}: {invalid}"))
}

//! What a gazetteer says of its sources: `sources.json` for programs, `ATTRIBUTION.txt` for people.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::gazetteer::gather::SourceRead;
use crate::gazetteer::manifest::{Manifest, Source};

#[derive(Serialize)]
struct Written<'m> {
    name: &'m str,
    format: &'m str,
    licence: &'m str,
    attribution: &'m str,
    files: Vec<WrittenFile<'m>>,
    rows: u64,
    features: u64,
    skipped: BTreeMap<&'static str, u64>,
}

#[derive(Serialize)]
struct WrittenFile<'m> {
    name: &'m str,
    bytes: u64,
    sha256: &'m str,
}

/// `sources.json`: nothing in it depends on when or where it was built.
///
/// # Errors
/// None in practice: everything in it can be written as JSON.
pub fn sources(manifest: &Manifest, read: &[SourceRead]) -> serde_json::Result<String> {
    let sources: Vec<_> = manifest.sources.iter().zip(read).map(written).collect();
    Ok(serde_json::to_string_pretty(&sources)? + "\n")
}

fn written<'m>((source, read): (&'m Source, &'m SourceRead)) -> Written<'m> {
    let files = read.files.iter().map(|file| WrittenFile {
        name: &file.name,
        bytes: file.bytes,
        sha256: &file.sha256,
    });
    let skipped = read.tally.skipped.iter();
    Written {
        name: &source.name,
        format: source.format.label(),
        licence: &source.licence,
        attribution: &source.attribution,
        files: files.collect(),
        rows: read.tally.rows,
        features: read.tally.features,
        skipped: skipped.map(|(why, count)| (why.label(), *count)).collect(),
    }
}

/// `ATTRIBUTION.txt`: what has to be said wherever answers of the gazetteer are shown.
#[must_use]
pub fn attribution(manifest: &Manifest) -> String {
    let about = manifest.sources.iter().map(|source| {
        let Source { name, licence, .. } = source;
        format!("\n{name} ({licence})\n  {}\n", source.attribution)
    });
    std::iter::once(FOREWORD.to_owned()).chain(about).collect()
}

const FOREWORD: &str = "Places found with this gazetteer come from the sources below. Show their attributions wherever\nthe answers are shown.\n";

/// One line about a source.
#[must_use]
pub fn line(name: &str, read: &SourceRead) -> String {
    let tally = &read.tally;
    let (rows, features) = (tally.rows, tally.features);
    let skipped = tally.skipped.iter();
    let skipped: Vec<String> = skipped
        .map(|(why, count)| format!("{count} {}", why.label()))
        .collect();
    let told = if skipped.is_empty() { "" } else { "; skipped " };
    format!(
        "{name}: {rows} rows, {features} features{told}{}",
        skipped.join(", ")
    )
}

//! `cordon check`.

use std::path::PathBuf;

use clap::Parser;

use super::exit::Stopped;
use crate::config;

/// Checks settings, rules, fences and manifests before anything uses them.
///
/// Tells every mistake of every file at once, each with its place and how to mend it; exit code 64
/// where there is one.
///
///   cordon check force.toml rules/*.toml fences.geojson
#[derive(Debug, Parser)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Files of any of these kinds; what each is, is told by what is in it
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<(), Stopped> {
    let problems = config::check::check(&args.files);
    if problems.is_empty() {
        let count = args.files.len();
        eprintln!(
            "{count} file{} checked, no problem",
            if count == 1 { "" } else { "s" }
        );
        return Ok(());
    }
    Err(Stopped::Input(
        problems.iter().map(ToString::to_string).collect(),
    ))
}

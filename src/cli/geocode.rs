//! `cordon geocode`.

use std::io::{BufWriter, stdin, stdout};
use std::path::PathBuf;

use anyhow::Context;
use clap::{Parser, ValueEnum};

use super::exit::Stopped;
use super::gazetteer;
use crate::query;

/// Answers where each line of standard input is: one answer a line, in order.
///
/// A line is latitude and longitude in the usual spellings, an easting and northing, a grid reference,
/// and with a gazetteer a postcode, UPRN, address, junction or name as somebody typed it. What is no
/// place is answered with the reason.
///
///   echo "TQ 311 756" | cordon geocode
///   cordon geocode --gazetteer london --format csv < queries.txt > answers.csv
#[derive(Debug, Parser)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Folder that `cordon gazetteer build` made; of several the first one's answers count before
    /// the next
    #[arg(long, value_name = "DIR")]
    gazetteer: Vec<PathBuf>,
    /// How answers are written
    #[arg(long, value_enum, default_value_t = Format::Ndjson)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// One JSON object a line
    Ndjson,
    /// A header, then a row a line
    Csv,
}

pub(super) fn run(args: &Args) -> Result<(), Stopped> {
    let format = match args.format {
        Format::Ndjson => query::Format::Ndjson,
        Format::Csv => query::Format::Csv,
    };
    let output = BufWriter::new(stdout().lock());
    let geocoder = gazetteer::geocoder(&args.gazetteer).map_err(Stopped::Input)?;
    query::run(&geocoder, stdin().lock(), output, format)
        .context("answering")
        .map_err(Stopped::Failed)
}

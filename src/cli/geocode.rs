//! `cordon geocode`.

use std::io::{BufWriter, stdin, stdout};

use anyhow::Context;
use clap::{Parser, ValueEnum};

use super::exit::Stopped;
use crate::geocode::Geocoder;
use crate::query;

/// Answers where each line of standard input is: one answer a line, in order.
///
/// A line is latitude and longitude in the usual spellings, an easting and northing, or a grid
/// reference. Without a gazetteer a postcode or words are "unlocatable", with the reason.
///
///   echo "TQ 311 756" | cordon geocode
///   cordon geocode --format csv < queries.txt > answers.csv
#[derive(Debug, Parser)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
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
    query::run(&Geocoder::default(), stdin().lock(), output, format)
        .context("answering")
        .map_err(Stopped::Failed)
}

//! `summary.json`: what a replay did, in numbers.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use crate::domain::time::Timestamp;
use crate::io::wire;
use crate::replay::Report;

/// What is known of a run from outside.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The files that were read, or the topics.
    pub inputs: &'a [String],
    /// What stood for the arrival of every record.
    pub now: Timestamp,
    /// How long it took.
    pub took: Duration,
}

/// Writes the summary. All but `seconds`, `events_per_s` and `now` depends on the input alone.
///
/// # Errors
/// When the file cannot be written.
pub fn write(report: &Report, run: &Run, path: &Path) -> io::Result<()> {
    let tally = &report.tally;
    let (first_at, last_at) = report.span.unzip();
    let summary = json!({
        "inputs": run.inputs,
        "records": report.records,
        "located": tally.located,
        "late": tally.late,
        "unplaced": tally.unplaced,
        "rejects": tally.rejects,
        "transitions": tally.transitions,
        "alerts_opened": tally.alerts_opened,
        "alerts_closed": tally.alerts_closed,
        "cells": tally.cells,
        "late_for_windows": report.late_for_windows,
        "first_at": first_at.map(text),
        "last_at": last_at.map(text),
        "now": text(run.now),
        "seconds": (run.took.as_secs_f64() * 1000.0).round() / 1000.0,
        "events_per_s": rate(report.records, run.took).round(),
    });
    let mut file = BufWriter::new(File::create(path)?);
    serde_json::to_writer_pretty(&mut file, &summary)?;
    writeln!(file)?;
    file.flush()
}

/// The summary in one line for people.
#[must_use]
pub fn line(report: &Report, run: &Run) -> String {
    let tally = &report.tally;
    let rejected: u64 = tally.rejects.values().sum();
    format!(
        "{} records in {:.1} s ({:.0}/s): {} located, {} unplaced, {} rejected, {} alerts opened",
        report.records,
        run.took.as_secs_f64(),
        rate(report.records, run.took),
        tally.located,
        tally.unplaced,
        rejected,
        tally.alerts_opened,
    )
}

fn text(at: Timestamp) -> String {
    let mut text = Vec::new();
    wire::time::write_rfc3339(at, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn rate(records: u64, took: Duration) -> f64 {
    records as f64 / took.as_secs_f64().max(1e-9)
}

//! `cordon feed`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write, stdout};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::{Parser, Subcommand};

use super::exit::Stopped;
use super::gazetteer;
use crate::config::{self, Config};
use crate::domain::report::Arrival;
use crate::io::kafka::outbox::Outbox;
use crate::io::kafka::topics;
use crate::io::wire;
use crate::io::wire::feed::{Decoder, Feed, FeedFormat, Row, line_of};
use crate::io::wire::report::Record;
use crate::runtime::clock::now;
use crate::track::place::Placer;

/// Records that are shown before and after.
const SHOWN: usize = 20;

/// Tries how a feed of the config reads an awkward file, or sends it to Kafka.
///
///   cordon feed try --config my.toml --feed cad SAMPLE.csv
///   tail -f cad.ndjson | cordon feed send --config my.toml --feed cad -
#[derive(Debug, Parser)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Shows 20 records before and after, codes that no table knows, and rejects by reason
    Try(Of),
    /// Sends every record to Kafka as the contract's JSON
    Send(Of),
}

#[derive(Debug, Parser)]
struct Of {
    /// Settings that have the feed
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Its name
    #[arg(long, value_name = "NAME")]
    feed: String,
    /// Records of it; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<(), Stopped> {
    let (What::Try(of) | What::Send(of)) = &args.what;
    let config = Config::load(Some(&of.config), config::environment())
        .map_err(|found| Stopped::Input(found.0.iter().map(ToString::to_string).collect()))?;
    let Some(feed) = config.feeds.iter().find(|feed| feed.name == of.feed) else {
        let known: Vec<_> = config.feeds.iter().map(|feed| feed.name.as_str()).collect();
        let problem = format!(
            "there is no feed {} in {}; it has: {}",
            of.feed,
            of.config.display(),
            known.join(", ")
        );
        return Err(Stopped::Input(vec![problem]));
    };
    let reader: Box<dyn BufRead> = if of.file.as_os_str() == "-" {
        Box::new(BufReader::new(std::io::stdin()))
    } else {
        let opened = File::open(&of.file);
        let file = opened.map_err(|error| {
            Stopped::Input(vec![format!(
                "{}: cannot be opened: {error}",
                of.file.display()
            )])
        })?;
        Box::new(BufReader::new(file))
    };
    match &args.what {
        What::Try(_) => try_out(&config, feed, reader),
        What::Send(_) => send(&config, feed, reader),
    }
}

/// What came of a sample.
#[derive(Default)]
struct Trial {
    records: u64,
    rejects: BTreeMap<&'static str, u64>,
    unmapped: BTreeMap<(String, String), u64>,
}

fn try_out(config: &Config, feed: &Feed, reader: Box<dyn BufRead>) -> Result<(), Stopped> {
    let geocoder = gazetteer::geocoder(&config.gazetteers).map_err(Stopped::Input)?;
    let mut placer = Placer::new(geocoder, config.track().vocabulary);
    let mut out = stdout().lock();
    let mut trial = Trial::default();
    each(feed, reader, |decoder, row, line| {
        let mut told = Vec::new();
        let decoded = decoder.decode(row, line, arrival(feed));
        if let Ok(Record::Report(report)) = &decoded {
            wire::report::encode(report, &mut told);
        }
        let refused = match decoded {
            Ok(Record::Report(report)) => placer
                .place(report, None)
                .map_or_else(Some, |placed| placed.reject().cloned()),
            Ok(Record::Deleted { .. }) => None,
            Err(reject) => Some(reject),
        };
        trial.records += 1;
        if let Some(reject) = &refused {
            *trial.rejects.entry(reject.reason.label()).or_default() += 1;
        }
        for (target, code) in decoder.unmapped(row, line) {
            *trial
                .unmapped
                .entry((target.label().to_owned(), code))
                .or_default() += 1;
        }
        if trial.records <= SHOWN as u64 {
            let before = decoder.kept(row, line);
            write!(
                out,
                "{line} <- {}\n   -> {}\n",
                String::from_utf8_lossy(&before),
                String::from_utf8_lossy(told.trim_ascii_end())
            )?;
            if let Some(reject) = refused {
                writeln!(out, "   !! {reject}")?;
            }
        }
        Ok(())
    })?;
    summarise(&trial, &mut out)
        .context("writing to standard output")
        .map_err(Stopped::Failed)
}

fn summarise(trial: &Trial, out: &mut impl Write) -> std::io::Result<()> {
    let refused: u64 = trial.rejects.values().sum();
    writeln!(
        out,
        "\n{} records, {refused} refused or without a place",
        trial.records
    )?;
    for (reason, count) in &trial.rejects {
        writeln!(out, "  {count:>8} {reason}")?;
    }
    if !trial.unmapped.is_empty() {
        writeln!(out, "codes that no table knows:")?;
    }
    for ((field, code), count) in &trial.unmapped {
        writeln!(out, "  {count:>8} {field} {code:?}")?;
    }
    Ok(())
}

fn send(config: &Config, feed: &Feed, reader: Box<dyn BufRead>) -> Result<(), Stopped> {
    let Some(brokers) = &config.kafka.brokers else {
        let problem = "[kafka] brokers is missing; name the brokers to send to, such as CORDON__KAFKA__BROKERS=127.0.0.1:9092";
        return Err(Stopped::Input(vec![problem.to_owned()]));
    };
    let outbox = Outbox::open(&config.kafka, brokers).context("opening Kafka")?;
    let topic = match feed.kind {
        crate::domain::ids::Kind::Resource => topics::POSITIONS,
        crate::domain::ids::Kind::Incident => topics::INCIDENTS,
    };
    let (mut sent, mut refused) = (0u64, 0u64);
    let mut json = Vec::new();
    each(feed, reader, |decoder, row, line| {
        match decoder.decode(row, line, arrival(feed)) {
            Ok(Record::Report(report)) => {
                json.clear();
                wire::report::encode(&report, &mut json);
                outbox.send(topic, &report.subject.id, Some(json.trim_ascii_end()))?;
                sent += 1;
            }
            Ok(Record::Deleted { subject, .. }) => outbox.send(topic, &subject.id, None)?,
            Err(reject) => {
                refused += 1;
                eprintln!("line {line}: {reject}");
            }
        }
        outbox.poll();
        Ok(())
    })?;
    outbox.drain(|| false);
    eprintln!("{sent} records sent to {topic}, {refused} refused");
    Ok(())
}

/// Gives every record of a file to `take`, with its line.
fn each(
    feed: &Feed,
    mut reader: Box<dyn BufRead>,
    mut take: impl FnMut(&Decoder<'_>, Row<'_>, u64) -> anyhow::Result<()>,
) -> Result<(), Stopped> {
    let wrong = |error: String| Stopped::Input(vec![error]);
    if feed.format == FeedFormat::Csv {
        let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(reader);
        let header = rows.headers().map_err(|error| wrong(error.to_string()))?;
        let decoder = feed
            .decoder(Some(header))
            .map_err(|error| wrong(error.to_string()))?;
        for row in rows.byte_records() {
            let row = row.context("reading")?;
            let line = line_of(&row);
            let row = csv::StringRecord::from_byte_record_lossy(row);
            take(&decoder, Row::Csv(&row), line)?;
        }
        return Ok(());
    }
    let decoder = feed
        .decoder(None)
        .map_err(|error| wrong(error.to_string()))?;
    let (mut bytes, mut line) = (Vec::new(), 0);
    while reader.read_until(b'\n', &mut bytes).context("reading")? > 0 {
        line += 1;
        if !bytes.trim_ascii().is_empty() {
            take(&decoder, Row::Json(bytes.trim_ascii()), line)?;
        }
        bytes.clear();
    }
    Ok(())
}

fn arrival(feed: &Feed) -> Arrival {
    Arrival {
        received: now(),
        delay: Duration::ZERO,
        lateness: feed.lateness,
    }
}

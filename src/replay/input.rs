//! The files of a replay, read record by record and merged by event time.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::command::Command;
use crate::domain::ids::{Kind, Subject};
use crate::domain::reject::Reject;
use crate::domain::report::{Arrival, Report};
use crate::domain::time::Timestamp;
use crate::io::wire;
use crate::io::wire::feed::{Decoder, Feed, FeedFormat, Row, line_of};
use crate::io::wire::report::{MAX_BYTES, Record};
use crate::replay::output::Origin;
use crate::replay::sorted::{Merged, SortedLines};

/// A file to be replayed.
#[derive(Clone, Debug)]
pub struct Source {
    /// Where it is.
    pub path: PathBuf,
    /// What its lines are.
    pub layout: Layout,
}

/// What the lines of a file are.
#[derive(Clone, Debug)]
pub enum Layout {
    /// Reports of the contract, and how late they may be.
    Reports(Kind, Duration),
    /// Records of a feed of the config.
    Feed(Box<Feed>),
    /// Commands of the contract.
    Commands,
}

/// What a line says.
#[derive(Debug)]
pub enum Entry {
    /// A subject says something.
    Report(Box<Report>),
    /// A subject is taken away, from that time on where it says one.
    Deleted(Subject, Option<Timestamp>),
    /// What an operator did.
    Command(Box<Command>),
}

/// One line of a file.
#[derive(Debug)]
pub struct Line {
    /// Where it stands.
    pub origin: Origin,
    /// What a reject may show of it: the line, or of a feed's record the mapped values alone.
    pub raw: Vec<u8>,
    /// What it says, or why that cannot be known.
    pub entry: Result<Entry, Reject>,
    /// Its event time, where that can be believed.
    pub at: Option<Timestamp>,
}

/// The files, merged: the line with the earliest event time next; at equal times resources before
/// incidents before commands, then the order of the files. A line without a believable time comes as
/// soon as it heads its file.
#[derive(Debug)]
pub struct Merge<'s> {
    files: Vec<Head<'s>>,
    read_bytes: u64,
}

#[derive(Debug)]
struct Head<'s> {
    lines: Lines,
    layout: &'s Layout,
    /// Of a feed.
    decoder: Option<Decoder<'s>>,
    now: Timestamp,
    future_skew: Duration,
    source: usize,
    next: Option<Line>,
}

#[derive(Debug)]
enum Lines {
    /// As they stand in the file.
    File { reader: BufReader<File>, line: u64 },
    /// Rows of a CSV file.
    Rows(Box<csv::Reader<File>>),
    /// Sorted by event time, each with its line number before it; `rows` of CSV or lines.
    Sorted { lines: Box<Merged>, rows: bool },
}

impl<'s> Merge<'s> {
    /// Opens `sources`; `now` bounds the future. With `sort` each file is first sorted by (time, line).
    ///
    /// # Errors
    /// When a file cannot be opened or read, or lacks a column of its feed; names every such file.
    pub fn open(
        sources: &'s [Source],
        now: Timestamp,
        future_skew: Duration,
        sort: bool,
    ) -> Result<Self, Vec<String>> {
        let mut files = Vec::new();
        let mut problems = Vec::new();
        for (number, source) in sources.iter().enumerate() {
            match Head::open(source, number, now, future_skew) {
                Ok(head) => files.push(head),
                Err(problem) => problems.push(format!("{}: {problem}", source.path.display())),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        for (head, source) in files.iter_mut().zip(sources).filter(|_| sort) {
            let failed = |error: io::Error| vec![format!("{}: {error}", source.path.display())];
            head.sort().map_err(failed)?;
        }
        let mut merge = Self {
            files,
            read_bytes: 0,
        };
        for number in 0..merge.files.len() {
            merge
                .refill(number)
                .map_err(|error| vec![error.to_string()])?;
        }
        Ok(merge)
    }

    /// The next line.
    ///
    /// # Errors
    /// When a file cannot be read on.
    pub fn next_line(&mut self) -> io::Result<Option<Line>> {
        let earliest = self.files.iter().enumerate().filter_map(|(number, head)| {
            let next = head.next.as_ref()?;
            Some((
                next.at.unwrap_or(Timestamp::MIN),
                head.layout.rank(),
                number,
            ))
        });
        let Some((_, _, number)) = earliest.min() else {
            return Ok(None);
        };
        let line = self.files[number].next.take();
        self.refill(number)?;
        Ok(line)
    }

    /// Bytes read so far, for a progress bar.
    #[must_use]
    pub fn read_bytes(&self) -> u64 {
        self.read_bytes
    }

    fn refill(&mut self, number: usize) -> io::Result<()> {
        let head = &mut self.files[number];
        head.next = head.read()?;
        self.read_bytes += head
            .next
            .as_ref()
            .map_or(0, |line| line.raw.len() as u64 + 1);
        Ok(())
    }
}

impl Layout {
    /// Order of files at equal times.
    fn rank(&self) -> u8 {
        match self {
            Self::Reports(Kind::Resource, _) => 0,
            Self::Reports(Kind::Incident, _) => 1,
            Self::Feed(feed) => u8::from(feed.kind == Kind::Incident),
            Self::Commands => 2,
        }
    }
}

impl<'s> Head<'s> {
    fn open(
        source: &'s Source,
        number: usize,
        now: Timestamp,
        future_skew: Duration,
    ) -> Result<Self, String> {
        let file =
            File::open(&source.path).map_err(|error| format!("cannot be opened: {error}"))?;
        let (lines, decoder) = match &source.layout {
            Layout::Feed(feed) if feed.format == FeedFormat::Csv => {
                let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(file);
                let header = rows.headers().map_err(|error| error.to_string())?;
                let decoder = feed
                    .decoder(Some(header))
                    .map_err(|error| error.to_string())?;
                (Lines::Rows(Box::new(rows)), Some(decoder))
            }
            Layout::Feed(feed) => {
                let decoder = feed.decoder(None).map_err(|error| error.to_string())?;
                (Lines::of(file), Some(decoder))
            }
            Layout::Reports(..) | Layout::Commands => (Lines::of(file), None),
        };
        Ok(Self {
            lines,
            layout: &source.layout,
            decoder,
            now,
            future_skew,
            source: number,
            next: None,
        })
    }

    fn read(&mut self) -> io::Result<Option<Line>> {
        let Some((line, raw)) = self.lines.next()? else {
            return Ok(None);
        };
        Ok(Some(self.decode(line, raw)))
    }

    fn decode(&self, line: u64, raw: Raw) -> Line {
        let arrival = |lateness| Arrival {
            received: self.now,
            delay: Duration::ZERO,
            lateness,
        };
        let (entry, raw) = match (self.layout, &self.decoder, raw) {
            (Layout::Feed(feed), Some(decoder), raw) => {
                let row = raw.row();
                let record = decoder.decode(row, line, arrival(feed.lateness));
                (record.map(Entry::from), decoder.kept(row, line))
            }
            (Layout::Reports(kind, lateness), _, raw) => {
                let raw = raw.bytes();
                let record = wire::report::decode(*kind, &raw, arrival(*lateness));
                (record.map(Entry::from), raw)
            }
            (Layout::Commands | Layout::Feed(_), _, raw) => {
                let raw = raw.bytes();
                let command = wire::command::decode(&raw);
                (
                    command.map(|command| Entry::Command(Box::new(command))),
                    raw,
                )
            }
        };
        let at = entry.as_ref().ok().and_then(Entry::at);
        Line {
            origin: Origin {
                source: self.source,
                line,
            },
            at: at.filter(|at| *at <= self.now + self.future_skew),
            raw,
            entry,
        }
    }

    /// Sorts what is left of the file by (time, line), on disk where it is large. A line without a
    /// believable time keeps its place behind the line before it.
    fn sort(&mut self) -> io::Result<()> {
        let mut sorted = SortedLines::default();
        let rows = matches!(self.lines, Lines::Rows(_));
        let mut time = Timestamp::MIN;
        while let Some((number, raw)) = self.lines.next()? {
            let mut numbered = number.to_be_bytes().to_vec();
            raw.write(&mut numbered)?;
            time = self.decode(number, raw).at.unwrap_or(time);
            sorted.push(
                |key| key.time(time).number(number),
                |line| line.extend_from_slice(&numbered),
            )?;
        }
        let lines = Box::new(Merged::new([sorted])?);
        self.lines = Lines::Sorted { lines, rows };
        Ok(())
    }
}

impl Entry {
    fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Command(command) => Some(command.at),
            Self::Report(report) => report.at,
            Self::Deleted(_, at) => *at,
        }
    }
}

impl From<Record> for Entry {
    fn from(record: Record) -> Self {
        match record {
            Record::Report(report) => Self::Report(Box::new(report)),
            Record::Deleted { subject, at } => Self::Deleted(subject, at),
        }
    }
}

/// A line as it was read.
#[derive(Debug)]
enum Raw {
    Bytes(Vec<u8>),
    Row(csv::StringRecord),
}

impl Raw {
    fn row(&self) -> Row<'_> {
        match self {
            Self::Bytes(bytes) => Row::Json(bytes),
            Self::Row(row) => Row::Csv(row),
        }
    }

    fn bytes(self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Row(row) => row.as_slice().as_bytes().to_vec(),
        }
    }

    fn write(&self, into: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Bytes(bytes) => {
                into.extend_from_slice(bytes);
                Ok(())
            }
            Self::Row(row) => Ok(csv::Writer::from_writer(into).write_record(row)?),
        }
    }

    /// What `write` wrote.
    fn read(bytes: Vec<u8>, row: bool) -> io::Result<Self> {
        if !row {
            return Ok(Self::Bytes(bytes));
        }
        let mut rows = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(&*bytes);
        let mut row = csv::StringRecord::new();
        rows.read_record(&mut row)?;
        Ok(Self::Row(row))
    }
}

impl Lines {
    fn of(file: File) -> Self {
        let reader = BufReader::with_capacity(1 << 18, file);
        Self::File { reader, line: 0 }
    }

    /// The next line that is not blank, with its number.
    fn next(&mut self) -> io::Result<Option<(u64, Raw)>> {
        match self {
            Self::File { reader, line } => loop {
                let mut raw = Vec::new();
                if !read_bounded(reader, &mut raw)? {
                    return Ok(None);
                }
                *line += 1;
                if !raw.trim_ascii().is_empty() {
                    return Ok(Some((*line, Raw::Bytes(raw))));
                }
            },
            Self::Rows(rows) => {
                let mut row = csv::ByteRecord::new();
                if !rows.read_byte_record(&mut row)? {
                    return Ok(None);
                }
                let line = line_of(&row);
                Ok(Some((
                    line,
                    Raw::Row(csv::StringRecord::from_byte_record_lossy(row)),
                )))
            }
            Self::Sorted { lines, rows } => {
                let mut numbered = Vec::new();
                if !lines.next_into(&mut numbered)? {
                    return Ok(None);
                }
                let raw = numbered.split_off(8);
                let line = numbered.try_into().map_or(0, u64::from_be_bytes);
                Ok(Some((line, Raw::read(raw, *rows)?)))
            }
        }
    }
}

/// Reads a line without its end; false at the end of the file. Of a line over the limit of a record
/// only one byte more is kept: enough to refuse it, and memory stays bounded.
fn read_bounded(reader: &mut impl BufRead, raw: &mut Vec<u8>) -> io::Result<bool> {
    let limit = MAX_BYTES as u64 + 2;
    if reader.take(limit).read_until(b'\n', raw)? == 0 {
        return Ok(false);
    }
    if raw.last() == Some(&b'\n') {
        raw.pop();
        if raw.last() == Some(&b'\r') {
            raw.pop();
        }
    } else if raw.len() as u64 == limit {
        reader.skip_until(b'\n')?;
    }
    Ok(true)
}

/// Size of a file in bytes, 0 where it cannot be told.
#[must_use]
pub fn size_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

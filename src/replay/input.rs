//! The files or partitions of a replay, read record by record and merged by event time.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::command::Command;
use crate::domain::ids::{Kind, Subject};
use crate::domain::reject::Reject;
use crate::domain::report::{Arrival, Report};
use crate::domain::time::Timestamp;
use crate::io::kafka::range::{Range, RangeReader};
use crate::io::wire;
use crate::io::wire::feed::{Decoder, Feed, FeedFormat, Row, line_of};
use crate::io::wire::report::{MAX_BYTES, Record};
use crate::replay::output::Origin;
use crate::replay::sorted::{Merged, SortedLines};

/// A file or a partition to be replayed.
#[derive(Clone, Debug)]
pub struct Source {
    /// Where it is.
    pub place: Place,
    /// What its lines are.
    pub layout: Layout,
}

/// Where lines come from.
#[derive(Clone, Debug)]
pub enum Place {
    /// A file.
    File(PathBuf),
    /// What a partition held between two moments; each record is a line.
    Topic(Box<Range>),
}

/// How much was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HowMuch {
    /// Bytes of lines, with their ends.
    pub bytes: u64,
    /// Lines.
    pub records: u64,
}

impl Place {
    /// The file or topic.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Topic(range) => range.partition.topic.clone(),
        }
    }

    /// Of a topic.
    fn partition(&self) -> Option<i32> {
        match self {
            Self::File(_) => None,
            Self::Topic(range) => Some(range.partition.number),
        }
    }
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
    read: HowMuch,
}

#[derive(Debug)]
struct Head<'s> {
    lines: Lines,
    layout: &'s Layout,
    /// Of a feed.
    decoder: Option<Decoder<'s>>,
    now: Timestamp,
    future_skew: Duration,
    origin: Origin,
    /// Every record arrived at `now`, whatever its own arrival.
    is_now: bool,
    next: Option<Line>,
}

#[derive(Debug)]
enum Lines {
    /// As they stand in the file.
    File { reader: BufReader<File>, line: u64 },
    /// Rows of a CSV file.
    Rows(Box<csv::Reader<File>>),
    /// Records of a partition.
    Topic(Box<RangeReader>),
    /// Sorted by event time, each with its line number before it; `rows` of CSV or lines.
    Sorted { lines: Box<Merged>, rows: bool },
}

impl<'s> Merge<'s> {
    /// Opens `sources`; `now` bounds the future, for records of topics only if `is_now` says so. With `sort` each file is first sorted by (time, line).
    ///
    /// # Errors
    /// When a file cannot be opened or read, or lacks a column of its feed; names every such file.
    pub fn open(
        sources: &'s [Source],
        now: Timestamp,
        is_now: bool,
        future_skew: Duration,
        sort: bool,
    ) -> Result<Self, Vec<String>> {
        let mut files = Vec::new();
        let mut problems = Vec::new();
        for (number, source) in sources.iter().enumerate() {
            match Head::open(source, number, now, is_now, future_skew) {
                Ok(head) => files.push(head),
                Err(problem) => problems.push(format!("{}: {problem}", source.place.name())),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        for (head, source) in files.iter_mut().zip(sources).filter(|_| sort) {
            let failed = |error: io::Error| vec![format!("{}: {error}", source.place.name())];
            head.sort().map_err(failed)?;
        }
        let mut merge = Self {
            files,
            read: HowMuch::default(),
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

    /// How much was read so far, for a progress bar.
    #[must_use]
    pub fn read_so_far(&self) -> HowMuch {
        self.read
    }

    fn refill(&mut self, number: usize) -> io::Result<()> {
        let head = &mut self.files[number];
        head.next = head.read()?;
        if let Some(line) = &head.next {
            self.read.bytes += line.raw.len() as u64 + 1;
            self.read.records += 1;
        }
        Ok(())
    }
}

impl Layout {
    /// Rows of CSV, not lines.
    fn is_rows(&self) -> bool {
        matches!(self, Self::Feed(feed) if feed.format == FeedFormat::Csv)
    }

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
        is_now: bool,
        future_skew: Duration,
    ) -> Result<Self, String> {
        let (lines, header) = match &source.place {
            Place::Topic(range) => {
                let reader = range.open().map_err(|error| error.to_string())?;
                (Lines::Topic(Box::new(reader)), None)
            }
            Place::File(path) => {
                let file =
                    File::open(path).map_err(|error| format!("cannot be opened: {error}"))?;
                if source.layout.is_rows() {
                    let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(file);
                    let header = rows.headers().map_err(|error| error.to_string())?.clone();
                    (Lines::Rows(Box::new(rows)), Some(header))
                } else {
                    (Lines::of(file), None)
                }
            }
        };
        let decoder = match &source.layout {
            Layout::Feed(feed) => {
                let decoder = feed.decoder(header.as_ref());
                Some(decoder.map_err(|error| error.to_string())?)
            }
            Layout::Reports(..) | Layout::Commands => None,
        };
        Ok(Self {
            lines,
            layout: &source.layout,
            decoder,
            now,
            future_skew,
            is_now,
            origin: Origin {
                source: number,
                partition: source.place.partition(),
                line: 0,
            },
            next: None,
        })
    }

    fn read(&mut self) -> io::Result<Option<Line>> {
        let Some(found) = self.lines.next()? else {
            return Ok(None);
        };
        Ok(Some(self.decode(found)))
    }

    fn decode(&self, found: Found) -> Line {
        let Found {
            number: line,
            received,
            raw,
        } = found;
        let received = received.filter(|_| !self.is_now).unwrap_or(self.now);
        let arrival = |lateness| Arrival {
            received,
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
                line,
                ..self.origin
            },
            at: at.filter(|at| *at <= received + self.future_skew),
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
        while let Some(found) = self.lines.next()? {
            let number = found.number;
            let numbered = found.write()?;
            time = self.decode(found).at.unwrap_or(time);
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

/// A line that was read.
#[derive(Debug)]
struct Found {
    /// The line from 1, or the offset.
    number: u64,
    /// When it reached the broker; `None` of a file.
    received: Option<Timestamp>,
    raw: Raw,
}

impl Found {
    /// All of it as bytes.
    fn write(&self) -> io::Result<Vec<u8>> {
        let received = self.received.unwrap_or(Timestamp::MIN).millis();
        let mut bytes = self.number.to_be_bytes().to_vec();
        bytes.extend(received.to_be_bytes());
        self.raw.write(&mut bytes)?;
        Ok(bytes)
    }

    /// What `write` wrote.
    fn read(mut bytes: Vec<u8>, row: bool) -> io::Result<Self> {
        let raw = bytes.split_off(16);
        let received = bytes.split_off(8).try_into().map_or(0, i64::from_be_bytes);
        Ok(Self {
            number: bytes.try_into().map_or(0, u64::from_be_bytes),
            received: Timestamp::from_millis(received),
            raw: Raw::read(raw, row)?,
        })
    }

    /// A record of a topic.
    fn of(record: crate::io::kafka::Record) -> Self {
        let deletion = |key: Option<String>| wire::report::deletion(key.as_deref().unwrap_or(""));
        Self {
            number: u64::try_from(record.at.number).unwrap_or(0),
            received: Some(record.received),
            raw: Raw::Bytes(record.value.unwrap_or_else(|| deletion(record.key))),
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

    /// The next line that is not blank.
    fn next(&mut self) -> io::Result<Option<Found>> {
        let line = |number, raw| {
            Ok(Some(Found {
                number,
                received: None,
                raw,
            }))
        };
        match self {
            Self::File {
                reader,
                line: number,
            } => loop {
                let mut raw = Vec::new();
                if !read_bounded(reader, &mut raw)? {
                    return Ok(None);
                }
                *number += 1;
                if !raw.trim_ascii().is_empty() {
                    return line(*number, Raw::Bytes(raw));
                }
            },
            Self::Rows(rows) => {
                let mut row = csv::ByteRecord::new();
                if !rows.read_byte_record(&mut row)? {
                    return Ok(None);
                }
                let number = line_of(&row);
                let row = csv::StringRecord::from_byte_record_lossy(row);
                line(number, Raw::Row(row))
            }
            Self::Topic(reader) => {
                let record = reader.next_record().map_err(io::Error::other)?;
                Ok(record.map(Found::of))
            }
            Self::Sorted { lines, rows } => {
                let mut numbered = Vec::new();
                if !lines.next_into(&mut numbered)? {
                    return Ok(None);
                }
                Found::read(numbered, *rows).map(Some)
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

//! The files or partitions of a replay, read record by record and merged by event time.

mod lines;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::command::Command;
use crate::domain::ids::{Kind, Subject};
use crate::domain::reject::Reject;
use crate::domain::report::{Arrival, Report};
use crate::domain::time::Timestamp;
use crate::io::kafka::range::Range;
use crate::io::wire;
use crate::io::wire::feed::{Decoder, Feed, FeedFormat};
use crate::io::wire::report::{Habits, Record};
use crate::replay::input::lines::{Found, Lines};
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
    /// What its records are like.
    habits: Habits,
    now: Timestamp,
    future_skew: Duration,
    origin: Origin,
    /// Every record arrived at `now`, whatever its own arrival.
    is_now: bool,
    /// Of several files, the line that comes next of this one.
    next: Option<Line>,
}

impl<'s> Merge<'s> {
    /// Opens `sources`; `now` bounds the future, for records of topics only if `is_now` says so. With
    /// `sort` each file is first sorted by (time, line).
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
        if merge.files.len() > 1 {
            for head in &mut merge.files {
                head.next = head.read().map_err(|error| vec![error.to_string()])?;
            }
        }
        Ok(merge)
    }

    /// The next line.
    ///
    /// # Errors
    /// When a file cannot be read on.
    #[inline(always)]
    pub fn next_line(&mut self) -> io::Result<Option<Line>> {
        let line = match self.files.as_mut_slice() {
            // Nothing to compare it with.
            [only] => only.read()?,
            files => {
                let earliest = files.iter_mut().filter(|head| head.next.is_some());
                let Some(head) = earliest.min_by_key(|head| head.order()) else {
                    return Ok(None);
                };
                let next = head.read()?;
                std::mem::replace(&mut head.next, next)
            }
        };
        if let Some(line) = &line {
            self.read.bytes += line.raw.len() as u64 + 1;
            self.read.records += 1;
        }
        Ok(line)
    }

    /// How much was read so far, for a progress bar.
    #[must_use]
    pub fn read_so_far(&self) -> HowMuch {
        self.read
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
            habits: Habits::kept(),
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

    /// Where its next line stands among those of other files.
    fn order(&self) -> (Timestamp, u8, usize) {
        let at = self.next.as_ref().and_then(|next| next.at);
        (
            at.unwrap_or(Timestamp::MIN),
            self.layout.rank(),
            self.origin.source,
        )
    }

    #[inline(always)]
    fn read(&mut self) -> io::Result<Option<Line>> {
        let Some(found) = self.lines.next()? else {
            return Ok(None);
        };
        Ok(Some(self.decode(found)))
    }

    #[inline(always)]
    fn decode(&mut self, found: Found) -> Line {
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
                let record =
                    wire::report::decode_next(*kind, &raw, arrival(*lateness), &mut self.habits);
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
        let lines = Box::new(Merged::new(sorted)?);
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
            Record::Report(report) => Self::Report(report),
            Record::Deleted { subject, at } => Self::Deleted(subject, at),
        }
    }
}

/// Size of a file in bytes, 0 where it cannot be told.
#[must_use]
pub fn size_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

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
use crate::io::wire::feed::{Feed, FeedFormat};
type Columns = ();
use crate::io::wire::report::{MAX_BYTES, Record};
use crate::replay::output::Origin;
use crate::replay::sorted::{Key, Merged, SortedLines};

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
    /// As it was read, without its end.
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
pub struct Merge {
    files: Vec<Head>,
    read_bytes: u64,
}

#[derive(Debug)]
struct Head {
    lines: Lines,
    layout: Layout,
    columns: Option<Columns>,
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
    /// Sorted by event time, each with its line number before it.
    Sorted(Box<Merged>),
}

impl Merge {
    /// Opens `sources`; `now` bounds the future. With `sort` each file is first sorted by (time, line).
    ///
    /// # Errors
    /// When a file cannot be opened or read, or lacks a column of its feed; names every such file.
    pub fn open(
        sources: &[Source],
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

impl Head {
    fn open(
        source: &Source,
        number: usize,
        now: Timestamp,
        future_skew: Duration,
    ) -> Result<Self, String> {
        let file =
            File::open(&source.path).map_err(|error| format!("cannot be opened: {error}"))?;
        let mut columns = None;
        let lines = match &source.layout {
            Layout::Feed(feed) if feed.format == FeedFormat::Csv => {
                let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(file);
                let header = rows.byte_headers().map_err(|error| error.to_string())?;
                let _ = header;
                columns = Some(());
                Lines::Rows(Box::new(rows))
            }
            Layout::Reports(..) | Layout::Feed(_) | Layout::Commands => Lines::File {
                reader: BufReader::with_capacity(1 << 18, file),
                line: 0,
            },
        };
        Ok(Self {
            lines,
            layout: source.layout.clone(),
            columns,
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

    fn decode(&self, line: u64, raw: Vec<u8>) -> Line {
        let arrival = |lateness| Arrival {
            received: self.now,
            delay: Duration::ZERO,
            lateness,
        };
        let record = |record: Result<Record, Reject>| record.map(Entry::from);
        let entry = match &self.layout {
            Layout::Reports(kind, lateness) => {
                record(wire::report::decode(*kind, &raw, arrival(*lateness)))
            }
            Layout::Feed(feed) => {
                let arrival = arrival(feed.lateness);
                {
                    let _ = (arrival, feed);
                    todo!()
                }
            }
            Layout::Commands => {
                wire::command::decode(&raw).map(|command| Entry::Command(Box::new(command)))
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
        let mut time = Timestamp::MIN;
        while let Some(line) = self.read()? {
            time = line.at.unwrap_or(time);
            let key = Key::new().time(time).number(line.origin.line);
            let mut numbered = line.origin.line.to_be_bytes().to_vec();
            numbered.extend_from_slice(&line.raw);
            sorted.push(&key, &numbered)?;
        }
        self.lines = Lines::Sorted(Box::new(Merged::new([sorted])?));
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

impl Lines {
    /// The next line that is not blank, with its number.
    fn next(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        match self {
            Self::File { reader, line } => loop {
                let mut raw = Vec::with_capacity(USUAL_LINE);
                if !read_bounded(reader, &mut raw)? {
                    return Ok(None);
                }
                *line += 1;
                if !raw.trim_ascii().is_empty() {
                    return Ok(Some((*line, raw)));
                }
            },
            Self::Rows(rows) => {
                let mut row = csv::ByteRecord::new();
                if !rows.read_byte_record(&mut row)? {
                    return Ok(None);
                }
                let line = row.position().map_or(0, csv::Position::line);
                let mut raw = csv::Writer::from_writer(Vec::new());
                raw.write_byte_record(&row)?;
                let mut raw = raw
                    .into_inner()
                    .map_err(|error| io::Error::other(error.to_string()))?;
                raw.pop(); // the line's end
                Ok(Some((line, raw)))
            }
            Self::Sorted(merged) => {
                let mut numbered = Vec::new();
                if !merged.next_into(&mut numbered)? {
                    return Ok(None);
                }
                let raw = numbered.split_off(8);
                let line = numbered.try_into().map_or(0, u64::from_be_bytes);
                Ok(Some((line, raw)))
            }
        }
    }
}

/// Bytes that most records fit into: one allocation a line.
const USUAL_LINE: usize = 512;

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

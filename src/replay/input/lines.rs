//! The lines of one source, whatever it is: a file, a table, a partition, or one of these put in order.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use crate::domain::time::Timestamp;
use crate::io::kafka::range::RangeReader;
use crate::io::wire;
use crate::io::wire::feed::{Row, line_of};
use crate::io::wire::report::MAX_BYTES;
use crate::replay::sorted::Merged;

#[derive(Debug)]
pub(super) enum Lines {
    /// As they stand in the file.
    File { reader: BufReader<File>, line: u64 },
    /// Rows of a CSV file.
    Rows(Box<csv::Reader<File>>),
    /// Records of a partition.
    Topic(Box<RangeReader>),
    /// Sorted by event time, each with its line number before it; `rows` of CSV or lines.
    Sorted { lines: Box<Merged>, rows: bool },
}

/// A line that was read.
#[derive(Debug)]
pub(super) struct Found {
    /// The line from 1, or the offset.
    pub(super) number: u64,
    /// When it reached the broker; `None` of a file.
    pub(super) received: Option<Timestamp>,
    pub(super) raw: Raw,
}

impl Found {
    /// All of it as bytes.
    pub(super) fn write(&self) -> io::Result<Vec<u8>> {
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
pub(super) enum Raw {
    Bytes(Vec<u8>),
    Row(csv::StringRecord),
}

impl Raw {
    pub(super) fn row(&self) -> Row<'_> {
        match self {
            Self::Bytes(bytes) => Row::Json(bytes),
            Self::Row(row) => Row::Csv(row),
        }
    }

    pub(super) fn bytes(self) -> Vec<u8> {
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
    pub(super) fn of(file: File) -> Self {
        let reader = BufReader::with_capacity(1 << 18, file);
        Self::File { reader, line: 0 }
    }

    /// The next line that is not blank.
    pub(super) fn next(&mut self) -> io::Result<Option<Found>> {
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

//! The lines of one source, whatever it is: a file, a table, a partition, or one of these put in order.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use crate::domain::time::Timestamp;
use crate::io::kafka::range::RangeReader;
use crate::io::mapped::Windows;
use crate::io::wire;
use crate::io::wire::feed::{Row, line_of};
use crate::io::wire::report::MAX_BYTES;
use crate::prefetch::prefetch_bytes;
use crate::replay::sorted::Merged;

/// How far ahead of a line a recording is asked for, in bytes: some ten lines, within a page of memory.
const BYTES_AHEAD: usize = 2048;

/// So many bytes, about those of a line.
const LINE_AHEAD: usize = 192;

#[derive(Debug)]
pub(super) enum Lines {
    /// As they stand in the file.
    File { windows: Windows, line: u64 },
    /// As they come out of a pipe.
    Pipe { reader: BufReader<File>, line: u64 },
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
        match Windows::of(file) {
            Ok(windows) => Self::File { windows, line: 0 },
            Err(pipe) => Self::Pipe {
                reader: BufReader::with_capacity(1 << 18, pipe),
                line: 0,
            },
        }
    }

    /// The next line that is not blank.
    #[inline(always)]
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
                windows,
                line: number,
            } => {
                let raw = next_not_blank(windows, number)?;
                raw.map_or(Ok(None), |raw| line(*number, Raw::Bytes(raw)))
            }
            Self::Pipe {
                reader,
                line: number,
            } => {
                let raw = next_not_blank(reader, number)?;
                raw.map_or(Ok(None), |raw| line(*number, Raw::Bytes(raw)))
            }
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

/// Reads the next line that is not blank, and counts lines.
#[inline(always)]
fn next_not_blank(reader: &mut impl BufRead, number: &mut u64) -> io::Result<Option<Vec<u8>>> {
    while let Some(raw) = read_bounded(reader)? {
        *number += 1;
        if !raw.trim_ascii().is_empty() {
            return Ok(Some(raw));
        }
    }
    Ok(None)
}

/// Reads a line without its end; `None` at the end of the file. Of a line over the limit of a record
/// only one byte more is kept: enough to refuse it, and memory stays bounded.
#[inline(always)]
fn read_bounded(reader: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let buffer = reader.fill_buf()?;
    let limit = MAX_BYTES + 2;
    // Nearly every line lies in the buffer as a whole, and is copied once.
    let Some(length) = memchr::memchr(b'\n', buffer).filter(|length| *length < limit) else {
        return read_in_parts(reader, limit as u64);
    };
    prefetch_bytes::<LINE_AHEAD>(buffer, length + BYTES_AHEAD);
    let line = buffer.get(..length).unwrap_or_default();
    let raw = line.strip_suffix(b"\r").unwrap_or(line).to_vec();
    reader.consume(length + 1);
    Ok(Some(raw))
}

fn read_in_parts(reader: &mut impl BufRead, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let mut raw = Vec::new();
    if reader.take(limit).read_until(b'\n', &mut raw)? == 0 {
        return Ok(None);
    }
    if raw.last() == Some(&b'\n') {
        raw.pop();
        if raw.last() == Some(&b'\r') {
            raw.pop();
        }
    } else if raw.len() as u64 == limit {
        reader.skip_until(b'\n')?;
    }
    Ok(Some(raw))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(mut reader: impl BufRead) -> Vec<Vec<u8>> {
        std::iter::from_fn(|| read_bounded(&mut reader).unwrap()).collect()
    }

    proptest! {
        /// However small the buffer is.
        #[test]
        fn lines_are_read_as_in_parts(
            text in prop::collection::vec(prop::sample::select(b"ab\r\n".to_vec()), 0..60),
            capacity in 1_usize..70,
        ) {
            let mut whole = &*text;
            let expected: Vec<_> =
                std::iter::from_fn(|| read_in_parts(&mut whole, 1 << 16).unwrap()).collect();
            prop_assert_eq!(lines(BufReader::with_capacity(capacity, &*text)), expected);
        }
    }

    #[test]
    fn a_line_at_the_limit_is_kept_and_one_over_it_is_cut() {
        for (length, kept) in [(0, 0), (1, 1), (2, 2), (3, 2), (300_000, 2)] {
            let text = [vec![b'a'; MAX_BYTES + length], b"\nb\n".to_vec()].concat();
            for capacity in [1000, 1 << 18] {
                let found = lines(BufReader::with_capacity(capacity, &*text));
                let found: Vec<_> = found.iter().map(Vec::len).collect();
                assert_eq!(found, [MAX_BYTES + kept, 1], "{length} {capacity}");
            }
        }
    }
}

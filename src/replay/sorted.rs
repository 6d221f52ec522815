//! Lines in the order of their keys, in memory as far as it goes and on disk beyond: so a replay's
//! memory stays flat however long its input is.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use crate::domain::time::Timestamp;

/// Bytes of keys and lines held before they are spilled as one sorted run.
const RUN_BYTES: usize = 16 << 20;

/// Bytes of a run that are read back at once. A hundred million lines of 300 bytes are 1,900 runs: with
/// this they take 120 MB while they are merged.
const READ_BYTES: usize = 64 << 10;

/// A key being written, whose bytes compare as its parts do, in order.
#[derive(Debug)]
pub struct Key<'b>(&'b mut Vec<u8>);

impl Key<'_> {
    /// Then by time.
    #[must_use]
    pub fn time(self, at: Timestamp) -> Self {
        // Flipping the sign bit makes negative times compare as bytes before positive ones.
        self.bytes(&(at.millis() ^ i64::MIN).to_be_bytes())
    }

    /// Then by number.
    #[must_use]
    pub fn number(self, number: u64) -> Self {
        self.bytes(&number.to_be_bytes())
    }

    /// Then by text; a text that another one continues comes before it.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes()).bytes(&[0])
    }

    fn bytes(self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }
}

/// Lines to be put in order. Lines of equal keys come as they were pushed.
#[derive(Debug)]
pub struct SortedLines {
    held: Vec<Held>,
    /// Keys and lines, one behind the other.
    bytes: Vec<u8>,
    run_bytes: usize,
    /// The file for temporary data and where each run ends in it, once there is one. One file, since
    /// there can be more runs than a process may open files.
    spilled: Option<(File, Vec<u64>)>,
}

/// Where a key and its line stand in the bytes.
#[derive(Clone, Copy, Debug)]
struct Held {
    /// The first bytes of the key, which nearly always decide: so a sort stays in this list.
    first: u64,
    start: usize,
    key: u32,
    line: u32,
}

impl Default for SortedLines {
    fn default() -> Self {
        Self::with_run_bytes(RUN_BYTES)
    }
}

impl SortedLines {
    /// Spills a run whenever it holds about `run_bytes`.
    #[must_use]
    pub fn with_run_bytes(run_bytes: usize) -> Self {
        Self {
            held: Vec::new(),
            bytes: Vec::new(),
            run_bytes,
            spilled: None,
        }
    }

    /// Takes in a line: `key` and `line` write it.
    ///
    /// # Errors
    /// When a run cannot be written to the folder for temporary files.
    pub fn push(
        &mut self,
        key: impl FnOnce(Key<'_>) -> Key<'_>,
        line: impl FnOnce(&mut Vec<u8>),
    ) -> io::Result<()> {
        if self.bytes.capacity() == 0 {
            // At once, since growing would copy it again and again; a page costs when it is touched.
            self.bytes.reserve(self.run_bytes);
        }
        let start = self.bytes.len();
        key(Key(&mut self.bytes));
        let middle = self.bytes.len();
        line(&mut self.bytes);
        let length =
            |bytes: usize| u32::try_from(bytes).map_err(|_| io::Error::other("a line over 4 GiB"));
        self.held.push(Held {
            first: first_bytes(&self.bytes[start..middle]),
            start,
            key: length(middle - start)?,
            line: length(self.bytes.len() - middle)?,
        });
        if self.bytes.len() >= self.run_bytes {
            self.spill()?;
        }
        Ok(())
    }

    fn key(&self, held: Held) -> &[u8] {
        &self.bytes[held.start..held.start + held.key as usize]
    }

    fn line(&self, held: Held) -> &[u8] {
        let start = held.start + held.key as usize;
        &self.bytes[start..start + held.line as usize]
    }

    /// A stable sort, which takes input that is nearly in order in nearly one pass.
    fn sort(&mut self) {
        let mut held = std::mem::take(&mut self.held);
        held.sort_by(|a, b| {
            let by_first = a.first.cmp(&b.first);
            by_first.then_with(|| self.key(*a).cmp(self.key(*b)))
        });
        self.held = held;
    }

    fn spill(&mut self) -> io::Result<()> {
        self.sort();
        let (file, ends) = match self.spilled.take() {
            Some(spilled) => spilled,
            None => (tempfile::tempfile()?, Vec::new()),
        };
        let mut run = BufWriter::with_capacity(1 << 20, file);
        for held in &self.held {
            run.write_all(&held.key.to_le_bytes())?;
            run.write_all(&held.line.to_le_bytes())?;
            run.write_all(self.key(*held))?;
            run.write_all(self.line(*held))?;
        }
        let mut file = run.into_inner().map_err(io::IntoInnerError::into_error)?;
        let end = file.stream_position()?;
        let (_, ends) = self.spilled.insert((file, ends));
        ends.push(end);
        self.held.clear();
        self.bytes.clear();
        Ok(())
    }
}

/// The first eight bytes as a number that compares as they do; a shorter key is filled up with zeros.
fn first_bytes(key: &[u8]) -> u64 {
    let mut first = [0; 8];
    let length = key.len().min(8);
    first[..length].copy_from_slice(&key[..length]);
    u64::from_be_bytes(first)
}

/// Lines of several collections, in order; of equal keys the earlier collection's come first.
#[derive(Debug)]
pub struct Merged {
    sources: Vec<Run>,
    /// The next key of each source that has one.
    heads: BinaryHeap<Reverse<(Vec<u8>, usize)>>,
}

/// Sorted keys and lines.
#[derive(Debug)]
enum Run {
    Memory { lines: SortedLines, next: usize },
    Disk { part: BufReader<Part>, line: u32 },
}

/// Part of a file that others read too.
#[derive(Debug)]
struct Part {
    file: Arc<File>,
    left: Range<u64>,
}

impl Part {
    fn new(file: &Arc<File>, left: Range<u64>) -> Self {
        let file = Arc::clone(file);
        Self { file, left }
    }
}

impl Read for Part {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.left.end - self.left.start).unwrap_or(usize::MAX);
        let length = into.len().min(left);
        let read = self.file.read_at(&mut into[..length], self.left.start)?;
        self.left.start += read as u64;
        Ok(read)
    }
}

impl Merged {
    /// Puts `collections` in order.
    ///
    /// # Errors
    /// When a run on disk cannot be read back.
    pub fn new(collections: impl IntoIterator<Item = SortedLines>) -> io::Result<Self> {
        let mut sources = Vec::new();
        for mut lines in collections {
            if let Some((file, ends)) = lines.spilled.take() {
                let file = Arc::new(file);
                let starts = std::iter::once(0).chain(ends.iter().copied());
                sources.extend(starts.zip(&ends).map(|(start, end)| Run::Disk {
                    part: BufReader::with_capacity(READ_BYTES, Part::new(&file, start..*end)),
                    line: 0,
                }));
            }
            lines.sort();
            sources.push(Run::Memory { lines, next: 0 });
        }
        let mut heads = BinaryHeap::new();
        for (number, source) in sources.iter_mut().enumerate() {
            let mut key = Vec::new();
            if source.next_key(&mut key)? {
                heads.push(Reverse((key, number)));
            }
        }
        Ok(Self { sources, heads })
    }

    /// Puts the next line into `line`; false at the end.
    ///
    /// # Errors
    /// When a run on disk cannot be read back.
    pub fn next_into(&mut self, line: &mut Vec<u8>) -> io::Result<bool> {
        let Some(mut head) = self.heads.peek_mut() else {
            return Ok(false);
        };
        let Reverse((key, number)) = &mut *head;
        let source = &mut self.sources[*number];
        source.take_line(line)?;
        // Put in place of the old one: the heap is ordered again in one go when `head` is dropped.
        if !source.next_key(key)? {
            PeekMut::pop(head);
        }
        Ok(true)
    }
}

impl Run {
    /// Puts the next key into `key`; false at the end.
    fn next_key(&mut self, key: &mut Vec<u8>) -> io::Result<bool> {
        key.clear();
        match self {
            Self::Memory { lines, next } => {
                let held = lines.held.get(*next);
                key.extend_from_slice(held.map_or(&[], |held| lines.key(*held)));
                Ok(held.is_some())
            }
            Self::Disk { part, line } => {
                let mut length = [0; 4];
                match part.read_exact(&mut length) {
                    Ok(()) => {}
                    Err(end) if end.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
                    Err(error) => return Err(error),
                }
                key.resize(u32::from_le_bytes(length) as usize, 0);
                part.read_exact(&mut length)?;
                *line = u32::from_le_bytes(length);
                part.read_exact(key)?;
                Ok(true)
            }
        }
    }

    fn take_line(&mut self, into: &mut Vec<u8>) -> io::Result<()> {
        into.clear();
        match self {
            Self::Memory { lines, next } => {
                into.extend_from_slice(lines.line(lines.held[*next]));
                *next += 1;
                Ok(())
            }
            Self::Disk { part, line } => {
                into.resize(*line as usize, 0);
                part.read_exact(into)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted(rows: &[(i64, String)], run_bytes: usize) -> Vec<String> {
        let mut lines = SortedLines::with_run_bytes(run_bytes);
        for (number, (ms, text)) in rows.iter().enumerate() {
            let at = Timestamp::from_millis(*ms).unwrap();
            let line = number.to_string();
            lines
                .push(
                    |key| key.time(at).text(text),
                    |out| out.extend_from_slice(line.as_bytes()),
                )
                .unwrap();
        }
        let mut merged = Merged::new([lines]).unwrap();
        let (mut out, mut line) = (Vec::new(), Vec::new());
        while merged.next_into(&mut line).unwrap() {
            out.push(String::from_utf8(line.clone()).unwrap());
        }
        out
    }

    proptest! {
        #[test]
        fn spilled_lines_come_in_the_order_of_a_stable_sort(
            rows in prop::collection::vec((-5i64..5, "[a-c]{0,2}"), 0..60),
        ) {
            let mut expected: Vec<_> = rows.iter().enumerate().collect();
            expected.sort_by_key(|(_, a)| *a);
            let expected: Vec<_> = expected.iter().map(|(number, _)| number.to_string()).collect();
            prop_assert_eq!(&sorted(&rows, 1 << 20), &expected);
            prop_assert_eq!(&sorted(&rows, 64), &expected);
        }
    }
}

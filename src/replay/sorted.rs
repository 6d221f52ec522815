//! Lines in the order of their keys, in memory as far as it goes and on disk beyond: so a replay's
//! memory stays flat however long its input is.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};

use crate::domain::time::Timestamp;

/// Bytes of keys and lines held before they are spilled as one sorted run.
const RUN_BYTES: usize = 64 << 20;

/// A key whose bytes compare as its parts do, in order.
#[derive(Clone, Debug, Default)]
pub struct Key(Vec<u8>);

impl Key {
    /// A key without a part.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

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

    fn bytes(mut self, bytes: &[u8]) -> Self {
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
    runs: Vec<File>,
    lines: u64,
}

/// Where a key and its line stand in the bytes.
#[derive(Clone, Copy, Debug)]
struct Held {
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
            runs: Vec::new(),
            lines: 0,
        }
    }

    /// Takes in a line.
    ///
    /// # Errors
    /// When a run cannot be written to the folder for temporary files.
    pub fn push(&mut self, key: &Key, line: &[u8]) -> io::Result<()> {
        let length = |bytes: &[u8]| {
            u32::try_from(bytes.len()).map_err(|_| io::Error::other("a line over 4 GiB"))
        };
        self.held.push(Held {
            start: self.bytes.len(),
            key: length(&key.0)?,
            line: length(line)?,
        });
        self.bytes.extend_from_slice(&key.0);
        self.bytes.extend_from_slice(line);
        self.lines += 1;
        if self.bytes.len() >= self.run_bytes {
            self.spill()?;
        }
        Ok(())
    }

    /// How many lines there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.lines
    }

    /// Whether there is no line.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines == 0
    }

    /// Gives every line in order.
    ///
    /// # Errors
    /// When a run cannot be read back, or `take` fails.
    pub fn drain(mut self, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        if self.runs.is_empty() {
            self.sort();
            return self.held.iter().try_for_each(|held| take(self.line(*held)));
        }
        self.spill()?;
        merge(self.runs, take)
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
        held.sort_by(|a, b| self.key(*a).cmp(self.key(*b)));
        self.held = held;
    }

    fn spill(&mut self) -> io::Result<()> {
        self.sort();
        let mut run = BufWriter::with_capacity(1 << 20, tempfile::tempfile()?);
        for held in &self.held {
            run.write_all(&held.key.to_le_bytes())?;
            run.write_all(&held.line.to_le_bytes())?;
            run.write_all(self.key(*held))?;
            run.write_all(self.line(*held))?;
        }
        let mut run = run.into_inner().map_err(io::IntoInnerError::into_error)?;
        io::Seek::rewind(&mut run)?;
        self.runs.push(run);
        self.held.clear();
        self.bytes.clear();
        Ok(())
    }
}

/// Merges sorted runs; of equal keys the earlier run's come first.
fn merge(runs: Vec<File>, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut runs: Vec<_> = runs.into_iter().map(|run| BufReader::with_capacity(1 << 20, run)).collect();
    let mut heads = BinaryHeap::new();
    for (number, run) in runs.iter_mut().enumerate() {
        heads.extend(read(run)?.map(|(key, line)| Reverse((key, number, line))));
    }
    while let Some(Reverse((_, number, line))) = heads.pop() {
        take(&line)?;
        heads.extend(read(&mut runs[number])?.map(|(key, line)| Reverse((key, number, line))));
    }
    Ok(())
}

type KeyAndLine = (Vec<u8>, Vec<u8>);

fn read(run: &mut impl Read) -> io::Result<Option<KeyAndLine>> {
    let mut length = [0; 4];
    match run.read_exact(&mut length) {
        Ok(()) => {}
        Err(end) if end.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut key = vec![0; u32::from_le_bytes(length) as usize];
    run.read_exact(&mut length)?;
    let mut line = vec![0; u32::from_le_bytes(length) as usize];
    run.read_exact(&mut key)?;
    run.read_exact(&mut line)?;
    Ok(Some((key, line)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted(rows: &[(i64, String)], run_bytes: usize) -> Vec<String> {
        let mut lines = SortedLines::with_run_bytes(run_bytes);
        for (number, (ms, text)) in rows.iter().enumerate() {
            let key = Key::new().time(Timestamp::from_millis(*ms).unwrap()).text(text);
            lines.push(&key, number.to_string().as_bytes()).unwrap();
        }
        let mut out = Vec::new();
        lines
            .drain(|line| {
                out.push(String::from_utf8(line.to_vec()).unwrap());
                Ok(())
            })
            .unwrap();
        out
    }

    proptest! {
        #[test]
        fn spilled_lines_come_in_the_order_of_a_stable_sort(
            rows in prop::collection::vec((-5i64..5, "[a-c]{0,2}"), 0..60),
        ) {
            let mut expected: Vec<_> = rows.iter().enumerate().collect();
            expected.sort_by(|(_, a), (_, b)| a.cmp(b));
            let expected: Vec<_> = expected.iter().map(|(number, _)| number.to_string()).collect();
            prop_assert_eq!(&sorted(&rows, 1 << 20), &expected);
            prop_assert_eq!(&sorted(&rows, 64), &expected);
        }
    }
}

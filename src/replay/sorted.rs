//! Lines in the order of their keys, in memory as far as it goes and on disk beyond: so a replay's
//! memory stays flat however long its input is.
//!
//! Input is nearly in order: what is behind the newest by more than what memory holds is rare. So lines wait
//! in memory until as many have come after them, then go to disk in order and are not touched again: that file
//! is what was asked for. Only where a line came too late for it are both merged once more.

mod chunk;
mod key;
mod runs;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::replay::sorted::chunk::Chunk;
use crate::replay::sorted::runs::{RunReader, Runs};

pub use key::Key;

/// Bytes of keys and lines after which those that came before them go to disk; twice as many are held. Seconds of
/// the positions of a large force, and little enough to stay in the cache (16 MiB made a replay an eighth slower).
const CHUNK_BYTES: usize = 1 << 20;

/// Times as many of what came too late make a run: it is in no order, and each run costs memory when they are merged.
const LATE_CHUNKS: usize = 8;

/// Mode of a file that is to be read by others, as far as the process may give it.
const SHARED: u32 = 0o666;

/// Mode of a file for this process alone.
const OWN: u32 = 0o600;

/// Lines to be put in order. Lines of equal keys come as they were pushed.
#[derive(Debug)]
pub struct SortedLines {
    /// In order, and newer than what is settled.
    waiting: Chunk,
    /// As they come.
    coming: Chunk,
    /// On disk, in order; the key of the last of them.
    settled: Option<(Runs, Vec<u8>)>,
    /// Too late for that.
    late: Chunk,
    late_runs: Option<Runs>,
    chunk_bytes: usize,
    folder: PathBuf,
    mode: u32,
}

impl Default for SortedLines {
    /// For temporary use.
    fn default() -> Self {
        Self::new(std::env::temp_dir(), OWN, CHUNK_BYTES)
    }
}

impl SortedLines {
    /// Lines that `write` makes a file of `folder`.
    #[must_use]
    pub fn of_file_in(folder: &Path) -> Self {
        Self::new(folder.to_owned(), SHARED, CHUNK_BYTES)
    }

    fn new(folder: PathBuf, mode: u32, chunk_bytes: usize) -> Self {
        Self {
            waiting: Chunk::default(),
            coming: Chunk::default(),
            settled: None,
            late: Chunk::default(),
            late_runs: None,
            chunk_bytes,
            folder,
            mode,
        }
    }

    /// Takes in a line: `key` and `line` write it.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    #[inline(always)]
    pub fn push(
        &mut self,
        key: impl FnOnce(Key<'_>) -> Key<'_>,
        line: impl FnOnce(&mut Vec<u8>),
    ) -> io::Result<()> {
        self.coming.push(key, line)?;
        if self.coming.bytes() >= self.chunk_bytes {
            self.settle()?;
        }
        Ok(())
    }

    /// Puts what waits on disk, with what came later and belongs between.
    fn settle(&mut self) -> io::Result<()> {
        self.coming.sort();
        while self.waiting.first().is_some() {
            self.settle_some()?;
        }
        self.waiting.clear();
        std::mem::swap(&mut self.waiting, &mut self.coming);
        Ok(())
    }

    /// Puts the first of all lines in memory on disk, and those with it that stand behind it as they are to go out.
    fn settle_some(&mut self) -> io::Result<()> {
        let is_waiting = match (self.waiting.first(), self.coming.first()) {
            (Some((waiting, _)), Some((coming, _))) => waiting <= coming,
            (waiting, _) => waiting.is_some(),
        };
        let (from, other) = if is_waiting {
            (&mut self.waiting, &self.coming)
        } else {
            (&mut self.coming, &self.waiting)
        };
        let Some((key, line)) = from.first() else {
            return Ok(());
        };
        let (settled, last) = match &mut self.settled {
            Some(settled) => settled,
            none => none.insert((Runs::create(&self.folder, self.mode)?, Vec::new())),
        };
        if **last <= *key {
            let stretch = from.take_before(other, is_waiting);
            settled.push(&stretch)?;
            last.clear();
            last.extend_from_slice(stretch.last);
            return Ok(());
        }
        self.late
            .push(|out| out.copy(key), |out| out.extend_from_slice(line))?;
        from.step();
        if self.late.bytes() >= LATE_CHUNKS * self.chunk_bytes {
            self.spill_late()?;
        }
        Ok(())
    }

    fn spill_late(&mut self) -> io::Result<()> {
        self.late.sort();
        let runs = match &mut self.late_runs {
            Some(runs) => runs,
            none => none.insert(Runs::create(&self.folder, OWN)?),
        };
        while self.late.first().is_some() {
            runs.push(&self.late.take_before(&Chunk::default(), true))?;
        }
        runs.end_run();
        self.late.clear();
        Ok(())
    }

    /// The end: nothing is left in memory, or everything is.
    fn finish(&mut self) -> io::Result<()> {
        self.coming.sort();
        if self.settled.is_none() && self.waiting.first().is_none() {
            std::mem::swap(&mut self.waiting, &mut self.coming);
            return Ok(());
        }
        while self.waiting.first().or(self.coming.first()).is_some() {
            self.settle_some()?;
        }
        self.late.sort();
        Ok(())
    }

    /// Whether all is on disk in one run.
    fn is_settled(&self) -> bool {
        self.settled.is_some() && self.late.first().is_none() && self.late_runs.is_none()
    }

    /// Whether there is no line.
    fn is_empty(&self) -> bool {
        self.settled.is_none() && self.waiting.first().is_none()
    }
}

/// Puts `collections` in order into the file at `path`, in the folder that they are of.
///
/// # Errors
/// When the folder cannot be written to.
pub fn write(mut collections: Vec<SortedLines>, path: &Path) -> io::Result<()> {
    for lines in &mut collections {
        lines.finish()?;
    }
    collections.retain(|lines| !lines.is_empty());
    if let [lines] = collections.as_mut_slice()
        && lines.is_settled()
        && let Some((runs, _)) = lines.settled.take()
    {
        return runs.persist(path);
    }
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut merged = Merged::of_finished(collections)?;
    let mut line = Vec::new();
    while merged.next_into(&mut line)? {
        file.write_all(&line)?;
    }
    file.flush()
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
    Memory(Chunk),
    Disk(RunReader),
}

impl Merged {
    /// Puts `collections` in order.
    ///
    /// # Errors
    /// When what is on disk cannot be written or read back.
    pub fn new(mut lines: SortedLines) -> io::Result<Self> {
        lines.finish()?;
        Self::of_finished(vec![lines])
    }

    fn of_finished(collections: Vec<SortedLines>) -> io::Result<Self> {
        let mut sources = Vec::new();
        for lines in collections {
            if let Some((mut settled, _)) = lines.settled {
                settled.end_run();
                sources.extend(settled.read()?.map(Run::Disk));
            }
            if let Some(late) = lines.late_runs {
                sources.extend(late.read()?.map(Run::Disk));
            }
            sources.extend([lines.late, lines.waiting].map(Run::Memory));
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
        match self {
            Self::Disk(run) => run.next_key(key),
            Self::Memory(chunk) => {
                key.clear();
                let first = chunk.first();
                key.extend_from_slice(first.map_or(&[], |(key, _)| key));
                Ok(first.is_some())
            }
        }
    }

    /// Puts the line of that key into `line`.
    fn take_line(&mut self, into: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Disk(run) => run.take_line(into),
            Self::Memory(chunk) => {
                into.clear();
                into.extend_from_slice(chunk.first().map_or(&[], |(_, line)| line));
                chunk.step();
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use proptest::prelude::*;

    fn lines(rows: &[(i64, String)], folder: &Path, chunk_bytes: usize) -> SortedLines {
        let mut lines = SortedLines::new(folder.to_owned(), SHARED, chunk_bytes);
        for (number, (ms, text)) in rows.iter().enumerate() {
            let at = Timestamp::from_millis(*ms).unwrap();
            let line = format!("{number} ");
            lines
                .push(
                    |key| key.time(at).text(text),
                    |out| out.extend_from_slice(line.as_bytes()),
                )
                .unwrap();
        }
        lines
    }

    fn written(collections: Vec<SortedLines>, folder: &Path) -> String {
        let path = folder.join("lines");
        write(collections, &path).unwrap();
        std::fs::read_to_string(path).unwrap()
    }

    fn numbers(numbers: impl Iterator<Item = usize>) -> String {
        numbers.fold(String::new(), |text, number| {
            text + &number.to_string() + " "
        })
    }

    proptest! {
        #[test]
        fn lines_come_in_the_order_of_a_stable_sort_however_many_are_held(
            rows in prop::collection::vec((-5i64..5, "[a-c]{0,2}"), 0..60),
            chunk_bytes in prop::sample::select(vec![1, 30, 64, 300, 1 << 20]),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let mut expected: Vec<_> = rows.iter().enumerate().collect();
            expected.sort_by_key(|(_, a)| *a);
            let expected = numbers(expected.iter().map(|(number, _)| *number));
            let mut merged = Merged::new(lines(&rows, folder.path(), chunk_bytes)).unwrap();
            let (mut read, mut line) = (String::new(), Vec::new());
            while merged.next_into(&mut line).unwrap() {
                read.push_str(std::str::from_utf8(&line).unwrap());
            }
            prop_assert_eq!(&read, &expected);
            prop_assert_eq!(&written(vec![lines(&rows, folder.path(), chunk_bytes)], folder.path()), &expected);
        }

        #[test]
        fn of_equal_keys_the_earlier_collection_comes_first(
            rows in prop::collection::vec((-5i64..5, "[a-c]{0,2}"), 0..40),
            chunk_bytes in prop::sample::select(vec![1, 64, 1 << 20]),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let collections = || vec![lines(&rows, folder.path(), chunk_bytes), lines(&rows, folder.path(), chunk_bytes)];
            let mut expected: Vec<_> = [0, 1].into_iter().flat_map(|_| rows.iter().enumerate()).collect();
            expected.sort_by_key(|(_, a)| *a);
            let expected = numbers(expected.iter().map(|(number, _)| *number));
            prop_assert_eq!(written(collections(), folder.path()), expected);
        }
    }

    #[test]
    fn what_came_in_order_is_written_once_and_others_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let rows: Vec<_> = (0..100).map(|ms| (ms, String::new())).collect();
        let mut lines = lines(&rows, folder.path(), 64);
        lines.finish().unwrap();
        assert!(lines.is_settled());
        assert_eq!(written(vec![lines], folder.path()), numbers(0..100));
        let plain = folder.path().join("plain");
        std::fs::write(&plain, "").unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&folder.path().join("lines")), mode(&plain));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}

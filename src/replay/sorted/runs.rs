//! Runs of lines in order, on disk: the lines one behind the other, as they go out, and their keys in a file
//! beside them. All runs share the two files, since there can be more runs than a process may open files.

use std::fs::{File, Permissions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::ops::Range;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;

use tempfile::NamedTempFile;

use crate::replay::sorted::chunk::Stretch;

/// Bytes that are written at once; lines come in longer stretches, which then are not copied first.
const WRITE_BYTES: usize = 1 << 16;

/// Bytes of lines, and of keys, of a run that are read back at once. A hundred million lines of 300 bytes out of all
/// order are 1,900 runs: with this they take 120 MB while they are merged.
const READ_BYTES: usize = 32 << 10;

/// Runs being written.
#[derive(Debug)]
pub(super) struct Runs {
    lines: BufWriter<NamedTempFile>,
    keys: BufWriter<File>,
    /// Bytes of lines and of keys.
    written: (u64, u64),
    /// Where each run ends in both.
    ends: Vec<(u64, u64)>,
}

/// A run being read.
#[derive(Debug)]
pub(super) struct RunReader {
    lines: BufReader<Part>,
    keys: BufReader<Part>,
    line: usize,
}

impl Runs {
    /// Two files in `folder`, that of the lines with this mode as far as the process may give it.
    pub(super) fn create(folder: &Path, mode: u32) -> io::Result<Self> {
        let mut file = tempfile::Builder::new();
        let lines = file.permissions(Permissions::from_mode(mode));
        let lines = lines.tempfile_in(folder)?;
        Ok(Self {
            lines: BufWriter::with_capacity(WRITE_BYTES, lines),
            keys: BufWriter::with_capacity(WRITE_BYTES, tempfile::tempfile_in(folder)?),
            written: (0, 0),
            ends: Vec::new(),
        })
    }

    /// Puts lines behind the last one.
    pub(super) fn push(&mut self, stretch: &Stretch<'_>) -> io::Result<()> {
        self.keys.write_all(stretch.keys)?;
        self.lines.write_all(stretch.lines)?;
        self.written.0 += stretch.lines.len() as u64;
        self.written.1 += stretch.keys.len() as u64;
        Ok(())
    }

    /// What comes from here on is another run.
    pub(super) fn end_run(&mut self) {
        self.ends.push(self.written);
    }

    /// The lines become the file at `path`, which is in the same folder.
    pub(super) fn persist(self, path: &Path) -> io::Result<()> {
        let lines = self.lines.into_inner();
        lines
            .map_err(io::IntoInnerError::into_error)?
            .persist(path)?;
        Ok(())
    }

    /// The runs that have ended, in the order in which they were written.
    pub(super) fn read(self) -> io::Result<impl Iterator<Item = RunReader>> {
        let lines = self.lines.into_inner();
        let keys = self.keys.into_inner();
        let lines = lines.map_err(io::IntoInnerError::into_error)?.into_file();
        let keys = keys.map_err(io::IntoInnerError::into_error)?;
        let (lines, keys) = (Arc::new(lines), Arc::new(keys));
        let starts = std::iter::once((0, 0)).chain(self.ends.clone());
        let runs = starts.zip(self.ends).map(move |(start, end)| RunReader {
            lines: Part::reader(&lines, start.0..end.0),
            keys: Part::reader(&keys, start.1..end.1),
            line: 0,
        });
        Ok(runs)
    }
}

impl RunReader {
    /// Puts the next key into `key`; false at the end.
    pub(super) fn next_key(&mut self, key: &mut Vec<u8>) -> io::Result<bool> {
        let mut length = [0; 4];
        match self.keys.read_exact(&mut length) {
            Ok(()) => {}
            Err(end) if end.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            Err(error) => return Err(error),
        }
        key.resize(u32::from_le_bytes(length) as usize, 0);
        self.keys.read_exact(&mut length)?;
        self.line = u32::from_le_bytes(length) as usize;
        self.keys.read_exact(key)?;
        Ok(true)
    }

    /// Puts the line of that key into `into`.
    pub(super) fn take_line(&mut self, into: &mut Vec<u8>) -> io::Result<()> {
        into.resize(self.line, 0);
        self.lines.read_exact(into)
    }
}

/// Part of a file that others read too.
#[derive(Debug)]
struct Part {
    file: Arc<File>,
    left: Range<u64>,
}

impl Part {
    fn reader(file: &Arc<File>, left: Range<u64>) -> BufReader<Self> {
        let file = Arc::clone(file);
        BufReader::with_capacity(READ_BYTES, Self { file, left })
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

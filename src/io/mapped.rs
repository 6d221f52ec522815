//! Files mapped into memory.

use std::fs::File;
use std::io::{self, BufRead, Read};
use std::path::Path;

use memmap2::{Mmap, MmapOptions};

/// Bytes of a file in its window: little enough to stay in a cache, and so many that mapping them costs nothing
/// beside reading them.
const WINDOW: u64 = 1 << 20;

/// A file as bytes, read from disk where they are looked at.
#[derive(Debug)]
pub struct Mapped(Mmap);

impl Mapped {
    /// Maps `path`.
    ///
    /// # Errors
    /// When it cannot be opened or mapped.
    pub fn open(path: &Path) -> io::Result<Self> {
        map(&File::open(path)?, &MmapOptions::new()).map(Self)
    }
}

impl AsRef<[u8]> for Mapped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// A file read from front to back through a window that is mapped: nothing is copied, and the processor
/// fetches what comes next while its reader works on what came before.
#[derive(Debug)]
pub struct Windows {
    file: File,
    window: Option<Mmap>,
    /// Bytes of the window that were read.
    read: usize,
    /// Bytes of the file up to the end of the window.
    end: u64,
    /// Bytes of the next window, where the file goes on for so long.
    width: u64,
}

impl Windows {
    /// Reads `file` from its first byte on.
    ///
    /// # Errors
    /// Gives `file` back when it is none, as a pipe: that has no size.
    pub fn of(file: File) -> Result<Self, File> {
        Self::of_width(file, WINDOW)
    }

    fn of_width(file: File, width: u64) -> Result<Self, File> {
        if !file.metadata().is_ok_and(|found| found.is_file()) {
            return Err(file);
        }
        Ok(Self {
            file,
            window: None,
            read: 0,
            end: 0,
            width,
        })
    }

    fn unread(&self) -> &[u8] {
        let window = self.window.as_deref().unwrap_or_default();
        window.get(self.read..).unwrap_or_default()
    }

    /// Moves the window on, as far as the file goes by now.
    fn go_on(&mut self) -> io::Result<()> {
        let left = self.file.metadata()?.len().saturating_sub(self.end);
        let length = left.min(self.width);
        self.read = 0;
        self.window = None;
        if let Some(bytes) = usize::try_from(length).ok().filter(|bytes| *bytes > 0) {
            let mut next = MmapOptions::new();
            // All of its pages in one call: otherwise each sixteen of them are one of the processor's faults.
            next.populate();
            self.window = Some(map(&self.file, next.offset(self.end).len(bytes))?);
            self.end += length;
        }
        Ok(())
    }
}

impl BufRead for Windows {
    #[inline(always)]
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.unread().is_empty() {
            self.go_on()?;
        }
        Ok(self.unread())
    }

    fn consume(&mut self, amount: usize) {
        self.read += amount;
    }
}

impl Read for Windows {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

fn map(file: &File, options: &MmapOptions) -> io::Result<Mmap> {
    // SAFETY: the bytes are only read, and only as numbers and texts that are checked. A gazetteer is
    // written under another name and then renamed, so one that is in use is never written to, and a recording
    // grows only; whoever cuts either short by hand ends the process with SIGBUS, and harms nothing else.
    #[expect(
        unsafe_code,
        reason = "mapping a file is unsafe by nature; this is the only place that does"
    )]
    unsafe {
        options.map(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, b"bytes").unwrap();
        assert_eq!(Mapped::open(&path).unwrap().as_ref(), b"bytes");
        std::fs::write(&path, b"").unwrap();
        assert_eq!(Mapped::open(&path).unwrap().as_ref(), b"");
        assert!(Mapped::open(&folder.path().join("b")).is_err());
    }

    #[test]
    fn through_windows_a_file_is_its_bytes_and_what_it_grows_by() {
        use std::io::Write;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        for size in [0, 1, 6, 7, 8, 20_000] {
            let mut bytes: Vec<u8> = (0..=250).cycle().take(size).collect();
            std::fs::write(&path, &bytes).unwrap();
            let mut windows = Windows::of_width(File::open(&path).unwrap(), 7).unwrap();
            let mut read = Vec::new();
            windows.read_to_end(&mut read).unwrap();
            let mut file = File::options().append(true).open(&path).unwrap();
            file.write_all(b"more").unwrap();
            windows.read_to_end(&mut read).unwrap();
            bytes.extend(b"more");
            assert_eq!(read, bytes);
        }
    }

    #[test]
    fn a_file_cut_short_between_two_windows_ends_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, b"0123456789").unwrap();
        let mut windows = Windows::of_width(File::open(&path).unwrap(), 4).unwrap();
        assert_eq!(windows.fill_buf().unwrap(), b"0123");
        windows.consume(4);
        std::fs::write(&path, b"01").unwrap();
        assert_eq!(windows.fill_buf().unwrap(), b"");
    }

    #[test]
    fn what_has_no_size_is_given_back() {
        assert!(Windows::of(File::open("/dev/null").unwrap()).is_err());
    }
}

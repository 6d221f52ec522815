//! Files mapped into memory.

use std::fs::File;
use std::io;
use std::path::Path;

use memmap2::Mmap;

/// A file as bytes, read from disk where they are looked at.
#[derive(Debug)]
pub struct Mapped(Mmap);

impl Mapped {
    /// Maps `path`.
    ///
    /// # Errors
    /// When it cannot be opened or mapped.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        // SAFETY: the bytes are only read, and only as numbers and texts that are checked. A gazetteer is
        // written under another name and then renamed, so one that is in use is never written to; whoever
        // cuts it short by hand ends the process with SIGBUS, and harms nothing else.
        #[expect(
            unsafe_code,
            reason = "mapping a file is unsafe by nature; this is the only place"
        )]
        let map = unsafe { Mmap::map(&file)? };
        Ok(Self(map))
    }
}

impl AsRef<[u8]> for Mapped {
    fn as_ref(&self) -> &[u8] {
        &self.0
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
}

//! A file from front to back, of which only a stretch is held.

use std::io::{self, Read};

use crate::io::wire::fence::MAX_BYTES;

/// Bytes that are read at once: few enough to stay in a cache until they are looked at.
const STRETCH: usize = 128 * 1024;

pub(super) struct Stretch<F> {
    file: F,
    bytes: Vec<u8>,
    /// How many of them were passed.
    passed: usize,
}

impl<F: Read> Stretch<F> {
    pub(super) fn of(file: F) -> Self {
        Self {
            file,
            bytes: Vec::new(),
            passed: 0,
        }
    }

    /// Passes what `read` makes something of, given all bytes up to somewhere behind it: what that is, and how
    /// many bytes; `None` where it makes nothing of as many as a fence may have.
    pub(super) fn pass<T>(
        &mut self,
        mut read: impl FnMut(&[u8]) -> Option<(T, usize)>,
    ) -> io::Result<Option<T>> {
        loop {
            let next = self.bytes.get(self.passed..).unwrap_or_default();
            if let Some((found, length)) = read(next) {
                self.passed += length;
                return Ok(Some(found));
            }
            if !self.read_on()? {
                return Ok(None);
            }
        }
    }

    /// All that is left; `None` where that is more than a fence may have.
    pub(super) fn rest(mut self) -> io::Result<Option<Vec<u8>>> {
        while self.read_on()? {}
        Ok((self.bytes.len() < MAX_BYTES).then_some(self.bytes))
    }

    /// False at the end, and where too much is held.
    fn read_on(&mut self) -> io::Result<bool> {
        self.bytes.drain(..std::mem::take(&mut self.passed));
        let held = self.bytes.len();
        if held >= MAX_BYTES {
            return Ok(false);
        }
        // As much again where something long stands there: so all attempts take twice as long as the last.
        let more = u64::try_from(held.max(STRETCH)).unwrap_or(u64::MAX);
        self.bytes.reserve_exact(held.max(STRETCH));
        Ok(self.file.by_ref().take(more).read_to_end(&mut self.bytes)? > 0)
    }
}

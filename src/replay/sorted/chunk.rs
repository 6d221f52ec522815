//! A part of the lines, in memory.

use std::io;
use std::ops::Range;

use crate::replay::sorted::key::Key;

/// Lines with their keys, which `sort` puts in order; they are taken from the front.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    keys: Vec<u8>,
    lines: Vec<u8>,
    entries: Vec<Entry>,
    taken: usize,
}

/// Where a key and its line stand.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// The first bytes of the key, which nearly always decide: so a sort stays in this list.
    first: u64,
    key: (u32, u32),
    line: (u32, u32),
}

impl Chunk {
    /// Takes in a line: `key` and `line` write it.
    pub(super) fn push(
        &mut self,
        key: impl FnOnce(Key<'_>) -> Key<'_>,
        line: impl FnOnce(&mut Vec<u8>),
    ) -> io::Result<()> {
        let (before, start) = (self.keys.len(), self.lines.len());
        key(Key(&mut self.keys));
        line(&mut self.lines);
        let place = |number: usize| {
            u32::try_from(number).map_err(|_| io::Error::other("a line over 4 GiB"))
        };
        self.entries.push(Entry {
            first: first_bytes(&self.keys[before..]),
            key: (place(before)?, place(self.keys.len())?),
            line: (place(start)?, place(self.lines.len())?),
        });
        Ok(())
    }

    /// A stable sort, which takes input that is nearly in order in nearly one pass.
    pub(super) fn sort(&mut self) {
        let Self { keys, entries, .. } = self;
        let key = |entry: &Entry| &keys[range(entry.key)];
        entries.sort_by(|a, b| a.first.cmp(&b.first).then_with(|| key(a).cmp(key(b))));
    }

    /// Bytes held, keys with them.
    pub(super) fn bytes(&self) -> usize {
        self.keys.len() + self.lines.len()
    }

    /// The line that is next, behind its key.
    pub(super) fn first(&self) -> Option<(&[u8], &[u8])> {
        let entry = self.entries.get(self.taken)?;
        Some((&self.keys[range(entry.key)], &self.lines[range(entry.line)]))
    }

    /// Goes on to the one behind it.
    pub(super) fn step(&mut self) {
        self.taken += 1;
    }

    /// Forgets its lines, and keeps its memory.
    pub(super) fn clear(&mut self) {
        self.keys.clear();
        self.lines.clear();
        self.entries.clear();
        self.taken = 0;
    }
}

fn range((start, end): (u32, u32)) -> Range<usize> {
    start as usize..end as usize
}

/// The first eight bytes as a number that compares as they do; a shorter key is filled up with zeros.
fn first_bytes(key: &[u8]) -> u64 {
    let mut first = [0; 8];
    let length = key.len().min(8);
    first[..length].copy_from_slice(&key[..length]);
    u64::from_be_bytes(first)
}

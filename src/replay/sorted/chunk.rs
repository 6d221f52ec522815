//! A part of the lines, in memory.

use std::cmp::Ordering;
use std::io;
use std::ops::Range;

use crate::replay::sorted::key::Key;

/// Bytes of the lengths that stand before a key, as it goes to disk: its own and that of its line.
const LENGTHS: usize = 8;

/// Lines with their keys, which `sort` puts in order; they are taken from the front.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    /// Each behind its lengths, as in the file of the keys.
    keys: Vec<u8>,
    lines: Vec<u8>,
    entries: Vec<Entry>,
    taken: usize,
}

/// Where a key and its line stand.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// The first bytes of the key, a time and some of who, which nearly always decide: so a sort stays in this list.
    first: u128,
    /// With its lengths.
    key: (u32, u32),
    line: (u32, u32),
}

/// Keys in order that stand one behind the other, and so do their lines.
#[derive(Debug, Default)]
pub(super) struct Stretch<'c> {
    /// The keys, each behind the length of it and that of its line, of four bytes each.
    pub(super) keys: &'c [u8],
    /// Their lines.
    pub(super) lines: &'c [u8],
    /// The last of the keys.
    pub(super) last: &'c [u8],
}

impl Chunk {
    /// Takes in a line: `key` and `line` write it.
    #[inline(always)]
    pub(super) fn push(
        &mut self,
        key: impl FnOnce(Key<'_>) -> Key<'_>,
        line: impl FnOnce(&mut Vec<u8>),
    ) -> io::Result<()> {
        let place = |number: usize| {
            u32::try_from(number).map_err(|_| io::Error::other("a line over 4 GiB"))
        };
        let line_start = self.lines.len();
        line(&mut self.lines);
        let line = (place(line_start)?, place(self.lines.len())?);
        let start = self.keys.len();
        self.keys.extend_from_slice(&[0; LENGTHS]);
        let key_start = self.keys.len();
        key(Key(&mut self.keys));
        let lengths = [place(self.keys.len() - key_start)?, line.1 - line.0].map(u32::to_le_bytes);
        self.keys[start..key_start].copy_from_slice(lengths.as_flattened());
        self.entries.push(Entry {
            first: first_bytes(&self.keys[key_start..]),
            key: (place(start)?, place(self.keys.len())?),
            line,
        });
        Ok(())
    }

    /// A stable sort, which takes input that is nearly in order in nearly one pass.
    pub(super) fn sort(&mut self) {
        let Self { keys, entries, .. } = self;
        entries.sort_by(|a, b| compare((keys, a), (keys, b)));
    }

    /// Bytes held, keys with them.
    pub(super) fn bytes(&self) -> usize {
        self.keys.len() + self.lines.len()
    }

    /// The line that is next, behind its key.
    pub(super) fn first(&self) -> Option<(&[u8], &[u8])> {
        let entry = self.entries.get(self.taken)?;
        Some((entry.key_in(&self.keys), &self.lines[range(entry.line)]))
    }

    /// Takes the first line, and those with it that stand behind it in memory as in order, as far as they come before
    /// the first of `other`; where this chunk `is_older`, also what is on a par with that.
    pub(super) fn take_before(&mut self, other: &Self, is_older: bool) -> Stretch<'_> {
        let limit = other.entries.get(other.taken);
        let is_before = |entry: &Entry| {
            limit.is_none_or(|limit| {
                let order = compare((&self.keys, entry), (&other.keys, limit));
                order.is_lt() || is_older && order.is_eq()
            })
        };
        let left = self.entries.get(self.taken..).unwrap_or_default();
        let follows = |pair: &&[Entry; 2]| pair[0].key.1 == pair[1].key.0 && is_before(&pair[1]);
        let more = left.array_windows().take_while(follows).count();
        let taken = left.get(..=more).unwrap_or_default();
        self.taken += taken.len();
        let (Some(first), Some(last)) = (taken.first(), taken.last()) else {
            return Stretch::default();
        };
        Stretch {
            keys: &self.keys[range((first.key.0, last.key.1))],
            lines: &self.lines[range((first.line.0, last.line.1))],
            last: last.key_in(&self.keys),
        }
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

impl Entry {
    fn key_in<'k>(&self, keys: &'k [u8]) -> &'k [u8] {
        &keys[range(self.key)][LENGTHS..]
    }
}

fn compare((keys, a): (&[u8], &Entry), (other_keys, b): (&[u8], &Entry)) -> Ordering {
    let whole = || a.key_in(keys).cmp(b.key_in(other_keys));
    a.first.cmp(&b.first).then_with(whole)
}

fn range((start, end): (u32, u32)) -> Range<usize> {
    start as usize..end as usize
}

/// The first sixteen bytes as a number that compares as they do; a shorter key is filled up with zeros.
fn first_bytes(key: &[u8]) -> u128 {
    let first = key.first_chunk().copied().unwrap_or_else(|| {
        let mut filled = [0; 16];
        filled[..key.len()].copy_from_slice(key);
        filled
    });
    u128::from_be_bytes(first)
}

//! Names with one or two mistakes: first by the hashes of keys with one sign left out, which finds one
//! mistake, then by an automaton that walks the fst of all keys, which finds two.

use std::fmt;
use std::sync::Arc;

use fst::{IntoStreamer, Streamer};
use levenshtein_automata::{Distance, LevenshteinAutomatonBuilder};

use super::Gazetteer;
use super::layout::{Hash, Table, count};

/// Keys of so many signs may have a mistake; in a shorter one it makes another name.
const LETTERS: std::ops::RangeInclusive<usize> = 5..=40;

/// What walks the fst with two mistakes, and with one; their tables are made once.
#[derive(Clone)]
pub(in crate::geocode) struct Automaton(Arc<[LevenshteinAutomatonBuilder; 2]>);

impl fmt::Debug for Automaton {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Automaton")
    }
}

impl Automaton {
    pub(super) fn new() -> Self {
        Self(Arc::new([2, 1].map(|mistakes| {
            LevenshteinAutomatonBuilder::new(mistakes, true)
        })))
    }
}

/// Calls `each` with the hash of `key` and of `key` without each of its signs.
pub(super) fn deletions(key: &str, mut each: impl FnMut(u32)) {
    let bytes = key.as_bytes();
    if !LETTERS.contains(&bytes.len()) {
        return;
    }
    #[expect(clippy::cast_possible_truncation, reason = "the low half of a hash")]
    let mut put = |hash: Hash| each(hash.value() as u32);
    put(Hash::of(bytes));
    let mut before = Hash::default();
    for (at, byte) in bytes.iter().enumerate() {
        put(before.and(bytes.get(at + 1..).unwrap_or_default()));
        before = before.and(&[*byte]);
    }
}

/// Where each beginning of a hash starts among sorted `deletes`, and their end: one for each or for every two of them.
pub(super) fn starts(deletes: &[(u32, u32)]) -> Vec<u32> {
    let bits = deletes.len().max(2).ilog2().min(24);
    (0..=(1_u64 << bits))
        .map(|start| {
            let hash = start << (32 - bits);
            count(deletes.partition_point(|(other, _)| u64::from(*other) < hash))
        })
        .collect()
}

impl Gazetteer {
    /// Calls `each` with every name that is one mistake away from `key`: a
    /// sign too many, too few, another one, or two exchanged. A name may come more than once.
    pub(in crate::geocode) fn one_mistake(&self, key: &str, mut each: impl FnMut(u32)) {
        // A table has one row more than there are beginnings, a power of two of them.
        let bits = self.tables.rows(Table::DeleteStarts, 4).max(2).ilog2();
        deletions(key, |hash| {
            let start = hash >> (32 - bits);
            let bounds = |at| self.tables.row(Table::DeleteStarts, 4, at).u32(0);
            for at in bounds(start)..bounds(start + 1) {
                let row = self.tables.row(Table::Deletes, 8, at);
                if row.u32(0) > hash {
                    break;
                }
                if row.u32(0) == hash && is_one_mistake(key.as_bytes(), self.key(row.u32(4))) {
                    each(row.u32(4));
                }
            }
        });
    }

    /// Names that begin with the same letter and are at most two mistakes away from a key, at most `most`.
    /// The first letter is seldom the wrong one, and with it most of the walk is saved.
    pub(in crate::geocode) fn two_mistakes(&self, key: &str, most: usize) -> Vec<u32> {
        let mut found = Vec::new();
        if !LETTERS.contains(&key.len()) {
            return found;
        }
        let Ok(keys) = fst::Map::new(self.tables.table(Table::Keys)) else {
            return found;
        };
        let [two, _] = &*self.automaton.0;
        let automaton = two.build_dfa(key);
        let first = key.as_bytes().first().copied().unwrap_or_default();
        let walk = keys
            .search(automaton)
            .ge([first])
            .lt([first.saturating_add(1)]);
        let mut stream = walk.into_stream();
        while let Some((_, name)) = stream.next()
            && found.len() < most
        {
            found.extend(u32::try_from(name));
        }
        found
    }

    /// Names that begin with `beginning` but for a mistake, of longer ones two; at most `most`, and how
    /// many mistakes each has.
    pub(in crate::geocode) fn beginning_like(
        &self,
        beginning: &str,
        most: usize,
    ) -> Vec<(u32, u8)> {
        let mut found = Vec::new();
        let [two, one] = &*self.automaton.0;
        let builder = match mistakes_in(beginning.len()) {
            0 => return found,
            1 => one,
            _ => two,
        };
        let Ok(keys) = fst::Map::new(self.tables.table(Table::Keys)) else {
            return found;
        };
        let automaton = builder.build_prefix_dfa(beginning);
        let mut stream = keys.search_with_state(&automaton).into_stream();
        while let Some((_, name, state)) = stream.next()
            && found.len() < most
        {
            let mistakes = match automaton.distance(state) {
                Distance::Exact(mistakes) | Distance::AtLeast(mistakes) => mistakes,
            };
            found.extend(u32::try_from(name).map(|name| (name, mistakes)));
        }
        found
    }
}

/// How many mistakes are looked for in the beginning of a name of so many letters.
fn mistakes_in(letters: usize) -> usize {
    match letters {
        ..5 => 0,
        5..9 => 1,
        9.. => 2,
    }
}

/// Whether two different keys are one mistake apart.
fn is_one_mistake(one: &[u8], other: &[u8]) -> bool {
    let (short, long) = if one.len() < other.len() {
        (one, other)
    } else {
        (other, one)
    };
    let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    match long.len() - short.len() {
        1 => short.get(same..) == long.get(same + 1..),
        0 => {
            let (a, b) = (
                short.get(same..).unwrap_or_default(),
                long.get(same..).unwrap_or_default(),
            );
            match (a, b) {
                ([_, a @ ..], [_, b @ ..]) if a == b => true,
                ([a0, a1, a @ ..], [b0, b1, b @ ..]) => a0 == b1 && a1 == b0 && a == b,
                _ => false,
            }
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    fn is_one_mistake(one: &str, other: &str) -> bool {
        super::is_one_mistake(one.as_bytes(), other.as_bytes())
    }

    #[test]
    fn one_mistake_is_a_sign_more_less_other_or_two_exchanged() {
        for (one, other) in [
            ("KINGSTON", "KNIGSTON"),
            ("ROAD", "ROADD"),
            ("ROAD", "RAD"),
            ("ROAD", "ROED"),
            ("ROAD", "ROADS"),
        ] {
            assert!(
                is_one_mistake(one, other) && is_one_mistake(other, one),
                "{one} {other}"
            );
        }
        assert!(!is_one_mistake("ROAD", "RODE") && !is_one_mistake("KINGS", "QUEEN"));
        assert!(!is_one_mistake("ROAD", "ROAD"));
    }
}

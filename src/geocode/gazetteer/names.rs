//! Names: whole, by their beginning, by their initials, and what bears them.

use super::Gazetteer;
use super::layout::{Hash, Table};
use crate::geocode::text::abbreviations::is_kind_of_street;

/// Bit of a bearer that is no street.
pub(super) const THING: u32 = 1 << 31;

const NAME_ROW: usize = 16;

/// What bears a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::geocode) enum Bearer {
    /// A street, by its number.
    Street(u32),
    /// Anything else, by its number.
    Thing(u32),
}

/// The slot of a hash table with `slots` slots, a power of two, where a search begins.
pub(super) fn slot_of(hash: u64, slots: usize) -> usize {
    let high = (hash >> 32) as usize;
    high & slots.wrapping_sub(1)
}

/// The hash of the initials of two to six words, as names that are cut short in every word are found
/// by; `None` for fewer or more words. A kind of street at the end may count whole: few words are
/// written out so often, and half of all streets are roads.
pub(super) fn initials(words: &[&str], whole_end: bool) -> Option<u32> {
    let count = words.len();
    let mut hash = Hash::default();
    for (at, word) in words.iter().enumerate() {
        let is_whole = whole_end && at + 1 == count;
        let letters = if is_whole { word.len() } else { 1 };
        hash = hash.and(word.as_bytes().get(..letters)?);
    }
    #[expect(clippy::cast_possible_truncation, reason = "the low half of a hash")]
    let low = hash.value() as u32;
    (2..=6).contains(&count).then_some(low)
}

/// Whether the last of `words` is a kind of street.
pub(super) fn ends_in_kind(words: &[&str]) -> bool {
    words.last().is_some_and(|last| is_kind_of_street(last))
}

impl Gazetteer {
    /// The name with the key `head` followed by `tail`.
    pub(in crate::geocode) fn name_of(&self, head: &str, tail: &str) -> Option<u32> {
        let hash = Hash::of(head.as_bytes()).and(tail.as_bytes()).value();
        let slots = self.tables.rows(Table::NameSlots, 4) as usize;
        let mut slot = slot_of(hash, slots);
        for _ in 0..slots {
            let row = u32::try_from(slot).ok()?;
            let name = self
                .tables
                .row(Table::NameSlots, 4, row)
                .u32(0)
                .checked_sub(1)?;
            if self.key(name).strip_prefix(head.as_bytes()) == Some(tail.as_bytes()) {
                return Some(name);
            }
            slot = (slot + 1) & (slots - 1);
        }
        None
    }

    /// The letters of a name.
    pub(in crate::geocode) fn key(&self, name: u32) -> &[u8] {
        self.tables
            .letters(self.tables.row(Table::Names, NAME_ROW, name).u32(0))
    }

    /// A name with blanks between its words.
    pub(in crate::geocode) fn spaced(&self, name: u32) -> &str {
        self.tables
            .text(self.tables.row(Table::Names, NAME_ROW, name).u32(4))
    }

    /// How many things bear a name.
    pub(in crate::geocode) fn bearer_count(&self, name: u32) -> u32 {
        self.tables.row(Table::Names, NAME_ROW, name).u32(12)
    }

    /// What bears a name; streets first.
    pub(in crate::geocode) fn bearers(&self, name: u32) -> impl Iterator<Item = Bearer> {
        let row = self.tables.row(Table::Names, NAME_ROW, name);
        let (first, count) = (row.u32(8), row.u32(12));
        (first..first.saturating_add(count)).map(|at| {
            let bearer = self.tables.row(Table::Postings, 4, at).u32(0);
            if bearer & THING == 0 {
                Bearer::Street(bearer)
            } else {
                Bearer::Thing(bearer & !THING)
            }
        })
    }

    /// Names that begin with `beginning` and have more letters, at most `most`.
    pub(in crate::geocode) fn beginning_with(&self, beginning: &str, most: usize) -> Vec<u32> {
        let names = self.tables.rows(Table::Names, NAME_ROW);
        let (mut low, mut high) = (0, names);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.key(middle) < beginning.as_bytes() {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low..names)
            .take_while(|name| self.key(*name).starts_with(beginning.as_bytes()))
            .take(most)
            .collect()
    }

    /// Names whose words begin with the first letters of `words`, and whose every word the word of
    /// `words` may be short for; at most `most`.
    pub(in crate::geocode) fn cut_short(&self, words: &[&str], most: usize) -> Vec<u32> {
        let Some(hash) = initials(words, ends_in_kind(words)) else {
            return Vec::new();
        };
        let rows = self.tables.rows(Table::Initials, 8);
        let row = |at| self.tables.row(Table::Initials, 8, at);
        let (mut low, mut high) = (0, rows);
        while low < high {
            let middle = low + (high - low) / 2;
            if row(middle).u32(0) < hash {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low..rows)
            .take_while(|at| row(*at).u32(0) == hash)
            .map(|at| row(at).u32(4))
            .filter(|name| {
                let spaced = self.tables.row(Table::Names, NAME_ROW, *name).u32(4);
                let mut long = self.tables.letters(spaced).split(|sign| *sign == b' ');
                let mut is_short = |short: &str| {
                    long.next()
                        .is_some_and(|long| may_be_short(short.as_bytes(), long))
                };
                words.iter().all(|short| is_short(short)) && long.next().is_none()
            })
            .take(most)
            .collect()
    }
}

/// Whether `short` may be written for `long`: its beginning, its consonants, or most of its letters
/// with the first two and the last among them.
pub(super) fn may_be_short(letters: &[u8], whole: &[u8]) -> bool {
    if whole.starts_with(letters) {
        return true;
    }
    if letters.len() >= whole.len() || letters.first() != whole.first() {
        return false;
    }
    let is_vowel = |letter: &u8| b"AEIOU".contains(letter);
    let is_skeleton = !letters.iter().skip(1).any(is_vowel);
    let keeps_ends = letters.get(..2) == whole.get(..2)
        && letters.last() == whole.last()
        && letters.len() * 3 >= whole.len() * 2;
    let mut rest = whole.iter();
    (is_skeleton || keeps_ends)
        && letters
            .iter()
            .all(|letter| rest.any(|other| other == letter))
}

#[cfg(test)]
mod tests {
    fn may_be_short(short: &str, long: &str) -> bool {
        super::may_be_short(short.as_bytes(), long.as_bytes())
    }

    #[test]
    fn a_word_is_short_for_one_with_more_letters() {
        assert!(
            may_be_short("CAMB", "CAMBRIDGE")
                && may_be_short("BRDG", "BRIDGE")
                && may_be_short("H", "HIGH")
        );
        assert!(may_be_short("QUEENSTWN", "QUEENSTOWN") && !may_be_short("CRANE", "COCHRANE"));
        assert!(!may_be_short("RMOND", "ICHMOND") && !may_be_short("CAMBRIDGES", "CAMBRIDGE"));
    }
}

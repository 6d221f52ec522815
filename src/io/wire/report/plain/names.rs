//! The names of a plain record's fields. Most records of a source have them in the order of the one before, which is
//! two words to compare; otherwise a table tells which name begins with these bytes, at one price for any order.

use crate::io::wire::eights;
use crate::io::wire::report::plain::scanner::Scanner;
use crate::io::wire::report::plain::{Field, NAMES};

/// The power of two that is the number of places for names.
const BITS: u32 = 6;
/// The first odd number from 2^64 divided by the golden ratio on (Knuth, The Art of Computer Programming 3, 6.4)
/// that gives each name a place of its own.
const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C2D;
/// The name that each place has, the first one where none has it.
static PLACES: [&Name; 1 << BITS] = places();

/// A name as it is written behind its opening quote: with the closing one and the colon, 16 bytes at most.
#[derive(Debug)]
pub(super) struct Name {
    text: &'static str,
    /// Its bytes in sixteen, zeros behind the last.
    words: [u64; 2],
    /// All ones where it has a byte.
    mask: [u64; 2],
    field: Field,
}

/// The name that `text` is, with its quote and colon.
pub(super) const fn name(text: &'static str, field: Field) -> Name {
    let (mut bytes, mut mask) = ([0; 16], [0; 16]);
    let mut at = 0;
    while at < text.len() {
        bytes[at] = text.as_bytes()[at];
        mask[at] = 0xff;
        at += 1;
    }
    Name {
        text,
        words: words_of(bytes),
        mask: words_of(mask),
        field,
    }
}

const fn words_of(bytes: [u8; 16]) -> [u64; 2] {
    let both = u128::from_le_bytes(bytes);
    #[expect(clippy::cast_possible_truncation, reason = "the halves of 16 bytes")]
    [both as u64, (both >> 64) as u64]
}

/// The place of a name whose eight bytes, up to its quote at most, are `begins`.
const fn place_of(begins: u64) -> usize {
    (begins.wrapping_mul(MULTIPLIER) >> (64 - BITS)) as usize
}

const fn places() -> [&'static Name; 1 << BITS] {
    let mut places = [const { &NAMES[0] }; 1 << BITS];
    let mut is_taken = [false; 1 << BITS];
    let mut number = 0;
    while number < NAMES.len() {
        let name = &NAMES[number];
        let place = place_of(eights::up_to(b'"', name.words[0]));
        assert!(!is_taken[place], "another multiplier is needed");
        is_taken[place] = true;
        places[place] = name;
        number += 1;
    }
    places
}

impl Name {
    /// Whether sixteen bytes begin with it.
    #[inline(always)]
    fn begins(&self, words: [u64; 2]) -> bool {
        let ([first, second], [name, rest], [mask, other]) = (words, self.words, self.mask);
        ((first & mask) ^ name) | ((second & other) ^ rest) == 0
    }
}

/// The names of the record before, in its order.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// None if nothing is remembered.
    names: Vec<&'static Name>,
}

impl Order {
    pub(super) fn keeping() -> Self {
        Self {
            names: NAMES.iter().collect(),
        }
    }
}

impl Scanner<'_> {
    /// Passes the name that is open, the record's name of this `number` from 0, with its colon, and says what it names.
    #[inline(always)]
    pub(super) fn name(&mut self, order: &mut Order, number: usize) -> Option<Field> {
        let words = [self.eight(self.at), self.eight(self.at + 8)];
        let expected = order.names.get_mut(number);
        if let Some(name) = &expected
            && name.begins(words)
        {
            self.at += name.text.len();
            return Some(name.field);
        }
        let found = PLACES[place_of(eights::up_to(b'"', words[0]))];
        if !found.begins(words) {
            let (field, behind) = self.spaced_name()?;
            *self = behind;
            return Some(field);
        }
        self.at += found.text.len();
        if let Some(expected) = expected {
            *expected = found;
        }
        Some(found.field)
    }

    /// The same where spaces are before the colon.
    #[inline(never)]
    fn spaced_name(mut self) -> Option<(Field, Self)> {
        let here = self.bytes.get(self.at..)?;
        let mut quoted = NAMES
            .iter()
            .filter_map(|name| Some((name, name.text.strip_suffix(':')?)));
        let (name, text) = quoted.find(|(_, text)| here.starts_with(text.as_bytes()))?;
        self.at += text.len();
        self.take(b':')?;
        Some((name.field, self))
    }
}

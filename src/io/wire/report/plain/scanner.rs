//! A plain record from its first byte to its last, eight bytes at a time.

use crate::domain::report::Text;
use crate::domain::time::Timestamp;
use crate::io::wire::eights;
use crate::io::wire::report::plain::texts::Texts;
use crate::io::wire::time::parse_rfc3339;

/// Copied where it leaves the loop, so that within it stays in registers.
#[derive(Clone, Copy)]
pub(super) struct Scanner<'t> {
    pub(super) bytes: &'t [u8],
    /// What is read next.
    pub(super) at: usize,
    /// The last eight bytes of all.
    last: u64,
}

impl<'t> Scanner<'t> {
    /// `None` if `bytes` are so few that they are no record.
    pub(super) fn of(bytes: &'t [u8]) -> Option<Self> {
        let last = bytes.last_chunk()?;
        Some(Self {
            bytes,
            at: 0,
            last: u64::from_le_bytes(*last),
        })
    }

    /// The eight bytes at `at`, with zeros for those behind the end.
    #[inline(always)]
    pub(super) fn eight(&self, at: usize) -> u64 {
        let eight = self.bytes.get(at..at.wrapping_add(8));
        match eight.and_then(<[u8]>::first_chunk) {
            Some(eight) => u64::from_le_bytes(*eight),
            None => self.last_from(at),
        }
    }

    /// Of the last eight bytes those from `at` on, with zeros for the others.
    #[inline(always)]
    fn last_from(&self, at: usize) -> u64 {
        let passed = at.saturating_sub(self.bytes.len() - 8);
        let bits = u32::try_from(8 * passed).unwrap_or(u32::MAX);
        self.last.checked_shr(bits).unwrap_or(0)
    }

    #[inline(always)]
    pub(super) fn here(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Passes spaces, nearly always one: of what JSON takes for space only this is left.
    #[inline(always)]
    pub(super) fn pass_spaces(&mut self) {
        self.at += 1;
        if self.here() == Some(b' ') {
            *self = self.behind_spaces();
        }
    }

    #[cold]
    #[inline(never)]
    fn behind_spaces(self) -> Self {
        let spaces = self
            .bytes
            .iter()
            .skip(self.at)
            .take_while(|byte| **byte == b' ');
        let at = self.at + spaces.count();
        Self { at, ..self }
    }

    #[inline(always)]
    pub(super) fn peek(&mut self) -> Option<u8> {
        if self.here() == Some(b' ') {
            self.pass_spaces();
        }
        self.here()
    }

    #[inline(always)]
    pub(super) fn take(&mut self, expected: u8) -> Option<()> {
        if self.peek()? != expected {
            return None;
        }
        self.at += 1;
        Some(())
    }

    /// Passes what stands behind a value: whether another name follows, which is opened then. `None` behind
    /// the end of the record or for anything else.
    #[inline(always)]
    pub(super) fn goes_on(&mut self) -> Option<bool> {
        match self.bytes.get(self.at..)? {
            [b',', b'"', ..] => {
                self.at += 2;
                Some(true)
            }
            [b',', b' ', b'"', ..] => {
                self.at += 3;
                Some(true)
            }
            [b'}'] => Some(false),
            _ => {
                let (goes_on, behind) = self.goes_on_spaced()?;
                *self = behind;
                Some(goes_on)
            }
        }
    }

    #[inline(never)]
    fn goes_on_spaced(mut self) -> Option<(bool, Self)> {
        let next = self.peek()?;
        self.at += 1;
        match next {
            b',' => {
                self.take(b'"')?;
                Some((true, self))
            }
            b'}' if self.peek().is_none() => Some((false, self)),
            _ => None,
        }
    }

    /// A text that is seldom the same as another record's.
    #[inline(always)]
    pub(super) fn id(&mut self) -> Option<Text> {
        text_of(self.quoted()?)
    }

    /// A text that other records have too.
    #[inline(always)]
    pub(super) fn text<'k>(&mut self, texts: &'k mut Texts) -> Option<&'k Text> {
        self.take(b'"')?;
        let eight = self.eight(self.at);
        let length = eights::before_odd(eight);
        if length == 8 {
            let (text, behind) = self.long_text()?;
            *self = behind;
            return Some(texts.keep_apart(text));
        }
        if byte_of(eight, length) != b'"' {
            return None;
        }
        let start = self.at;
        self.at += length + 1;
        texts.get(eights::up_to(b'"', eight), || {
            self.bytes.get(start..start + length)
        })
    }

    #[inline(never)]
    fn long_text(mut self) -> Option<(Text, Self)> {
        self.at -= 1;
        Some((self.id()?, self))
    }

    /// `None` of a text with an escape, or with what needs one.
    #[inline(always)]
    fn quoted(&mut self) -> Option<&'t [u8]> {
        self.take(b'"')?;
        let start = self.at;
        loop {
            let before = eights::before_odd(self.eight(self.at));
            self.at += before;
            if before < 8 {
                break;
            }
        }
        let text = self.bytes.get(start..self.at)?;
        if self.here()? != b'"' {
            return None;
        }
        self.at += 1;
        Some(text)
    }

    #[inline(never)]
    pub(super) fn written_time(mut self) -> Option<(Timestamp, Self)> {
        let text = std::str::from_utf8(self.quoted()?).ok()?;
        Some((parse_rfc3339(text)?, self))
    }
}

/// The byte at `at`, which is below eight.
#[inline(always)]
pub(super) fn byte_of(eight: u64, at: usize) -> u8 {
    let [byte, ..] = (eight >> (8 * at)).to_le_bytes();
    byte
}

/// The text that `bytes` are, if they are one.
pub(super) fn text_of(bytes: &[u8]) -> Option<Text> {
    // Eight bytes at a time are looked at only of those that stand in the right place for that.
    #[repr(align(8))]
    struct Aligned([u8; 16]);
    let mut aligned = Aligned([0; 16]);
    let Some(place) = aligned.0.get_mut(..bytes.len()) else {
        return std::str::from_utf8(bytes).ok().map(Text::from);
    };
    place.copy_from_slice(bytes);
    let text = std::str::from_utf8(&aligned.0).ok()?;
    text.get(..bytes.len()).map(Text::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn eight_bytes_end_with_zeros(bytes in prop::collection::vec(1_u8.., 8..30), at in 0_usize..40) {
            let scanner = Scanner::of(&bytes).unwrap();
            let byte = |number: usize| bytes.get(at + number).copied().unwrap_or(0);
            prop_assert_eq!(scanner.eight(at).to_le_bytes(), std::array::from_fn(byte));
        }

        #[test]
        fn a_text_is_utf8(bytes in prop::collection::vec(any::<u8>(), 0..20), text in ".{0,9}") {
            let same = std::str::from_utf8(&bytes).ok().map(Text::from);
            prop_assert_eq!(text_of(&bytes), same);
            prop_assert_eq!(text_of(text.as_bytes()), Some(Text::from(text)));
        }
    }
}

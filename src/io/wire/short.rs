//! Values of at most sixteen bytes, which those of a record nearly always are: written in whole words, since a copy of a
//! length that is not known beforehand costs more than they do.

use crate::io::wire::text::Text;
use crate::io::wire::{digits, eights};

const SPACES: u64 = u64::from_ne_bytes([b' '; 8]);
const QUOTES: u64 = u64::from_ne_bytes([b'"'; 8]);

/// Text of eight digits of which the first is a 0, whose place the point takes.
const POINT_AND_ZEROS: u64 = digits::ZEROS ^ (b'0' ^ b'.') as u64;

/// The numbers below 1000 as text, its length in the highest byte: those that a record has most.
static SMALL: [u32; 1000] = {
    let mut texts = [0; 1000];
    let mut number = 0;
    while number < 1000 {
        let digits = (number / 100) | (number / 10 % 10) << 8 | (number % 10) << 16;
        let zeros = (number < 100) as u32 + (number < 10) as u32;
        let text = (digits | 0x30_3030) >> (8 * zeros);
        texts[number as usize] = text | (3 - zeros) << 24;
        number += 1;
    }
    texts
};

/// Appends a whole number; its size is below 10^7.
#[inline(always)]
pub(super) fn push_whole(is_negative: bool, size: u64, out: &mut impl Text) {
    out.put(|room| put_whole(is_negative, size, room));
}

/// Appends a number of ten-millionths, below 10^14 of them, with as many decimals as there are.
#[inline(always)]
pub(super) fn push_ten_millionths(is_negative: bool, size: u64, out: &mut impl Text) {
    out.put(|room| {
        let length = put_whole(is_negative, size / 10_000_000, room);
        let digits = digits::decimal(size % 10_000_000);
        put_word(digits | POINT_AND_ZEROS, length, room);
        // Zeros at the end go, and where there is nothing else the point.
        length + 8 - digits.leading_zeros() as usize / 8
    });
}

/// Appends `text` and a quote; false where it has more than sixteen bytes, or some that a JSON text escapes.
#[inline(always)]
pub(super) fn push_and_quote(text: &[u8], out: &mut impl Text) -> bool {
    let length = text.len();
    match (text.first_chunk(), text.last_chunk()) {
        (None, _) => {
            let few = eights::few(text);
            let is_plain = eights::are_plain(few | SPACES << (8 * length));
            if is_plain {
                out.put(|room: &mut [u8; 16]| {
                    put_word(few | QUOTES << (8 * length), 0, room);
                    length + 1
                });
            }
            is_plain
        }
        (Some(first), Some(last)) if length <= 16 => {
            let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
            let is_plain = eights::are_plain(first) && eights::are_plain(last);
            if is_plain {
                // What is written twice is the same both times.
                out.put(|room: &mut [u8; 32]| {
                    put_word(first, 0, room);
                    put_word(last, length - 8, room);
                    room[length] = b'"';
                    length + 1
                });
            }
            is_plain
        }
        _ => false,
    }
}

/// Puts a number below 10^7 at the beginning, and says how long it is, at most eight bytes.
#[inline]
fn put_whole(is_negative: bool, size: u64, room: &mut [u8; 32]) -> usize {
    // Where there is no sign its place is the first digit's.
    room[0] = b'-';
    let sign = usize::from(is_negative);
    let small = usize::try_from(size).ok().and_then(|at| SMALL.get(at));
    let (text, length) = if let Some(small) = small {
        (u64::from(*small), (small >> 24) as usize)
    } else {
        let digits = digits::decimal(size);
        let zeros = digits.trailing_zeros() / 8;
        let text = (digits | digits::ZEROS) >> (8 * zeros);
        (text, 8 - zeros as usize)
    };
    put_word(text, sign, room);
    sign + length
}

/// Puts eight bytes, the first lowest, at a place before the sixteenth.
fn put_word<const N: usize>(word: u64, at: usize, room: &mut [u8; N]) {
    let at = at % 16;
    if let Some(room) = room.get_mut(at..at + 8) {
        room.copy_from_slice(&word.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = b"before".to_vec();
        write(&mut out);
        String::from_utf8(out.split_off(6)).unwrap()
    }

    proptest! {
        #[test]
        fn a_text_is_itself_and_a_quote(text in "[ -~\\n]{0,18}|[a-z]{0,18}") {
            let mut out = Vec::new();
            if push_and_quote(text.as_bytes(), &mut out) {
                prop_assert_eq!(String::from_utf8(out).unwrap(), format!("{text}\""));
            } else {
                prop_assert!(text.len() > 16 || text.contains(['"', '\\', '\n']));
                prop_assert!(out.is_empty());
            }
        }

        #[test]
        fn a_number_is_as_formatted(whole in 0_u64..10_000_000, part in 0_u64..10_000_000, is_negative: bool) {
            let sign = if is_negative { "-" } else { "" };
            let decimals = format!(".{part:07}");
            let decimals = decimals.trim_end_matches('0').trim_end_matches('.');
            for whole in [whole, whole % 1000] {
                let text = written(|out| push_whole(is_negative, whole, out));
                prop_assert_eq!(text, format!("{sign}{whole}"));
                let size = whole * 10_000_000 + part;
                let text = written(|out| push_ten_millionths(is_negative, size, out));
                prop_assert_eq!(text, format!("{sign}{whole}{decimals}"));
            }
        }
    }

    #[test]
    fn every_small_number_is_as_formatted() {
        for number in 0..=1000 {
            let text = number.to_string();
            assert_eq!(written(|out| push_whole(false, number, out)), text);
            let size = number * 10_000_000;
            assert_eq!(written(|out| push_ten_millionths(false, size, out)), text);
        }
    }
}

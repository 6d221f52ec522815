//! Values of at most sixteen bytes, which those of a record nearly always are: put together in a word and written at
//! once, since a copy of a length that is not known beforehand costs more than they do.

use crate::io::wire::{digits, eights};

const SPACES: u64 = u64::from_ne_bytes([b' '; 8]);
const QUOTES: u64 = u64::from_ne_bytes([b'"'; 8]);

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
pub(super) fn push_whole(is_negative: bool, size: u64, out: &mut Vec<u8>) {
    let (text, length) = whole(is_negative, size);
    push(text.into(), length, out);
}

/// Appends a number of ten-millionths, below 10^14 of them, with as many decimals as there are.
pub(super) fn push_ten_millionths(is_negative: bool, size: u64, out: &mut Vec<u8>) {
    // The first of eight digits is a 0, whose place the point takes.
    const POINT_AND_ZEROS: u64 = digits::ZEROS ^ (b'0' ^ b'.') as u64;
    let (whole, whole_length) = whole(is_negative, size / 10_000_000);
    let digits = digits::decimal(size % 10_000_000);
    let decimals = u128::from(digits | POINT_AND_ZEROS);
    let text = u128::from(whole) | decimals << (8 * whole_length);
    // Zeros at the end go, and where there is nothing else the point.
    push(text, whole_length + 8 - digits.leading_zeros() / 8, out);
}

/// Appends `text` as a JSON text; false where it has more than fourteen bytes, or some that are to be escaped.
pub(super) fn push_quoted(text: &[u8], out: &mut Vec<u8>) -> bool {
    let behind = |length: usize| 8 * length;
    // With quotes all the way behind it, of which one is kept.
    let (first, rest) = match (text.first_chunk(), text.last_chunk()) {
        (None, _) => {
            let few = eights::few(text);
            if !eights::are_plain(few | SPACES << behind(text.len())) {
                return false;
            }
            (few | QUOTES << behind(text.len()), QUOTES)
        }
        (Some(first), Some(last)) if text.len() <= 14 => {
            let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
            if !eights::are_plain(first) || !eights::are_plain(last) {
                return false;
            }
            let rest = behind(text.len() - 8);
            // In two steps, since all eight bytes can be in `first`.
            (first, last >> 8 >> (56 - rest) | QUOTES << rest)
        }
        _ => return false,
    };
    let words = u128::from(first) | u128::from(rest) << 64;
    let length = u32::try_from(text.len() + 2).unwrap_or(0);
    push(words << 8 | u128::from(b'"'), length, out);
    true
}

/// A number below 10^7 as text, zeros behind it, and its length.
fn whole(is_negative: bool, size: u64) -> (u64, u32) {
    let small = usize::try_from(size).ok().and_then(|at| SMALL.get(at));
    let (text, length) = if let Some(small) = small {
        (u64::from(small & 0xff_ffff), small >> 24)
    } else {
        let digits = digits::decimal(size);
        let zeros = digits.trailing_zeros() / 8;
        ((digits | digits::ZEROS) >> (8 * zeros), 8 - zeros)
    };
    if is_negative {
        (text << 8 | u64::from(b'-'), length + 1)
    } else {
        (text, length)
    }
}

/// Appends the first `length` bytes of a text, the first lowest: all sixteen, and what is too much is taken back.
fn push(text: u128, length: u32, out: &mut Vec<u8>) {
    if out.capacity() - out.len() < 16 {
        return push_and_grow(text, length, out);
    }
    let end = out.len() + length as usize;
    out.extend_from_slice(&text.to_le_bytes());
    out.truncate(end);
}

/// Apart, so that the way without it is short.
#[cold]
fn push_and_grow(text: u128, length: u32, out: &mut Vec<u8>) {
    out.extend(text.to_le_bytes().iter().take(length as usize));
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
        fn a_quoted_text_is_the_text_in_quotes(text in "[ -~\\n]{0,15}|[a-z]{0,15}") {
            let mut out = Vec::new();
            if push_quoted(text.as_bytes(), &mut out) {
                prop_assert_eq!(String::from_utf8(out).unwrap(), format!("\"{text}\""));
            } else {
                prop_assert!(text.len() > 14 || text.contains(['"', '\\', '\n']));
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

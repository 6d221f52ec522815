//! Looks at eight bytes at a time: for texts as short as those of a record that is what pays.
//! (Bit Twiddling Hacks, "Determine if a word has a byte equal to n", "... less than n".)

use crate::io::wire::digits::ZEROS;

const ONES: u64 = u64::from_ne_bytes([1; 8]);
const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);

/// What a number is multiplied with that so many digits follow.
pub(super) const POWERS: [i64; 9] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
];

/// Whether a JSON text holds these bytes as they are: no quote, no backslash, no control character.
pub(super) fn is_plain(bytes: &[u8]) -> bool {
    let (eights, rest) = bytes.as_chunks::<8>();
    let odd = eights
        .iter()
        .fold(0, |odd, eight| odd | odd_of(u64::from_le_bytes(*eight)));
    odd == 0
        && !rest
            .iter()
            .any(|byte| matches!(byte, b'"' | b'\\' | ..b' '))
}

/// What a text holds that begins with these eight bytes: those up to its first `byte` and that one, then
/// zeros; all eight where there is none.
pub(super) const fn up_to(byte: u8, eight: u64) -> u64 {
    let found = equal(eight, byte);
    // All bits up to the lowest, which is the high bit of the first.
    eight & (found ^ found.wrapping_sub(1))
}

/// How many bytes there are before the first quote, backslash or control character; 8 if there is none.
pub(super) fn before_odd(eight: u64) -> usize {
    odd_of(eight).trailing_zeros() as usize / 8
}

/// How many digits eight bytes begin with.
pub(super) fn digits(eight: u64) -> usize {
    // Zero to nine where there was a digit; only then neither this nor what is added has a high bit.
    let values = eight ^ ZEROS;
    let other = (((values & !HIGHS) + ONES * (0x80 - 10)) | values) & HIGHS;
    other.trailing_zeros() as usize / 8
}

/// The number that the first `length` bytes are, all of them digits. They are added up in pairs, then
/// fours, then all ("Quickly parsing eight digits", Daniel Lemire 2018, after Johnny Lee).
pub(super) fn number(eight: u64, length: usize) -> i64 {
    // To the end, with zeros in front.
    let bits = 64_usize.wrapping_sub(8 * length);
    let values = u32::try_from(bits)
        .ok()
        .and_then(|bits| (eight ^ ZEROS).checked_shl(bits));
    let values = values.unwrap_or(0);
    let pairs = values * 10 + (values >> 8);
    let (odd, even) = (pairs & EVERY_FOURTH, (pairs >> 16) & EVERY_FOURTH);
    let number = odd
        .wrapping_mul(FIRST_TWO)
        .wrapping_add(even.wrapping_mul(LAST_TWO));
    (number >> 32).cast_signed()
}

const EVERY_FOURTH: u64 = 0x0000_00FF_0000_00FF;
const FIRST_TWO: u64 = 100 + (1_000_000 << 32);
const LAST_TWO: u64 = 1 + (10_000 << 32);

/// Whether a JSON text holds the bytes of this word as they are.
pub(super) fn are_plain(word: u64) -> bool {
    odd_of(word) == 0
}

fn odd_of(eight: u64) -> u64 {
    // With this bit the other way round the quote stands behind the control characters.
    below(eight ^ (ONES * 2), b' ' + 1) | equal(eight, b'\\')
}

/// The first bytes, of which there are fewer than eight, in a word: the first lowest, zeros behind them.
pub(super) fn few(bytes: &[u8]) -> u64 {
    let shift = |bytes: usize| 8 * bytes;
    // What is read twice is the same both times.
    match (bytes.first_chunk(), bytes.last_chunk(), bytes) {
        (Some(first), Some(last), _) => {
            let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
            u64::from(first) | u64::from(last) << shift(bytes.len() - 4)
        }
        (_, _, [first, .., last]) => {
            let middle = bytes.len() / 2;
            u64::from(*first)
                | u64::from(bytes[middle]) << shift(middle)
                | u64::from(*last) << shift(bytes.len() - 1)
        }
        (_, _, [one]) => (*one).into(),
        _ => 0,
    }
}

/// A high bit for the first byte that is equal, and none if no byte is.
const fn equal(eight: u64, byte: u8) -> u64 {
    let zero_where_equal = eight ^ u64::from_le_bytes([byte; 8]);
    zero_where_equal.wrapping_sub(ONES) & !zero_where_equal & HIGHS
}

/// A high bit for the first byte that is below `byte`, which is at most 128, and none if no byte is.
fn below(eight: u64, byte: u8) -> u64 {
    eight.wrapping_sub(ONES * u64::from(byte)) & !eight & HIGHS
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_finds_what_one_by_one_finds(
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), 30u8..37, 90u8..94], 0..40),
        ) {
            let odd = |byte: &u8| *byte < b' ' || *byte == b'"' || *byte == b'\\';
            prop_assert_eq!(is_plain(&bytes), !bytes.iter().any(odd));
            if let Some(word) = bytes.first_chunk() {
                prop_assert_eq!(are_plain(u64::from_le_bytes(*word)), !word.iter().any(odd));
            }
            let some = &bytes[..bytes.len().min(7)];
            let mut eight = [0; 8];
            eight[..some.len()].copy_from_slice(some);
            prop_assert_eq!(few(some), u64::from_le_bytes(eight));
        }

        #[test]
        fn of_eight_it_finds_what_one_by_one_finds(
            bytes in prop::array::uniform8(prop_oneof![any::<u8>(), 30u8..37, 90u8..94]),
        ) {
            let eight = u64::from_le_bytes(bytes);
            let odd = |byte: &u8| *byte < b' ' || *byte == b'"' || *byte == b'\\';
            prop_assert_eq!(before_odd(eight), bytes.iter().position(odd).unwrap_or(8));
            let quote = bytes.iter().position(|byte| *byte == b'"').unwrap_or(7);
            let kept = std::array::from_fn(|at| if at <= quote { bytes[at] } else { 0 });
            prop_assert_eq!(up_to(b'"', eight).to_le_bytes(), kept);
        }

        #[test]
        fn digits_are_read_as_one_by_one(
            digits in prop::collection::vec(b'0'..=b'9', 0..=8),
            rest in prop::array::uniform8(prop_oneof![any::<u8>(), b'-'..=b';']),
        ) {
            let bytes: Vec<u8> = digits.into_iter().chain(rest).take(8).collect();
            let number: Vec<u8> = bytes.iter().copied().take_while(u8::is_ascii_digit).collect();
            let eight = u64::from_le_bytes(bytes.try_into().unwrap());
            let value = String::from_utf8(number.clone()).unwrap().parse().unwrap_or(0);
            prop_assert_eq!(super::digits(eight), number.len());
            prop_assert_eq!(super::number(eight, number.len()), value);
        }
    }
}

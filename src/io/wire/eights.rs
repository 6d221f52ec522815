//! Looks at eight bytes at a time: for texts as short as those of a record that is what pays.
//! (Bit Twiddling Hacks, "Determine if a word has a byte equal to n", "... less than n".)

const ONES: u64 = u64::from_ne_bytes([1; 8]);
const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);

/// Where `byte` stands first.
pub(super) fn first(byte: u8, bytes: &[u8]) -> Option<usize> {
    let (eights, rest) = bytes.as_chunks::<8>();
    for (number, eight) in eights.iter().enumerate() {
        let found = equal(u64::from_le_bytes(*eight), byte);
        if found != 0 {
            return Some(8 * number + found.trailing_zeros() as usize / 8);
        }
    }
    let at = rest.iter().position(|other| *other == byte)?;
    Some(bytes.len() - rest.len() + at)
}

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

/// Whether a JSON text holds the bytes of this word as they are.
pub(super) fn are_plain(word: u64) -> bool {
    odd_of(word) == 0
}

fn odd_of(eight: u64) -> u64 {
    equal(eight, b'"') | equal(eight, b'\\') | below(eight, b' ')
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
fn equal(eight: u64, byte: u8) -> u64 {
    let zero_where_equal = eight ^ (ONES * u64::from(byte));
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
            prop_assert_eq!(first(b'"', &bytes), bytes.iter().position(|byte| *byte == b'"'));
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
    }
}

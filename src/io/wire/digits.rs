//! Digits, eight at a time in a word, the first of them in its lowest byte: parts of the word are halved side
//! by side, so that eight digits take three steps. (Paul Khuong, "How to print integers really fast", 2017.)

/// Eight times the digit 0 as text: what makes text of eight digits.
pub(super) const ZEROS: u64 = u64::from_ne_bytes([b'0'; 8]);

/// The eight decimal digits of a number below 10^8, each from 0 to 9.
pub(super) fn decimal(number: u64) -> u64 {
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    // 10_486 / 2^20 is a hundredth as far as 10_000 goes, and 103 / 2^10 a tenth as far as 100 does.
    let hundreds = ((fours * 10_486) >> 20) & 0x7f_0000_007f;
    of_twos(hundreds | (fours - 100 * hundreds) << 16)
}

/// The digits of four numbers below 100, as text.
pub(super) fn twos([a, b, c, d]: [u64; 4]) -> [u8; 8] {
    (of_twos(a | b << 16 | c << 32 | d << 48) | ZEROS).to_le_bytes()
}

fn of_twos(twos: u64) -> u64 {
    let tens = ((twos * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | (twos - 10 * tens) << 8
}

/// The three digits of a number below 1000, each from 0 to 9.
pub(super) fn three(number: u64) -> u64 {
    (number / 100) | ((number / 10 % 10) << 8) | ((number % 10) << 16)
}

/// A number below 2^32 as eight hexadecimal digits, small letters, as text.
pub(super) fn hexadecimal(number: u64) -> [u8; 8] {
    let fours = (number | number << 16) & 0x0000_ffff_0000_ffff;
    let twos = (fours | fours << 8) & 0x00ff_00ff_00ff_00ff;
    let ones = (twos | twos << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    // From 10 on, 6 more carry into the upper half.
    let letters = (ones + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101;
    (ones + ZEROS + letters * u64::from(b'a' - b'0' - 10)).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(digits: [u8; 8]) -> String {
        String::from_utf8(digits.to_vec()).unwrap()
    }

    #[test]
    fn every_four_digits_are_as_one_by_one() {
        for number in 0..10_000 {
            let both = number * 10_001;
            let digits = (decimal(both) | ZEROS).to_le_bytes();
            assert_eq!(text(digits), format!("{both:08}"));
        }
        for number in 0..100 {
            let digits = twos([number, 99 - number, number, 0]);
            let expected = format!("{number:02}{:02}{number:02}00", 99 - number);
            assert_eq!(text(digits), expected);
        }
    }

    proptest! {
        #[test]
        fn digits_are_as_formatted(number in 0_u64..100_000_000, any: u32) {
            let digits = (decimal(number) | ZEROS).to_le_bytes();
            prop_assert_eq!(text(digits), format!("{number:08}"));
            prop_assert_eq!(text(hexadecimal(any.into())), format!("{any:08x}"));
            let three = (three(number % 1000) | ZEROS).to_le_bytes();
            let three = text(three);
            prop_assert_eq!(three.get(..3), Some(&*format!("{:03}", number % 1000)));
        }
    }
}

//! Times as RFC 3339, in and out. Written by hand because every record has some: a general parser takes
//! several times as long. A property test holds both directions against `jiff`.

use std::cell::Cell;

use crate::domain::time::Timestamp;
use crate::io::wire::digits;

const MS_A_DAY: i64 = 86_400_000;
const SECONDS_A_DAY: u64 = 86_400;

/// The first moment of year 0, and the last of year 9999.
const FIRST_MS: i64 = -62_167_219_200_000;
const LAST_MS: i64 = 253_402_300_799_999;

/// The moment that `text` names: RFC 3339 with an offset, `T`, `t` or a space between date and time;
/// digits beyond milliseconds are cut off, the leap second 60 is read as 59. `None` for anything else.
#[must_use]
pub fn parse_rfc3339(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let (date_time, rest) = bytes.split_first_chunk::<19>()?;
    let [
        _,
        _,
        _,
        _,
        b'-',
        _,
        _,
        b'-',
        _,
        _,
        b'T' | b't' | b' ',
        _,
        _,
        b':',
        _,
        _,
        b':',
        _,
        _,
    ] = date_time
    else {
        return None;
    };
    let year = two(date_time, 0)? * 100 + two(date_time, 2)?;
    let (month, day) = (two(date_time, 5)?, two(date_time, 8)?);
    let (hour, minute, second) = (
        two(date_time, 11)?,
        two(date_time, 14)?,
        two(date_time, 17)?,
    );
    if !(1..=12).contains(&month) || !(1..=days_of(year, month)).contains(&day) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (ms, rest) = fraction(rest)?;
    let offset_min = offset(rest)?;
    let seconds = hour * 3600 + minute * 60 + second.min(59) - offset_min * 60;
    Timestamp::from_millis(days_from_civil(year, month, day) * MS_A_DAY + seconds * 1000 + ms)
}

/// Appends `at` as `rfc3339` gives it.
pub fn write_rfc3339(at: Timestamp, out: &mut Vec<u8>) {
    out.extend_from_slice(&rfc3339(at));
}

/// `at` as RFC 3339 in UTC with milliseconds, such as `2026-08-30T21:14:05.120Z`.
///
/// A moment outside the years 0 to 9999, which no record holds, is written as the nearest inside.
pub(super) fn rfc3339(at: Timestamp) -> [u8; 24] {
    thread_local! {
        /// A second and its text: records are nearly in order, so that the last one is nearly always the next.
        static LAST: Cell<(u64, [u64; 3])> = const { Cell::new((u64::MAX, [0; 3])) };
    }
    let ms = at.millis().clamp(FIRST_MS, LAST_MS).abs_diff(FIRST_MS);
    let (second, ms) = (ms / 1000, ms % 1000);
    let (last, mut words) = LAST.get();
    if last != second {
        words = words_of(text_of(second));
        LAST.set((second, words));
    }
    // In a register: bytes that are put into memory and read back at once as a word make the processor wait.
    words[2] += digits::three(ms) << 32;
    let mut text = [0; 24];
    for (eight, word) in text.as_chunks_mut().0.iter_mut().zip(words) {
        *eight = word.to_le_bytes();
    }
    text
}

fn words_of(text: [u8; 24]) -> [u64; 3] {
    let mut words = [0; 3];
    for (word, eight) in words.iter_mut().zip(text.as_chunks().0) {
        *word = u64::from_le_bytes(*eight);
    }
    words
}

/// The text of a second since the first of year 0.
#[inline(never)]
fn text_of(second: u64) -> [u8; 24] {
    let (day, second) = (second / SECONDS_A_DAY, second % SECONDS_A_DAY);
    let (year, month, day) = civil_from_days(day);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let [y1, y2, y3, y4, m1, m2, d1, d2] = digits::twos([year / 100, year % 100, month, day]);
    let [h1, h2, i1, i2, s1, s2, ..] = digits::twos([hour, minute, second, 0]);
    [
        y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', i1, i2, b':', s1, s2, b'.',
        b'0', b'0', b'0', b'Z',
    ]
}

fn two(bytes: &[u8; 19], at: usize) -> Option<i64> {
    let (tens, ones) = (
        bytes[at].wrapping_sub(b'0'),
        bytes[at + 1].wrapping_sub(b'0'),
    );
    (tens <= 9 && ones <= 9).then(|| i64::from(tens * 10 + ones))
}

fn fraction(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let Some((b'.', digits)) = bytes.split_first() else {
        return Some((0, bytes));
    };
    let length = digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if length == 0 {
        return None;
    }
    let ms = (0..3).fold(0, |ms, place| {
        let digit = if place < length {
            digits[place] - b'0'
        } else {
            0
        };
        ms * 10 + i64::from(digit)
    });
    Some((ms, &digits[length..]))
}

/// Minutes east of UTC.
fn offset(bytes: &[u8]) -> Option<i64> {
    let (sign, hours, minutes) = match bytes {
        [b'Z' | b'z'] => return Some(0),
        [sign @ (b'+' | b'-'), a, b, b':', c, d] => (*sign, [*a, *b], [*c, *d]),
        _ => return None,
    };
    let number = |digits: [u8; 2]| {
        let all = digits.iter().all(u8::is_ascii_digit);
        all.then(|| i64::from((digits[0] - b'0') * 10 + digits[1] - b'0'))
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let east = hours * 60 + minutes;
    Some(if sign == b'-' { -east } else { east })
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970 of a date of the proleptic Gregorian calendar (Howard Hinnant, "chrono-compatible
/// low-level date algorithms"): years begin in March, so that the leap day is a year's last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a number of days since the first of year 0 (Neri and Schneider, "Euclidean affine
/// functions and their application to calendar algorithms", 2023): each division is by a constant, and that by
/// the length of a year is by a power of two. Here too years begin in March.
fn civil_from_days(days: u64) -> (u64, u64, u64) {
    // Counted from 1 March of the year -400, an era before year 0, since no number may be negative.
    let days = 4 * (days + 146_097 - 60) + 3;
    let (century, of_century) = (days / 146_097, days % 146_097 / 4);
    let years = 2_939_745 * (4 * of_century + 3);
    let (year, of_year) = (years >> 32, (years & 0xffff_ffff) / 2_939_745 / 4);
    let months = 2141 * of_year + 197_913;
    let (month, day) = (months >> 16, (months & 0xffff) / 2141 + 1);
    let year = 100 * century + year;
    if of_year < 306 {
        (year - 400, month, day)
    } else {
        (year - 399, month - 12, day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ms(text: &str) -> Option<i64> {
        parse_rfc3339(text).map(Timestamp::millis)
    }

    #[test]
    fn only_a_time_with_an_offset_is_a_moment() {
        assert_eq!(ms("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(ms("1970-01-01 01:00:00.0019+01:00"), Some(1));
        assert_eq!(ms("1970-01-01T00:00:60Z"), Some(59_000));
        for text in [
            "",
            "2026-08-30",
            "2026-08-30T21:14:05",
            "2026-08-30T21:14:05.Z",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:00+1",
            "2026-01-01T00:00:00+99:00",
            "2026-01-01T00:00:00Z ",
            "0000-01-01T00:00:00+00:01",
            "１970-01-01T00:00:00Z",
        ] {
            assert_eq!(ms(text), None, "{text}");
        }
    }

    #[test]
    fn every_day_has_the_date_that_counts_it() {
        let first = days_from_civil(0, 1, 1);
        for (days, since) in (first..=days_from_civil(9999, 12, 31)).zip(0..) {
            let (year, month, day) = civil_from_days(since);
            let counted = [year, month, day].map(|part| i64::try_from(part).unwrap());
            assert_eq!(days_from_civil(counted[0], counted[1], counted[2]), days);
        }
    }

    proptest! {
        #[test]
        fn jiff_writes_and_reads_the_same(
            ms in -62_167_219_200_000_i64..=253_402_207_200_000, // where jiff ends
            offset_min in -1439_i32..=1439,
        ) {
            let moment = jiff::Timestamp::from_millisecond(ms).unwrap();
            let at = Timestamp::from_millis(ms).unwrap();
            let mut text = Vec::new();
            write_rfc3339(at, &mut text);
            prop_assert_eq!(std::str::from_utf8(&text).unwrap(), format!("{moment:.3}"));
            prop_assert_eq!(parse_rfc3339(&format!("{moment}")), Some(at));

            let zone = jiff::tz::Offset::from_seconds(offset_min * 60).unwrap();
            let there = moment.display_with_offset(zone).to_string();
            // A year before 0 or after 9999 of local time is not RFC 3339.
            if !there.starts_with('-') {
                prop_assert_eq!(parse_rfc3339(&there), Some(at), "{}", there);
            }
        }

        #[test]
        fn one_behind_the_other_they_are_written_as_alone(
            ms in -62_167_219_200_000_i64..=253_402_207_200_000,
            steps in prop::collection::vec(-1500_i64..1500, 1..20),
        ) {
            let mut ms = ms;
            for step in steps {
                ms = (ms + step).clamp(FIRST_MS, 253_402_207_200_000);
                let moment = jiff::Timestamp::from_millisecond(ms).unwrap();
                let text = rfc3339(Timestamp::from_millis(ms).unwrap());
                prop_assert_eq!(std::str::from_utf8(&text).unwrap(), format!("{moment:.3}"));
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "[0-9TtZz:+. -]{0,30}|.{0,30}") {
            let ours = parse_rfc3339(&text);
            if let Some(at) = ours {
                let theirs: jiff::Timestamp = text.parse().unwrap();
                prop_assert!((theirs.as_millisecond() - at.millis()).abs() <= 1);
            }
        }
    }
}

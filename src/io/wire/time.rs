//! Times as RFC 3339, in and out. Written by hand because every record has some: a general parser takes
//! several times as long. A property test holds both directions against `jiff`.

use crate::domain::time::Timestamp;

const MS_A_DAY: i64 = 86_400_000;

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

/// Appends `at` as RFC 3339 in UTC with milliseconds, such as `2026-08-30T21:14:05.120Z`.
///
/// A moment outside the years 0 to 9999, which no record holds, is written as the nearest inside.
pub fn write_rfc3339(at: Timestamp, out: &mut Vec<u8>) {
    let ms = at.millis().clamp(-62_167_219_200_000, 253_402_300_799_999);
    let (year, month, day) = civil_from_days(ms.div_euclid(MS_A_DAY));
    let of_day = ms.rem_euclid(MS_A_DAY);
    let mut text = *b"0000-00-00T00:00:00.000Z";
    put_two(&mut text, 0, year / 100);
    put_two(&mut text, 2, year % 100);
    put_two(&mut text, 5, month);
    put_two(&mut text, 8, day);
    put_two(&mut text, 11, of_day / 3_600_000);
    put_two(&mut text, 14, of_day / 60_000 % 60);
    put_two(&mut text, 17, of_day / 1000 % 60);
    text[20] = digit(of_day / 100 % 10);
    put_two(&mut text, 21, of_day % 100);
    out.extend_from_slice(&text);
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

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

fn put_two(text: &mut [u8; 24], at: usize, number: i64) {
    text[at] = digit(number / 10);
    text[at + 1] = digit(number % 10);
}

fn digit(number: i64) -> u8 {
    // The callers hand over 0 to 9 only.
    b'0' + u8::try_from(number).unwrap_or(0)
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
        fn no_text_makes_it_panic(text in "[0-9TtZz:+. -]{0,30}|.{0,30}") {
            let ours = parse_rfc3339(&text);
            if let Some(at) = ours {
                let theirs: jiff::Timestamp = text.parse().unwrap();
                prop_assert!((theirs.as_millisecond() - at.millis()).abs() <= 1);
            }
        }
    }
}

//! What each word of a location may be: a house number, a relation, what joins two streets, a postcode;
//! and what is left is names.

use super::words::{Gap, Words};
use crate::geocode::gazetteer::postcodes::Code;
use crate::geocode::postcode;

/// Houses with more numbers than these are two addresses in one text.
const WIDEST_RANGE: u32 = 60;

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::geocode) enum Mark {
    /// A part of a name, as far as the text alone tells.
    Name,
    /// A house number or range; the second word of a range is `Within`.
    Number { low: u32, high: u32 },
    /// Tells where inside a building: no part of a name.
    Within,
    /// Outside, opposite, near: the place is beside what follows.
    Beside,
    /// Junction with, corner of, at.
    Meets,
    /// Between what follows and what comes after AND.
    Between,
    /// A postcode or a part of one.
    Code,
    /// OF, THE and the like: a part of names, but nothing by itself.
    Small,
}

/// A postcode in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::geocode) struct Written {
    pub code: Code,
    /// Its signs were mended: a letter O for a zero and the like.
    pub mended: bool,
    /// A whole unit, not only a sector or outcode.
    pub whole: bool,
}

/// A text with its words marked.
#[derive(Clone, Debug, Default)]
pub(in crate::geocode) struct Reading {
    pub words: Words,
    pub marks: Vec<Mark>,
    pub postcode: Option<Written>,
}

impl Reading {
    /// Reads a text; `exists` tells whether a postcode, sector or outcode is one.
    pub(in crate::geocode) fn new(text: &str, exists: impl Fn(Code) -> bool) -> Self {
        let words = Words::read(text);
        let mut marks: Vec<Mark> = (0..words.len()).map(|at| mark(words.word(at))).collect();
        let mut reading = Self {
            words,
            marks: Vec::new(),
            postcode: None,
        };
        reading.postcode = reading.find_postcode(&exists, &mut marks);
        reading.marks = marks;
        reading.ranges();
        reading.parts_of_buildings();
        reading
    }

    pub(in crate::geocode) fn mark(&self, at: usize) -> Mark {
        self.marks.get(at).copied().unwrap_or(Mark::Small)
    }

    fn find_postcode(&self, exists: &impl Fn(Code) -> bool, marks: &mut [Mark]) -> Option<Written> {
        let count = self.words.len();
        if !self.words.has_figures() {
            return None;
        }
        // The last is the place's own; one before it may be part of a remark.
        for at in (0..count).rev() {
            for many in [2, 1] {
                let whole = many == 1
                    || (self.words.word(at + 1).len() == 3 && self.words.gap(at + 1) <= Gap::Dash);
                if let Some(written) = whole
                    .then(|| unit(self.words.key(at, at + many), exists))
                    .flatten()
                {
                    marks.get_mut(at..at + many)?.fill(Mark::Code);
                    return Some(written);
                }
            }
        }
        for at in (0..count).rev() {
            let word = self.words.word(at);
            let Some(code) = postcode::is_outcode(word)
                .then(|| Code::new(word, ""))
                .flatten()
            else {
                continue;
            };
            let next = self.words.word(at + 1);
            let is_end = at + 2 >= count || self.words.gap(at + 2) >= Gap::Comma;
            if let Some(sector) = Code::new(word, next)
                && next.len() == 1
                && is_end
                && self.words.gap(at + 1) == Gap::Blank
                && exists(sector)
            {
                marks.get_mut(at..at + 2)?.fill(Mark::Code);
                return Some(Written {
                    code: sector,
                    mended: false,
                    whole: false,
                });
            }
            if exists(code) {
                *marks.get_mut(at)? = Mark::Code;
                return Some(Written {
                    code,
                    mended: false,
                    whole: false,
                });
            }
        }
        None
    }

    /// Joins `31-33` and `31 - 33` into one number.
    fn ranges(&mut self) {
        for at in 1..self.marks.len() {
            if self.words.gap(at) == Gap::Dash
                && let (Mark::Number { low, .. }, Mark::Number { high, .. }) =
                    (self.mark(at - 1), self.mark(at))
                && let Some([first, second]) = self.marks.get_mut(at - 1..=at)
            {
                *first = Mark::Within;
                *second = Mark::Number {
                    low,
                    high: high.max(low),
                };
            }
        }
    }

    /// `FLAT 3` is no house number.
    fn parts_of_buildings(&mut self) {
        for at in 1..self.marks.len() {
            if !matches!(self.mark(at), Mark::Number { .. }) {
                continue;
            }
            let is_part = matches!(
                self.words.word(at - 1),
                "FLAT"
                    | "UNIT"
                    | "ROOM"
                    | "FLOOR"
                    | "APARTMENT"
                    | "APT"
                    | "SUITE"
                    | "KIOSK"
                    | "STALL"
                    | "PLATFORM"
                    | "STOP"
            );
            if is_part && let Some([first, second]) = self.marks.get_mut(at - 1..=at) {
                *first = Mark::Within;
                *second = Mark::Within;
            }
        }
    }
}

fn mark(word: &str) -> Mark {
    if word.starts_with(|sign: char| sign.is_ascii_digit()) {
        let is_house = word.len() <= 5
            && word
                .trim_end_matches(|sign: char| sign.is_ascii_uppercase())
                .len()
                + 1
                >= word.len();
        let digits = word.trim_end_matches(|sign: char| sign.is_ascii_uppercase());
        return match digits.parse() {
            Ok(number) if is_house && digits.len() <= 4 && number > 0 => Mark::Number {
                low: number,
                high: number,
            },
            _ => Mark::Name,
        };
    }
    // As bytes: these are told apart by length and letter, not compared one after the other.
    match word.as_bytes() {
        b"OUTSIDE" | b"OS" | b"OPP" | b"OPPOSITE" | b"OP" | b"NEAR" | b"NR" | b"REAROF"
        | b"FRONTOF" | b"REAR" | b"BEHIND" | b"ADJ" | b"ADJACENT" | b"NEXT" | b"BESIDE"
        | b"CLOSE TO" => Mark::Beside,
        b"JW" | b"JCN" | b"JCT" | b"JUNC" | b"JNC" | b"JUNCTION" | b"CNR" | b"CORNER" | b"AT"
        | b"X" | b"JO" | b"MEETS" => Mark::Meets,
        b"BTWN" | b"BETWEEN" | b"BTW" | b"BETW" => Mark::Between,
        b"AND" | b"OF" | b"THE" | b"ON" | b"IN" | b"WITH" | b"TO" | b"BY" | b"NO" | b"NUMBER"
        | b"FROM" | b"A" => Mark::Small,
        _ => Mark::Name,
    }
}

/// The postcode unit that `letters` are, if need be with the usual confusions of letters and figures
/// mended; a mended one has to exist.
fn unit(letters: &str, exists: impl Fn(Code) -> bool) -> Option<Written> {
    // Most words are none, and that is seen at once.
    if !(5..=7).contains(&letters.len()) || !letters.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if let Some(text) = postcode::normalise(letters) {
        let code = Code::parse(&text)?;
        return Some(Written {
            code,
            mended: false,
            whole: true,
        });
    }
    let mended = postcode::mended(letters)?;
    let code = Code::parse(&mended)?;
    exists(code).then_some(Written {
        code,
        mended: true,
        whole: true,
    })
}

/// The lowest and the highest house number in `12`, `12A`, `31-33` or `2,4,6`; `None` where no figure
/// begins it.
pub(in crate::geocode) fn house_numbers(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text
        .split(|sign: char| !sign.is_ascii_digit())
        .filter(|digits| !digits.is_empty() && digits.len() <= 5)
        .filter_map(|digits| digits.parse::<u32>().ok());
    let first = numbers.next().filter(|number| *number > 0)?;
    let last = numbers.next_back().unwrap_or(first);
    text.trim_start()
        .starts_with(|sign: char| sign.is_ascii_digit())
        .then_some((
            first,
            if last > first + WIDEST_RANGE {
                first
            } else {
                last.max(first)
            },
        ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Reading {
        Reading::new(text, |code| {
            ["SE10", "SW9 8", "SW9 8HH", "SW9"]
                .iter()
                .any(|known| Code::parse(known) == Some(code))
        })
    }

    fn code(text: &str) -> Option<String> {
        read(text).postcode.map(|written| written.code.to_string())
    }

    #[test]
    fn a_postcode_is_found_whole_in_part_and_mended() {
        for (text, found) in [
            ("12 Brixton Rd SW9 8HH London", "SW9 8HH"),
            ("brixton rd sw98hh", "SW9 8HH"),
            ("brixton rd SW9 BHH", "SW9 8HH"),
            ("brixton rd 5W9 8HH", "SW9 8HH"),
            ("norman rd SE10", "SE10"),
            ("brixton rd SW9 8", "SW9 8"),
            ("brixton rd SW9 8HJ", "SW9 8HJ"),
        ] {
            assert_eq!(code(text).as_deref(), Some(found), "{text}");
        }
        assert_eq!(code("A23 by B12"), None);
    }

    #[test]
    fn numbers_are_of_houses_unless_of_flats() {
        assert_eq!(
            read("31-33 King St").mark(1),
            Mark::Number { low: 31, high: 33 }
        );
        assert_eq!(read("flat 3 12 High St").mark(1), Mark::Within);
        assert_eq!(
            read("flat 3 12 High St").mark(2),
            Mark::Number { low: 12, high: 12 }
        );
        assert_eq!(house_numbers("16A-18"), Some((16, 18)));
        assert_eq!(house_numbers("2,4,6,8,10"), Some((2, 10)));
        assert_eq!(house_numbers("Flat 2"), None);
    }
}

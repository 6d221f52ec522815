//! A text as words: capitals, no accents, no punctuation, short forms written out.

use super::abbreviations::written_out;

/// Most words of a text that are read; a location has rarely more than a dozen.
const MOST_WORDS: usize = 48;

/// Room that is made at once: for most texts enough.
const USUAL_WORDS: usize = 12;
const USUAL_LETTERS: usize = 16;
const MOST_LETTERS: usize = 256;

/// What stands between a word and the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::geocode) enum Gap {
    /// Blanks, full stops and the like.
    Blank,
    /// A hyphen.
    Dash,
    /// A comma, a line's end or a bracket.
    Comma,
    /// `&` or `+`.
    And,
    /// A slash.
    Slash,
}

/// One word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::geocode) struct Word {
    start: u32,
    end: u32,
    /// What stands before it; the first word has a comma.
    pub gap: Gap,
}

/// The words of a text, and their letters without blanks in one piece: a run of words has as its key a
/// piece of that, and words that were run together have the same key.
#[derive(Clone, Debug, Default)]
pub(in crate::geocode) struct Words {
    letters: String,
    words: Vec<Word>,
}

impl Words {
    /// Reads a text; what follows its 48th word is left out.
    pub(in crate::geocode) fn read(text: &str) -> Self {
        let mut reader = Reader::default();
        reader.read.letters.reserve(text.len().min(MOST_LETTERS));
        reader.read.words.reserve(USUAL_WORDS);
        reader.word.reserve(USUAL_LETTERS);
        let mut rest = text.chars();
        while let Some(sign) = rest.next() {
            if reader.is_full() {
                break;
            }
            if sign == '&'
                && let Some((meant, after)) = entity(rest.as_str())
            {
                reader.sign(meant);
                rest = after.chars();
            } else {
                reader.sign(sign);
            }
        }
        reader.end_of_word();
        reader.read
    }

    /// How many words.
    pub(in crate::geocode) fn len(&self) -> usize {
        self.words.len()
    }

    /// Word `at`, written out; empty beyond the last.
    pub(in crate::geocode) fn word(&self, at: usize) -> &str {
        self.key(at, at + 1)
    }

    /// Whether there are figures in it.
    pub(in crate::geocode) fn has_figures(&self) -> bool {
        self.letters.bytes().any(|byte| byte.is_ascii_digit())
    }

    /// What stands before word `at`.
    pub(in crate::geocode) fn gap(&self, at: usize) -> Gap {
        self.words.get(at).map_or(Gap::Comma, |word| word.gap)
    }

    /// The letters of the words `from..to` in one piece; a last `ST` is not written out.
    pub(in crate::geocode) fn key(&self, from: usize, to: usize) -> &str {
        let bounds = || {
            let start = self.words.get(from)?.start as usize;
            let end = self.words.get(to.checked_sub(1)?)?.end as usize;
            self.letters.get(start..end)
        };
        bounds().unwrap_or_default()
    }

    /// The key of a whole name: its letters, a last `ST` written out as a street.
    pub(in crate::geocode) fn name_key(&self) -> String {
        let mut key = self.letters.clone();
        if self.ends_in_street(0, self.len()) {
            key.push_str("REET");
        }
        key
    }

    /// The words of a whole name with blanks between, a last `ST` written out as a street.
    pub(in crate::geocode) fn spaced(&self) -> String {
        let words: Vec<&str> = (0..self.len()).map(|at| self.word(at)).collect();
        let mut spaced = words.join(" ");
        if self.ends_in_street(0, self.len()) {
            spaced.push_str("REET");
        }
        spaced
    }

    /// Whether the words `from..to` end in `ST`, which ends a name only as a street.
    pub(in crate::geocode) fn ends_in_street(&self, from: usize, to: usize) -> bool {
        to > from + 1 && self.word(to - 1) == "ST"
    }
}

/// What a feed's HTML entity means, and what follows it.
fn entity(text: &str) -> Option<(char, &str)> {
    [
        ("amp;", '&'),
        ("#039;", '\''),
        ("#39;", '\''),
        ("apos;", '\''),
        ("quot;", '"'),
    ]
    .into_iter()
    .find_map(|(name, meant)| Some((meant, text.strip_prefix(name)?)))
}

#[derive(Debug)]
struct Reader {
    read: Words,
    word: String,
    gap: Gap,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            read: Words::default(),
            word: String::new(),
            gap: Gap::Comma,
        }
    }
}

impl Reader {
    fn is_full(&self) -> bool {
        self.read.words.len() >= MOST_WORDS || self.word.len() > 64
    }

    fn sign(&mut self, sign: char) {
        match sign {
            'A'..='Z' | '0'..='9' => self.word.push(sign),
            'a'..='z' => self.word.push(sign.to_ascii_uppercase()),
            '\'' | '\u{2018}' | '\u{2019}' | '`' | '\u{b4}' => {}
            ',' | ';' | ':' | '\n' | '\r' | '(' | ')' | '|' => self.stop(Gap::Comma),
            '/' | '\\' => self.stop(Gap::Slash),
            '&' | '+' => self.and(),
            '-' | '\u{2013}' | '\u{2014}' => self.stop(Gap::Dash),
            _ => match unaccented(sign) {
                Some(plain) => self.word.push_str(plain),
                None => self.stop(Gap::Blank),
            },
        }
    }

    fn stop(&mut self, gap: Gap) {
        self.end_of_word();
        self.gap = self.gap.max(gap);
    }

    /// `&` is the word AND, so that a name is the same with either.
    fn and(&mut self) {
        self.end_of_word();
        let gap = std::mem::replace(&mut self.gap, Gap::Blank);
        self.push("AND", gap.max(Gap::And));
        self.gap = Gap::Blank;
    }

    fn end_of_word(&mut self) {
        if self.word.is_empty() {
            return;
        }
        let word = std::mem::take(&mut self.word);
        let gap = std::mem::replace(&mut self.gap, Gap::Blank);
        if let Some(pair) = self.pair_of_letters(&word, gap) {
            self.replace_last(pair);
            return;
        }
        let is_direction = matches!(
            word.as_str(),
            "NORTH" | "SOUTH" | "EAST" | "WEST" | "N" | "S" | "E" | "W"
        );
        if is_direction && gap == Gap::Blank && self.read.words.len() > 1 && self.last() == "ST" {
            self.read.letters.push_str("REET");
            if let Some(last) = self.read.words.last_mut() {
                last.end += 4;
            }
        }
        if word == "ST" && self.last() == "HIGH" && gap == Gap::Blank {
            self.push("STREET", gap);
        } else {
            self.push(written_out(&word), gap);
        }
        self.word = word;
        self.word.clear();
    }

    /// `J/W`, `O/S` and the like, written with a slash between two single letters.
    fn pair_of_letters(&self, word: &str, gap: Gap) -> Option<&'static str> {
        if gap != Gap::Slash || word.len() != 1 {
            return None;
        }
        // Single letters of directions have been written out.
        Some(match (self.last(), word) {
            ("J", "W" | "O") => "JW",
            ("O", "S") => "OUTSIDE",
            ("R", "O") => "REAROF",
            ("F", "O") => "FRONTOF",
            ("NORTH", "R") => "NEAR",
            ("R", "B") => "ROUNDABOUT",
            ("NORTH", "B") => "NORTHBOUND",
            ("SOUTH", "B") => "SOUTHBOUND",
            ("EAST", "B") => "EASTBOUND",
            ("WEST", "B") => "WESTBOUND",
            _ => return None,
        })
    }

    fn last(&self) -> &str {
        self.read.word(self.read.words.len().saturating_sub(1))
    }

    fn replace_last(&mut self, word: &str) {
        if let Some(last) = self.read.words.pop() {
            self.read.letters.truncate(last.start as usize);
            self.push(word, last.gap);
        }
    }

    fn push(&mut self, word: &str, gap: Gap) {
        if self.read.words.len() >= MOST_WORDS {
            return;
        }
        let start = place(self.read.letters.len());
        self.read.letters.push_str(word);
        let end = place(self.read.letters.len());
        self.read.words.push(Word { start, end, gap });
    }
}

/// 48 words of at most 65 signs are far below.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn unaccented(sign: char) -> Option<&'static str> {
    Some(match sign {
        'À'..='Å' | 'à'..='å' => "A",
        'Ç' | 'ç' => "C",
        'È'..='Ë' | 'è'..='ë' => "E",
        'Ì'..='Ï' | 'ì'..='ï' => "I",
        'Ñ' | 'ñ' => "N",
        'Ò'..='Ö' | 'ò'..='ö' | 'Ø' | 'ø' => "O",
        'Ù'..='Ü' | 'ù'..='ü' => "U",
        'Ý' | 'ý' | 'ÿ' | 'Ŷ' | 'ŷ' => "Y",
        'Ŵ' | 'ŵ' => "W",
        'Æ' | 'æ' => "AE",
        'Œ' | 'œ' => "OE",
        'ß' => "SS",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spaced(text: &str) -> String {
        Words::read(text).spaced()
    }

    #[test]
    fn one_name_in_many_spellings_is_one() {
        for text in [
            "St. Chad's St",
            "ST CHADS STREET",
            "Saint Chad\u{2019}s street",
            "st chad&#039;s st",
        ] {
            assert_eq!(spaced(text), "ST CHADS STREET", "{text}");
        }
        assert_eq!(spaced("Gt Eastern St"), "GREAT EASTERN STREET");
        assert_eq!(
            spaced("Elephant &amp; Castle"),
            spaced("elephant and castle")
        );
        assert_eq!(spaced("Church St N"), "CHURCH STREET NORTH");
        assert_eq!(spaced("Camden High St"), "CAMDEN HIGH STREET");
        assert_eq!(spaced("café Noël"), "CAFE NOEL");
        assert_eq!(
            Words::read("old kentroad").name_key(),
            Words::read("Old Kent Rd").name_key()
        );
    }

    #[test]
    fn letters_around_a_slash_are_kept_together() {
        assert_eq!(spaced("o/s 12 J/W R/O N/R"), "OUTSIDE 12 JW REAROF NEAR");
        let words = Words::read("Baker St/York Rd");
        assert_eq!(words.gap(2), Gap::Slash);
    }

    #[test]
    fn no_more_than_some_words_are_read() {
        let words = Words::read(&"word ".repeat(100_000));
        assert_eq!(words.len(), MOST_WORDS);
        assert!(Words::read(&"x".repeat(100_000)).letters.len() < 80);
        assert_eq!(Words::read(" \u{1F600} \u{0} ").len(), 0);
    }
}

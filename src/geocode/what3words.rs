//! what3words in a text: a claim of the caller's, and never a place.
//!
//! Its words are mixed up over the phone, and whoever mixes them up names another place: so they are left
//! out of what is looked up, and stay in the report for people to compare.

use std::borrow::Cow;

/// Words by which people say that three words follow.
const NAMES: [&str; 3] = ["what3words", "whatthreewords", "w3w"];

/// `text` without `///word.word.word`, `w3w word.word.word` and the like; whether there was any.
pub(super) fn without(text: &str) -> (Cow<'_, str>, bool) {
    // Nearly no text has any, and all pass here: a slash alone is found faster than three.
    let is_marked = text.contains('/') && text.contains("///");
    if !is_marked && !is_named(text) {
        return (Cow::Borrowed(text), false);
    }
    let mut kept: Vec<&str> = Vec::new();
    let (mut found, mut named) = (false, false);
    for word in text.split_whitespace() {
        let bare = word.trim_matches(|sign: char| !sign.is_alphanumeric());
        let is_name = NAMES.iter().any(|name| bare.eq_ignore_ascii_case(name));
        let (before, words) = word.split_once("///").unwrap_or(("", word));
        let is_marked = word.contains("///");
        if (is_marked || named) && are_three_words(words) {
            found = true;
            kept.extend(Some(before.trim_end_matches([':', '('])).filter(|before| {
                !before.is_empty() && !NAMES.iter().any(|name| before.eq_ignore_ascii_case(name))
            }));
            named = false;
        } else if is_name {
            named = true;
        } else {
            kept.push(word);
            named = false;
        }
    }
    if found {
        (Cow::Owned(kept.join(" ")), true)
    } else {
        (Cow::Borrowed(text), false)
    }
}

/// Whether one of the names is anywhere in a text; all of them begin with a W.
fn is_named(text: &str) -> bool {
    let text = text.as_bytes();
    let begins = |name: &str, at: usize| {
        let part = text.get(at..at + name.len());
        part.is_some_and(|part| part.eq_ignore_ascii_case(name.as_bytes()))
    };
    let mut letters = text.iter().enumerate();
    letters.any(|(at, letter)| {
        letter.eq_ignore_ascii_case(&b'w') && NAMES.iter().any(|name| begins(name, at))
    })
}

/// Three words of letters with full stops between, in any script.
fn are_three_words(text: &str) -> bool {
    let text = text.trim_end_matches([',', ';', ')', '.', '"']);
    let mut words = text.split(['.', '\u{3002}', '\u{ff65}']);
    let is_word = |word: &str| !word.is_empty() && word.chars().all(char::is_alphabetic);
    let three = [words.next(), words.next(), words.next()];
    three.into_iter().all(|word| word.is_some_and(is_word)) && words.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_words_are_left_out_and_the_rest_stays() {
        for (text, rest) in [
            ("///filled.count.soap", ""),
            ("Brixton Rd ///filled.count.soap, SW9", "Brixton Rd SW9"),
            ("w3w: filled.count.soap o/s station", "o/s station"),
            ("what3words filled.count.soap", ""),
            ("W3W///filled.count.soap", ""),
            ("(///filled.count.soap)", ""),
            ("51.5,-0.1 ///öl.straße.über", "51.5,-0.1"),
        ] {
            assert_eq!(without(text), (rest.into(), true), "{text}");
        }
    }

    #[test]
    fn what_is_not_three_words_is_not_touched() {
        for text in [
            "Brixton Rd / Coldharbour Ln",
            "filled.count.soap",
            "///filled.count",
            "///a.b.c.d",
            "///1.2.3",
            "w3w unknown",
            "",
        ] {
            assert_eq!(without(text), (text.into(), false), "{text}");
        }
    }
}

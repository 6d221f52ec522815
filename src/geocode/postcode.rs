//! Postcodes, by their pattern only: whether there is such a postcode takes a gazetteer.

/// The postcode that `text` is, in capitals and with one blank before its last three signs; `None` for
/// a text that has not the form of one. Blanks in `text` count for nothing.
#[must_use]
pub fn normalise(text: &str) -> Option<String> {
    // Longest with some blanks too many: what is longer is not searched for blanks.
    if text.len() > 16 {
        return None;
    }
    let signs: String = text
        .chars()
        .filter(|sign| !sign.is_whitespace())
        .map(|sign| sign.to_ascii_uppercase())
        .collect();
    let (outward, inward) = signs.split_at_checked(signs.len().checked_sub(3)?)?;
    let has_form = OUTWARD.contains(&form(outward).as_str()) && form(inward) == "9AA";
    (has_form || signs == "GIR0AA").then(|| format!("{outward} {inward}"))
}

/// The forms of the first half, A for a letter and 9 for a digit.
const OUTWARD: [&str; 6] = ["A9", "A99", "AA9", "AA99", "A9A", "AA9A"];

/// Whether `text`, in capitals, has the form of the first half of a postcode.
pub(super) fn is_outcode(text: &str) -> bool {
    (2..=4).contains(&text.len()) && OUTWARD.contains(&form(text).as_str())
}

/// The postcode that `text` is once letters and figures that look alike have changed places where
/// only the other makes the form of one; `None` where that does not help.
pub(super) fn mended(text: &str) -> Option<String> {
    if !(5..=7).contains(&text.len()) || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (outward, inward) = text.split_at_checked(text.len().checked_sub(3)?)?;
    let inward = inward
        .char_indices()
        .map(|(at, sign)| if at == 0 { figure(sign) } else { letter(sign) });
    let inward: String = inward.collect();
    let last = outward.len().checked_sub(1)?;
    // The first sign is a letter, the last of most a figure; the second may be either.
    let all = outward.char_indices().map(|(at, sign)| {
        if at == 0 {
            letter(sign)
        } else if at == last {
            figure(sign)
        } else {
            sign
        }
    });
    let candidates = [outward.to_owned(), all.collect()];
    candidates
        .iter()
        .find_map(|outward| normalise(&format!("{outward}{inward}")))
}

fn figure(sign: char) -> char {
    match sign {
        'O' => '0',
        'I' | 'L' => '1',
        'Z' => '2',
        'S' => '5',
        'B' => '8',
        _ => sign,
    }
}

fn letter(sign: char) -> char {
    match sign {
        '0' => 'O',
        '1' => 'I',
        '2' => 'Z',
        '5' => 'S',
        '8' => 'B',
        _ => sign,
    }
}

fn form(text: &str) -> String {
    text.chars()
        .map(|sign| match sign {
            'A'..='Z' => 'A',
            '0'..='9' => '9',
            _ => '?',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_postcode_is_known_by_its_form() {
        for (text, postcode) in [
            ("sw98hh", "SW9 8HH"),
            (" SW9  8HH ", "SW9 8HH"),
            ("ec1a 1bb", "EC1A 1BB"),
            ("M1 1AE", "M1 1AE"),
            ("gir 0aa", "GIR 0AA"),
        ] {
            assert_eq!(normalise(text).as_deref(), Some(postcode));
        }
        for text in [
            "",
            "8HH",
            "SW9",
            "SW9 8H",
            "TQ 311 756",
            "SWA9 8HH",
            "é1 1AE",
        ] {
            assert_eq!(normalise(text), None, "{text}");
        }
    }
}

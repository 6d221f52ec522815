//! Pairs of numbers as people write them: degrees in decimals or in minutes and seconds, and eastings
//! with northings.

/// Longest text that can be a pair of numbers, bytes; no spelling known here comes near.
const MOST_BYTES: usize = 128;

/// Two numbers in the order that their letters ask for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Pair {
    /// With letters: the one along N or S, then the one along E or W; south and west are negative.
    Lettered { north: f64, east: f64 },
    /// Without letters, as written.
    Bare(f64, f64),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Token {
    Number(Number),
    /// 0 for a degree sign, 1 for minutes, 2 for seconds.
    Unit(usize),
    Letter(Letter),
    Comma,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Number {
    value: f64,
    is_signed: bool,
    is_whole: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Letter {
    North,
    South,
    East,
    West,
}

impl Letter {
    fn is_northing(self) -> bool {
        matches!(self, Self::North | Self::South)
    }

    fn is_negative(self) -> bool {
        matches!(self, Self::South | Self::West)
    }
}

/// Reads a text that is a pair of numbers and nothing else.
pub(super) fn pair(text: &str) -> Option<Pair> {
    if text.len() > MOST_BYTES {
        return None;
    }
    let tokens = tokens(text)?;
    let (first, second) = halves(&tokens)?;
    let (first, second) = (Half::read(first)?, Half::read(second)?);
    match (first.letter, second.letter) {
        (None, None) => Some(Pair::Bare(first.value, second.value)),
        (Some(one), Some(other)) if one.is_northing() != other.is_northing() => {
            let (north, east) = if one.is_northing() {
                (first.value, second.value)
            } else {
                (second.value, first.value)
            };
            Some(Pair::Lettered { north, east })
        }
        _ => None,
    }
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        match next {
            '0'..='9' | '+' | '-' | '\u{2212}' | '.' => {
                let (number, after) = number(rest)?;
                tokens.push(Token::Number(number));
                rest = after;
                continue;
            }
            ' ' | '\t' | '\u{a0}' => {}
            _ => tokens.push(mark(next)?),
        }
        rest = rest.strip_prefix(next)?;
    }
    Some(tokens)
}

fn mark(sign: char) -> Option<Token> {
    Some(match sign {
        ',' | ';' => Token::Comma,
        '°' | 'º' | '˚' => Token::Unit(0),
        '\'' | '′' | '’' => Token::Unit(1),
        '"' | '″' | '”' => Token::Unit(2),
        'N' | 'n' => Token::Letter(Letter::North),
        'S' | 's' => Token::Letter(Letter::South),
        'E' | 'e' => Token::Letter(Letter::East),
        'W' | 'w' => Token::Letter(Letter::West),
        _ => return None,
    })
}

fn number(text: &str) -> Option<(Number, &str)> {
    let unsigned = text.trim_start_matches(['+', '-', '\u{2212}']);
    let is_negative = text.starts_with(['-', '\u{2212}']);
    let is_digit = |sign: char| sign.is_ascii_digit() || sign == '.';
    let rest = unsigned.trim_start_matches(is_digit);
    let digits = unsigned.strip_suffix(rest)?;
    let signs = text.strip_suffix(unsigned)?.chars().count();
    let value: f64 = digits.parse().ok().filter(|_| signs <= 1)?;
    let number = Number {
        value: if is_negative { -value } else { value },
        is_signed: signs == 1,
        is_whole: !digits.contains('.'),
    };
    Some((number, rest))
}

/// Cuts at the comma, else by the letters, else by the degree signs, else in the middle of two numbers.
fn halves(tokens: &[Token]) -> Option<(&[Token], &[Token])> {
    let all = |wanted: fn(&Token) -> bool| {
        let mut places = (0..tokens.len()).filter(|at| tokens.get(*at).is_some_and(wanted));
        (places.next(), places.next(), places.next())
    };
    match all(|token| *token == Token::Comma) {
        (Some(at), None, None) => {
            let (first, second) = tokens.split_at(at);
            return Some((first, second.get(1..)?));
        }
        (None, ..) => {}
        _ => return None,
    }
    let cut = match all(|token| matches!(token, Token::Letter(_))) {
        (Some(0), Some(at), None) => at,
        (Some(at), Some(_), None) => at + 1,
        (None, ..) => match all(|token| *token == Token::Unit(0)) {
            // The second angle begins with the number before its degree sign.
            (Some(_), Some(at), None) => at - 1,
            (None, ..) if tokens.len() == 2 && !is_two_small_whole_numbers(tokens) => 1,
            _ => return None,
        },
        _ => return None,
    };
    Some(tokens.split_at(cut))
}

/// `12 14` is a house number or anything else, but no place.
fn is_two_small_whole_numbers(tokens: &[Token]) -> bool {
    tokens.iter().all(
        |token| matches!(token, Token::Number(number) if number.is_whole && number.value.abs() < 1000.0),
    )
}

/// One number of a pair.
#[derive(Clone, Copy, Debug)]
struct Half {
    value: f64,
    letter: Option<Letter>,
}

impl Half {
    /// Reads an optional letter, before or after, and one to three numbers: degrees, minutes, seconds.
    fn read(mut tokens: &[Token]) -> Option<Self> {
        let mut letter = None;
        if let [Token::Letter(first), rest @ ..] = tokens {
            (letter, tokens) = (Some(*first), rest);
        } else if let [rest @ .., Token::Letter(last)] = tokens {
            (letter, tokens) = (Some(*last), rest);
        }
        let (numbers, has_units) = sexagesimal(tokens)?;
        let (first, finer) = numbers.split_first()?;
        let is_ambiguous = !finer.is_empty() && !has_units && letter.is_none();
        let is_twice_signed = letter.is_some() && first.is_signed;
        if is_ambiguous || is_twice_signed || finer.iter().any(|part| part.value >= 60.0) {
            return None;
        }
        let (_, before_last) = numbers.split_last()?;
        if before_last.iter().any(|part| !part.is_whole) || finer.iter().any(|part| part.is_signed)
        {
            return None;
        }
        let fraction = finer
            .iter()
            .rev()
            .fold(0.0, |sum, part| (sum + part.value) / 60.0);
        let size = first.value.abs() + fraction;
        let is_negative = first.value.is_sign_negative() || letter.is_some_and(Letter::is_negative);
        Some(Self {
            value: if is_negative { -size } else { size },
            letter,
        })
    }
}

/// The numbers, and whether they carry signs of degrees, minutes and seconds; those stand in order.
fn sexagesimal(mut tokens: &[Token]) -> Option<(Vec<Number>, bool)> {
    let mut numbers = Vec::new();
    let mut has_units = false;
    while let [Token::Number(number), rest @ ..] = tokens {
        let place = numbers.len();
        numbers.push(*number);
        tokens = match rest {
            // Two signs of minutes are one of seconds.
            [Token::Unit(1), Token::Unit(1), rest @ ..] if place == 2 => {
                has_units = true;
                rest
            }
            [Token::Unit(unit), rest @ ..] if *unit == place => {
                has_units = true;
                rest
            }
            rest => rest,
        };
    }
    (tokens.is_empty() && numbers.len() <= 3).then_some((numbers, has_units))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(text: &str, lat: f64, lng: f64) {
        let (north, east) = match pair(text) {
            Some(Pair::Lettered { north, east }) => (north, east),
            Some(Pair::Bare(first, second)) => (first, second),
            None => panic!("{text} is no pair"),
        };
        let miss = (north - lat).abs().max((east - lng).abs());
        assert!(miss < 1e-9, "{text}: {north} {east}");
    }

    #[test]
    fn degrees_in_every_usual_spelling() {
        for text in [
            "51.4613,-0.1156",
            " 51.4613 , -0.1156 ",
            "51.4613 -0.1156",
            "51.4613;\u{2212}0.1156",
            "+51.4613 -.1156",
            "51.4613N 0.1156W",
            "51.4613n,0.1156w",
            "N51.4613 W0.1156",
            "N 51.4613, W 0.1156",
            "0.1156W 51.4613N",
            "51.4613° N, 0.1156° W",
            "51.4613°, -0.1156°",
            "51.4613° -0.1156°",
            "51°27.678'N 0°6.936'W",
            "51 27 40.68 N 0 6 56.16 W",
        ] {
            close(text, 51.4613, -0.1156);
        }
        let (lat, lng) = (
            51.0 + 27.0 / 60.0 + 41.0 / 3600.0,
            -(6.0 / 60.0 + 56.0 / 3600.0),
        );
        for text in [
            "51°27'41\"N 0°6'56\"W",
            "51°27′41″N, 0°6′56″W",
            "51° 27' 41'' N 0° 6' 56'' W",
            "51°27’41” -0°6’56”",
            "N51 27 41 W0 6 56",
        ] {
            close(text, lat, lng);
        }
    }

    #[test]
    fn other_texts_are_no_pair() {
        for text in [
            "",
            "51.4613",
            "51.4613,",
            ",",
            "12 14",
            "51 27, 0 6",
            "51°61'N 0°6'W",
            "51.5°27'N 0°6'W",
            "-51.4613S 0.1156W",
            "51.4613N 0.1156N",
            "51.4613N, -0.1156",
            "51e5",
            "1,2,3",
            "--51.4613 0.1",
            "51..4 0.1",
            "12 High Street, 4 Low Road",
            "51.4613/-0.1156",
            "°'\"",
            "N W",
        ] {
            assert_eq!(pair(text), None, "{text}");
        }
    }
}

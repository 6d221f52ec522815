//! Lines of an address, as registers keep them: which one is the house and its street.

use crate::domain::feature::Feature;

/// Last words of streets.
const STREET_WORDS: [&str; 44] = [
    "alley",
    "approach",
    "arcade",
    "avenue",
    "ave",
    "bank",
    "boulevard",
    "broadway",
    "circus",
    "close",
    "common",
    "court",
    "crescent",
    "drive",
    "embankment",
    "end",
    "gardens",
    "gate",
    "green",
    "grove",
    "hill",
    "lane",
    "market",
    "mews",
    "mount",
    "parade",
    "park",
    "passage",
    "place",
    "rd",
    "rise",
    "road",
    "row",
    "side",
    "square",
    "st",
    "strand",
    "street",
    "terrace",
    "vale",
    "view",
    "walk",
    "way",
    "yard",
];

/// Those of them that are hardly the last word of anything else.
const SURELY: [&str; 16] = [
    "avenue", "ave", "close", "crescent", "drive", "gardens", "hill", "lane", "mews", "rd", "road",
    "row", "st", "street", "terrace", "way",
];

/// First words of lines that say where inside a building.
const INSIDE: [&str; 13] = [
    "unit", "units", "flat", "shop", "suite", "room", "floor", "ground", "basement", "kiosk",
    "stall", "first", "rear",
];

/// Lays the lines of an address, between `|` or `,`, out into number, street, other names (of buildings)
/// and areas; what the feature has already stays.
///
/// ```
/// use cordon::domain::feature::{Feature, FeatureKind};
/// use cordon::domain::position::Position;
///
/// let position = Position::new(51.46, -0.02)?;
/// let mut cafe = Feature::named(FeatureKind::Premises, "Café", position);
/// cordon::gazetteer::address::lay_out("Shop | 87-89 Myddleton Road | Wood Green", &mut cafe);
/// assert_eq!(cafe.number.as_deref(), Some("87-89"));
/// assert_eq!(cafe.street.as_deref(), Some("Myddleton Road"));
/// assert_eq!(cafe.areas, ["Wood Green".into()]);
/// # Ok::<(), cordon::domain::position::InvalidPosition>(())
/// ```
pub fn lay_out(address: &str, feature: &mut Feature) {
    let separator = if address.contains('|') { '|' } else { ',' };
    let lines: Vec<&str> = address
        .split(separator)
        .map(|line| line.split('(').next().unwrap_or_default().trim())
        .filter(|line| !line.is_empty())
        .collect();
    let best = lines
        .iter()
        .enumerate()
        .filter_map(|(at, line)| Some((std::cmp::Reverse(House::of(line)?), at)))
        .min();
    let Some((std::cmp::Reverse(house), at)) = best else {
        feature.areas.extend(lines.into_iter().map(Box::from));
        return;
    };
    feature.street.get_or_insert_with(|| house.street.into());
    if let (None, Some(number)) = (&feature.number, house.number) {
        feature.number = Some(number.into());
    }
    let (before, after) = (lines.get(..at), lines.get(at + 1..));
    let buildings = before
        .unwrap_or_default()
        .iter()
        .filter(|line| !is_inside(line));
    let also = buildings.filter(|line| !line.eq_ignore_ascii_case(&feature.name));
    let also: Vec<Box<str>> = also.map(|line| (*line).into()).collect();
    feature.also.extend(also);
    let after = after.unwrap_or_default().iter();
    feature.areas.extend(after.map(|line| Box::from(*line)));
}

/// A line as a house of a street; the greater, the likelier it is one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct House<'l> {
    likeliness: u8,
    number: Option<String>,
    street: &'l str,
}

impl<'l> House<'l> {
    fn of(line: &'l str) -> Option<Self> {
        let last = line.split_whitespace().next_back()?.to_lowercase();
        let is_street = STREET_WORDS.contains(&last.as_str());
        if let Some((number, street)) = split_number(line) {
            let likeliness = if is_street { 4 } else { 2 };
            return Some(Self {
                likeliness,
                number: Some(number),
                street,
            });
        }
        // `Unit 3 87 Myddleton Road`: the last number before words.
        let inner = line
            .char_indices()
            .filter(|(_, sign)| sign.is_whitespace())
            .filter_map(|(at, _)| split_number(line.get(at..)?.trim_start()))
            .next_back();
        match inner {
            Some((number, street)) if is_street => Some(Self {
                likeliness: 3,
                number: Some(number),
                street,
            }),
            _ if is_street && !is_inside(line) => Some(Self {
                likeliness: u8::from(SURELY.contains(&last.as_str())),
                number: None,
                street: line,
            }),
            _ => None,
        }
    }
}

/// `12A`, `10-12`, `10 - 12` or `80 & 82` before the words of a street.
fn split_number(line: &str) -> Option<(String, &str)> {
    let (first, mut rest) = line.split_once(char::is_whitespace)?;
    let first = first.trim_end_matches(',');
    if !is_number(first) {
        return None;
    }
    let mut number = first.to_owned();
    let mut words = rest.trim_start().splitn(3, char::is_whitespace);
    if let (Some(between @ ("-" | "–" | "&" | "and" | "to")), Some(second), Some(behind)) =
        (words.next(), words.next(), words.next())
        && is_number(second)
    {
        let joint = if matches!(between, "&" | "and") {
            "&"
        } else {
            "-"
        };
        number = format!("{first}{joint}{second}");
        rest = behind;
    }
    let street = rest.trim();
    let begins = street.chars().next().is_some_and(char::is_alphabetic);
    let inside = street.to_lowercase().starts_with("floor");
    (begins && !inside).then_some((number, street))
}

/// Digits, with a letter after them or between the ends of a range.
fn is_number(word: &str) -> bool {
    let parts = word.split(['-', '–', '/', '&']);
    word.len() <= 12
        && parts.clone().count() <= 3
        && parts.into_iter().all(|part| {
            let letters = part.trim_start_matches(|sign: char| sign.is_ascii_digit());
            letters.len() < part.len() && letters.len() <= 1 && letters.is_ascii()
        })
}

fn is_inside(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    let first = first.to_lowercase();
    INSIDE.contains(&first.as_str()) || first.starts_with(|sign: char| sign.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::feature::FeatureKind;
    use crate::domain::position::Position;

    fn laid(address: &str) -> (Option<String>, Option<String>, Vec<String>, Vec<String>) {
        let position = Position::new(51.5, -0.1).unwrap();
        let mut feature = Feature::named(FeatureKind::Premises, "", position);
        lay_out(address, &mut feature);
        let texts = |texts: Vec<Box<str>>| texts.into_iter().map(String::from).collect();
        (
            feature.number.map(String::from),
            feature.street.map(String::from),
            texts(feature.also),
            texts(feature.areas),
        )
    }

    #[test]
    fn house_and_street_are_found_among_the_lines() {
        for (address, number, street) in [
            ("446 Becontree Avenue | Dagenham", "446", "Becontree Avenue"),
            ("10-12 Lee High Road | London", "10-12", "Lee High Road"),
            ("10 - 12 Lee High Road, London", "10-12", "Lee High Road"),
            ("Shop | 87a Myddleton Road", "87a", "Myddleton Road"),
            ("Unit 3 87 Myddleton Road", "87", "Myddleton Road"),
            ("1st Floor | 2 Strand", "2", "Strand"),
            ("63 The Broadway | Greenford", "63", "The Broadway"),
            (
                "139 Gunnersbury Avenue (North Circular Road) | Chiswick",
                "139",
                "Gunnersbury Avenue",
            ),
            (
                "12 Studios | 80-82 Silverthorne Road",
                "80-82",
                "Silverthorne Road",
            ),
        ] {
            let (found, of, ..) = laid(address);
            assert_eq!(
                (found.as_deref(), of.as_deref()),
                (Some(number), Some(street)),
                "{address}"
            );
        }
    }

    #[test]
    fn lines_before_are_buildings_and_lines_after_areas() {
        let (number, street, also, areas) = laid("Borough Market | Borough High Street | London");
        assert_eq!(
            (number, street.as_deref()),
            (None, Some("Borough High Street"))
        );
        assert_eq!(
            (also, areas),
            (vec!["Borough Market".to_owned()], vec!["London".to_owned()])
        );
    }

    #[test]
    fn nothing_is_made_up() {
        for address in ["", " | ", "London", "1st Floor", "é|漢字|😀", "12"] {
            let (number, street, ..) = laid(address);
            assert_eq!((number, street), (None, None), "{address}");
        }
    }
}

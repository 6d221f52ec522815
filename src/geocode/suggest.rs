//! What a text that is being typed may become: for a search box, so it is quick rather than complete.
//!
//! First what the text is by itself: coordinates, a grid reference, a postcode or the beginning of one.
//! Then names that begin with it, then those that do but for a mistake; where there are none, what the
//! geocoder makes of the whole text.

use std::collections::BTreeSet;

use super::gazetteer::Gazetteer;
use super::gazetteer::names::Bearer;
use super::gazetteer::postcodes::Code;
use super::grid::Square;
use super::hints::Hints;
use super::text::words::Words;
use super::{Geocoder, distance, postcode, spelling};
use crate::domain::feature::FeatureKind;
use crate::domain::located::Placed;
use crate::domain::nearby::{Suggestion, SuggestionKind};
use crate::domain::position::Position;

/// Most suggestions of one text.
pub const MOST: usize = 20;

/// What is longer than this is nobody's typing, bytes.
pub const LONGEST: usize = 200;

/// Names with one beginning that are looked at; of those beyond, the alphabet's last are left out.
const MOST_NAMES: usize = 4000;

/// Of those the shortest are weighed.
const MOST_WEIGHED: usize = 200;

/// Names with a mistake that are looked at.
const MOST_MISTAKEN: usize = 2000;

/// Bearers of one name that are weighed.
const MOST_BEARERS: usize = 200;

/// Two of one name and kind so near to each other are one, metres.
const SAME_M: f64 = 300.0;

/// Radius of a postcode, metres.
const UNIT_M: f64 = 85.0;

/// The geocoder's answer to the whole text is a suggestion from this score on.
const LEAST_SCORE: f64 = 0.5;

impl Geocoder {
    /// At most `limit` suggestions, and at most 20, the best first; none for a text that is empty, longer
    /// than 200 bytes, or the beginning of nothing.
    #[must_use]
    pub fn suggest(&self, text: &str, limit: usize) -> Vec<Suggestion> {
        let (text, limit) = (text.trim(), limit.min(MOST));
        if text.is_empty() || text.len() > LONGEST {
            return Vec::new();
        }
        let mut list = List::default();
        for gazetteer in &self.gazetteers {
            list.extend(of_postcode(gazetteer, text, limit));
        }
        // SW 9 8 is a square of the grid as well, but no one's who types a postcode.
        if list.suggestions.is_empty() && is_reference(text) {
            list.extend(self.referred_to(text));
        }
        for gazetteer in &self.gazetteers {
            list.extend(of_beginning(gazetteer, text, limit));
        }
        if list.suggestions.len() < limit {
            for gazetteer in &self.gazetteers {
                list.extend(of_mistaken(gazetteer, text, limit));
            }
        }
        if list.suggestions.is_empty() {
            list.extend(self.of_whole(text));
        }
        list.suggestions.truncate(limit);
        for suggestion in &mut list.suggestions {
            let district = self.district(suggestion.position);
            suggestion.area = district
                .or_else(|| suggestion.area.take())
                .filter(|area| *area != suggestion.title);
        }
        list.suggestions
    }

    fn referred_to(&self, text: &str) -> Option<Suggestion> {
        let placed = self.locate_text(text).ok()?;
        Some(of_placed(&placed, text, SuggestionKind::Reference))
    }

    /// What the geocoder makes of the whole text, one place or several.
    fn of_whole(&self, text: &str) -> Vec<Suggestion> {
        if self.gazetteers.is_empty() || postcode::normalise(text).is_some() {
            return Vec::new();
        }
        let placed = match self.answer_text(text, &Hints::default()) {
            Ok(found) => std::iter::once(found.placed)
                .chain(found.alternatives)
                .collect(),
            Err(refusal) => refusal.alternatives,
        };
        let sure = placed
            .into_iter()
            .filter(|placed: &Placed| placed.score.unwrap_or(1.0) >= LEAST_SCORE);
        sure.map(|placed| of_placed(&placed, text, SuggestionKind::Text))
            .collect()
    }
}

/// Whether a text is coordinates, an easting with a northing, or a grid reference.
fn is_reference(text: &str) -> bool {
    spelling::pair(text).is_some() || Square::parse(text).is_some()
}

fn of_placed(placed: &Placed, text: &str, kind: SuggestionKind) -> Suggestion {
    Suggestion {
        title: placed.matched.as_deref().unwrap_or(text).into(),
        area: None,
        kind,
        position: placed.position,
        radius_m: placed.radius_m.unwrap_or_default(),
    }
}

/// Suggestions, each once: two sources often have the same station, some metres apart.
#[derive(Debug, Default)]
struct List {
    suggestions: Vec<Suggestion>,
}

impl List {
    fn extend(&mut self, more: impl IntoIterator<Item = Suggestion>) {
        for suggestion in more {
            let is_same = |known: &Suggestion| {
                let apart = distance::between(known.position, suggestion.position);
                known.kind == suggestion.kind
                    && known.title.eq_ignore_ascii_case(&suggestion.title)
                    && apart <= known.radius_m.max(SAME_M)
            };
            if !self.suggestions.iter().any(is_same) {
                self.suggestions.push(suggestion);
            }
        }
    }
}

/// Postcodes, sectors and outcodes that begin with `text`.
fn of_postcode(gazetteer: &Gazetteer, text: &str, most: usize) -> Vec<Suggestion> {
    let capitals = text.to_ascii_uppercase();
    let signs: String = capitals.split_whitespace().collect();
    if !(2..=7).contains(&signs.len()) || !signs.bytes().any(|sign| sign.is_ascii_digit()) {
        return Vec::new();
    }
    let blank = capitals.find(char::is_whitespace);
    let mut found = Vec::new();
    for at in 2..=signs.len().min(4) {
        if blank.is_some_and(|blank| blank != at) {
            continue;
        }
        let (outward, inward) = signs.split_at_checked(at).unwrap_or_default();
        if postcode::is_outcode(outward) && is_inward_beginning(inward) {
            found.extend(of_halves(gazetteer, outward, inward, most));
        }
    }
    if blank.is_none() && signs.len() < 4 {
        let longer = gazetteer.outcodes(&signs, most);
        let longer = longer
            .into_iter()
            .filter(|(code, _)| code.to_string() != signs);
        found.extend(longer.map(|(code, circle)| of_code(code, circle.centre, circle.radius_m)));
    }
    found
}

fn of_halves(gazetteer: &Gazetteer, outward: &str, inward: &str, most: usize) -> Vec<Suggestion> {
    let whole = Code::new(outward, inward);
    let circle = whole.and_then(|code| Some((code, gazetteer.circle(code)?)));
    let mut found: Vec<Suggestion> = circle
        .map(|(code, circle)| of_code(code, circle.centre, circle.radius_m))
        .into_iter()
        .collect();
    if let Some(outcode) = whole.filter(|_| inward.is_empty()) {
        let sectors = gazetteer.sectors(outcode, most);
        found.extend(
            sectors
                .into_iter()
                .map(|(code, circle)| of_code(code, circle.centre, circle.radius_m)),
        );
        return found;
    }
    let units = gazetteer.units(outward, inward, most);
    found.extend(
        units
            .into_iter()
            .map(|(code, unit)| of_code(code, unit.position, UNIT_M)),
    );
    found
}

fn of_code(code: Code, position: Position, radius_m: f64) -> Suggestion {
    Suggestion {
        title: code.to_string().into(),
        area: None,
        kind: SuggestionKind::Postcode,
        position,
        radius_m,
    }
}

/// Whether `text` begins the second half of a postcode: a figure and two letters.
fn is_inward_beginning(text: &str) -> bool {
    text.len() <= 3
        && text.bytes().enumerate().all(|(at, sign)| match at {
            0 => sign.is_ascii_digit(),
            _ => sign.is_ascii_uppercase(),
        })
}

/// Names that begin with `text`.
fn of_beginning(gazetteer: &Gazetteer, text: &str, most: usize) -> Vec<Suggestion> {
    let mut names = Vec::new();
    for key in keys(text) {
        let found = gazetteer.beginning_with(&key, MOST_NAMES);
        names.extend(found.into_iter().map(|name| Named {
            name,
            mistakes: 0,
            more: gazetteer.key(name).len().saturating_sub(key.len()),
        }));
    }
    weighed(gazetteer, names, most)
}

/// Names that begin with `text` but for mistakes.
fn of_mistaken(gazetteer: &Gazetteer, text: &str, most: usize) -> Vec<Suggestion> {
    let mut names = Vec::new();
    for key in keys(text) {
        let found = gazetteer.beginning_like(&key, MOST_MISTAKEN);
        names.extend(found.into_iter().map(|(name, mistakes)| Named {
            name,
            mistakes,
            more: gazetteer.key(name).len().abs_diff(key.len()),
        }));
    }
    weighed(gazetteer, names, most)
}

/// The letters that names are looked for by: all short forms written out, and the last word, which may
/// not be at its end, as it is.
fn keys(text: &str) -> Vec<String> {
    let whole = Words::read(text);
    let written_out = whole.key(0, whole.len()).to_owned();
    let (head, last) = text.rsplit_once(char::is_whitespace).unwrap_or(("", text));
    let head = Words::read(head);
    let mut open = head.name_key();
    open.extend(last.chars().filter(char::is_ascii_alphanumeric));
    open.make_ascii_uppercase();
    let mut keys = vec![open];
    if !keys.contains(&written_out) {
        keys.push(written_out);
    }
    keys.retain(|key| key.len() > 1);
    keys
}

/// A name that may be meant.
#[derive(Clone, Copy, Debug)]
struct Named {
    name: u32,
    mistakes: u8,
    /// Letters that were not typed.
    more: usize,
}

/// What bears the names, the best first: few mistakes, then the whole name, then by kind, then the shortest.
fn weighed(gazetteer: &Gazetteer, mut names: Vec<Named>, most: usize) -> Vec<Suggestion> {
    names.sort_by_key(|named| (named.mistakes, named.more, named.name));
    names.truncate(MOST_WEIGHED);
    let mut borne = Vec::new();
    let mut seen = BTreeSet::new();
    for named in names {
        for bearer in gazetteer.bearers(named.name).take(MOST_BEARERS) {
            if let Some((rank, suggestion)) = of_bearer(gazetteer, bearer)
                && seen.insert(bearer)
            {
                let order = (named.mistakes, named.more > 0, rank.0, named.more, rank.1);
                borne.push((order, suggestion));
            }
        }
    }
    borne.sort_by(|one, other| {
        one.0
            .cmp(&other.0)
            .then_with(|| one.1.title.cmp(&other.1.title))
            .then_with(|| one.1.position.cmp(&other.1.position))
    });
    // Some may turn out to be the same.
    borne.truncate(2 * most);
    borne
        .into_iter()
        .map(|(_, suggestion)| suggestion)
        .collect()
}

/// The rank of a kind, and within it of a size: low before high.
type Rank = (u8, std::cmp::Reverse<u32>);

fn of_bearer(gazetteer: &Gazetteer, bearer: Bearer) -> Option<(Rank, Suggestion)> {
    let only = |mut areas: Box<dyn Iterator<Item = u32> + '_>| {
        let (first, second) = (areas.next()?, areas.next());
        second.is_none().then(|| gazetteer.area_title(first))?
    };
    let (rank, title, kind, position, radius_m, area) = match bearer {
        Bearer::Street(number) => {
            let street = gazetteer.street(number)?;
            let size = std::cmp::Reverse(street.point_count());
            let reach_m = street.reach_m().max(50.0);
            (
                (1, size),
                street.title(),
                FeatureKind::Street,
                street.centre,
                reach_m,
                only(Box::new(street.areas())),
            )
        }
        Bearer::Thing(number) => {
            let thing = gazetteer.thing(number)?;
            let rank = match thing.kind {
                FeatureKind::Premises | FeatureKind::Uprn => 2,
                FeatureKind::Area if !thing.has_id() => 2,
                FeatureKind::Street | FeatureKind::Road => 1,
                FeatureKind::Postcode
                | FeatureKind::Venue
                | FeatureKind::Station
                | FeatureKind::Place
                | FeatureKind::Area
                | FeatureKind::Marker => 0,
            };
            let rank = (rank, std::cmp::Reverse(0));
            (
                rank,
                thing.title(),
                thing.kind,
                thing.position,
                thing.reach_m(),
                only(Box::new(thing.areas())),
            )
        }
    };
    let suggestion = Suggestion {
        title: title.into(),
        area: area.map(Into::into),
        kind: SuggestionKind::Named(kind),
        position,
        radius_m,
    };
    Some((rank, suggestion))
}

#[cfg(test)]
mod tests;

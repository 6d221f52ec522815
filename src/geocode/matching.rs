//! From a text to candidates, the cheapest way first, until what is found explains the text.

use super::candidate::{Candidate, Ground, What};
use super::gazetteer::Gazetteer;
use super::hints::Hints;
use super::hit::{Hit, Search, mask};
use super::text::reading::{Mark, Reading};
use super::text::words::Gap;
use super::weighing::weigh_all;

/// What a gazetteer makes of a text.
#[derive(Debug)]
pub(super) struct Found {
    pub reading: Reading,
    pub ground: Option<Ground>,
    /// A whole postcode that the gazetteer does not know.
    pub unknown_postcode: bool,
    /// The best first.
    pub candidates: Vec<Candidate>,
    /// Words that the best candidate leaves unexplained.
    pub unexplained: u64,
}

/// Looks `text` up in `gazetteer`.
pub(super) fn find(gazetteer: &Gazetteer, text: &str, hints: &Hints) -> Found {
    let reading = Reading::new(text, |code| {
        if code == code.outcode() || code == code.sector() {
            gazetteer.circle(code).is_some()
        } else {
            gazetteer.unit(code).is_some()
        }
    });
    let (ground, unknown_postcode) = ground(gazetteer, &reading);
    let mut search = Search {
        gazetteer,
        reading: &reading,
        hits: Vec::new(),
    };
    search.as_written();
    let mut weighed = Weighed {
        open: open_words(&reading, None),
        ..Weighed::default()
    };
    weighed.again(&search, ground, hints);
    if needs_more(&reading, weighed.best(), weighed.open) {
        search.with_a_mistake(weighed.open);
        weighed.again(&search, ground, hints);
    }
    if needs_more(&reading, weighed.best(), weighed.open) && is_poor(&reading, weighed.best()) {
        search.cut_short(weighed.open);
        weighed.again(&search, ground, hints);
        if lacks_street(&reading, weighed.best()) {
            search.with_two_mistakes(weighed.open);
            weighed.again(&search, ground, hints);
        }
    }
    let Weighed {
        candidates,
        open: unexplained,
        ..
    } = weighed;
    Found {
        reading,
        ground,
        unknown_postcode,
        candidates,
        unexplained,
    }
}

/// The candidates of some hits.
#[derive(Debug, Default)]
struct Weighed {
    hits: usize,
    candidates: Vec<Candidate>,
    /// Words that the best candidate leaves unexplained.
    open: u64,
}

impl Weighed {
    /// Weighs again if there are new hits.
    fn again(&mut self, search: &Search<'_>, ground: Option<Ground>, hints: &Hints) {
        if self.hits != search.hits.len() {
            self.hits = search.hits.len();
            self.candidates = weigh_all(
                search.gazetteer,
                search.reading,
                &search.hits,
                ground,
                hints,
            );
            self.open = open_words(search.reading, self.best());
        }
    }

    fn best(&self) -> Option<&Candidate> {
        self.candidates.first()
    }
}

fn ground(gazetteer: &Gazetteer, reading: &Reading) -> (Option<Ground>, bool) {
    let Some(written) = reading.postcode else {
        return (None, false);
    };
    let circle = |code| gazetteer.circle(code).map(Ground::Circle);
    if !written.whole {
        return (circle(written.code), false);
    }
    match gazetteer.unit(written.code) {
        Some(unit) => (Some(Ground::Unit(unit.position)), false),
        None => (
            circle(written.code.sector()).or_else(|| circle(written.code.outcode())),
            true,
        ),
    }
}

/// Words that may be a name and that the best candidate does not explain.
fn open_words(reading: &Reading, best: Option<&Candidate>) -> u64 {
    let explained = best.map_or(0, |best| best.explained);
    let open = (0..reading.words.len()).filter(|at| {
        reading.mark(*at) == Mark::Name
            && !matches!(
                reading.words.word(*at),
                "NORTH" | "SOUTH" | "EAST" | "WEST" | "LONDON" | "UK"
            )
    });
    open.fold(0, |open, at| open | mask(at, at + 1)) & !explained
}

/// Whether what is unexplained may be the place itself. What stands between OUTSIDE and a street that
/// all else agrees with is a venue that nobody has listed.
fn needs_more(reading: &Reading, best: Option<&Candidate>, unexplained: u64) -> bool {
    let Some(best) = best else { return true };
    if unexplained == 0 {
        return false;
    }
    let before = mask(0, best.hit.from);
    let is_venue = reading.mark(0) == Mark::Beside && best.agreements > 0 && best.doubts == 0;
    !(is_venue && unexplained & !before == 0 && matches!(best.what, What::Street(_)))
}

/// Whether the best candidate leaves much to be wished: nothing agrees with it, or the text joins two
/// streets and one is missing.
fn is_poor(reading: &Reading, best: Option<&Candidate>) -> bool {
    best.is_none_or(|best| {
        let joined = joins(reading, 0, reading.words.len());
        !matches!(best.what, What::Junction(..))
            && (best.agreements == 0 || best.doubts > 0 || joined)
    })
}

/// Whether nothing is found, or one of two streets that the text joins is missing: then it is worth to look
/// for a name with two mistakes.
fn lacks_street(reading: &Reading, best: Option<&Candidate>) -> bool {
    best.is_none_or(|best| {
        let is_junction = matches!(best.what, What::Junction(..));
        !is_junction && best.agreements == 0 && joins(reading, 0, reading.words.len())
    })
}

/// Whether something between the words `from..to` joins two streets.
pub(super) fn joins(reading: &Reading, from: usize, to: usize) -> bool {
    (from..to).any(|at| {
        let marked = matches!(reading.mark(at), Mark::Meets | Mark::Between)
            || reading.words.word(at) == "OF";
        marked
            || (at > from
                && reading.words.gap(at) >= Gap::And
                && reading.words.gap(at) != Gap::Comma)
    })
}

/// The number before the street, else the one behind it.
pub(super) fn house_number(reading: &Reading, hit: Hit) -> Option<(u32, u32)> {
    let number = |at: usize| {
        if let Mark::Number { low, high } = reading.mark(at) {
            Some((low, high))
        } else {
            None
        }
    };
    let before = || number(hit.from.checked_sub(1)?);
    before().or_else(|| number(hit.to))
}

#[cfg(test)]
mod tests;

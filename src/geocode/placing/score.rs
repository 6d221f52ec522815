//! How sure a candidate is, and what in the text makes it less so.

use crate::domain::feature::FeatureKind;
use crate::geocode::candidate::{Candidate, What};
use crate::geocode::gazetteer::Gazetteer;
use crate::geocode::hit::mask;
use crate::geocode::matching::{Found, house_number, joins};
use crate::geocode::text::abbreviations::is_kind_of_street;
use crate::geocode::text::reading::Mark;
use crate::geocode::text::words::Gap;

/// How sure a candidate is, 0 to 1.
pub(super) fn score(gazetteer: &Gazetteer, found: &Found, candidate: &Candidate) -> f64 {
    let words = &found.reading.words;
    let letters = |of: u64| -> f64 {
        let count: usize = (0..words.len().min(64))
            .filter(|at| of >> at & 1 == 1)
            .map(|at| words.word(at).len())
            .sum();
        #[expect(clippy::cast_precision_loss, reason = "a count of letters")]
        let count = count as f64;
        count
    };
    let open = letters(found.unexplained & !unlisted_venue(found, candidate));
    let share = open / (open + letters(candidate.explained)).max(1.0);
    let alone = candidate.agreements == 0 && gazetteer.bearer_count(candidate.hit.name) > 1;
    let is_junction = matches!(candidate.what, What::Junction(..));
    let half = found.unexplained != 0 && !is_junction && joins(&found.reading, 0, words.len());
    let when = |is_so: bool, penalty: f64| if is_so { penalty } else { 0.0 };
    0.97 - 0.025 * candidate.cost
        - 0.2 * f64::from(candidate.doubts.min(3))
        - 0.25 * share
        - when(candidate.doubts > candidate.agreements, 0.3)
        - when(lost_number(found, candidate), 0.3)
        - when(lost_street(found, candidate), 0.3)
        - when(alone && !is_junction, 0.25)
        - when(half, 0.15)
        - when(is_only_context(found, candidate), 0.25)
        - when(is_bare_area(gazetteer, found, candidate), 0.25)
}

/// The words between OUTSIDE and a street: a venue that nobody has listed says nothing against the street.
fn unlisted_venue(found: &Found, candidate: &Candidate) -> u64 {
    let is_street = matches!(candidate.what, What::Street(_));
    if is_street && !candidate.is_area_name && found.reading.mark(0) == Mark::Beside {
        mask(0, candidate.hit.from)
    } else {
        0
    }
}

/// Whether a house number stands before words that the candidate does not explain: those are its street.
fn lost_number(found: &Found, candidate: &Candidate) -> bool {
    if found.unexplained == 0 {
        return false;
    }
    let reading = &found.reading;
    let open = |at: usize| found.unexplained >> at.min(63) & 1 == 1;
    let is_lost = |at: usize| matches!(reading.mark(at), Mark::Number { .. }) && open(at + 1);
    house_number(reading, candidate.hit).is_none() && (0..reading.words.len()).any(is_lost)
}

/// Whether a word for a kind of street stands unexplained behind another: an unknown street's name.
fn lost_street(found: &Found, candidate: &Candidate) -> bool {
    if found.unexplained == 0 {
        return false;
    }
    let open = |at: usize| found.unexplained >> at.min(63) & 1 == 1;
    let words = &found.reading.words;
    let is_lost = |at: usize| is_kind_of_street(words.word(at)) && open(at) && open(at - 1);
    // Before the street it may be a part of a venue's name.
    let from = match candidate.what {
        What::Junction(..) => words.len(),
        What::Street(_) if !candidate.is_area_name => candidate.hit.to,
        What::Street(_) | What::Thing(_) => 1,
    };
    (from.max(1)..words.len()).any(is_lost)
}

/// Whether the text goes on with a word that makes another name of it: `New Street Square` is not on
/// New Street, and Greenwich Market is somewhere in Greenwich.
pub(super) fn goes_on(found: &Found, candidate: &Candidate) -> bool {
    let (reading, at) = (&found.reading, candidate.hit.to);
    let is_open = found.unexplained >> at.min(63) & 1 == 1;
    let is_next = is_open && reading.mark(at) == Mark::Name && reading.words.gap(at) == Gap::Blank;
    is_next
        && match candidate.what {
            What::Thing(_) => true,
            What::Street(_) => candidate.is_area_name || is_kind_of_street(reading.words.word(at)),
            What::Junction(..) => false,
        }
}

/// Whether nothing before the last comma is explained: then what was found is where the place lies, and
/// not the place.
fn is_only_context(found: &Found, candidate: &Candidate) -> bool {
    let (reading, from) = (&found.reading, candidate.hit.from);
    let before = mask(0, from);
    let is_last = from > 0 && reading.words.gap(from) == Gap::Comma;
    is_last && candidate.explained & before == 0 && found.unexplained & before != 0
}

/// Whether the candidate is an area, and the text says more than its name.
fn is_bare_area(gazetteer: &Gazetteer, found: &Found, candidate: &Candidate) -> bool {
    let What::Thing(thing) = candidate.what else {
        return false;
    };
    let is_area = gazetteer
        .thing(thing)
        .is_some_and(|thing| thing.kind == FeatureKind::Area);
    let marks = (0..found.reading.words.len()).map(|at| found.reading.mark(at));
    is_area
        && (found.unexplained != 0
            || marks
                .into_iter()
                .any(|mark| matches!(mark, Mark::Number { .. })))
}

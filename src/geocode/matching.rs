//! From a text to candidates, the cheapest way first, until what is found explains the text.

use super::candidate::{Candidate, Ground, Scale, What, junctions};
use super::gazetteer::Gazetteer;
use super::gazetteer::names::Bearer;
use super::hints::Hints;
use super::hit::{Hit, Search, mask};
use super::street::worth_of_number;
use super::text::abbreviations::is_kind_of_street;
use super::text::reading::{Mark, Reading};
use super::text::words::Gap;
use crate::domain::feature::FeatureKind;

/// Less than this says nothing, in letters of a name.
const LEAST_VALUE: f64 = 4.0;

/// What it tells for a street that much stands close together on it, in letters of a name by the natural
/// logarithm: more is said of a street with shops.
const KNOWN: f64 = 1.2;

/// What it tells against a street that its name is that of an area as well: more often that is meant.
const AREA_NAME: f64 = 4.0;

/// What it tells against a venue or a station that a comma stands before it.
const BEHIND: f64 = 5.0;

/// Candidates of one text that are weighed.
const MOST_CANDIDATES: usize = 4000;

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
    let mut weighed = Weighed::default();
    weighed.again(&search, ground, hints);
    if needs_more(&reading, weighed.best(), weighed.open(&reading)) {
        search.with_a_mistake(weighed.open(&reading));
        weighed.again(&search, ground, hints);
    }
    if needs_more(&reading, weighed.best(), weighed.open(&reading))
        && is_poor(&reading, weighed.best())
    {
        search.cut_short(weighed.open(&reading));
        weighed.again(&search, ground, hints);
        if lacks_street(&reading, weighed.best()) {
            search.with_two_mistakes(weighed.open(&reading));
            weighed.again(&search, ground, hints);
        }
    }
    let unexplained = weighed.open(&reading);
    let candidates = weighed.candidates;
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
        }
    }

    fn best(&self) -> Option<&Candidate> {
        self.candidates.first()
    }

    /// Words that the best candidate leaves unexplained.
    fn open(&self, reading: &Reading) -> u64 {
        open_words(reading, self.best())
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

fn weigh_all(
    gazetteer: &Gazetteer,
    reading: &Reading,
    found: &[Hit],
    ground: Option<Ground>,
    hints: &Hints,
) -> Vec<Candidate> {
    let is_last = |hit: &Hit| {
        let is_end = hit.to == reading.words.len() || reading.mark(hit.to) == Mark::Code;
        is_end || reading.words.gap(hit.to) == Gap::Comma
    };
    let scale = Scale::new(gazetteer, found, is_last, ground, hints);
    let mut candidates = Vec::new();
    for hit in found {
        let hit = &Hit {
            letters: hit.letters - within_longer(hit, found),
            ..*hit
        };
        for bearer in gazetteer.bearers(hit.name) {
            if candidates.len() >= MOST_CANDIDATES {
                break;
            }
            candidates.extend(match bearer {
                Bearer::Street(street) => weigh_street(&scale, reading, *hit, street),
                Bearer::Thing(thing) => weigh_thing(&scale, reading, *hit, thing),
            });
        }
    }
    for (one, other, penalty) in pairs(gazetteer, reading, found) {
        candidates.extend(junctions(&scale, one, other, penalty));
    }
    candidates.retain(|candidate| candidate.value >= LEAST_VALUE);
    candidates.sort_by(|one, other| {
        other
            .value
            .total_cmp(&one.value)
            .then_with(|| one.position.cmp(&other.position))
    });
    candidates.truncate(24);
    candidates
}

/// What a name loses that is a part of a longer one: `HIGH STREET` in `LEWISHAM HIGH STREET`.
fn within_longer(hit: &Hit, hits: &[Hit]) -> f64 {
    let is_longer = |other: &Hit| {
        other.cost < 1.0
            && other.from <= hit.from
            && hit.to <= other.to
            && other.to - other.from > hit.to - hit.from
    };
    if hits.iter().any(is_longer) { 4.0 } else { 0.0 }
}

fn weigh_street(scale: &Scale<'_>, reading: &Reading, hit: Hit, number: u32) -> Option<Candidate> {
    let street = scale.gazetteer.street(number)?;
    let known = street.density().max(1.0).ln().min(5.0) * KNOWN;
    // What comes last before the borough is the street; what comes before it may be a venue's name.
    #[expect(clippy::cast_precision_loss, reason = "a count of words")]
    let late = 1.5 * hit.from as f64 / reading.words.len().max(1) as f64;
    let mut worth = hit.worth() + 2.0 + known + late;
    if let Some((low, high)) = house_number(reading, hit) {
        worth += worth_of_number(street, low, high);
    }
    let last = scale.gazetteer.spaced(hit.name).rsplit(' ').next();
    let is_area_name = !last.is_some_and(is_kind_of_street) && scale.is_of_area(hit.name);
    if is_area_name {
        worth -= AREA_NAME;
    }
    let candidate = scale.weigh(What::Street(number), hit, hit.mask(), worth, street.centre);
    // Of a street that only ends in the area little is meant.
    let share = candidate.area.map_or(1.0, |area| street.share_in(area));
    Some(Candidate {
        value: candidate.value + share.ln().max(-5.0) * KNOWN,
        is_area_name,
        ..candidate
    })
}

fn weigh_thing(scale: &Scale<'_>, reading: &Reading, hit: Hit, number: u32) -> Option<Candidate> {
    let thing = scale.gazetteer.thing(number)?;
    let is_one_word = hit.to == hit.from + 1;
    // Behind a comma it tells where what stands before lies.
    let behind = if hit.from > 0 && reading.words.gap(hit.from) == Gap::Comma {
        BEHIND
    } else {
        0.0
    };
    let worth = match thing.kind {
        FeatureKind::Area => hit.worth() * 0.4,
        FeatureKind::Station => hit.worth() + 1.0,
        FeatureKind::Place | FeatureKind::Marker => hit.worth(),
        FeatureKind::Premises
        | FeatureKind::Venue
        | FeatureKind::Street
        | FeatureKind::Road
        | FeatureKind::Postcode
        | FeatureKind::Uprn
            if is_one_word =>
        {
            hit.worth() * 0.6
        }
        FeatureKind::Premises
        | FeatureKind::Venue
        | FeatureKind::Street
        | FeatureKind::Road
        | FeatureKind::Postcode
        | FeatureKind::Uprn => {
            hit.worth() * 0.9
                + f64::from(u8::from(
                    reading.mark(hit.from.saturating_sub(1)) == Mark::Beside,
                ))
        }
    };
    let worth = worth - behind;
    Some(scale.weigh(What::Thing(number), hit, hit.mask(), worth, thing.position))
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

/// Pairs of hits that may be two streets of a junction, and what stands against it.
fn pairs(gazetteer: &Gazetteer, reading: &Reading, hits: &[Hit]) -> Vec<(Hit, Hit, f64)> {
    let has_street = |hit: &Hit| {
        gazetteer
            .bearers(hit.name)
            .next()
            .is_some_and(|bearer| matches!(bearer, Bearer::Street(_)))
    };
    let has_area = |hit: &Hit| {
        gazetteer
            .bearers(hit.name)
            .take(40)
            .any(|bearer| match bearer {
                Bearer::Street(_) => false,
                Bearer::Thing(thing) => gazetteer.thing(thing).is_some_and(|thing| {
                    matches!(
                        thing.kind,
                        FeatureKind::Area | FeatureKind::Place | FeatureKind::Station
                    )
                }),
            })
    };
    let streets: Vec<Hit> = hits.iter().filter(|hit| has_street(hit)).copied().collect();
    let mut pairs = Vec::new();
    for one in &streets {
        for other in &streets {
            if one.to > other.from || one.name == other.name || pairs.len() >= 200 {
                continue;
            }
            let joined = joins(reading, one.to - 1, other.from + 1)
                || joins(reading, 0, one.from)
                || (one.to..other.from).any(|at| {
                    reading.mark(at) == Mark::Beside
                        || matches!(reading.words.word(at), "NORTH" | "SOUTH" | "EAST" | "WEST")
                });
            let is_rare = |hit: &Hit| gazetteer.bearer_count(hit.name) <= 6;
            if joined {
                pairs.push((*one, *other, 0.0));
            } else if is_rare(one)
                && is_rare(other)
                && !has_area(other)
                && house_number(reading, *one).is_none()
                && house_number(reading, *other).is_none()
            {
                pairs.push((*one, *other, 5.0));
            }
        }
    }
    pairs
}

#[cfg(test)]
mod tests;

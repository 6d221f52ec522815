//! How much speaks for each thing that bears a name of the text.

use super::candidate::{Candidate, Ground, Scale, What, junctions};
use super::gazetteer::Gazetteer;
use super::gazetteer::names::Bearer;
use super::hints::Hints;
use super::hit::Hit;
use super::matching::{house_number, joins};
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

/// The candidates of all names that were found, the best first.
pub(super) fn weigh_all(
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
        let hit = Hit {
            letters: hit.letters - within_longer(hit, found),
            ..*hit
        };
        let bearers = gazetteer.bearer_count(hit.name) as usize;
        candidates.reserve(bearers.min(MOST_RESERVED));
        let mut of_street = None;
        for bearer in gazetteer.bearers(hit.name) {
            if candidates.len() >= MOST_CANDIDATES {
                break;
            }
            candidates.extend(match bearer {
                Bearer::Street(street) => of_street
                    .get_or_insert_with(|| StreetName::new(&scale, reading, hit))
                    .weigh(&scale, street),
                Bearer::Thing(thing) => weigh_thing(&scale, reading, hit, thing),
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

/// Candidates of one name that room is made for at once: few names have more.
const MOST_RESERVED: usize = 64;

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

/// A name of streets in a text: what the text says for all of them alike.
struct StreetName {
    hit: Hit,
    worth: f64,
    number: Option<(u32, u32)>,
    is_area_name: bool,
}

impl StreetName {
    fn new(scale: &Scale<'_>, reading: &Reading, hit: Hit) -> Self {
        // What comes last before the borough is the street; what comes before it may be a venue's name.
        #[expect(clippy::cast_precision_loss, reason = "a count of words")]
        let late = 1.5 * hit.from as f64 / reading.words.len().max(1) as f64;
        let last = scale.gazetteer.spaced(hit.name).rsplit(' ').next();
        let is_area_name = !last.is_some_and(is_kind_of_street) && scale.is_of_area(hit.name);
        let against = if is_area_name { AREA_NAME } else { 0.0 };
        Self {
            hit,
            worth: hit.worth() + 2.0 + late - against,
            number: house_number(reading, hit),
            is_area_name,
        }
    }

    fn weigh(&self, scale: &Scale<'_>, number: u32) -> Option<Candidate> {
        let street = scale.gazetteer.street(number)?;
        let mut worth = self.worth + street.density().max(1.0).ln().min(5.0) * KNOWN;
        if let Some((low, high)) = self.number {
            worth += worth_of_number(street, low, high);
        }
        let hit = self.hit;
        let mut candidate =
            scale.weigh(What::Street(number), hit, hit.mask(), worth, street.centre);
        candidate.is_area_name = self.is_area_name;
        if let Some(area) = candidate.area {
            // Of a street that only ends in the area little is meant.
            candidate.value += street.share_in(area).ln().max(-5.0) * KNOWN;
        }
        Some(candidate)
    }
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

//! Candidates far from each other: those of one name make each other less sure, and those as good as the
//! best are what the text may mean as well.

use crate::geocode::candidate::Candidate;
use crate::geocode::distance::{Offset, Plane};
use crate::geocode::matching::Found;

/// Beyond this two candidates are two places, metres.
const FAR_APART_M: f64 = 1000.0;

/// Candidates so near in value are equally good, in letters of a name.
const AS_GOOD: f64 = 1.0;

/// The same for two of one name.
const AS_GOOD_TWIN: f64 = 0.15;

/// Up to here a candidate is nearly as good: it makes one of the same name less sure.
const NEARLY_AS_GOOD: f64 = 6.0;

/// Alternatives of an answer, at most.
const MOST_ALTERNATIVES: usize = 4;

/// The candidates of a text on one plane, around the best of them: each is compared with each, and a
/// plane for every pair would cost more than all else that is done for a name.
#[derive(Debug)]
pub(in crate::geocode) struct Field<'a> {
    candidates: Vec<Member<'a>>,
}

/// A candidate, and where it is on the plane of its field.
#[derive(Clone, Copy, Debug)]
pub(in crate::geocode) struct Member<'a> {
    pub candidate: &'a Candidate,
    at: Offset,
}

/// Those of the same name as a candidate that are far from it and nearly as good.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Twins {
    pub any: bool,
    /// How far the farthest is away for which no hint says less, metres: the place may be there.
    pub reach_m: f64,
}

impl<'a> Field<'a> {
    /// The candidates that may have a say: those nearly as good as one that is nearly as good as the best.
    pub(in crate::geocode) fn new(found: &'a Found) -> Self {
        let Some(best) = found.candidates.first() else {
            return Self {
                candidates: Vec::new(),
            };
        };
        let plane = Plane::around(best.position);
        let least = best.value - 2.0 * NEARLY_AS_GOOD;
        let weighty = found
            .candidates
            .iter()
            .take_while(|candidate| candidate.value > least);
        let member = |candidate: &'a Candidate| Member {
            candidate,
            at: plane.offset(candidate.position),
        };
        let mut candidates = Vec::with_capacity(found.candidates.len());
        candidates.extend(weighty.map(member));
        Self { candidates }
    }

    /// The twins of one of its members.
    pub(super) fn twins(&self, of: Member<'_>) -> Twins {
        let mut twins = Twins::default();
        let mut farthest = 0.0_f64;
        for other in &self.candidates {
            if other.candidate.value <= of.candidate.value - NEARLY_AS_GOOD {
                break;
            }
            let squared = squared(of.at, other.at);
            let is_of_name = other.candidate.hit.name == of.candidate.hit.name;
            if is_of_name && squared > FAR_APART_M * FAR_APART_M {
                twins.any = true;
                if other.candidate.hinted >= of.candidate.hinted {
                    farthest = farthest.max(squared);
                }
            }
        }
        twins.reach_m = farthest.sqrt();
        twins
    }

    /// The best.
    pub(in crate::geocode) fn best(&self) -> Option<Member<'a>> {
        self.candidates.first().copied()
    }

    /// Candidates as good as the best, at other places: the best of each, the best first.
    pub(in crate::geocode) fn rivals(&self) -> Vec<Member<'a>> {
        self.others(as_good)
    }

    /// Candidates nearly as good as the best, at other places.
    pub(in crate::geocode) fn alternatives(&self) -> Vec<Member<'a>> {
        self.others(|_, _| NEARLY_AS_GOOD)
    }

    fn others(&self, margin: impl Fn(&Candidate, &Candidate) -> f64) -> Vec<Member<'a>> {
        let mut others: Vec<Member<'a>> = Vec::new();
        let Some((best, rest)) = self.candidates.split_first() else {
            return others;
        };
        let value = best.candidate.value;
        for member in rest {
            if others.len() == MOST_ALTERNATIVES || member.candidate.value <= value - NEARLY_AS_GOOD
            {
                break;
            }
            let is_apart =
                |from: &Member<'_>| squared(from.at, member.at) > FAR_APART_M * FAR_APART_M;
            let is_good = member.candidate.value > value - margin(best.candidate, member.candidate);
            if is_good && is_apart(best) && others.iter().all(is_apart) {
                others.push(*member);
            }
        }
        others
    }
}

/// How much less a candidate may be worth and still be as good as the best. A place of another kind has
/// been weighed in another way; two of one name differ by what tells them apart.
fn as_good(best: &Candidate, candidate: &Candidate) -> f64 {
    if candidate.hit.name == best.hit.name {
        AS_GOOD_TWIN
    } else {
        AS_GOOD
    }
}

fn squared(one: Offset, other: Offset) -> f64 {
    let step = other.minus(one);
    step.dot(step)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::position::Position;
    use crate::geocode::candidate::What;
    use crate::geocode::distance;
    use crate::geocode::hit::Hit;
    use crate::geocode::text::reading::Reading;

    /// One of two names, on a grid of three kilometres.
    fn candidate(number: u32, (name, north, value, hinted): (u32, u8, i32, bool)) -> Candidate {
        let hit = Hit {
            from: 0,
            to: 1,
            name,
            cost: 0.0,
            letters: 9.0,
        };
        Candidate {
            what: What::Street(number),
            hit,
            value: f64::from(value) / 4.0,
            hinted: f64::from(u8::from(hinted)) * 4.0,
            explained: 1,
            agreements: 0,
            doubts: 0,
            cost: 0.0,
            position: Position::new(51.4 + 0.027 * f64::from(north), -0.1).unwrap(),
            beside: None,
            area: None,
            is_area_name: false,
        }
    }

    fn found(mut candidates: Vec<Candidate>) -> Found {
        candidates.sort_by(|one, other| other.value.total_cmp(&one.value));
        Found {
            reading: Reading::default(),
            ground: None,
            unknown_postcode: false,
            candidates,
            unexplained: 0,
        }
    }

    fn is_far(one: &Candidate, other: &Candidate) -> bool {
        distance::between(one.position, other.position) > FAR_APART_M
    }

    /// The same without a plane, an order or an end: each pair by itself.
    fn twins_one_by_one(found: &Found, of: &Candidate) -> Twins {
        let is_twin = |other: &&Candidate| {
            let is_good = other.value > of.value - NEARLY_AS_GOOD;
            other.hit.name == of.hit.name && is_good && is_far(of, other)
        };
        let twins = || found.candidates.iter().filter(is_twin);
        let reached = twins().filter(|other| other.hinted >= of.hinted);
        Twins {
            any: twins().next().is_some(),
            reach_m: reached
                .map(|other| distance::between(of.position, other.position))
                .fold(0.0, f64::max),
        }
    }

    fn others_one_by_one(found: &Found, margin: fn(&Candidate, &Candidate) -> f64) -> Vec<What> {
        let mut others: Vec<&Candidate> = Vec::new();
        for candidate in &found.candidates {
            let best = &found.candidates[0];
            let is_apart = is_far(best, candidate);
            let is_good = candidate.value > best.value - margin(best, candidate);
            let is_new = others.iter().all(|other| is_far(other, candidate));
            if is_apart && is_good && is_new && others.len() < MOST_ALTERNATIVES {
                others.push(candidate);
            }
        }
        others.iter().map(|other| other.what).collect()
    }

    proptest! {
        #[test]
        fn a_field_finds_what_each_pair_by_itself_does(
            drawn in prop::collection::vec((0_u32..2, 0_u8..6, 0_i32..60, any::<bool>()), 0..20),
        ) {
            let drawn = drawn.into_iter().enumerate();
            let drawn = drawn.map(|(at, drawn)| candidate(u32::try_from(at).unwrap(), drawn));
            let found = found(drawn.collect());
            let field = Field::new(&found);
            let whats = |members: Vec<Member<'_>>| -> Vec<What> {
                members.iter().map(|member| member.candidate.what).collect()
            };
            prop_assert_eq!(whats(field.rivals()), others_one_by_one(&found, as_good));
            let alternatives = field.alternatives();
            let placed = field.best().into_iter().chain(alternatives.iter().copied());
            for member in placed {
                let (fast, slow) = (field.twins(member), twins_one_by_one(&found, member.candidate));
                prop_assert_eq!(fast.any, slow.any);
                prop_assert!((fast.reach_m - slow.reach_m).abs() < 1.0);
            }
            let slow = others_one_by_one(&found, |_, _| NEARLY_AS_GOOD);
            prop_assert_eq!(whats(alternatives), slow);
        }
    }
}

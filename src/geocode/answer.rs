//! The answer to a text: one place, or a reason, and in both cases what else it may mean.

use super::gazetteer::Gazetteer;
use super::gazetteer::postcodes::Code;
use super::grid;
use super::hints::Hints;
use super::matching::{Found, find};
use super::placing;
use super::placing::twins::Field;
use super::text::reading::Mark;
use crate::domain::located::{self, Answer, Placed};
use crate::domain::reject::{Reason, Reject};

/// Below this a place is no answer.
const LEAST_SCORE: f64 = 0.42;

/// From here on the next gazetteer is not asked.
const SURE: f64 = 0.8;

/// A text longer than this is no location, bytes.
const MOST_BYTES: usize = 4096;

/// A place, and other places that the text may mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// The place.
    pub placed: Placed,
    /// Other places, far from it; the best first.
    pub alternatives: Vec<Placed>,
}

/// Why a text is no place, and the places that it may mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// Why.
    pub reject: Reject,
    /// The places that it may mean; the best first.
    pub alternatives: Vec<Placed>,
}

impl From<Reject> for Refusal {
    fn from(reject: Reject) -> Self {
        Self {
            reject,
            alternatives: Vec::new(),
        }
    }
}

/// The answer to `query` with its place on the National Grid beside it.
#[must_use]
pub fn answered(query: String, answer: Result<Match, Refusal>) -> Answer {
    match answer {
        Ok(Match {
            placed,
            alternatives,
        }) => Answer {
            query,
            found: Ok(located::Found {
                grid: grid::from_position(placed.position),
                placed,
            }),
            alternatives,
        },
        Err(Refusal {
            reject,
            alternatives,
        }) => Answer {
            query,
            found: Err(reject),
            alternatives,
        },
    }
}

/// The first sure answer of `gazetteers`, else the best.
pub(super) fn to_text(
    gazetteers: &[Gazetteer],
    text: &str,
    hints: &Hints,
) -> Result<Match, Refusal> {
    if text.len() > MOST_BYTES {
        let detail = format!(
            "a text of {} bytes is no location: send up to {MOST_BYTES}",
            text.len()
        );
        return Err(Reject::new(Reason::Unlocatable, detail).into());
    }
    let mut best: Option<Result<Match, Refusal>> = None;
    for gazetteer in gazetteers {
        let answer = of_one(gazetteer, text, hints);
        let is_sure = answer
            .as_ref()
            .is_ok_and(|found| score(&found.placed) >= SURE);
        if best
            .as_ref()
            .is_none_or(|best| worth(&answer) > worth(best))
        {
            best = Some(answer);
        }
        if is_sure {
            break;
        }
    }
    best.unwrap_or_else(|| Err(Reject::new(Reason::Unlocatable, "no gazetteer is loaded").into()))
}

fn score(placed: &Placed) -> f64 {
    placed.score.unwrap_or(1.0)
}

fn worth(answer: &Result<Match, Refusal>) -> f64 {
    match answer {
        Ok(found) => 1.0 + score(&found.placed),
        Err(refusal) if refusal.reject.reason == Reason::Ambiguous => 0.5,
        Err(_) => 0.0,
    }
}

fn of_one(gazetteer: &Gazetteer, text: &str, hints: &Hints) -> Result<Match, Refusal> {
    let found = find(gazetteer, text, hints);
    let field = Field::new(&found);
    let place = |member| placing::placed(gazetteer, &found, &field, member);
    let best = field.best().and_then(place);
    let ground = placing::of_ground(&found).filter(|_| !found.unknown_postcode);
    let is_whole = found.reading.postcode.is_some_and(|written| written.whole);
    let contradicted = found.candidates.first().is_some_and(|best| best.doubts > 0);
    let placed = match (best, ground) {
        // A postcode that exists outweighs a street elsewhere; both cannot be right, and it says so.
        (Some(best), Some(ground)) if is_whole && contradicted => {
            let placed = Placed {
                score: Some(0.6),
                ..ground
            };
            return Ok(Match {
                placed,
                alternatives: vec![best],
            });
        }
        (Some(best), _) if score(&best) >= LEAST_SCORE => best,
        (best, Some(ground)) => {
            let placed = Placed {
                score: Some(ground_score(&found, &ground)),
                ..ground
            };
            return Ok(Match {
                placed,
                alternatives: best.into_iter().collect(),
            });
        }
        (best, None) => return Err(nothing(&found, best)),
    };
    let others: Vec<Placed> = field.rivals().into_iter().filter_map(place).collect();
    if others.is_empty() {
        let alternatives = field.alternatives().into_iter().filter_map(place).collect();
        return Ok(Match {
            placed,
            alternatives,
        });
    }
    let name = placed.matched.as_deref().unwrap_or_default();
    let detail = format!(
        "{name} is {} or more places far apart: add a borough, a postcode or a street nearby",
        others.len() + 1
    );
    let alternatives = std::iter::once(placed).chain(others).collect();
    Err(Refusal {
        reject: Reject::new(Reason::Ambiguous, detail),
        alternatives,
    })
}

/// A postcode among words that are no place here is less sure than one by itself.
fn ground_score(found: &Found, ground: &Placed) -> f64 {
    let marks = (0..found.reading.words.len()).map(|at| found.reading.mark(at));
    let is_alone = marks
        .into_iter()
        .all(|mark| matches!(mark, Mark::Code | Mark::Small));
    score(ground) * if is_alone { 1.0 } else { 0.6 }
}

fn nothing(found: &Found, best: Option<Placed>) -> Refusal {
    let detail = match found.reading.postcode {
        Some(written) if found.unknown_postcode => {
            format!(
                "there is no postcode {} in the gazetteer, and nothing else in the text is a place",
                written.code
            )
        }
        _ if best.is_some() => "what is a place in the text is too uncertain".to_owned(),
        _ => "nothing in the text is a name that the gazetteer knows".to_owned(),
    };
    Refusal {
        reject: Reject::new(Reason::Unlocatable, detail),
        alternatives: best.into_iter().collect(),
    }
}

/// A postcode by itself, in its usual spelling.
pub(super) fn to_postcode(gazetteers: &[Gazetteer], postcode: &str) -> Result<Match, Refusal> {
    let unit = Code::parse(postcode)
        .and_then(|code| gazetteers.iter().find_map(|gazetteer| gazetteer.unit(code)));
    let Some(unit) = unit else {
        let detail = format!("there is no postcode {postcode} in the gazetteer");
        return Err(Reject::new(Reason::Unlocatable, detail).into());
    };
    Ok(Match {
        placed: placing::of_unit(postcode, &unit),
        alternatives: Vec::new(),
    })
}

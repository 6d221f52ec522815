//! Text and references to positions.
//!
//! Coordinates, eastings with northings and grid references need nothing but arithmetic. Postcodes,
//! UPRNs and words need a gazetteer; without one they are `unlocatable`, and say so.

mod answer;
mod candidate;
mod distance;
pub mod gazetteer;
pub mod grid;
mod hints;
mod hit;
mod junction;
mod matching;
mod placing;
pub mod postcode;
pub mod reverse;
mod spelling;
mod street;
pub mod suggest;
mod text;
mod weighing;
mod what3words;

pub use answer::{Match, Refusal, answered};
pub use hints::Hints;

use crate::domain::located::{Placed, Precision};
use crate::domain::position::{InvalidPosition, Position};
use crate::domain::reject::{Reason, Reject};
use crate::domain::report::Location;
use grid::Square;
use spelling::Pair;

/// Numbers from here on that cannot be degrees are an easting and a northing: the grid's first
/// kilometre is open sea.
const LEAST_GRID_M: f64 = 1000.0;

/// Sides up to which a square is as good as coordinates, metres.
const EXACT_SIDE_M: f64 = 10.0;

/// Turns locations into places.
///
/// ```
/// use cordon::domain::located::Precision;
/// use cordon::geocode::Geocoder;
///
/// let placed = Geocoder::default().locate_text("TQ 311 756")?;
/// assert_eq!(placed.precision, Precision::Area);
/// assert_eq!(placed.radius_m, Some(71.0));
/// # Ok::<(), cordon::domain::reject::Reject>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Geocoder {
    gazetteers: Vec<gazetteer::Gazetteer>,
}

impl Geocoder {
    /// With `gazetteers`, the first one's answers before those of the next.
    #[must_use]
    pub fn with(gazetteers: Vec<gazetteer::Gazetteer>) -> Self {
        Self { gazetteers }
    }

    /// Whether it has any gazetteer; without one it knows coordinates and grid references only.
    #[must_use]
    pub fn has_gazetteer(&self) -> bool {
        !self.gazetteers.is_empty()
    }

    /// The place of a location.
    ///
    /// # Errors
    /// `out_of_range`, `null_island` or `malformed` for numbers that are no place, `ambiguous` for a text
    /// that is several far apart, `unlocatable` for anything else that is none.
    pub fn locate(&self, location: &Location) -> Result<Placed, Reject> {
        let found = self.answer(location, &Hints::default());
        found
            .map(|found| found.placed)
            .map_err(|refusal| refusal.reject)
    }

    /// The place of a text: coordinates, a grid reference, a postcode, a UPRN, or words.
    ///
    /// # Errors
    /// `unlocatable` for a text that is none, also an empty one; `ambiguous` for one that is several far
    /// apart; `out_of_range` or `null_island` for a pair of numbers that is no place.
    pub fn locate_text(&self, text: &str) -> Result<Placed, Reject> {
        let found = self.answer_text(text, &Hints::default());
        found
            .map(|found| found.placed)
            .map_err(|refusal| refusal.reject)
    }

    /// The place of a location and what else it may mean, chosen with the help of `hints`.
    ///
    /// # Errors
    /// As `locate`, with the places that it may mean.
    pub fn answer(&self, location: &Location, hints: &Hints) -> Result<Match, Refusal> {
        let placed = match location {
            Location::Degrees { lat, lng } => degrees(*lat, *lng),
            Location::EastingNorthing { easting, northing } => metres(*easting, *northing),
            Location::GridReference(text) => match Square::parse(text) {
                Some(square) => place_of(square),
                None => Err(unlocatable(
                    "the text is no grid reference: two letters of the National Grid and an even number of figures, such as TQ 311 756",
                )),
            },
            Location::Postcode(text) => match postcode::normalise(text) {
                Some(postcode) => return self.answer_postcode(&postcode),
                None => Err(unlocatable(
                    "the text has not the form of a postcode, such as SW9 8HH",
                )),
            },
            Location::Uprn(text) => match uprn(text) {
                Some(uprn) => self.of_uprn(uprn),
                None => Err(unlocatable("the text is no UPRN: 1 to 12 digits")),
            },
            Location::Text(text) => return self.answer_text(text, hints),
        };
        Ok(alone(placed?))
    }

    /// The place of a text and what else it may mean, chosen with the help of `hints`.
    ///
    /// # Errors
    /// As `locate_text`, with the places that it may mean.
    pub fn answer_text(&self, text: &str, hints: &Hints) -> Result<Match, Refusal> {
        let (text, is_claim) = what3words::without(text);
        let text = text.trim();
        if text.is_empty() {
            return Err(unlocatable(if is_claim {
                "what3words alone is no place: its words are easily mixed up, so ask for a street, a landmark or a postcode to check it against"
            } else {
                "the text is empty"
            })
            .into());
        }
        if text.bytes().any(|byte| byte.is_ascii_digit())
            && let Some(answer) = self.answer_reference(text)
        {
            return answer;
        }
        if self.gazetteers.is_empty() {
            return Err(unlocatable(
                "the text is no coordinates and no grid reference, and no gazetteer is loaded to look it up in",
            )
            .into());
        }
        answer::to_text(&self.gazetteers, text, hints)
    }

    /// The place of a text that is a reference and nothing else: all of these have figures.
    fn answer_reference(&self, text: &str) -> Option<Result<Match, Refusal>> {
        if let Some(pair) = spelling::pair(text) {
            return Some(outcome(pair_of_numbers(pair)));
        }
        if let Some(square) = Square::parse(text)
            && !self.is_code(text)
        {
            return Some(outcome(place_of(square)));
        }
        if let Some(postcode) = postcode::normalise(text) {
            return Some(self.answer_postcode(&postcode));
        }
        uprn(text).map(|uprn| outcome(self.of_uprn(uprn)))
    }

    fn answer_postcode(&self, postcode: &str) -> Result<Match, Refusal> {
        if self.gazetteers.is_empty() {
            return Err(no_gazetteer("postcode", postcode).into());
        }
        answer::to_postcode(&self.gazetteers, postcode)
    }

    /// `SE10` and `SW9 8` are squares of the grid, but whoever writes them means the outcode or the
    /// sector where there is one.
    fn is_code(&self, text: &str) -> bool {
        let capitals = text.to_ascii_uppercase();
        let halves: Vec<&str> = capitals.split_whitespace().collect();
        let code = match halves.as_slice() {
            [outward] if outward.len() <= 4 => gazetteer::postcodes::Code::new(outward, ""),
            [outward, sector] if sector.len() == 1 => {
                gazetteer::postcodes::Code::new(outward, sector)
            }
            _ => None,
        };
        let is_known = |code| {
            let mut gazetteers = self.gazetteers.iter();
            gazetteers.any(|gazetteer| gazetteer.circle(code).is_some())
        };
        code.is_some_and(is_known)
    }

    fn of_uprn(&self, digits: &str) -> Result<Placed, Reject> {
        if self.gazetteers.is_empty() {
            return Err(no_gazetteer("UPRN", digits));
        }
        let number: u64 = digits.parse().unwrap_or_default();
        let found = self.gazetteers.iter().find_map(|gazetteer| {
            let premises = gazetteer
                .uprn(number)
                .map(|position| placing::of_number(position, Precision::Address, digits, 10.0));
            premises.or_else(|| placing::of_usrn(gazetteer, number))
        });
        found.ok_or_else(|| {
            unlocatable(&format!(
                "there is no UPRN or USRN {digits} in the gazetteer"
            ))
        })
    }
}

fn alone(placed: Placed) -> Match {
    Match {
        placed,
        alternatives: Vec::new(),
    }
}

fn outcome(placed: Result<Placed, Reject>) -> Result<Match, Refusal> {
    placed.map(alone).map_err(Refusal::from)
}

fn pair_of_numbers(pair: Pair) -> Result<Placed, Reject> {
    match pair {
        Pair::Bare(easting, northing) if looks_like_metres(easting, northing) => {
            metres(easting, northing)
        }
        Pair::Lettered { north, east } if looks_like_metres(east, north) => metres(east, north),
        Pair::Bare(lat, lng)
        | Pair::Lettered {
            north: lat,
            east: lng,
        } => degrees(lat, lng),
    }
}

/// The place of coordinates, degrees north and east; needs no gazetteer.
///
/// # Errors
/// When they are no place, as `Position::new` says.
#[inline(always)]
pub fn degrees(lat: f64, lng: f64) -> Result<Placed, Reject> {
    match Position::new(lat, lng) {
        Ok(position) => Ok(given(position)),
        Err(invalid @ InvalidPosition::OutOfRange { .. }) if looks_like_metres(lat, lng) => {
            let detail =
                format!("{invalid}: they look like an easting and northing, send them as such");
            Err(Reject::new(Reason::OutOfRange, detail))
        }
        Err(invalid) => Err(invalid.into()),
    }
}

fn metres(easting: f64, northing: f64) -> Result<Placed, Reject> {
    if easting.abs() <= 180.0 && northing.abs() <= 180.0 {
        let detail = format!(
            "easting {easting}, northing {northing} is open sea: they look like degrees, send them as lat and lon"
        );
        return Err(Reject::new(Reason::OutOfRange, detail));
    }
    grid::to_position(easting, northing).map(given)
}

/// Whether two numbers, in either order, are on the grid and too large for degrees.
fn looks_like_metres(one: f64, other: f64) -> bool {
    let range = LEAST_GRID_M..=grid::NORTH_END_M;
    range.contains(&one) && range.contains(&other)
}

fn given(position: Position) -> Placed {
    Placed {
        position,
        precision: Precision::Exact,
        matched: None,
        score: None,
        radius_m: None,
    }
}

fn place_of(square: Square) -> Result<Placed, Reject> {
    let (easting, northing) = square.centre();
    let is_exact = square.side_m() <= EXACT_SIDE_M;
    let half_diagonal = square.side_m() * std::f64::consts::FRAC_1_SQRT_2;
    Ok(Placed {
        position: grid::to_position(easting, northing)?,
        precision: if is_exact {
            Precision::Exact
        } else {
            Precision::Area
        },
        matched: Some(square.to_string().into()),
        score: Some(1.0),
        radius_m: Some(half_diagonal.round().max(1.0)),
    })
}

fn uprn(text: &str) -> Option<&str> {
    let digits = text.trim();
    let is_uprn = (1..=12).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    is_uprn.then_some(digits)
}

fn no_gazetteer(what: &str, value: &str) -> Reject {
    unlocatable(&format!("{what} {value}: no gazetteer is loaded"))
}

fn unlocatable(detail: &str) -> Reject {
    Reject::new(Reason::Unlocatable, detail)
}

#[cfg(test)]
mod tests;

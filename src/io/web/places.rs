//! Places by name, names by place, and what is being typed: what the gazetteer knows.
//!
//! The gazetteer is a file that is mapped into memory, and a page of it may have to be read first: so it is
//! looked up in on threads that may wait, a few at a time, so that no amount of typing takes the cores from
//! what is live.

use std::sync::Arc;

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use crate::domain::located::Answer;
use crate::domain::position::{InvalidPosition, Position};
use crate::domain::reject::Reject;
use crate::geocode::{Geocoder, Hints, answered, suggest};
use crate::io::web::House;
use crate::io::web::rest::{Caller, json};
use crate::io::wire::live::Refused;
use crate::io::wire::{answer, nearby};

/// Look-ups at a time; the next one waits.
pub(super) const MOST_AT_A_TIME: usize = 2;

/// Longer texts are no locations, bytes.
const LONGEST: usize = 4096;

/// Suggestions where nobody said how many.
const USUAL: usize = 8;

/// What is looked for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Sought {
    q: Option<String>,
    lat: Option<String>,
    lon: Option<String>,
    limit: Option<String>,
    purpose: Option<String>,
}

type Asked = Result<Query<Sought>, QueryRejection>;

/// `GET /v1/geocode?q=`: where a text is.
pub(super) async fn geocode(caller: Caller, asked: Asked) -> Result<Response, Refused> {
    let asked = sought(asked)?;
    let text = asked.text()?;
    let house = caller.pass(asked.purpose.as_deref(), "geocode", ("place", "*"))?;
    let (has_gazetteer, answer) = looked_up(&house, move |geocoder| {
        (geocoder.has_gazetteer(), answer_to(geocoder, text))
    })
    .await?;
    if answer.found.is_err() && !has_gazetteer {
        return Err(no_gazetteer());
    }
    Ok(json(StatusCode::OK, answer::encode_told(&answer)))
}

/// `GET /v1/reverse?lat=&lon=`: what is around a position.
pub(super) async fn reverse(caller: Caller, asked: Asked) -> Result<Response, Refused> {
    let asked = sought(asked)?;
    let position = asked.position()?;
    let house = caller.pass(asked.purpose.as_deref(), "reverse", ("place", "*"))?;
    let around = looked_up(&house, move |geocoder| {
        geocoder.has_gazetteer().then(|| geocoder.reverse(position))
    })
    .await?
    .ok_or_else(no_gazetteer)?;
    Ok(json(
        StatusCode::OK,
        nearby::surroundings(position, &around),
    ))
}

/// `GET /v1/suggest?q=&limit=`: what a text may become.
pub(super) async fn suggest(caller: Caller, asked: Asked) -> Result<Response, Refused> {
    let asked = sought(asked)?;
    let (text, limit) = (asked.text()?, asked.limit()?);
    let house = caller.pass(asked.purpose.as_deref(), "suggest", ("place", "*"))?;
    let asked = text.clone();
    let suggested = looked_up(&house, move |geocoder| {
        let suggested = geocoder.suggest(&asked, limit);
        // Coordinates need none.
        (geocoder.has_gazetteer() || !suggested.is_empty()).then_some(suggested)
    })
    .await?
    .ok_or_else(no_gazetteer)?;
    Ok(json(StatusCode::OK, nearby::suggestions(&text, &suggested)))
}

fn sought(asked: Asked) -> Result<Sought, Refused> {
    asked
        .map(|Query(sought)| sought)
        .map_err(|rejection| bad(rejection.body_text()))
}

fn answer_to(geocoder: &Geocoder, query: String) -> Answer {
    let answer = geocoder.answer_text(&query, &Hints::default());
    answered(query, answer)
}

/// What `look` finds, on a thread that may wait for the disk.
async fn looked_up<T: Send + 'static>(
    house: &Arc<House>,
    look: impl FnOnce(&Geocoder) -> T + Send + 'static,
) -> Result<T, Refused> {
    let gone = || Refused::new("unavailable", "the service is stopping: try again", None);
    let turn = Arc::clone(&house.lookups).acquire_owned().await;
    let turn = turn.map_err(|_| gone())?;
    let geocoder = house.settings.geocoder.clone();
    let looking = tokio::task::spawn_blocking(move || {
        let found = look(&geocoder);
        drop(turn);
        found
    });
    looking.await.map_err(|_| gone())
}

impl Sought {
    fn text(&self) -> Result<String, Refused> {
        let text = self.q.as_deref().unwrap_or_default().trim();
        if text.is_empty() {
            return Err(bad(
                "q is missing or empty: give the text to look for, as in ?q=SW9+8HH",
            ));
        }
        if text.len() > LONGEST {
            return Err(bad(format!(
                "q has {} bytes, and no location has more than {LONGEST}: shorten it",
                text.len()
            )));
        }
        Ok(text.to_owned())
    }

    fn position(&self) -> Result<Position, Refused> {
        let degrees = |name: &str, text: &Option<String>| {
            let text = text.as_deref().map(str::trim).unwrap_or_default();
            text.parse::<f64>().map_err(|_| {
                bad(format!(
                    "{name} is missing or no number: give degrees, as in ?lat=51.5&lon=-0.12"
                ))
            })
        };
        let (lat, lon) = (degrees("lat", &self.lat)?, degrees("lon", &self.lon)?);
        Position::new(lat, lon).map_err(|invalid| {
            let fix = match invalid {
                InvalidPosition::OutOfRange { .. } => {
                    "give degrees, latitude as lat and longitude as lon"
                }
                InvalidPosition::NotFinite | InvalidPosition::NullIsland => "give a real position",
            };
            bad(format!("{}: {fix}", Reject::from(invalid).detail))
        })
    }

    fn limit(&self) -> Result<usize, Refused> {
        let Some(text) = self.limit.as_deref() else {
            return Ok(USUAL);
        };
        let limit = text.trim().parse().ok();
        let limit = limit.filter(|limit| (1..=suggest::MOST).contains(limit));
        limit.ok_or_else(|| {
            bad(format!(
                "limit is a whole number from 1 to {}",
                suggest::MOST
            ))
        })
    }
}

fn bad(detail: impl Into<String>) -> Refused {
    Refused::new("bad_query", detail, None)
}

fn no_gazetteer() -> Refused {
    let detail = "no gazetteer is loaded: build one with cordon gazetteer build and name its folder under [geocoder] gazetteers; coordinates and grid references need none";
    Refused::new("no_gazetteer", detail, None)
}

//! What can be asked for once.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tokio::sync::oneshot;

use crate::domain::served::{Channel, Served, Wants};
use crate::io::web::House;
use crate::io::web::gate::{LOCAL, Permit, USUAL_PURPOSE};
use crate::io::web::hub::{Ask, Part};
use crate::io::wire::live::frames::{self, Setup};
use crate::io::wire::live::{self, Refused};
use crate::serve::Filter;

/// The filter of a subscription, as a query: lists with commas.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    purpose: Option<String>,
    bbox: Option<String>,
    fences: String,
    tags: String,
    classes: String,
    categories: String,
    min_severity: Option<String>,
    region: Option<String>,
}

type Answer = Result<Response, Refused>;

pub(super) async fn fences(State(house): State<Arc<House>>, Query(asked): Query<Asked>) -> Answer {
    let permit = pass(&house, &asked, "fences")?;
    let fences = read(&house, Part::Fences, permit).await?;
    Ok(json(StatusCode::OK, frames::collection(&fences)))
}

pub(super) async fn alerts(State(house): State<Arc<House>>, Query(asked): Query<Asked>) -> Answer {
    let permit = pass(&house, &asked, "alerts")?;
    let part = Part::Now(vec![Channel::Alerts], asked.filter()?);
    let alerts = read(&house, part, permit).await?;
    Ok(json(StatusCode::OK, frames::listing("alerts", &alerts)))
}

pub(super) async fn subjects(
    State(house): State<Arc<House>>,
    Query(asked): Query<Asked>,
) -> Answer {
    let permit = pass(&house, &asked, "subjects")?;
    let channels = vec![Channel::Positions, Channel::Incidents];
    let part = Part::Now(channels, asked.filter()?);
    let subjects = read(&house, part, permit).await?;
    Ok(json(StatusCode::OK, frames::listing("subjects", &subjects)))
}

/// Names on the map: none in this version.
pub(super) async fn places() -> Response {
    json(StatusCode::OK, frames::collection(&[] as &[Arc<Served>]))
}

pub(super) async fn ui(State(house): State<Arc<House>>) -> Response {
    let settings = &house.settings;
    let setup = Setup {
        marking: &settings.marking,
        operation: &settings.operation,
        role: &settings.role,
        centre: settings.centre,
        zoom: settings.zoom,
        stale_after_s: &settings.stale_after_s,
        demo: settings.demo,
    };
    json(StatusCode::OK, setup.encode())
}

pub(super) async fn command(
    State(house): State<Arc<House>>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    // A form of another site cannot send this type without asking first.
    if !kind.starts_with("application/json") {
        let detail = "a command is application/json";
        return Err(Refused::new("not_json", detail, None));
    }
    let wish = live::decode_wish(&body)?;
    let id = house.desk.take(&wish)?;
    Ok(json(StatusCode::ACCEPTED, frames::taken(&id)))
}

pub(super) async fn livez() -> &'static str {
    "ok\n"
}

pub(super) async fn readyz(State(house): State<Arc<House>>) -> Response {
    if *house.caught_up.borrow() {
        "ready\n".into_response()
    } else {
        let why = "catching up with the topics\n";
        (StatusCode::SERVICE_UNAVAILABLE, why).into_response()
    }
}

pub(super) async fn metrics(State(house): State<Arc<House>>) -> Response {
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    let text = (house.metrics)() + &house.counts.lines();
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

impl Asked {
    fn filter(&self) -> Result<Filter, Refused> {
        let words = |list: &str| {
            let words = list.split(',').filter(|word| !word.is_empty());
            words.map(String::from).collect()
        };
        let degrees = |text: &str| text.trim().parse().unwrap_or(f64::NAN);
        let bbox = self.bbox.as_deref();
        let wants = Wants {
            bbox: bbox.map(|bbox| bbox.split(',').map(degrees).collect()),
            fences: words(&self.fences),
            tags: words(&self.tags),
            classes: words(&self.classes),
            categories: words(&self.categories),
            min_severity: self.min_severity.clone(),
            region: self.region.clone(),
        };
        Filter::new(wants).map_err(|problem| Refused::new("bad_filter", problem.to_string(), None))
    }
}

fn pass(house: &House, asked: &Asked, what: &str) -> Result<Permit, Refused> {
    let purpose = asked.purpose.as_deref().unwrap_or(USUAL_PURPOSE);
    house.gate.read(LOCAL, purpose, what)
}

async fn read(house: &House, part: Part, permit: Permit) -> Result<Vec<Arc<Served>>, Refused> {
    let unavailable = |detail| Refused::new("unavailable", detail, None);
    if !*house.caught_up.borrow() {
        return Err(unavailable("still catching up with the topics: try again"));
    }
    let (reply, answer) = oneshot::channel();
    let ask = Ask::Read {
        part,
        permit,
        reply,
    };
    let stopping = "the server is stopping";
    house
        .asks
        .send(ask)
        .await
        .map_err(|_| unavailable(stopping))?;
    answer.await.map_err(|_| unavailable(stopping))
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = match self.code {
            "unavailable" => StatusCode::SERVICE_UNAVAILABLE,
            "not_json" => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            _ => StatusCode::BAD_REQUEST,
        };
        json(status, frames::error(&self))
    }
}

fn json(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

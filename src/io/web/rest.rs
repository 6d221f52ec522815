//! What can be asked for once.

use std::sync::{Arc, RwLockReadGuard};

use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::domain::served::{Channel, Served, Wants, What};
use crate::io::web::House;
use crate::io::web::arrivals::Peer;
use crate::io::web::gate::{Access, Reader};
use crate::io::wire::audit::Category;
use crate::io::wire::live::frames::{self, Setup};
use crate::io::wire::live::{self, Refused};
use crate::serve::{Filter, ReadModel};

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
    window: Option<String>,
    resolution: Option<i64>,
}

type Answer = Result<Response, Refused>;

/// Who asks; every read goes through it.
pub(super) struct Caller {
    house: Arc<House>,
    reader: Reader,
}

impl FromRequestParts<Arc<House>> for Caller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, house: &Arc<House>) -> Result<Self, Refused> {
        let peer = parts.extensions.get::<ConnectInfo<Peer>>();
        let Some(ConnectInfo(peer)) = peer.copied() else {
            return Err(Refused::new("unavailable", "nobody is there", None));
        };
        Ok(Self {
            reader: house.reader(peer, &parts.headers),
            house: Arc::clone(house),
        })
    }
}

pub(super) async fn fences(caller: Caller, Query(asked): Query<Asked>) -> Answer {
    let fences: Vec<_> = caller
        .look(&asked, "fences", ("fence", "*"))?
        .fences()
        .cloned()
        .collect();
    Ok(json(StatusCode::OK, frames::collection(&fences)))
}

pub(super) async fn rules(caller: Caller, Query(asked): Query<Asked>) -> Answer {
    drop(caller.look(&asked, "rules", ("rule", "*"))?);
    let rules = &caller.house.settings.rules;
    Ok(json(StatusCode::OK, rules.encode()))
}

pub(super) async fn alerts(caller: Caller, Query(asked): Query<Asked>) -> Answer {
    let alerts = caller.list(&asked, "alerts", ("alert", "*"), &[Channel::Alerts])?;
    Ok(json(StatusCode::OK, frames::listing("alerts", &alerts)))
}

pub(super) async fn alert(
    caller: Caller,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let model = caller.look(&asked, "alert", ("alert", &id))?;
    let alert = model.alert(&id).cloned();
    drop(model);
    alert.map_or_else(
        || Err(unknown("alert", &id)),
        |alert| Ok(json(StatusCode::OK, alert.data.to_string())),
    )
}

pub(super) async fn subjects(caller: Caller, Query(asked): Query<Asked>) -> Answer {
    let channels = [Channel::Positions, Channel::Incidents];
    let subjects = caller.list(&asked, "subjects", ("subject", "*"), &channels)?;
    Ok(json(StatusCode::OK, frames::listing("subjects", &subjects)))
}

pub(super) async fn subject(
    caller: Caller,
    Path((kind, id)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Answer {
    if kind != "resource" && kind != "incident" {
        let detail = "kind is resource or incident";
        return Err(Refused::new("not_found", detail, None));
    }
    let model = caller.look(&asked, "subject", (&kind, &id))?;
    let board = if kind == "resource" {
        model.resources()
    } else {
        model.incidents()
    };
    let subject = board.get(&id).cloned();
    drop(model);
    subject.map_or_else(
        || Err(unknown(&kind, &id)),
        |subject| Ok(json(StatusCode::OK, subject.data.to_string())),
    )
}

pub(super) async fn cells(caller: Caller, Query(asked): Query<Asked>) -> Answer {
    let mut cells = caller.list(&asked, "cells", ("cell", "*"), &[Channel::Cells])?;
    cells.retain(|cell| asked.is_of_window(&cell.what));
    Ok(json(StatusCode::OK, frames::listing("cells", &cells)))
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
    Caller { house, reader }: Caller,
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
    house.is_open()?;
    let wish = live::decode_wish(&body)?;
    let given = house.desk.give(&house.gate, &reader, &wish)?;
    let effect = house.desk.effect(&given).await?;
    Ok(json(StatusCode::OK, frames::done(&given.id, &effect)))
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
    /// Whether a cell is of the window and the resolution that were asked for.
    fn is_of_window(&self, what: &What) -> bool {
        let What::Cell {
            window, resolution, ..
        } = what
        else {
            return false;
        };
        let asked = self.window.as_deref();
        asked.is_none_or(|asked| asked == &**window)
            && self.resolution.is_none_or(|asked| asked == *resolution)
    }

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

impl Caller {
    /// The picture, once the gate has let through.
    fn look(
        &self,
        asked: &Asked,
        what: &str,
        individual: (&str, &str),
    ) -> Result<RwLockReadGuard<'_, ReadModel>, Refused> {
        self.house.is_open()?;
        let access = Access {
            category: Category::Consultation,
            purpose: asked.purpose.as_deref(),
            what,
            subscription: None,
            individual,
            version: None,
        };
        self.house.gate.pass(&self.reader, &access)?.spend();
        Ok(self.house.picture.read())
    }

    /// What `channels` hold now, through the filter that was asked for.
    fn list(
        &self,
        asked: &Asked,
        what: &str,
        individual: (&str, &str),
        channels: &[Channel],
    ) -> Result<Vec<Arc<Served>>, Refused> {
        let filter = asked.filter()?;
        let model = self.look(asked, what, individual)?;
        let all = channels.iter().flat_map(|&channel| model.now(channel));
        Ok(all
            .filter(|record| filter.allows(record))
            .cloned()
            .collect())
    }
}

fn unknown(kind: &str, id: &str) -> Refused {
    let id: String = id.chars().take(100).collect();
    let detail = format!("there is no {kind} \"{id}\", or no longer");
    Refused::new("not_found", detail, None)
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = match self.code {
            "unavailable" => StatusCode::SERVICE_UNAVAILABLE,
            "unknown_target" | "not_found" => StatusCode::NOT_FOUND,
            "already" => StatusCode::CONFLICT,
            "no_effect" => StatusCode::GATEWAY_TIMEOUT,
            "not_json" => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            _ => StatusCode::BAD_REQUEST,
        };
        json(status, frames::error(&self))
    }
}

fn json(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

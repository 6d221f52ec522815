//! The live socket and what stands beside it, as a client sees them: over the wire.

mod bad_input;
mod commands;
mod described;
mod places;
mod slow;

use std::sync::Arc;
use std::time::Duration;

use cordon::domain::time::Timestamp;
use cordon::io::web::{self, CommandRecord, WebSettings};
use cordon::io::wire::live::frames::Rules;
use cordon::runtime::clock::now;
use cordon::serve::{FeedTopic, Update};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

const SOON: Duration = Duration::from_secs(20);

pub(crate) struct Room {
    pub(crate) host: String,
    updates: mpsc::Sender<Update>,
    commands: mpsc::Receiver<CommandRecord>,
    audit: mpsc::Receiver<Vec<u8>>,
    caught_up: watch::Sender<bool>,
    _stop: watch::Sender<bool>,
}

pub(crate) fn settings() -> WebSettings {
    WebSettings {
        listen: "127.0.0.1:0".parse().unwrap(),
        tls: None,
        behind_proxy: false,
        allow_insecure_listen: false,
        marking: "OFFICIAL".into(),
        operation: "Op TEST".into(),
        role: "silver".into(),
        centre: (51.5, -0.12),
        zoom: 12.0,
        stale_after_s: vec![("foot".into(), 60)],
        rules: Arc::new(|| Rules {
            version: "v1".into(),
            rules: Vec::new(),
        }),
        demo: false,
        geocoder: cordon::geocode::Geocoder::default(),
        stream: "s1".into(),
        effect_within: Duration::from_millis(800),
        chapter: Arc::new(|| Some("one".into())),
    }
}

async fn room(is_caught_up: bool, audits: usize) -> Room {
    room_with(settings(), is_caught_up, audits).await
}

pub(crate) async fn room_with(settings: WebSettings, is_caught_up: bool, audits: usize) -> Room {
    let bound = web::bind(&settings).await.unwrap();
    let host = bound.address().to_string();
    let (updates, fed) = mpsc::channel(64);
    let (ordered, commands) = mpsc::channel(8);
    let (written, audit) = mpsc::channel(audits);
    let (caught_up, is_whole) = watch::channel(is_caught_up);
    let (stop, stopped) = watch::channel(false);
    let metrics = Arc::new(|| String::from("up 1\n"));
    tokio::spawn(web::serve(
        bound, settings, fed, ordered, written, metrics, is_whole, stopped,
    ));
    Room {
        host,
        updates,
        commands,
        audit,
        caught_up,
        _stop: stop,
    }
}

impl Room {
    async fn send(&self, topic: FeedTopic, key: &str, offset: i64, value: Value) {
        let received = Timestamp::from_millis(1_788_000_000_000).unwrap();
        self.send_at(topic, key, offset, value, received).await;
    }

    async fn send_at(
        &self,
        topic: FeedTopic,
        key: &str,
        offset: i64,
        value: Value,
        received: Timestamp,
    ) {
        let value = (!value.is_null()).then(|| Arc::from(value.to_string().into_bytes()));
        let update = Update {
            topic,
            partition: 0,
            offset,
            key: key.into(),
            value,
            received,
            at: None,
        };
        self.updates.send(update).await.unwrap();
        // The hub has a thread of its own: whoever asks it after this asks it about this record too.
        let is_taken = self.updates.reserve_many(self.updates.max_capacity());
        timeout(SOON, is_taken).await.unwrap().unwrap();
    }

    /// An alert of just now.
    async fn fresh_alert(&self, offset: i64, severity: &str) {
        let record = json!({"id": format!("a{offset}"), "state": "open", "severity": severity, "sequence": 1});
        self.send_at(FeedTopic::Alerts, "a", offset, record, now())
            .await;
    }

    pub(crate) async fn alert(&self, offset: i64, severity: &str, note: &str) {
        let id = format!("a{offset}");
        let record = json!({"id": id, "rule": "r", "state": "open", "severity": severity,
            "at": "2026-08-30T12:00:00.000Z", "title": "t", "lat": null, "lon": null,
            "region": "default", "note": note, "sequence": 1});
        self.send(FeedTopic::Alerts, &id, offset, record).await;
    }

    async fn vehicle(&self, id: &str, at: u32, lat: f64) {
        let record = json!({"subject": id, "at": format!("2026-08-30T12:00:{at:02}.000Z"),
            "lat": lat, "lon": -0.12, "class": "vehicle", "fences": [], "late": false});
        self.send(FeedTopic::Located, id, i64::from(at), record)
            .await;
    }

    async fn client(&self) -> Client {
        let (socket, _) = connect_async(format!("ws://{}/v1/live", self.host))
            .await
            .unwrap();
        let mut client = Client(socket);
        assert_eq!(client.next().await["type"], "hello");
        client
    }

    async fn cell(&self, key: &str, count: u32) {
        let record = json!({"window": "PT1H", "start": "2026-08-30T12:00:00.000Z", "end": "2026-08-30T13:00:00.000Z",
            "resolution": 9, "cell": "89195da49b3ffff", "kind": "incident", "category": "x", "count": count, "harm": null, "final": false});
        self.send(FeedTopic::Cells, key, i64::from(count), record)
            .await;
    }

    async fn transition(&self, offset: i64) {
        let record = json!({"at": "2026-08-30T12:00:00.000Z", "subject": "V1", "fence": format!("f{offset}"),
            "transition": "enter", "lat": 51.5, "lon": -0.12, "cause": "report", "visit": "v"});
        self.send(FeedTopic::Transitions, "V1", offset, record)
            .await;
    }

    async fn incident(&self, id: &str, at: u32) {
        let record = json!({"subject": id, "at": format!("2026-08-30T12:00:{at:02}.000Z"),
            "lat": 51.5, "lon": -0.12, "state": "open", "location": {"text": "OAK"}, "fences": [], "late": false});
        self.send(FeedTopic::Located, id, i64::from(at), record)
            .await;
    }

    async fn lost_incident(&self, id: &str, at: u32) {
        let record = json!({"subject": id, "at": format!("2026-08-30T12:00:{at:02}.000Z"),
            "reason": "unlocatable", "report": {"subject": id, "grade": "I", "location": {"text": "OAK"}}, "alternatives": []});
        self.send(FeedTopic::Unplaced, id, i64::from(at), record)
            .await;
    }

    async fn post(&self, kind: &str, body: &Value) -> String {
        post(&self.host, kind, body).await
    }

    /// Status line, headers and body.
    async fn http(&self, request: &str) -> String {
        http(&self.host, request).await
    }

    async fn get(&self, path: &str) -> String {
        let head = "HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n";
        self.http(&format!("GET {path} {head}")).await
    }
}

async fn post(host: &str, kind: &str, body: &Value) -> String {
    let body = body.to_string();
    let head = format!(
        "POST /v1/commands HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    http(host, &(head + &body)).await
}

async fn http(host: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request = request.replace("HOST", host);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    timeout(SOON, read).await.unwrap().unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    async fn say(&mut self, frame: Value) {
        let text = frame.to_string();
        self.0.send(Message::Text(text.into())).await.unwrap();
    }

    /// The next frame but heartbeats.
    async fn next(&mut self) -> Value {
        let news = async {
            loop {
                let message = self.0.next().await.unwrap().unwrap();
                let frame: Value = serde_json::from_str(message.to_text().unwrap()).unwrap();
                if frame["type"] != "heartbeat" {
                    return frame;
                }
            }
        };
        timeout(SOON, news).await.unwrap()
    }

    async fn next_but_storms(&mut self) -> Value {
        loop {
            let frame = self.next().await;
            if frame["type"] != "storm" {
                return frame;
            }
        }
    }

    /// Everything up to `live`, as (type or channel, number of records, last).
    async fn until_live(&mut self) -> Vec<(String, usize, bool)> {
        let mut pages = Vec::new();
        loop {
            let frame = self.next().await;
            let kind = frame["type"].as_str().unwrap();
            if kind == "live" {
                return pages;
            }
            let name = frame["channel"].as_str().unwrap_or(kind);
            let count = frame["data"].as_array().map_or(0, Vec::len);
            pages.push((name.into(), count, frame["last"] == true));
        }
    }

    async fn subscribe(&mut self, channels: Value, filter: Value) {
        self.say(json!({"type": "subscribe", "id": "s1", "channels": channels, "filter": filter}))
            .await;
    }
}

fn page(channel: &str, count: usize, is_last: bool) -> (String, usize, bool) {
    (channel.into(), count, is_last)
}

#[tokio::test]
async fn a_client_gets_what_holds_in_pages_and_then_what_is_new() {
    let room = room(false, 64).await;
    for number in 0..201 {
        room.vehicle(&format!("V{number}"), 1, 51.5).await;
    }
    room.alert(0, "high", "").await;
    let unplaced = json!({"subject": "CAD 7", "at": "2026-08-30T12:00:00.000Z", "reason": "unlocatable",
        "report": {"subject": "CAD 7", "grade": "I", "location": {"text": "OAK"}}});
    room.send(FeedTopic::Unplaced, "CAD 7", 0, unplaced).await;
    let mut client = room.client().await;
    let channels = json!(["alerts", "positions", "incidents"]);
    client.subscribe(channels, json!({})).await;
    // Nothing is told before the picture is whole.
    client.say(json!({"type": "ping"})).await;
    assert_eq!(client.next().await["type"], "pong");
    room.caught_up.send(true).unwrap();
    assert_eq!(
        client.until_live().await,
        [
            page("positions", 200, false),
            page("positions", 1, true),
            page("incidents", 1, true),
            page("alerts", 1, true)
        ]
    );
    room.alert(1, "critical", "new").await;
    let alert = client.next().await;
    assert_eq!(alert["type"], "alert");
    assert_eq!(alert["sub"], "s1");
    assert_eq!(alert["data"]["note"], "new");
    room.vehicle("V1", 2, 51.6).await;
    assert_eq!(client.next().await["data"][0]["lat"], 51.6);
    // Without credit only the newest waits.
    room.vehicle("V1", 3, 51.7).await;
    room.vehicle("V1", 4, 51.8).await;
    client.say(json!({"type": "ping"})).await;
    assert_eq!(client.next().await["type"], "pong");
    client.say(json!({"type": "credit", "n": 1})).await;
    let positions = client.next().await;
    assert_eq!(positions["data"][0]["lat"], 51.8);
    client.say(json!({"type": "credit", "n": 1})).await;
    room.send(FeedTopic::Located, "V2", 9, Value::Null).await;
    let gone = client.next().await;
    assert_eq!(
        (&gone["type"], &gone["subject"]),
        (&json!("removed"), &json!("V2"))
    );
}

#[tokio::test]
async fn the_last_transitions_and_the_cells_that_count_are_in_the_snapshot() {
    let room = room(true, 64).await;
    for offset in 0..3 {
        room.transition(offset).await;
    }
    room.cell("a", 1).await;
    room.cell("a", 2).await;
    let mut client = room.client().await;
    client
        .subscribe(json!(["transitions", "cells"]), json!({}))
        .await;
    let pages = client.until_live().await;
    assert_eq!(
        pages,
        [page("transitions", 3, true), page("cells", 1, true)]
    );
    room.cell("a", 3).await;
    assert_eq!(client.next().await["data"]["count"], 3);
}

#[tokio::test]
async fn a_storm_is_counted_beside_its_alerts_and_takes_none_away() {
    let room = room(true, 64).await;
    let mut client = room.client().await;
    client.subscribe(json!(["alerts"]), json!({})).await;
    client.until_live().await;
    for offset in 0..100 {
        let severity = if offset == 60 { "critical" } else { "low" };
        room.fresh_alert(offset, severity).await;
    }
    let (mut alerts, mut storm) = (0, Value::Null);
    while alerts < 100 || storm["count"] != 100 {
        let frame = client.next().await;
        match frame["type"].as_str().unwrap() {
            "storm" => storm = frame,
            _ => alerts += 1,
        }
    }
    assert_eq!(alerts, 100);
    assert_eq!(
        (&storm["state"], &storm["critical"]),
        (&json!("on"), &json!(1))
    );
}

#[tokio::test]
async fn a_filter_holds_for_the_snapshot_and_for_what_is_new() {
    let room = room(true, 64).await;
    room.vehicle("north", 1, 52.0).await;
    room.vehicle("south", 1, 51.0).await;
    room.alert(0, "low", "").await;
    let mut client = room.client().await;
    let filter = json!({"bbox": [-1, 50.5, 1, 51.5], "min_severity": "high"});
    client
        .subscribe(json!(["positions", "alerts"]), filter)
        .await;
    let pages = client.until_live().await;
    assert_eq!(pages, [page("positions", 1, true), page("alerts", 0, true)]);
    room.alert(1, "medium", "").await;
    room.alert(2, "critical", "").await;
    assert_eq!(client.next().await["data"]["id"], "a2");
    // Who leaves the box is taken off the screen.
    room.vehicle("south", 2, 53.0).await;
    let gone = client.next().await;
    assert_eq!(
        (&gone["type"], &gone["subject"]),
        (&json!("removed"), &json!("south"))
    );
}

#[tokio::test]
async fn a_filter_by_label_is_about_the_fences_that_have_it_now() {
    let room = room(true, 64).await;
    let fence = |tags: Value| {
        json!({"type": "Feature", "id": "f1", "properties": {"radius_m": 250, "tags": tags},
            "geometry": {"type": "Point", "coordinates": [-0.12, 51.46]}})
    };
    let vehicle = |at: u32, fences: Value| {
        json!({"subject": "V1", "at": format!("2026-08-30T21:14:0{at}.120Z"), "lat": 51.46, "lon": -0.12,
            "class": "vehicle", "fences": fences})
    };
    room.send(FeedTopic::Fences, "f1", 0, fence(json!(["vip"])))
        .await;
    room.send(FeedTopic::Located, "V1", 0, vehicle(1, json!(["f1"])))
        .await;
    while !room.get("/v1/subjects").await.contains("V1") {}
    let mut client = room.client().await;
    client
        .subscribe(json!(["positions"]), json!({"tags": ["march", "vip"]}))
        .await;
    assert_eq!(client.until_live().await, [page("positions", 1, true)]);
    room.send(FeedTopic::Located, "V1", 1, vehicle(2, json!(["f2"])))
        .await;
    assert_eq!(client.next().await["type"], "removed");
    room.send(FeedTopic::Fences, "f1", 1, fence(json!([])))
        .await;
    assert_eq!(client.next().await["type"], "fences_changed");
    room.send(FeedTopic::Fences, "f1", 2, fence(json!(["march"])))
        .await;
    assert_eq!(client.next().await["type"], "fences_changed");
    room.send(FeedTopic::Located, "V1", 3, vehicle(4, json!(["f1"])))
        .await;
    assert_eq!(client.next().await["type"], "positions");
}

#[tokio::test]
async fn positions_come_in_bytes_where_a_client_asks_for_them_so() {
    let room = room(true, 64).await;
    room.vehicle("V1", 1, 51.5).await;
    while !room.get("/v1/subjects").await.contains("V1") {}
    let mut client = room.client().await;
    client
        .say(json!({"type": "subscribe", "id": "s1", "channels": ["positions"], "positions": "binary"}))
        .await;
    assert_eq!(client.until_live().await, [page("positions", 1, true)]);
    room.vehicle("V1", 2, 51.25).await;
    let frame = loop {
        if let Message::Binary(bytes) = client.0.next().await.unwrap().unwrap() {
            break bytes;
        }
    };
    let (head, rest) = frame.split_at(8);
    assert_eq!(head, [1, 2, b's', b'1', 1, 0, 0, 0]);
    let at = Timestamp::from_millis(i64::from_le_bytes(rest[..8].try_into().unwrap()));
    assert_eq!(at, Timestamp::from_millis(1_788_091_202_000));
    assert_eq!(rest[8..12], 512_500_000_i32.to_le_bytes());
    assert_eq!(&rest[16..], b"\x02\0V1\x07\0vehicle");
}

#[tokio::test]
async fn a_client_resumes_where_it_was_or_is_told_that_it_cannot() {
    let room = room(true, 64).await;
    room.alert(7, "high", "").await;
    let mut client = room.client().await;
    client.subscribe(json!(["alerts"]), json!({})).await;
    client.until_live().await;
    room.alert(8, "high", "").await;
    let token = client.next().await["resume"].clone();
    drop(client);
    room.alert(9, "high", "").await;
    let again = |token: &Value| json!({"type": "subscribe", "id": "s1", "channels": ["alerts"], "resume": token});
    let mut client = room.client().await;
    client.say(again(&token)).await;
    assert_eq!(client.next().await["data"]["id"], "a9");
    assert_eq!(client.next().await["type"], "live");
    for stranger in [
        json!("nonsense"),
        json!("a"),
        json!("a.0-99"),
        json!("as1.0-99"),
    ] {
        let mut client = room.client().await;
        client.say(again(&stranger)).await;
        assert_eq!(client.next().await["code"], "resume_expired");
        assert_eq!(client.until_live().await, [page("alerts", 3, true)]);
    }
}

#[tokio::test]
async fn pages_of_other_sites_are_turned_away() {
    let room = room(true, 64).await;
    let knock = async |origin: &str| {
        let url = format!("ws://{}/v1/live", room.host);
        let mut request = url.into_client_request().unwrap();
        let origin = origin.parse().unwrap();
        request.headers_mut().insert("origin", origin);
        connect_async(request).await
    };
    let refused = knock("https://evil.example").await.unwrap_err();
    assert!(matches!(refused, Error::Http(answer) if answer.status() == 403));
    assert!(knock(&format!("http://{}", room.host)).await.is_ok());
    let rebound = "GET /v1/alerts HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    let answer = room.http(rebound).await;
    assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
}

#[tokio::test]
async fn the_page_the_answers_and_the_health_are_beside_it() {
    let room = room(false, 64).await;
    let ready = room.get("/readyz").await;
    assert!(ready.starts_with("HTTP/1.1 503"), "{ready}");
    room.caught_up.send(true).unwrap();
    let fence = json!({"type": "Feature", "id": "f1", "geometry": null, "properties": {}});
    room.send(FeedTopic::Fences, "f1", 0, fence).await;
    room.vehicle("V1", 1, 51.5).await;
    room.cell("key", 3).await;
    room.alert(0, "high", "").await;
    let mut client = room.client().await;
    client.subscribe(json!(["alerts"]), json!({})).await;
    client.until_live().await;
    for (path, status, part) in [
        ("/readyz", 200, "ready"),
        ("/livez", 200, "ok"),
        ("/metrics", 200, "cordon_sockets_open 1"),
        ("/v1/fences", 200, r#""id":"f1""#),
        ("/v1/alerts?min_severity=high", 200, r#""id":"a0""#),
        ("/v1/alerts?bbox=1", 400, "bad_filter"),
        ("/v1/subjects?classes=vehicle", 200, r#""subject":"V1""#),
        ("/v1/subjects?classes=air", 200, r#"{"subjects":[]}"#),
        ("/v1/alerts/a0", 200, r#""id":"a0""#),
        ("/v1/alerts/a9", 404, "not_found"),
        ("/v1/subjects/resource/V1", 200, r#""subject":"V1""#),
        ("/v1/subjects/incident/V1", 404, "not_found"),
        ("/v1/subjects/ghost/V1", 404, "resource or incident"),
        ("/v1/cells?window=PT1H", 200, r#""cell":"89195da49b3ffff""#),
        ("/v1/cells?resolution=8", 200, r#"{"cells":[]}"#),
        ("/v1/rules", 200, r#""version":"v1""#),
        ("/v1/places", 200, r#""features":[]"#),
        ("/v1/ui", 200, r#""center":[-0.12,51.5]"#),
        ("/", 200, "text/html; charset=utf-8"),
        ("/", 200, "default-src 'self'; img-src"),
        ("/nowhere", 404, "not found"),
        ("/../Cargo.toml", 404, "not found"),
    ] {
        let answer = room.get(path).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
        assert!(answer.contains(part), "{path}: {answer}");
    }
    let page = room.get("/").await;
    let tag = page.lines().find_map(|line| line.strip_prefix("etag: "));
    let again = format!(
        "GET / HTTP/1.1\r\nHost: HOST\r\nIf-None-Match: {}\r\nConnection: close\r\n\r\n",
        tag.unwrap()
    );
    assert!(room.http(&again).await.starts_with("HTTP/1.1 304"));
}

//! One client's socket: frames in, frames out.

mod speak;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream::SplitStream;
use futures_util::{SinkExt, StreamExt};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::io::web::arrivals::Peer;
use crate::io::web::gate::{Access, Reader};
use crate::io::web::hub::Ask;
use crate::io::web::line::{self, Line, Outgoing};
use crate::io::web::{House, now};
use crate::io::wire::audit::Category;
use crate::io::wire::live::frames;
use crate::io::wire::live::{self, Asked, LONGEST_FRAME, Refused, Subscribe, Wish};
use crate::serve::Filter;

/// Subscriptions of one client.
const MOST_SUBSCRIPTIONS: usize = 64;
/// Commands of one client that wait for their effect.
const MOST_COMMANDS: usize = 32;
/// tungstenite takes its read buffer at once, 128 KiB unless told: 1.3 GB for ten thousand clients.
const READ_BUFFER: usize = 4 * 1024;
const WRITE_BUFFER: usize = 16 * 1024;
/// No frame of ours is longer.
const LONGEST_WRITE_BUFFER: usize = 1024 * 1024;
/// How long a farewell may take.
const CLOSE_WITHIN: Duration = Duration::from_secs(10);

type Farewell = Option<(u16, &'static str)>;

/// Makes a socket of a request, while there is room.
pub(super) async fn upgrade(
    State(house): State<Arc<House>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    headers: HeaderMap,
    socket: WebSocketUpgrade,
) -> Response {
    let reader = house.reader(peer, &headers);
    let Ok(seat) = Arc::clone(&house.sockets).try_acquire_owned() else {
        let why = "too many screens: try again\n";
        return (StatusCode::SERVICE_UNAVAILABLE, why).into_response();
    };
    // Longer ones than are allowed get here, so that the client learns why.
    socket
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(LONGEST_WRITE_BUFFER)
        .max_message_size(4 * LONGEST_FRAME)
        .max_frame_size(4 * LONGEST_FRAME)
        .on_upgrade(async move |socket| {
            attend(&house, reader, socket).await;
            drop(seat);
        })
}

async fn attend(house: &Arc<House>, reader: Reader, socket: WebSocket) {
    let client = house.next_client.fetch_add(1, Ordering::Relaxed);
    let (mut sink, stream) = socket.split();
    let (line, outgoing) = line::pair();
    let hello = frames::hello(now(), MOST_SUBSCRIPTIONS);
    let is_new = line.queue.try_send(Outgoing::Frame(hello.into())).is_ok();
    let join = Ask::Join {
        client,
        line: line.clone(),
    };
    if !is_new || house.asks.send(join).await.is_err() {
        return;
    }
    let visit = Visit {
        house,
        client,
        reader,
        line: &line,
        subs: BTreeSet::new(),
        commands: Arc::new(Semaphore::new(MOST_COMMANDS)),
    };
    let farewell = tokio::select! {
        farewell = visit.listen(stream) => farewell,
        farewell = speak::speak(house, &mut sink, outgoing, &line.waiting) => farewell,
    };
    let _ = house.asks.send(Ask::Leave { client }).await;
    if let Some((code, reason)) = farewell {
        let frame = CloseFrame {
            code,
            reason: reason.into(),
        };
        // Whoever does not even take a farewell is cut off.
        let _ = timeout(CLOSE_WITHIN, sink.send(Message::Close(Some(frame)))).await;
    }
}

/// One client's side of the talk.
struct Visit<'a> {
    house: &'a Arc<House>,
    client: u64,
    reader: Reader,
    line: &'a Line,
    subs: BTreeSet<String>,
    commands: Arc<Semaphore>,
}

impl Visit<'_> {
    async fn listen(mut self, mut stream: SplitStream<WebSocket>) -> Farewell {
        while let Some(message) = stream.next().await {
            let text = match message {
                Ok(Message::Text(text)) => text,
                Ok(Message::Binary(_)) => {
                    return Some((close_code::UNSUPPORTED, "frames are JSON text"));
                }
                Ok(Message::Close(_)) => return None,
                Ok(Message::Ping(_) | Message::Pong(_)) => continue,
                Err(_) => return Some((close_code::SIZE, "a frame was broken or far too long")),
            };
            let done = if text.len() > LONGEST_FRAME {
                let detail = format!("a frame is at most {LONGEST_FRAME} bytes");
                Err(Refused::new("too_large", detail, None))
            } else {
                match live::decode(&text) {
                    Ok(asked) => self.obey(asked).await,
                    Err(refused) => Err(refused),
                }
            };
            if let Err(refused) = done {
                self.answer(frames::error(&refused)).await;
            }
        }
        None
    }

    async fn obey(&mut self, asked: Asked) -> Result<(), Refused> {
        match asked {
            Asked::Subscribe(request) => self.subscribe(request).await,
            Asked::Unsubscribe { id } => {
                self.subs.remove(&id);
                let client = self.client;
                self.ask(Ask::Unsubscribe { client, sub: id }).await
            }
            Asked::Command(wish) => self.command(&wish),
            Asked::Credit { n } => {
                if n > 0 {
                    self.line.waiting.give_credit();
                }
                Ok(())
            }
            Asked::Ping => {
                self.answer(frames::bare("pong")).await;
                Ok(())
            }
        }
    }

    async fn subscribe(&mut self, request: Subscribe) -> Result<(), Refused> {
        let refuse = |code, detail: String| Refused::new(code, detail, Some(request.id.clone()));
        if self.subs.len() >= MOST_SUBSCRIPTIONS && !self.subs.contains(&request.id) {
            let detail = format!(
                "a client has at most {MOST_SUBSCRIPTIONS} subscriptions: unsubscribe one first"
            );
            return Err(refuse("too_many_subscriptions", detail));
        }
        let filter = Filter::new(request.wants.clone())
            .map_err(|problem| refuse("bad_filter", problem.to_string()))?;
        let channels: Vec<_> = request.channels.iter().map(|is| is.label()).collect();
        let what = format!("live: {}", channels.join(", "));
        let permit = self.house.gate.pass(
            &self.reader,
            &Access {
                category: Category::Disclosure,
                purpose: request.purpose.as_deref(),
                what: &what,
                subscription: Some(&request.id),
                individual: ("subject", "*"),
                version: None,
            },
        );
        let permit = permit.map_err(|refused| refuse(refused.code, refused.detail))?;
        self.subs.insert(request.id.clone());
        let client = self.client;
        self.ask(Ask::Subscribe {
            client,
            request: Box::new(request),
            filter: Box::new(filter),
            permit,
        })
        .await
    }

    /// Hands a command on. Whether anything comes of it is watched beside the talk: the client sees the
    /// effect like everybody else, and is told where there is none.
    fn command(&self, wish: &Wish) -> Result<(), Refused> {
        self.house.is_open()?;
        let seat = Arc::clone(&self.commands).try_acquire_owned();
        let seat = seat.map_err(|_| {
            let detail = format!("{MOST_COMMANDS} commands wait for their effect: wait for those");
            Refused::new("unavailable", detail, wish.id().map(String::from))
        })?;
        let given = self.house.desk.give(&self.house.gate, &self.reader, wish)?;
        let (house, queue) = (Arc::clone(self.house), self.line.queue.clone());
        tokio::spawn(async move {
            if let Err(refused) = house.desk.effect(&given).await {
                let frame = frames::error(&refused).into();
                let _ = queue.send(Outgoing::Frame(frame)).await; // who asked may be gone
            }
            drop(seat);
        });
        Ok(())
    }

    async fn ask(&self, ask: Ask) -> Result<(), Refused> {
        let asked = self.house.asks.send(ask).await;
        asked.map_err(|_| Refused::new("unavailable", "the server is stopping", None))
    }

    /// Waits while the client does not read: what it asks for is answered at its own pace.
    async fn answer(&self, frame: String) {
        let _ = self.line.queue.send(Outgoing::Frame(frame.into())).await;
    }
}

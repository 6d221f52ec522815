//! One client's socket: frames in, frames out.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use crate::domain::served::Channel;
use crate::io::web::gate::{LOCAL, USUAL_PURPOSE};
use crate::io::web::hub::Ask;
use crate::io::web::line::{self, Line, Outgoing, Waiting};
use crate::io::web::{House, now, until};
use crate::io::wire::live::frames;
use crate::io::wire::live::{self, Asked, LONGEST_FRAME, Refused, Subscribe};
use crate::serve::Filter;

/// Subscriptions of one client.
const MOST_SUBSCRIPTIONS: usize = 64;
/// Records of one page of a snapshot.
const PAGE: usize = 200;
/// A client that takes nothing for this long is gone.
const WRITE_WITHIN: Duration = Duration::from_secs(30);
/// How long a farewell may take.
const CLOSE_WITHIN: Duration = Duration::from_secs(10);

type Farewell = Option<(u16, &'static str)>;

/// Makes a socket of a request, while there is room.
pub(super) async fn upgrade(State(house): State<Arc<House>>, socket: WebSocketUpgrade) -> Response {
    let Ok(seat) = Arc::clone(&house.sockets).try_acquire_owned() else {
        let why = "too many screens: try again\n";
        return (StatusCode::SERVICE_UNAVAILABLE, why).into_response();
    };
    // Longer ones than are allowed get here, so that the client learns why.
    socket
        .max_message_size(4 * LONGEST_FRAME)
        .max_frame_size(4 * LONGEST_FRAME)
        .on_upgrade(async move |socket| {
            attend(&house, socket).await;
            drop(seat);
        })
}

async fn attend(house: &House, socket: WebSocket) {
    let client = house.next_client.fetch_add(1, Ordering::Relaxed);
    let (mut sink, stream) = socket.split();
    let (line, outgoing) = line::pair();
    let hello = frames::hello(now(), MOST_SUBSCRIPTIONS);
    let is_new = line.queue.try_send(Outgoing::Frame(hello)).is_ok();
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
        line: &line,
        subs: BTreeSet::new(),
    };
    let stop = house.stop.clone();
    let farewell = tokio::select! {
        farewell = visit.listen(stream) => farewell,
        farewell = speak(&mut sink, outgoing, &line.waiting, stop) => farewell,
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
    house: &'a House,
    client: u64,
    line: &'a Line,
    subs: BTreeSet<String>,
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
            Asked::Command(wish) => self.house.desk.take(&wish).map(|_| ()),
            Asked::Credit { n } => {
                if n > 0 {
                    self.line.waiting.credit();
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
        let permit = self.house.gate.read(LOCAL, USUAL_PURPOSE, &what);
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

    async fn ask(&self, ask: Ask) -> Result<(), Refused> {
        let asked = self.house.asks.send(ask).await;
        asked.map_err(|_| Refused::new("unavailable", "the server is stopping", None))
    }

    /// Waits while the client does not read: what it asks for is answered at its own pace.
    async fn answer(&self, frame: String) {
        let _ = self.line.queue.send(Outgoing::Frame(frame)).await;
    }
}

/// Writes until the client is gone, too slow, or the server stops.
async fn speak(
    sink: &mut SplitSink<WebSocket, Message>,
    mut outgoing: mpsc::Receiver<Outgoing>,
    waiting: &Waiting,
    stop: watch::Receiver<bool>,
) -> Farewell {
    let mut end = pin!(end(waiting, stop));
    loop {
        let mut frames = tokio::select! {
            biased;
            farewell = &mut end => return Some(farewell),
            next = outgoing.recv() => Pages::of(next?),
            frames = waiting.next() => Pages::Frames(frames.into_iter()),
        };
        while let Some(frame) = frames.next() {
            let sending = timeout(WRITE_WITHIN, sink.send(Message::Text(frame.into())));
            tokio::select! {
                biased;
                farewell = &mut end => return Some(farewell),
                sent = sending => match sent {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => return None,
                    Err(_) => return Some(SLOW),
                },
            }
        }
    }
}

const SLOW: (u16, &str) = (close_code::AGAIN, "too slow: connect again and resume");

async fn end(waiting: &Waiting, mut stop: watch::Receiver<bool>) -> (u16, &'static str) {
    tokio::select! {
        () = waiting.overflowed() => SLOW,
        () = until(&mut stop) => (close_code::AWAY, "the server is stopping"),
    }
}

/// Frames that are made as they are sent.
enum Pages {
    Frames(std::vec::IntoIter<String>),
    Out(Option<Outgoing>, usize),
}

impl Pages {
    fn of(outgoing: Outgoing) -> Self {
        Self::Out(Some(outgoing), 0)
    }

    fn next(&mut self) -> Option<String> {
        let (outgoing, page) = match self {
            Self::Frames(frames) => return frames.next(),
            Self::Out(outgoing, page) => (outgoing, page),
        };
        match outgoing.take()? {
            Outgoing::Frame(frame) => Some(frame),
            Outgoing::Record {
                channel,
                sub,
                resume,
                record,
            } => Some(frames::record(
                channel,
                &sub,
                resume.as_deref(),
                &record.data,
            )),
            Outgoing::Snapshot {
                channel,
                sub,
                records,
            } => {
                let from = *page * PAGE;
                let to = records.len().min(from + PAGE);
                let is_last = to == records.len();
                let rows = records.get(from..to).unwrap_or_default();
                let frame = frames::snapshot(&sub, channel, rows, is_last);
                *page += 1;
                if !is_last {
                    *outgoing = Some(Outgoing::Snapshot {
                        channel,
                        sub,
                        records,
                    });
                }
                Some(frame)
            }
            Outgoing::Missed { sub, mut records } => {
                let (resume, record) = records.pop_front()?;
                let frame = frames::record(Channel::Alerts, &sub, Some(&resume), &record.data);
                *outgoing = Some(Outgoing::Missed { sub, records });
                Some(frame)
            }
        }
    }
}

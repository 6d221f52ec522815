//! The writing half of a socket: waits for one thing to say, takes all that wait, and flushes once. The
//! cost of a frame is the system call that writes it.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::ws::{Message, Utf8Bytes, WebSocket, close_code};
use futures_util::SinkExt;
use futures_util::stream::SplitSink;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use crate::domain::served::{Channel, Served};
use crate::io::web::House;
use crate::io::web::follow::{Following, Lost};
use crate::io::web::line::{Outgoing, Waiting};
use crate::io::web::live::Farewell;
use crate::io::web::until;
use crate::io::wire::live::frames;

/// Records, and about as many bytes of them, of one page of a snapshot.
const PAGE: (usize, usize) = (200, 256 * 1024);
/// Bytes that are written before they are flushed.
const ROUND: usize = 128 * 1024;
/// A client that takes nothing for this long is gone.
const WRITE_WITHIN: Duration = Duration::from_secs(30);
/// What each client adds to the pause between two flushes of any of them, so that a full house does
/// about twenty thousand a second and the records in between share one; a critical alert waits for none.
const PAUSE_A_CLIENT: Duration = Duration::from_micros(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

const SLOW: (u16, &str) = (close_code::AGAIN, "too slow: connect again and resume");

/// Writes until the client is gone, too slow, or the server stops.
pub(super) async fn speak(
    house: &House,
    sink: &mut SplitSink<WebSocket, Message>,
    mut outgoing: mpsc::Receiver<Outgoing>,
    waiting: &Waiting,
) -> Farewell {
    let mut end = pin!(end(house, waiting));
    let mut pause = pin!(sleep(Duration::ZERO));
    let mut speaker = Speaker {
        house,
        sink,
        waiting,
        following: Following::default(),
        unflushed: 0,
    };
    let mut is_more = false;
    loop {
        let first = tokio::select! {
            biased;
            farewell = &mut end => return Some(farewell),
            next = outgoing.recv() => Some(next?),
            () = waiting.stirred() => None,
            () = async {}, if is_more => None,
        };
        tokio::select! {
            biased;
            farewell = &mut end => return Some(farewell),
            () = waiting.urged() => {}
            () = &mut pause => {}
        }
        let told = tokio::select! {
            biased;
            farewell = &mut end => return Some(farewell),
            told = speaker.turn(first, &mut outgoing) => told,
        };
        match told {
            Ok(more) => is_more = more,
            Err(farewell) => return farewell,
        }
        let clients = u32::try_from(house.open_sockets()).unwrap_or(u32::MAX);
        pause.set(sleep(
            PAUSE_A_CLIENT.saturating_mul(clients).min(LONGEST_PAUSE),
        ));
    }
}

async fn end(house: &House, waiting: &Waiting) -> (u16, &'static str) {
    let mut stop = house.stop.clone();
    tokio::select! {
        () = waiting.overflowed() => SLOW,
        () = until(&mut stop) => (close_code::AWAY, "the server is stopping"),
    }
}

struct Speaker<'a> {
    house: &'a House,
    sink: &'a mut SplitSink<WebSocket, Message>,
    waiting: &'a Waiting,
    following: Following,
    unflushed: usize,
}

impl Speaker<'_> {
    /// Everything that waits, and one flush; true where there is more to be had at once.
    async fn turn(
        &mut self,
        first: Option<Outgoing>,
        outgoing: &mut mpsc::Receiver<Outgoing>,
    ) -> Result<bool, Farewell> {
        let mut next = first.or_else(|| outgoing.try_recv().ok());
        while let Some(item) = next {
            match item {
                Outgoing::Follow { sub, followed } => self.following.follow(sub, *followed),
                Outgoing::Unfollow { sub } => self.following.unfollow(&sub),
                Outgoing::Frame(frame) => self.put(frame).await?,
                Outgoing::Snapshot {
                    channel,
                    sub,
                    records,
                } => self.snapshot(channel, &sub, &records).await?,
                Outgoing::Missed { sub, records } => {
                    for (resume, record) in records {
                        let alert = &record.data;
                        let frame = frames::record(Channel::Alerts, &sub, Some(&resume), alert);
                        self.put(frame.into()).await?;
                    }
                }
            }
            next = outgoing.try_recv().ok();
        }
        for frame in self.waiting.take() {
            self.put(frame).await?;
        }
        if self.waiting.take_credit() {
            self.following.credit();
        }
        let turn = self.following.turn(&self.house.picture);
        let turn = turn.map_err(|Lost| Some(SLOW))?;
        for frame in turn.frames {
            self.put(frame).await?;
        }
        self.flush().await?;
        Ok(turn.is_more)
    }

    /// Page by page, as the client takes them.
    async fn snapshot(
        &mut self,
        channel: Channel,
        sub: &str,
        records: &[Arc<Served>],
    ) -> Result<(), Farewell> {
        let mut rest = records;
        loop {
            let mut bytes = 0;
            let fits = rest.iter().take(PAGE.0).take_while(|record| {
                let is_first = bytes == 0;
                bytes += record.data.len();
                is_first || bytes <= PAGE.1
            });
            let (page, after) = rest.split_at(fits.count());
            let frame = frames::snapshot(sub, channel, page, after.is_empty());
            self.put(frame.into()).await?;
            rest = after;
            if rest.is_empty() {
                return Ok(());
            }
        }
    }

    async fn put(&mut self, frame: Utf8Bytes) -> Result<(), Farewell> {
        self.unflushed += frame.len();
        self.house.counts.frames.fetch_add(1, Ordering::Relaxed);
        let feeding = timeout(WRITE_WITHIN, self.sink.feed(Message::Text(frame)));
        settled(&feeding.await)?;
        if self.unflushed >= ROUND {
            self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), Farewell> {
        if std::mem::take(&mut self.unflushed) > 0 {
            self.house.counts.flushes.fetch_add(1, Ordering::Relaxed);
            settled(&timeout(WRITE_WITHIN, self.sink.flush()).await)?;
        }
        Ok(())
    }
}

fn settled<L, E>(outcome: &Result<Result<(), E>, L>) -> Result<(), Farewell> {
    match outcome {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(None),
        Err(_) => Err(Some(SLOW)),
    }
}

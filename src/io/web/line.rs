//! What is on its way to one client: a bounded queue of what must not be lost, and the newest of what
//! everybody is told now and then. Positions and incidents wait nowhere: see `follow`.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::ws::Utf8Bytes;
use tokio::sync::{Notify, mpsc};

use crate::domain::report::Text;
use crate::domain::served::{Channel, Served};
use crate::io::web::follow::Followed;
use crate::io::wire::live::frames;

/// Frames that may wait for a client that reads slowly. Who has more is closed, and resumes.
pub(super) const LONGEST_QUEUE: usize = 1024;

/// What goes out in order.
pub(super) enum Outgoing {
    /// A frame; its bytes are shared by every client that gets the same.
    Frame(Utf8Bytes),
    /// What holds now on one channel; its pages are made as the client takes them.
    Snapshot {
        channel: Channel,
        sub: Text,
        records: Vec<Arc<Served>>,
    },
    /// Alerts that the client was away for, each with the token to go on from.
    Missed {
        sub: Text,
        records: VecDeque<(Text, Arc<Served>)>,
    },
    /// From here on a subscription follows subjects.
    Follow { sub: Text, followed: Box<Followed> },
    /// From here on it no longer does.
    Unfollow { sub: Text },
}

/// The hub's end.
#[derive(Clone)]
pub(super) struct Line {
    pub(super) queue: mpsc::Sender<Outgoing>,
    pub(super) waiting: Arc<Waiting>,
}

/// A client's line, and the end that it is written from.
pub(super) fn pair() -> (Line, mpsc::Receiver<Outgoing>) {
    let (queue, outgoing) = mpsc::channel(LONGEST_QUEUE);
    let waiting = Arc::new(Waiting::default());
    (Line { queue, waiting }, outgoing)
}

/// Frames of which only the newest counts, and bells.
#[derive(Default)]
pub(super) struct Waiting {
    latest: Mutex<Latest>,
    /// The client has applied the last frame of positions.
    credit: AtomicBool,
    news: Notify,
    urgent: Notify,
    overflow: Notify,
}

#[derive(Default)]
struct Latest {
    heartbeat: Option<Text>,
    storm: Option<Text>,
    fences_changed: bool,
}

impl Waiting {
    pub(super) fn beat(&self, heartbeat: &Text) {
        self.lock().heartbeat = Some(Arc::clone(heartbeat));
        self.stir();
    }

    pub(super) fn storm(&self, storm: &Text) {
        self.lock().storm = Some(Arc::clone(storm));
        self.stir();
    }

    pub(super) fn fences_changed(&self) {
        self.lock().fences_changed = true;
        self.stir();
    }

    /// There may be news of subjects that are followed.
    pub(super) fn stir(&self) {
        self.news.notify_one();
    }

    pub(super) async fn stirred(&self) {
        self.news.notified().await;
    }

    /// What is in the queue cannot wait for more to come.
    pub(super) fn urge(&self) {
        self.urgent.notify_one();
    }

    pub(super) async fn urged(&self) {
        self.urgent.notified().await;
    }

    /// The client has applied the last frame of positions.
    pub(super) fn give_credit(&self) {
        self.credit.store(true, Ordering::Relaxed);
        self.stir();
    }

    /// Whether it has, since this was asked last.
    pub(super) fn take_credit(&self) -> bool {
        self.credit.swap(false, Ordering::Relaxed)
    }

    /// The queue was full: the client is to go, and to come back.
    pub(super) fn overflow(&self) {
        self.overflow.notify_one();
    }

    pub(super) async fn overflowed(&self) {
        self.overflow.notified().await;
    }

    /// What waits.
    pub(super) fn take(&self) -> Vec<Utf8Bytes> {
        let latest = std::mem::take(&mut *self.lock());
        let texts = [latest.heartbeat, latest.storm].into_iter().flatten();
        let mut frames: Vec<_> = texts
            .map(|text| Utf8Bytes::from(text.to_string()))
            .collect();
        if latest.fences_changed {
            frames.push(frames::bare("fences_changed").into());
        }
        frames
    }

    fn lock(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! What is on its way to one client: a bounded queue of what must not be lost, and the newest of
//! everything else.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, mpsc};

use crate::domain::report::Text;
use crate::domain::served::{Channel, Served};
use crate::io::wire::live::frames;

/// Frames that may wait for a client that reads slowly. Who has more is closed, and resumes.
pub(super) const LONGEST_QUEUE: usize = 1024;
/// Records of one frame of positions.
const POSITIONS_A_FRAME: usize = 500;
/// Frames about incidents that are taken at a time.
const INCIDENTS_A_TURN: usize = 100;

/// What goes out in order.
pub(super) enum Outgoing {
    /// A frame.
    Frame(String),
    /// A record that every subscription shares.
    Record {
        channel: Channel,
        sub: Text,
        resume: Option<Text>,
        record: Arc<Served>,
    },
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

/// Frames of which only the newest counts.
#[derive(Default)]
pub(super) struct Waiting {
    latest: Mutex<Latest>,
    news: Notify,
    overflow: Notify,
}

#[derive(Default)]
struct Latest {
    positions: BTreeMap<Text, Coalesced>,
    incidents: BTreeMap<Text, Coalesced>,
    heartbeat: Option<Text>,
    fences_changed: bool,
    /// A frame of positions was sent and not acknowledged.
    is_owed: bool,
    /// The subscription whose positions went out last.
    last: Text,
}

/// The newest record of each subject, in the order in which they began to wait; `None` where the
/// subject is gone.
#[derive(Default)]
struct Coalesced {
    order: VecDeque<Text>,
    newest: BTreeMap<Text, Option<Text>>,
}

impl Waiting {
    /// The newest of `subject`; `None` when it is gone.
    pub(super) fn put(&self, channel: Channel, sub: &Text, subject: &Text, data: Option<&Text>) {
        let mut latest = self.lock();
        let held = if channel == Channel::Incidents {
            &mut latest.incidents
        } else {
            &mut latest.positions
        };
        let held = held.entry(Arc::clone(sub)).or_default();
        held.put(subject, data);
        drop(latest);
        self.news.notify_one();
    }

    pub(super) fn beat(&self, heartbeat: &Text) {
        self.lock().heartbeat = Some(Arc::clone(heartbeat));
        self.news.notify_one();
    }

    pub(super) fn fences_changed(&self) {
        self.lock().fences_changed = true;
        self.news.notify_one();
    }

    /// Nothing more of a subscription.
    pub(super) fn drop_sub(&self, sub: &str) {
        let mut latest = self.lock();
        latest.positions.remove(sub);
        latest.incidents.remove(sub);
    }

    /// The client has applied the last frame of positions.
    pub(super) fn credit(&self) {
        self.lock().is_owed = false;
        self.news.notify_one();
    }

    /// The queue was full: the client is to go, and to come back.
    pub(super) fn overflow(&self) {
        self.overflow.notify_one();
    }

    pub(super) async fn overflowed(&self) {
        self.overflow.notified().await;
    }

    /// The next frames, as soon as there are any.
    pub(super) async fn next(&self) -> Vec<String> {
        loop {
            let frames = self.lock().take();
            if !frames.is_empty() {
                return frames;
            }
            self.news.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Latest {
    fn take(&mut self) -> Vec<String> {
        let mut frames = Vec::new();
        if let Some(heartbeat) = self.heartbeat.take() {
            frames.push(heartbeat.to_string());
        }
        if std::mem::take(&mut self.fences_changed) {
            frames.push(frames::bare("fences_changed"));
        }
        self.take_incidents(&mut frames);
        if !self.is_owed {
            self.take_positions(&mut frames);
        }
        frames
    }

    fn take_incidents(&mut self, frames: &mut Vec<String>) {
        for (sub, held) in &mut self.incidents {
            for _ in 0..INCIDENTS_A_TURN {
                let Some((subject, data)) = held.pop() else {
                    break;
                };
                frames.push(match data {
                    Some(data) => frames::record(Channel::Incidents, sub, None, &data),
                    None => frames::removed(sub, &subject),
                });
            }
        }
        self.incidents.retain(|_, held| !held.order.is_empty());
    }

    /// One frame of the subscription whose turn it is.
    fn take_positions(&mut self, frames: &mut Vec<String>) {
        self.positions.retain(|_, held| !held.order.is_empty());
        let after = |sub: &Text| *sub > self.last;
        let next = self.positions.keys().find(|sub| after(sub));
        let Some(sub) = next.or_else(|| self.positions.keys().next()).cloned() else {
            return;
        };
        let Some(held) = self.positions.get_mut(&sub) else {
            return;
        };
        let mut records = Vec::new();
        for _ in 0..POSITIONS_A_FRAME {
            match held.pop() {
                Some((_, Some(data))) => records.push(data),
                Some((subject, None)) => frames.push(frames::removed(&sub, &subject)),
                None => break,
            }
        }
        if !records.is_empty() {
            frames.push(frames::positions(&sub, &records));
            self.is_owed = true;
        }
        self.last = sub;
    }
}

impl Coalesced {
    fn put(&mut self, subject: &Text, data: Option<&Text>) {
        let newest = self.newest.insert(Arc::clone(subject), data.cloned());
        if newest.is_none() {
            self.order.push_back(Arc::clone(subject));
        }
    }

    fn pop(&mut self) -> Option<(Text, Option<Text>)> {
        let subject = self.order.pop_front()?;
        let data = self.newest.remove(&subject).flatten();
        Some((subject, data))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_frame_of_the_newest_waits_for_credit_and_each_subscription_has_its_turn() {
        let waiting = Waiting::default();
        let text = |text: &str| Text::from(text);
        let put = |sub: &str, subject: &str, data: &str| {
            let data = text(data);
            waiting.put(Channel::Positions, &text(sub), &text(subject), Some(&data));
        };
        put("s1", "A", "1");
        put("s1", "A", "2");
        put("s2", "B", "3");
        let take = || waiting.lock().take();
        assert_eq!(take(), [r#"{"type":"positions","sub":"s1","data":[2]}"#]);
        put("s1", "A", "4");
        assert_eq!(take(), Vec::<String>::new());
        waiting.credit();
        assert_eq!(take(), [r#"{"type":"positions","sub":"s2","data":[3]}"#]);
        waiting.put(Channel::Positions, &text("s1"), &text("A"), None);
        waiting.credit();
        assert_eq!(take(), [r#"{"type":"removed","sub":"s1","subject":"A"}"#]);
    }
}

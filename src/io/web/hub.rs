//! The one task that owns the read model: it takes in records and hands each to who asked for it. It
//! never waits for a client.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{MissedTickBehavior, interval};

use crate::domain::report::Text;
use crate::domain::served::{Channel, Served};
use crate::io::web::gate::Permit;
use crate::io::web::line::{Line, Outgoing};
use crate::io::web::{now, until};
use crate::io::wire::live::frames::{self, FeedLine};
use crate::io::wire::live::{self, Refused};
use crate::io::wire::served;
use crate::serve::{Bounds, Change, FeedTopic, Filter, ReadModel, Update};

const HEARTBEAT: Duration = Duration::from_secs(15);

/// What clients want of the hub.
pub(super) enum Ask {
    /// A socket is there.
    Join { client: u64, line: Line },
    /// It is gone.
    Leave { client: u64 },
    /// It wants to follow something.
    Subscribe {
        client: u64,
        request: Box<live::Subscribe>,
        filter: Box<Filter>,
        permit: Permit,
    },
    /// It no longer does.
    Unsubscribe { client: u64, sub: String },
    /// Somebody wants to know something once.
    Read {
        part: Part,
        permit: Permit,
        reply: oneshot::Sender<Vec<Arc<Served>>>,
    },
}

/// What can be read at once.
pub(super) enum Part {
    /// Fences as drawn.
    Fences,
    /// What some channels hold now.
    Now(Vec<Channel>, Filter),
}

/// What went wrong so far, for the metrics.
#[derive(Default)]
pub(super) struct Counts {
    clients: AtomicU64,
    closed_slow: AtomicU64,
    unreadable: AtomicU64,
    refused: AtomicU64,
}

impl Counts {
    /// The lines of the hub in the text format of Prometheus.
    pub(super) fn lines(&self) -> String {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        format!(
            "# TYPE cordon_sockets_open gauge\ncordon_sockets_open {}\n\
             # TYPE cordon_sockets_closed_total counter\ncordon_sockets_closed_total{{reason=\"behind\"}} {}\n\
             # TYPE cordon_serve_unreadable_total counter\ncordon_serve_unreadable_total {}\n\
             # TYPE cordon_serve_beyond_bounds_total counter\ncordon_serve_beyond_bounds_total {}\n",
            read(&self.clients),
            read(&self.closed_slow),
            read(&self.unreadable),
            read(&self.refused),
        )
    }
}

struct Client {
    line: Line,
    subs: BTreeMap<Text, Sub>,
}

struct Sub {
    channels: BTreeSet<Channel>,
    filter: Filter,
}

pub(super) struct Hub {
    model: ReadModel,
    clients: BTreeMap<u64, Client>,
    /// What cannot be answered before the model has caught up.
    parked: Vec<Ask>,
    is_ready: bool,
    chapter: Arc<dyn Fn() -> Option<String> + Send + Sync>,
    counts: Arc<Counts>,
}

impl Hub {
    pub(super) fn new(
        chapter: Arc<dyn Fn() -> Option<String> + Send + Sync>,
        counts: Arc<Counts>,
    ) -> Self {
        Self {
            model: ReadModel::new(Bounds::default()),
            clients: BTreeMap::new(),
            parked: Vec::new(),
            is_ready: false,
            chapter,
            counts,
        }
    }

    /// Runs until `shutdown`, or until nobody can ask any more.
    pub(super) async fn run(
        mut self,
        mut asked: mpsc::Receiver<Ask>,
        mut updates: mpsc::Receiver<Update>,
        mut caught_up: watch::Receiver<bool>,
        mut shutdown: watch::Receiver<bool>,
    ) {
        let mut beat = interval(HEARTBEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_fed = true;
        let mut can_catch_up = true;
        loop {
            tokio::select! {
                ask = asked.recv() => match ask {
                    Some(ask) => self.hear(ask),
                    None => return,
                },
                update = updates.recv(), if is_fed => match update {
                    Some(update) => self.take_in(&update),
                    None => is_fed = false,
                },
                caught = caught_up.wait_for(|is| *is), if !self.is_ready && can_catch_up => {
                    can_catch_up = caught.is_ok();
                    drop(caught);
                    if can_catch_up {
                        self.open(&mut updates);
                    }
                },
                _ = beat.tick() => self.beat(),
                () = until(&mut shutdown) => return,
            }
        }
    }

    /// The picture is whole: whoever waited for it is answered.
    fn open(&mut self, updates: &mut mpsc::Receiver<Update>) {
        // What was caught up with may still wait in the channel.
        for _ in 0..updates.len() {
            if let Ok(update) = updates.try_recv() {
                self.take_in(&update);
            }
        }
        self.is_ready = true;
        for ask in std::mem::take(&mut self.parked) {
            self.hear(ask);
        }
    }

    fn hear(&mut self, ask: Ask) {
        match ask {
            Ask::Join { client, line } => {
                let subs = BTreeMap::new();
                self.clients.insert(client, Client { line, subs });
            }
            Ask::Leave { client } => {
                self.clients.remove(&client);
                self.parked.retain(|ask| ask.client() != Some(client));
            }
            Ask::Unsubscribe { client, sub } => {
                self.parked.retain(|ask| !ask.is_for(client, &sub));
                if let Some(client) = self.clients.get_mut(&client) {
                    client.subs.remove(sub.as_str());
                    client.line.waiting.drop_sub(&sub);
                }
            }
            ask @ (Ask::Subscribe { .. } | Ask::Read { .. }) if !self.is_ready => {
                self.parked.push(ask);
            }
            Ask::Subscribe {
                client,
                request,
                filter,
                permit,
            } => {
                permit.spend();
                if self.subscribe(client, &request, *filter).is_none() {
                    self.part_with(client);
                }
            }
            Ask::Read {
                part,
                permit,
                reply,
            } => {
                permit.spend();
                // Who asked may be gone.
                let _ = reply.send(self.read(&part));
            }
        }
        self.count();
    }

    fn read(&self, part: &Part) -> Vec<Arc<Served>> {
        match part {
            Part::Fences => self.model.fences().cloned().collect(),
            Part::Now(channels, filter) => {
                let all = channels.iter().flat_map(|&channel| self.model.now(channel));
                all.filter(|record| filter.allows(record))
                    .cloned()
                    .collect()
            }
        }
    }

    /// Sends what holds now and puts the client on the list; `None` where its queue is full.
    fn subscribe(&mut self, id: u64, request: &live::Subscribe, filter: Filter) -> Option<()> {
        let heartbeat = self.heartbeat();
        let client = self.clients.get_mut(&id)?;
        let sub = Text::from(request.id.as_str());
        client.line.waiting.drop_sub(&sub);
        let push = |outgoing| client.line.queue.try_send(outgoing).ok();
        let resume = Text::from(self.model.point().to_string());
        let token = request.resume.as_ref();
        let missed = token.map(|token| {
            let point = token.parse().ok();
            point.and_then(|point| self.model.since(&point))
        });
        if matches!(missed, Some(None)) {
            let detail = "too much has happened since: here is what holds now";
            let refused = Refused::new("resume_expired", detail, Some(request.id.clone()));
            push(Outgoing::Frame(frames::error(&refused)))?;
        }
        let missed = missed.flatten();
        for &channel in &request.channels {
            let passes = matches!(channel, Channel::Transitions | Channel::Cells);
            if passes || (channel == Channel::Alerts && missed.is_some()) {
                continue;
            }
            let records = self.model.now(channel);
            let records = records.filter(|record| filter.allows(record)).cloned();
            push(Outgoing::Snapshot {
                channel,
                sub: Arc::clone(&sub),
                records: records.collect(),
            })?;
        }
        if request.channels.contains(&Channel::Alerts) {
            let missed = missed.into_iter().flatten();
            let missed = missed.filter(|(_, alert)| filter.allows(alert));
            let missed = missed.map(|(point, alert)| (Text::from(point.to_string()), alert));
            push(Outgoing::Missed {
                sub: Arc::clone(&sub),
                records: missed.collect(),
            })?;
        }
        push(Outgoing::Frame(frames::live(&sub, &resume)))?;
        client.line.waiting.beat(&heartbeat);
        let channels = request.channels.iter().copied().collect();
        client.subs.insert(sub, Sub { channels, filter });
        Some(())
    }

    fn take_in(&mut self, update: &Update) {
        let served = update
            .value
            .as_deref()
            .map(|bytes| read(update.topic, bytes));
        let Ok(served) = served.transpose() else {
            self.counts.unreadable.fetch_add(1, Ordering::Relaxed);
            return;
        };
        for change in self.model.apply(update, served) {
            self.hand_out(&change);
        }
        self.counts
            .refused
            .store(self.model.refused(), Ordering::Relaxed);
    }

    fn hand_out(&mut self, change: &Change) {
        let resume = Text::from(self.model.point().to_string());
        let mut slow = Vec::new();
        for (&id, client) in &self.clients {
            let handed = match change {
                Change::Record { before, now } => client.hand(before.as_deref(), now, &resume),
                Change::Gone(before) => {
                    client.miss(before);
                    Some(())
                }
                Change::Fences => {
                    client.line.waiting.fences_changed();
                    Some(())
                }
            };
            if handed.is_none() {
                slow.push(id);
            }
        }
        for id in slow {
            self.part_with(id);
        }
    }

    /// A client whose queue is full must not hold up the others, nor lose an alert unawares.
    fn part_with(&mut self, id: u64) {
        if let Some(client) = self.clients.remove(&id) {
            client.line.waiting.overflow();
            self.counts.closed_slow.fetch_add(1, Ordering::Relaxed);
            self.count();
        }
    }

    fn beat(&mut self) {
        self.model.forget(now());
        let heartbeat = self.heartbeat();
        for client in self.clients.values() {
            client.line.waiting.beat(&heartbeat);
        }
    }

    fn heartbeat(&self) -> Text {
        let now = now();
        let feeds: Vec<_> = self
            .model
            .feeds()
            .map(|(name, age)| FeedLine {
                name,
                at: age.at,
                lag_s: age.received.since(age.at).as_secs_f64(),
                age_s: now.since(age.heard).as_secs_f64(),
            })
            .collect();
        frames::heartbeat(now, &feeds, (self.chapter)().as_deref()).into()
    }

    fn count(&self) {
        let clients = u64::try_from(self.clients.len()).unwrap_or(u64::MAX);
        self.counts.clients.store(clients, Ordering::Relaxed);
    }
}

impl Client {
    /// Hands a record to each subscription that is about it, or was about the one before; `None` where
    /// the queue is full.
    fn hand(&self, before: Option<&Served>, now: &Arc<Served>, resume: &Text) -> Option<()> {
        let channel = now.what.channel()?;
        for (sub, wants) in &self.subs {
            if !wants.channels.contains(&channel) {
                continue;
            }
            let is_about = wants.filter.allows(now);
            let was_about = before.is_some_and(|before| wants.filter.allows(before));
            if !is_about && !was_about {
                continue;
            }
            if matches!(channel, Channel::Positions | Channel::Incidents) {
                let data = is_about.then_some(&now.data);
                self.line.waiting.put(channel, sub, &now.id, data);
                continue;
            }
            // An alert that leaves the filter is told once more, or it would stay as it was.
            let is_alert = channel == Channel::Alerts;
            let outgoing = Outgoing::Record {
                channel,
                sub: Arc::clone(sub),
                resume: is_alert.then(|| Arc::clone(resume)),
                record: Arc::clone(now),
            };
            self.line.queue.try_send(outgoing).ok()?;
        }
        Some(())
    }

    fn miss(&self, before: &Served) {
        let Some(channel) = before.what.channel() else {
            return;
        };
        for (sub, wants) in &self.subs {
            if wants.channels.contains(&channel) && wants.filter.allows(before) {
                self.line.waiting.put(channel, sub, &before.id, None);
            }
        }
    }
}

impl Ask {
    fn client(&self) -> Option<u64> {
        match self {
            Self::Join { client, .. }
            | Self::Leave { client }
            | Self::Subscribe { client, .. }
            | Self::Unsubscribe { client, .. } => Some(*client),
            Self::Read { .. } => None,
        }
    }

    fn is_for(&self, by: u64, sub: &str) -> bool {
        matches!(self, Self::Subscribe { client, request, .. } if *client == by && request.id == sub)
    }
}

fn read(topic: FeedTopic, bytes: &[u8]) -> Result<Served, served::Unreadable> {
    match topic {
        FeedTopic::Located => served::located(bytes),
        FeedTopic::Unplaced => served::unplaced(bytes),
        FeedTopic::Transitions => served::transition(bytes),
        FeedTopic::Alerts => served::alert(bytes),
        FeedTopic::Cells => served::cell(bytes),
        FeedTopic::Fences => served::fence(bytes),
    }
}

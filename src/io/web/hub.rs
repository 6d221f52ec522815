//! The one task that changes the read model: it takes in records and tells who asked for them. It never
//! waits for a client.

mod ask;
mod client;

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};

use crate::domain::report::Text;
use crate::domain::served::{Channel, Served};
use crate::io::web::counts::Counts;
use crate::io::web::follow::Followed;
use crate::io::web::line::Outgoing;
use crate::io::web::{now, until};
use crate::io::wire::live::frames::{self, FeedLine, StormLine};
use crate::io::wire::live::{self, Refused};
use crate::io::wire::served;
use crate::serve::{Change, FeedTopic, Filter, ResumePoint, Storm, StormWatch, Update};
use client::{Client, Shared, Sub};

pub(super) use ask::{Ask, Picture};

const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often a storm is told of.
const STORM_EVERY: Duration = Duration::from_secs(1);
/// Updates that are taken in at once; the picture is held from readers as long as that takes.
const UPDATES_AT_ONCE: usize = 256;

/// What the hub is made with.
pub(super) struct Hub {
    picture: Picture,
    clients: BTreeMap<u64, Client>,
    /// What cannot be answered before the model has caught up.
    parked: Vec<Ask>,
    is_ready: bool,
    storms: StormWatch,
    chapter: Arc<dyn Fn() -> Option<String> + Send + Sync>,
    counts: Arc<Counts>,
    /// Tells that alerts or incidents are not what they were.
    moved: watch::Sender<()>,
}

impl Hub {
    pub(super) fn new(
        picture: Picture,
        chapter: Arc<dyn Fn() -> Option<String> + Send + Sync>,
        counts: Arc<Counts>,
        moved: watch::Sender<()>,
    ) -> Self {
        Self {
            picture,
            clients: BTreeMap::new(),
            parked: Vec::new(),
            is_ready: false,
            storms: StormWatch::default(),
            chapter,
            counts,
            moved,
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
        let mut storm = interval(STORM_EVERY);
        storm.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_fed = true;
        let mut can_catch_up = true;
        let mut batch = Vec::with_capacity(UPDATES_AT_ONCE);
        loop {
            tokio::select! {
                ask = asked.recv() => match ask {
                    Some(ask) => self.hear(ask),
                    None => return,
                },
                taken = updates.recv_many(&mut batch, UPDATES_AT_ONCE), if is_fed => {
                    is_fed = taken > 0;
                    self.take_in(&mut batch);
                },
                caught = caught_up.wait_for(|is| *is), if !self.is_ready && can_catch_up => {
                    can_catch_up = caught.is_ok();
                    drop(caught);
                    if can_catch_up {
                        self.open(&mut updates);
                    }
                },
                _ = beat.tick() => self.beat(),
                _ = storm.tick() => self.tell_storm(),
                () = until(&mut shutdown) => return,
            }
        }
    }

    /// The picture is whole: whoever waited for it is answered.
    fn open(&mut self, updates: &mut mpsc::Receiver<Update>) {
        // What was caught up with may still wait in the channel.
        let mut left = Vec::new();
        for _ in 0..updates.len() {
            left.extend(updates.try_recv().ok());
        }
        self.take_in(&mut left);
        self.is_ready = true;
        for ask in std::mem::take(&mut self.parked) {
            self.hear(ask);
        }
    }

    fn hear(&mut self, ask: Ask) {
        match ask {
            Ask::Join { client, line } => {
                self.clients.insert(client, Client::new(line));
            }
            Ask::Leave { client } => {
                self.clients.remove(&client);
                self.parked.retain(|ask| ask.client() != client);
            }
            Ask::Unsubscribe { client: id, sub } => {
                self.parked.retain(|ask| !ask.is_for(id, &sub));
                if let Some(client) = self.clients.get_mut(&id)
                    && client.drop_sub(&sub).is_none()
                {
                    self.part_with(id);
                }
            }
            ask @ Ask::Subscribe { .. } if !self.is_ready => self.parked.push(ask),
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
        }
        self.count();
    }

    /// Sends what holds now and puts the client on the list; `None` where its queue is full.
    fn subscribe(&mut self, id: u64, request: &live::Subscribe, filter: Filter) -> Option<()> {
        let heartbeat = self.heartbeat();
        let storm = self.storms.current().map(words);
        let Some(client) = self.clients.get_mut(&id) else {
            return Some(());
        };
        client.drop_sub(&request.id)?;
        let sub = Text::from(request.id.as_str());
        let picture = self.picture.clone();
        let model = picture.read();
        let push = |outgoing| client.line.queue.try_send(outgoing).ok();
        let missed = request.resume.as_ref().map(|token| {
            let point: Option<ResumePoint> = token.parse().ok();
            point.and_then(|point| model.since(&point))
        });
        if matches!(missed, Some(None)) {
            let detail =
                "this token is too old, or of a stream that began anew: here is what holds now";
            let refused = Refused::new("resume_expired", detail, Some(request.id.clone()));
            push(Outgoing::Frame(frames::error(&refused).into()))?;
        }
        let missed = missed.flatten();
        let filter = Arc::new(filter);
        let mut followed = Followed::new(Arc::clone(&filter));
        for &channel in &request.channels {
            if channel == Channel::Alerts && missed.is_some() {
                continue;
            }
            let records = model.now(channel);
            let records = records.filter(|record| filter.allows(record)).cloned();
            let records: Vec<_> = records.collect();
            followed.channel(channel, &model, &records);
            push(Outgoing::Snapshot {
                channel,
                sub: Arc::clone(&sub),
                records,
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
        let resume = model.point().to_string();
        push(Outgoing::Frame(frames::live(&sub, &resume).into()))?;
        drop(model);
        if followed.is_needed() {
            push(Outgoing::Follow {
                sub: Arc::clone(&sub),
                followed: Box::new(followed),
            })?;
        }
        client.line.waiting.beat(&heartbeat);
        let channels = request.channels.iter().copied().collect();
        let sub_of = Sub { channels, filter };
        if let Some(storm) = storm.filter(|_| sub_of.channels.contains(&Channel::Alerts)) {
            client.line.waiting.storm(&storm.into());
        }
        client.add_sub(sub, sub_of);
        Some(())
    }

    /// Empties `batch` into the picture, then tells of it.
    fn take_in(&mut self, batch: &mut Vec<Update>) {
        let mut changes = Vec::new();
        {
            let mut model = self
                .picture
                .0
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            for update in batch.drain(..) {
                let served = update.value.as_deref();
                let served = served.map(|bytes| read(update.topic, bytes)).transpose();
                let Ok(served) = served else {
                    self.counts.unreadable.fetch_add(1, Ordering::Relaxed);
                    continue;
                };
                if let (true, Some(alert)) = (self.is_ready, &served) {
                    self.storms.hear(alert, update.received);
                }
                for change in model.apply(&update, served) {
                    changes.push((change, Text::from(model.point().to_string())));
                }
            }
            let refused = model.refused();
            self.counts.refused.store(refused, Ordering::Relaxed);
        }
        self.hand_out(&changes);
    }

    fn hand_out(&mut self, changes: &[(Change, Text)]) {
        let mut are_stirred = false;
        let mut slow = Vec::new();
        for (change, resume) in changes {
            let (now, channel) = match change {
                Change::Record { now, .. } => (now, now.what.channel()),
                Change::Gone(before) => (before, before.what.channel()),
                Change::Fences => {
                    let clients = self.clients.values();
                    clients.for_each(|client| client.line.waiting.fences_changed());
                    continue;
                }
            };
            if matches!(channel, Some(Channel::Positions | Channel::Incidents)) {
                are_stirred = true;
                continue;
            }
            let Change::Record { before, .. } = change else {
                continue;
            };
            let mut shared = Shared::new(before.as_deref(), now, resume);
            for (&id, client) in &self.clients {
                if client.hand(&mut shared).is_none() {
                    slow.push(id);
                }
            }
        }
        for id in slow {
            self.part_with(id);
        }
        if are_stirred {
            let clients = self.clients.values();
            clients.for_each(Client::stir);
        }
        if !changes.is_empty() {
            self.moved.send_replace(());
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
        let mut model = self
            .picture
            .0
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        model.forget(now());
        drop(model);
        let heartbeat = self.heartbeat();
        for client in self.clients.values() {
            client.line.waiting.beat(&heartbeat);
        }
    }

    fn tell_storm(&mut self) {
        if let Some(storm) = self.storms.tell(now()) {
            let frame = Text::from(words(storm));
            let clients = self.clients.values();
            let listeners = clients.filter(|client| client.hears(Channel::Alerts));
            listeners.for_each(|client| client.line.waiting.storm(&frame));
        }
    }

    fn heartbeat(&self) -> Text {
        let now = now();
        let feeds: Vec<_> = self
            .picture
            .read()
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

fn words(storm: Storm) -> String {
    let Storm {
        is_on,
        since,
        count,
        critical,
    } = storm;
    frames::storm(&StormLine {
        is_on,
        since,
        count,
        critical,
    })
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

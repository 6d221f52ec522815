//! One client, as the hub knows it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;

use crate::domain::alert::Severity;
use crate::domain::report::Text;
use crate::domain::served::{Channel, Served, What};
use crate::io::web::line::{Line, Outgoing};
use crate::io::wire::live::frames;
use crate::serve::Filter;

pub(super) struct Client {
    pub(super) line: Line,
    subs: BTreeMap<Text, Sub>,
    follows: bool,
}

/// What a subscription is about.
pub(super) struct Sub {
    pub(super) channels: BTreeSet<Channel>,
    pub(super) filter: Arc<Filter>,
}

/// A record for many clients. It is encoded once for each name that they have for their subscriptions,
/// which mostly is one.
pub(super) struct Shared<'a> {
    before: Option<&'a Served>,
    now: &'a Served,
    resume: &'a str,
    frames: BTreeMap<Text, Utf8Bytes>,
}

impl<'a> Shared<'a> {
    pub(super) fn new(before: Option<&'a Served>, now: &'a Served, resume: &'a str) -> Self {
        Self {
            before,
            now,
            resume,
            frames: BTreeMap::new(),
        }
    }

    fn frame(&mut self, channel: Channel, sub: &Text) -> Utf8Bytes {
        if let Some(frame) = self.frames.get(sub) {
            return frame.clone();
        }
        let resume = (channel == Channel::Alerts).then_some(self.resume);
        let frame = frames::record(channel, sub, resume, &self.now.data);
        let frame = Utf8Bytes::from(frame);
        self.frames.insert(Arc::clone(sub), frame.clone());
        frame
    }

    fn is_urgent(&self) -> bool {
        matches!(self.now.what, What::Alert { severity, .. } if severity == Severity::Critical)
    }
}

impl Client {
    pub(super) fn new(line: Line) -> Self {
        Self {
            line,
            subs: BTreeMap::new(),
            follows: false,
        }
    }

    pub(super) fn add_sub(&mut self, id: Text, sub: Sub) {
        self.subs.insert(id, sub);
        self.follows = self.hears(Channel::Positions) || self.hears(Channel::Incidents);
    }

    /// Nothing more of a subscription; `None` where the queue is full.
    pub(super) fn drop_sub(&mut self, id: &str) -> Option<()> {
        if self.subs.remove(id).is_none() {
            return Some(());
        }
        self.follows = self.hears(Channel::Positions) || self.hears(Channel::Incidents);
        let unfollow = Outgoing::Unfollow { sub: id.into() };
        self.line.queue.try_send(unfollow).ok()
    }

    pub(super) fn hears(&self, channel: Channel) -> bool {
        let mut subs = self.subs.values();
        subs.any(|sub| sub.channels.contains(&channel))
    }

    /// There may be news of subjects.
    pub(super) fn stir(&self) {
        if self.follows {
            self.line.waiting.stir();
        }
    }

    /// Hands a record to each subscription that is about it, or was about the one before: an alert that
    /// leaves a filter is told once more, or it would stay as it was. `None` where the queue is full.
    pub(super) fn hand(&self, shared: &mut Shared<'_>) -> Option<()> {
        let channel = shared.now.what.channel()?;
        for (sub, wants) in &self.subs {
            if !wants.channels.contains(&channel) {
                continue;
            }
            let is_about = |record: &Served| wants.filter.allows(record);
            if !is_about(shared.now) && !shared.before.is_some_and(is_about) {
                continue;
            }
            let frame = Outgoing::Frame(shared.frame(channel, sub));
            self.line.queue.try_send(frame).ok()?;
            if shared.is_urgent() {
                self.line.waiting.urge();
            }
        }
        Some(())
    }
}

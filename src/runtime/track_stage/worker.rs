//! A worker: a thread that owns some shards, and all that their records go through.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::domain::time::Timestamp;
use crate::io::kafka::intake::Assignment;
use crate::io::kafka::{Offset, Partition, Record};
use crate::runtime::clock::{Every, now};
use crate::runtime::controls::ControlLog;
use crate::runtime::progress::Progress;
use crate::runtime::publish::Publisher;
use crate::runtime::track_stage::lanes::{self, Lane};
use crate::runtime::track_stage::shard::{Read, Shard};
use crate::runtime::track_stage::{COMMIT, OVERLOAD, READ_AHEAD, TICK, TrackStage};

/// Longest sleep: then acknowledgements are taken in, and what they allow is committed.
const SLEEP: Duration = COMMIT;

/// What the consumer tells a worker, in the order in which it came.
pub(super) enum Order {
    /// Records of its partitions.
    Records(Vec<Record>),
    /// Controls that came since the last ones.
    Controls(ControlLog),
    /// A partition is this worker's from now on.
    Assigned(Assignment),
    /// A partition is somebody else's; the answer is up to where its effects were handed over.
    Revoked(Partition, SyncSender<Option<i64>>),
}

/// What a worker tells the consumer.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Offsets that may be stored.
    pub(super) delivered: BTreeMap<Partition, i64>,
    /// The newest event time of each partition that is up to date.
    pub(super) newest: BTreeMap<Partition, Timestamp>,
}

/// The same, shared. It grows no longer than there are partitions, whoever is slow.
pub(super) type SharedTold = Arc<Mutex<Told>>;

pub(super) struct Worker {
    pub(super) stage: TrackStage,
    pub(super) orders: Receiver<Order>,
    /// How many records wait in `orders`.
    pub(super) depth: Arc<AtomicUsize>,
    pub(super) controls: ControlLog,
    pub(super) publisher: Publisher,
    pub(super) told: SharedTold,
    pub(super) shards: BTreeMap<Partition, Shard>,
    pub(super) progress: Progress,
}

impl Worker {
    /// Works until the consumer hangs up, then finishes what it has.
    ///
    /// # Errors
    /// When a record can never be delivered.
    pub(super) fn run(mut self) -> anyhow::Result<()> {
        let (mut commit, mut tick) = (Every::new(COMMIT), Every::new(TICK));
        while let Some(records) = self.gather() {
            self.hear_controls()?;
            for read in self.in_order(records) {
                self.take(read)?;
            }
            self.publisher.outbox().poll();
            if tick.is_due() {
                self.tick()?;
            }
            if commit.is_due() {
                let delivered = self.progress.delivered(&mut self.publisher)?;
                self.tell(delivered);
            }
        }
        let progress = std::mem::take(&mut self.progress);
        let delivered = progress.finish(&self.publisher)?;
        self.tell(delivered);
        Ok(())
    }

    /// All that has come, waiting a moment for the first; `None` when there will be no more.
    fn gather(&mut self) -> Option<Vec<Read>> {
        let mut records: Vec<Read> = Vec::new();
        let mut wait = SLEEP;
        while records.len() < READ_AHEAD {
            match self.orders.recv_timeout(wait) {
                Ok(Order::Records(come)) => {
                    self.depth.fetch_sub(come.len(), Ordering::Relaxed);
                    let shards = &mut self.shards;
                    let read = |record: Record| {
                        let shard = shards.get_mut(&record.at.partition)?;
                        Some(shard.read(record))
                    };
                    records.extend(come.into_iter().filter_map(read));
                }
                Ok(Order::Controls(newer)) => self.controls.append(newer),
                Ok(Order::Assigned(assignment)) => {
                    let shard = Shard::new(&self.stage, assignment.clone());
                    self.shards.insert(assignment.partition, shard);
                }
                Ok(Order::Revoked(partition, answer)) => {
                    records.retain(|read| read.record.at.partition != partition);
                    self.shards.remove(&partition);
                    // The consumer waits for it, unless it failed.
                    let _ = answer.send(self.progress.forget(&partition));
                }
                Err(RecvTimeoutError::Disconnected) if records.is_empty() => return None,
                Err(RecvTimeoutError::Disconnected | RecvTimeoutError::Timeout) => break,
            }
            wait = Duration::ZERO;
        }
        Some(records)
    }

    /// The order of work: as it came; under overload what is not a mere position first, and of the
    /// positions of shards that are up to date the newest of each subject.
    fn in_order(&mut self, records: Vec<Read>) -> Vec<Read> {
        if records.len() < OVERLOAD {
            return records;
        }
        let vocabulary = &self.stage.track.vocabulary;
        let lane = |read: &Read| {
            let shard = self.shards.get(&read.record.at.partition);
            match shard.is_some_and(|shard| shard.caught_up) {
                false => Lane::InOrder,
                true if read.is_mere_position(vocabulary) => Lane::Newest,
                true => Lane::First,
            }
        };
        let (records, thinned) = lanes::sort(records, lane);
        for at in &thinned {
            self.stage.telemetry.thinned();
            // Done all the same: a newer one of the same step stands for it.
            self.reached(at);
        }
        records
    }

    /// Tells the controls that have come to every shard that is up to date.
    fn hear_controls(&mut self) -> anyhow::Result<()> {
        for shard in self.shards.values_mut().filter(|shard| shard.caught_up) {
            shard.hear(&self.controls, Timestamp::MAX, Some(&mut self.publisher))?;
        }
        Ok(())
    }

    fn take(&mut self, read: Read) -> anyhow::Result<()> {
        let Some(shard) = self.shards.get_mut(&read.record.at.partition) else {
            return Ok(()); // no longer ours: its new owner does it
        };
        let telemetry = &self.stage.telemetry;
        telemetry.record_in(&read.record.at.partition.topic);
        let is_told = shard.is_told(&read.record.at);
        if !shard.caught_up {
            let publisher = is_told.then_some(&mut self.publisher);
            shard.hear(&self.controls, read.record.received, publisher)?;
        }
        let (record, done) = shard.process(read);
        let catches_up = shard.catches_up_with(&record.at);
        match done {
            _ if !is_told => {}
            Ok(effects) => {
                telemetry.latency(now().since(record.received));
                for effects in effects {
                    telemetry.alerts(&effects.alerts);
                    self.publisher.track(&effects)?;
                    if let Some(unplaced) = &effects.unplaced {
                        telemetry.rejected(unplaced.reject.reason);
                        self.publisher.dead_letter(&unplaced.reject, &record)?;
                    }
                }
            }
            Err(reject) => {
                telemetry.rejected(reject.reason);
                self.publisher.dead_letter(&reject, &record)?;
            }
        }
        if catches_up {
            self.hear_controls()?;
        }
        self.reached(&record.at);
        Ok(())
    }

    fn reached(&mut self, at: &Offset) {
        let shard = self.shards.get(&at.partition);
        if shard.is_some_and(|shard| shard.is_told(at)) {
            self.progress.reached(at);
        }
    }

    /// Lets time pass for inputs that are quiet.
    fn tick(&mut self) -> anyhow::Result<()> {
        let now = now();
        let mut newest = Vec::new();
        for (partition, shard) in &mut self.shards {
            if let Some(at) = shard.clock.at(now).filter(|_| shard.caught_up) {
                for effects in shard.track.advance(at) {
                    self.stage.telemetry.alerts(&effects.alerts);
                    self.publisher.track(&effects)?;
                }
                newest.push((partition.clone(), shard.clock.newest()));
            }
        }
        self.told().newest.extend(newest);
        Ok(())
    }

    fn tell(&self, delivered: Vec<Offset>) {
        let delivered = delivered.into_iter().map(|at| (at.partition, at.number));
        self.told().delivered.extend(delivered);
    }

    fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

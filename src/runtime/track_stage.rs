//! The track stage: positions and incidents in, what happened out.
//!
//! One thread reads Kafka and routes by partition; workers own the shards, one a partition. So what
//! comes out of a partition does not hang on how many workers there are.

mod lanes;
mod shard;
mod worker;

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, MutexGuard};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::Duration;

use anyhow::Context;

use crate::alert::rule::RuleSet;
use crate::config::rules::RuleReader;
use crate::geocode::Geocoder;
use crate::io::kafka::intake::{Assignment, Event, Intake};
use crate::io::kafka::outbox::Outbox;
use crate::io::kafka::settings::KafkaSettings;
use crate::io::kafka::{Offset, Partition, Record, topics};
use crate::runtime::Stop;
use crate::runtime::clock::{Every, now};
use crate::runtime::controls::{Controls, Refused};
use crate::runtime::progress::Progress;
use crate::runtime::publish::Publisher;
use crate::runtime::track_stage::worker::{Order, SharedTold, Told, Worker};
use crate::telemetry::Telemetry;
use crate::track::Config;

/// Records that a worker takes in at once, at most.
const READ_AHEAD: usize = 20_000;
/// Records at once from which on a worker is overloaded: then positions are thinned.
const OVERLOAD: usize = 10_000;
/// Records that go to a worker together, at most.
const BATCH: usize = 500;
/// Between two looks at what is delivered, after which offsets are stored.
const COMMIT: Duration = Duration::from_millis(50);
/// Between two ticks of quiet inputs.
const TICK: Duration = Duration::from_millis(250);

/// What the stage is made with.
#[derive(Clone, Debug)]
pub struct TrackStage {
    /// How to reach Kafka.
    pub kafka: KafkaSettings,
    /// Where it is.
    pub brokers: String,
    /// Threads that the partitions are shared among, at most; at least 1.
    pub threads: usize,
    /// How reports are read.
    pub track: Config,
    /// What places reports.
    pub geocoder: Geocoder,
    /// The rules to begin with.
    pub rules: RuleSet,
    /// Reads those that come later.
    pub rule_reader: RuleReader,
    /// How late reports may be: resources, incidents.
    pub lateness: (Duration, Duration),
    /// Where it counts.
    pub telemetry: Telemetry,
}

/// The consumer's side of the stage.
struct Desk<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    stage: TrackStage,
    intake: Intake,
    controls: Controls,
    /// How many of the controls the workers have.
    passed_on: usize,
    publisher: Publisher,
    told: SharedTold,
    workers: Vec<Hired<'scope>>,
    /// Which worker has a partition.
    routes: BTreeMap<Partition, usize>,
}

/// A worker, as the consumer knows it.
struct Hired<'scope> {
    orders: SyncSender<Order>,
    depth: Arc<AtomicUsize>,
    /// Records that have not gone to it yet.
    batch: Vec<Record>,
    thread: ScopedJoinHandle<'scope, anyhow::Result<()>>,
}

/// A worker that does not listen any more: why, it says itself.
#[derive(Debug, thiserror::Error)]
#[error("a worker of the track stage ended")]
struct WorkerEnded;

impl TrackStage {
    /// Runs until asked to stop.
    ///
    /// # Errors
    /// When Kafka cannot be used, or a record can never be delivered.
    pub fn run(self, stop: &Stop) -> anyhow::Result<()> {
        let since = now() - self.kafka.history;
        let outbox = Outbox::open(&self.kafka, &self.brokers)?;
        let (controls, refused) =
            Controls::open(&self.kafka, &self.brokers, since, self.rule_reader.clone())?;
        let inputs = [topics::POSITIONS, topics::INCIDENTS];
        let intake = Intake::join(
            &self.kafka,
            &self.brokers,
            "track",
            &inputs,
            now,
            &self.telemetry,
        )?;
        thread::scope(|scope| {
            let mut desk = Desk {
                scope,
                passed_on: 0,
                controls,
                publisher: Publisher::new(outbox, self.telemetry.clone()),
                told: SharedTold::default(),
                workers: Vec::new(),
                routes: BTreeMap::new(),
                intake,
                stage: self,
            };
            let outcome = desk.refuse(&refused).and_then(|()| desk.run(stop));
            desk.close(outcome)
        })
    }
}

impl Desk<'_, '_> {
    fn run(&mut self, stop: &Stop) -> anyhow::Result<()> {
        let (mut commit, mut tick) = (Every::new(COMMIT), Every::new(TICK));
        while !stop.is_asked() {
            let events = self.intake.gather(BATCH)?;
            let refused = self.controls.poll(Duration::ZERO)?;
            self.refuse(&refused)?;
            self.pass_on_controls()?;
            for event in events {
                match event {
                    Event::Record(record) => self.route(record)?,
                    Event::Assigned(assignment) => self.assign(assignment)?,
                    Event::Revoked(partition) => self.revoke(&partition)?,
                }
            }
            for worker in &mut self.workers {
                worker.send_batch()?;
            }
            self.publisher.outbox().poll();
            if tick.is_due() {
                self.observe()?;
            }
            if commit.is_due() {
                self.store()?;
            }
        }
        Ok(())
    }

    fn route(&mut self, record: Record) -> anyhow::Result<()> {
        let worker = self.routes.get(&record.at.partition);
        let Some(worker) = worker.and_then(|at| self.workers.get_mut(*at)) else {
            return Ok(()); // no longer ours: its new owner does it
        };
        worker.batch.push(record);
        if worker.batch.len() >= BATCH {
            worker.send_batch()?;
        }
        Ok(())
    }

    /// A new worker takes a partition, while there may be more; then the one that has the fewest of its
    /// topic, and of those the one that has the fewest at all.
    fn assign(&mut self, assignment: Assignment) -> anyhow::Result<()> {
        if self.workers.len() < self.stage.threads {
            self.hire();
        }
        let topic = &assignment.partition.topic;
        let load = |worker: usize| {
            let has = self.routes.iter().filter(|(_, at)| **at == worker);
            let of_topic = has.clone().filter(|(has, _)| has.topic == *topic);
            (of_topic.count(), has.count())
        };
        let worker = (0..self.workers.len()).min_by_key(|worker| load(*worker));
        let worker = worker.unwrap_or_default();
        self.routes.insert(assignment.partition.clone(), worker);
        let worker = self.workers.get(worker).ok_or(WorkerEnded)?;
        worker.send(Order::Assigned(assignment))
    }

    fn hire(&mut self) {
        let (orders, come) = sync_channel(READ_AHEAD / BATCH);
        let depth = Arc::default();
        let worker = Worker {
            stage: self.stage.clone(),
            orders: come,
            depth: Arc::clone(&depth),
            controls: self.controls.log().since(0),
            publisher: self.publisher.another(),
            told: Arc::clone(&self.told),
            shards: BTreeMap::new(),
            progress: Progress::default(),
        };
        self.workers.push(Hired {
            orders,
            depth,
            batch: Vec::new(),
            thread: self.scope.spawn(move || worker.run()),
        });
    }

    /// Waits until the worker has let go of it: what it has told by then is not told again, should the
    /// partition come back.
    fn revoke(&mut self, partition: &Partition) -> anyhow::Result<()> {
        self.stage.telemetry.rebalanced();
        let worker = self.routes.remove(partition);
        let Some(worker) = worker.and_then(|at| self.workers.get_mut(at)) else {
            return Ok(());
        };
        worker
            .batch
            .retain(|record| record.at.partition != *partition);
        let (answer, answered) = sync_channel(1);
        worker.send(Order::Revoked(partition.clone(), answer))?;
        let told = answered.recv().map_err(|_| WorkerEnded)?;
        let mut shared = self.told();
        shared.newest.remove(partition);
        let delivered = shared.delivered.remove(partition);
        drop(shared);
        if let Some(number) = told.max(delivered) {
            self.intake.told(Offset {
                partition: partition.clone(),
                number,
            });
        }
        Ok(())
    }

    fn pass_on_controls(&mut self) -> anyhow::Result<()> {
        let log = self.controls.log();
        if log.len() > self.passed_on {
            for worker in &self.workers {
                worker.send(Order::Controls(log.since(self.passed_on)))?;
            }
            self.passed_on = log.len();
        }
        Ok(())
    }

    /// Stores how far the workers have come with everything delivered.
    fn store(&self) -> anyhow::Result<()> {
        let delivered = std::mem::take(&mut self.told().delivered).into_iter();
        let offsets = delivered.map(|(partition, number)| Offset { partition, number });
        self.intake.store(offsets).context("storing offsets")
    }

    /// Counts what waits and how far the inputs are behind the wall clock.
    fn observe(&self) -> anyhow::Result<()> {
        let telemetry = &self.stage.telemetry;
        for (number, worker) in self.workers.iter().enumerate() {
            anyhow::ensure!(!worker.thread.is_finished(), WorkerEnded);
            let depth = worker.depth.load(Ordering::Relaxed);
            telemetry.queue(&format!("track-{number}"), depth, READ_AHEAD);
        }
        let now = now();
        let mut lags: BTreeMap<&str, Duration> = BTreeMap::new();
        let told = self.told();
        for (partition, newest) in &told.newest {
            let lag = now.since(*newest);
            let least = lags.entry(&partition.topic).or_insert(lag);
            *least = lag.min(*least);
        }
        for (topic, lag) in lags {
            telemetry.event_time_lag(topic, lag);
        }
        Ok(())
    }

    fn refuse(&mut self, refused: &[Refused]) -> anyhow::Result<()> {
        for Refused { reject, record } in refused {
            self.stage.telemetry.rejected(reject.reason);
            self.publisher.dead_letter(reject, record)?;
        }
        Ok(())
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the workers finish what they have, stores how far they came, and leaves the group.
    fn close(mut self, mut outcome: anyhow::Result<()>) -> anyhow::Result<()> {
        for mut worker in std::mem::take(&mut self.workers) {
            let sent = worker.send_batch();
            drop(worker.orders);
            let ended = worker.thread.join();
            let ended = ended.unwrap_or_else(|_| Err(anyhow::anyhow!("a worker panicked")));
            // Why a worker ended says more than that it did.
            outcome = ended.and(outcome).and(sent);
        }
        outcome?;
        self.publisher.drain()?;
        self.store()?;
        self.intake.leave();
        Ok(())
    }
}

impl Hired<'_> {
    /// Hands an order over, and waits where the worker has its fill.
    ///
    /// Waiting is the whole back-pressure: what is not read stays with librdkafka, and beyond its own
    /// bound with the broker. Nothing is dropped or fetched again, as it would be if partitions were
    /// paused; and it cannot lock up, since no worker ever waits for the consumer: only for the broker,
    /// who is away for all of them. A broker that is away for longer than `max.poll.interval.ms` (5 min)
    /// costs the membership, which would have been lost with the session anyway; `told` remembers.
    fn send(&self, order: Order) -> anyhow::Result<()> {
        Ok(self.orders.send(order).map_err(|_| WorkerEnded)?)
    }

    fn send_batch(&mut self) -> anyhow::Result<()> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let batch = std::mem::take(&mut self.batch);
        self.depth.fetch_add(batch.len(), Ordering::Relaxed);
        self.send(Order::Records(batch))
    }
}

#[cfg(test)]
mod tests;

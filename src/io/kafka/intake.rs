//! A stage's inputs, read as a member of its consumer group.
//!
//! After every assignment the records of the history before the committed offset come first, so that
//! the stage can rebuild its state from them without telling anybody again.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::BorrowedMessage;
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{ClientContext, Message, Offset as KafkaOffset, Statistics, TopicPartitionList};

use crate::domain::time::Timestamp;
use crate::io::kafka::complaints::Complaints;
use crate::io::kafka::settings::KafkaSettings;
use crate::io::kafka::tail::{Span, spans, starts};
use crate::io::kafka::{BACKOFF_MS, KafkaFailed, Offset, PATIENCE, Partition, Record, patiently};
use crate::telemetry::Telemetry;

/// How long nothing may come before a stage looks after the rest: its timers, a stop, what was delivered.
const QUIET: Duration = Duration::from_millis(20);

/// What Kafka can do to a stage.
#[derive(Debug)]
pub enum Event {
    /// A record.
    Record(Record),
    /// A partition is ours from now on.
    Assigned(Assignment),
    /// A partition is no longer ours: what is known of it is void.
    Revoked(Partition),
}

/// A partition that is ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Which.
    pub partition: Partition,
    /// The first offset whose effects have not been told yet: up to it, only state is rebuilt. `None` on
    /// a first start: the whole history is told.
    pub committed: Option<i64>,
    /// Where the partition ended when it was assigned.
    pub end: i64,
    /// Whether there is nothing to read up to that end.
    pub is_empty: bool,
}

/// The inputs of a stage.
pub struct Intake {
    consumer: BaseConsumer<Group>,
}

struct Group {
    history: Duration,
    /// Whether the history is read again for the state that it gives.
    rebuilds: bool,
    /// Whether the broker can say what it held at a time.
    knows_times: bool,
    now: fn() -> Timestamp,
    telemetry: Telemetry,
    complaints: Complaints,
    /// What the callbacks saw, until the next `poll` gives it.
    events: Mutex<Vec<Event>>,
    /// Up to where this process has told what follows, by partition. The group may know less: what was
    /// stored is lost with the membership, when a broker was away for longer than a session.
    told: Mutex<BTreeMap<Partition, i64>>,
}

impl ClientContext for Group {
    fn error(&self, error: KafkaError, reason: &str) {
        self.complaints.hear(&error, reason);
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "any and sum do not hang on the order"
    )]
    fn stats(&self, statistics: Statistics) {
        let up = |broker: &rdkafka::statistics::Broker| broker.nodeid >= 0 && broker.state == "UP";
        self.telemetry
            .broker_up(statistics.brokers.values().any(up));
        for (name, topic) in &statistics.topics {
            let lags = topic.partitions.values().map(|one| one.consumer_lag.max(0));
            self.telemetry.lag(name, lags.sum());
        }
    }
}

impl ConsumerContext for Group {
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        cause: RDKafkaRespErr,
        list: &mut TopicPartitionList,
    ) {
        let done = if cause == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            self.assign(consumer, list)
        } else {
            let revoked = list.elements();
            self.remember(revoked.iter().map(|element| {
                Event::Revoked(Partition {
                    topic: element.topic().to_owned(),
                    number: element.partition(),
                })
            }));
            consumer.incremental_unassign(list)
        };
        if let Err(error) = done {
            eprintln!("kafka: rebalance: {error}; the group will settle it again");
        }
    }
}

impl Group {
    fn new(
        settings: &KafkaSettings,
        rebuilds: bool,
        now: fn() -> Timestamp,
        telemetry: &Telemetry,
    ) -> Self {
        Self {
            history: settings.history,
            rebuilds,
            knows_times: settings.brokers.is_some(),
            now,
            telemetry: telemetry.clone(),
            complaints: Complaints::default(),
            events: Mutex::new(Vec::new()),
            told: Mutex::new(BTreeMap::new()),
        }
    }

    fn assign(
        &self,
        consumer: &BaseConsumer<Self>,
        list: &TopicPartitionList,
    ) -> Result<(), KafkaError> {
        let since = (self.now)() - self.history;
        let committed = patiently(|| consumer.committed_offsets(list.clone(), PATIENCE))?;
        // Before the question what came since when: a record that comes in between must not be missed.
        let spans = spans(consumer, list)?;
        let mut asked = TopicPartitionList::new();
        for span in &spans {
            let since = KafkaOffset::Offset(since.millis());
            asked.add_partition_offset(&span.partition.topic, span.partition.number, since)?;
        }
        let history = starts(consumer, &asked, self.knows_times);
        let mut start = TopicPartitionList::new();
        let mut assigned = Vec::new();
        for span in spans {
            let (topic, number) = (span.partition.topic.as_str(), span.partition.number);
            let committed = match committed
                .find_partition(topic, number)
                .map(|found| found.offset())
            {
                Some(KafkaOffset::Offset(offset)) if offset >= 0 => Some(offset),
                _ => None,
            };
            let committed = committed.max(self.told_before(&span));
            let history = span.start(&history);
            // Never behind what was committed: a quiet partition's history may begin after it.
            let from = match committed {
                Some(committed) if self.rebuilds => history.min(committed),
                Some(committed) => committed,
                None => history,
            };
            start.add_partition_offset(topic, number, KafkaOffset::Offset(from))?;
            assigned.push(Event::Assigned(Assignment {
                committed,
                end: span.end,
                is_empty: from.max(span.low) >= span.end,
                partition: span.partition,
            }));
        }
        self.remember(assigned.into_iter());
        consumer.incremental_assign(&start)
    }

    /// Up to where this process had told a partition; forgotten where its topic began anew since.
    fn told_before(&self, span: &Span) -> Option<i64> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.get(&span.partition)? > &span.end {
            told.remove(&span.partition);
        }
        told.get(&span.partition).copied()
    }

    fn remember(&self, events: impl Iterator<Item = Event>) {
        self.events
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(events);
    }
}

impl Intake {
    /// Joins the group of `stage` for `topics`.
    ///
    /// # Errors
    /// When an option of the settings is none.
    pub fn join(
        settings: &KafkaSettings,
        brokers: &str,
        stage: &str,
        topics: &[&str],
        now: fn() -> Timestamp,
        telemetry: &Telemetry,
    ) -> Result<Self, KafkaFailed> {
        let group = Group::new(settings, true, now, telemetry);
        Self::open(settings, brokers, stage, topics, group)
    }

    /// As `join`, for a stage without a state: it goes on from the committed offset, and reads the
    /// history on its first start only.
    ///
    /// # Errors
    /// As `join`.
    pub fn follow(
        settings: &KafkaSettings,
        brokers: &str,
        stage: &str,
        topics: &[&str],
        now: fn() -> Timestamp,
        telemetry: &Telemetry,
    ) -> Result<Self, KafkaFailed> {
        let group = Group::new(settings, false, now, telemetry);
        Self::open(settings, brokers, stage, topics, group)
    }

    fn open(
        settings: &KafkaSettings,
        brokers: &str,
        stage: &str,
        topics: &[&str],
        group: Group,
    ) -> Result<Self, KafkaFailed> {
        let mut client = settings.client(brokers);
        client
            .set("group.id", format!("{}-{stage}", settings.group))
            .set("partition.assignment.strategy", "cooperative-sticky")
            // The shortest that brokers allow: so long nobody reads for an instance that died.
            .set("session.timeout.ms", "6000")
            .set("heartbeat.interval.ms", "2000")
            .set("statistics.interval.ms", "5000")
            .set("auto.offset.reset", "earliest")
            .set("enable.auto.commit", "true")
            .set("auto.commit.interval.ms", "200")
            .set("enable.auto.offset.store", "false")
            .set("fetch.wait.max.ms", "10")
            .set("fetch.queue.backoff.ms", BACKOFF_MS)
            .set("queued.min.messages", "100000");
        let consumer: BaseConsumer<Group> = client
            .create_with_context(group)
            .map_err(KafkaFailed::Option)?;
        consumer.subscribe(topics)?;
        Ok(Self { consumer })
    }

    /// What happened next, waiting at most `wait` for it.
    ///
    /// # Errors
    /// When the brokers refuse us for good.
    fn poll(&self, wait: Duration, into: &mut Vec<Event>) -> Result<(), KafkaFailed> {
        let polled = self.consumer.poll(wait);
        let mut seen = self
            .consumer
            .context()
            .events
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        into.append(&mut seen);
        match polled {
            None => Ok(()),
            Some(Ok(message)) => {
                into.push(Event::Record(read(&message)));
                Ok(())
            }
            Some(Err(error)) => passing(error),
        }
    }

    /// All that has come, at most about `at_most`, waiting a moment for the first.
    ///
    /// # Errors
    /// When the brokers refuse us for good.
    pub fn gather(&self, at_most: usize) -> Result<Vec<Event>, KafkaFailed> {
        let mut events = Vec::new();
        self.poll(QUIET, &mut events)?;
        while !events.is_empty() && events.len() < at_most {
            let before = events.len();
            self.poll(Duration::ZERO, &mut events)?;
            if events.len() == before {
                break;
            }
        }
        Ok(events)
    }

    /// What follows from all that came before this offset is handed to the outbox: this process does not
    /// tell it again, whoever has the partition in between.
    pub fn told(&self, before: Offset) {
        let mut told = self
            .consumer
            .context()
            .told
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let known = told.entry(before.partition).or_default();
        *known = before.number.max(*known);
    }

    /// All that came from these partitions before these offsets is done: a restart goes on from there.
    ///
    /// # Errors
    /// When a partition is not ours any more; then its new owner does it again.
    pub fn store(&self, done: impl IntoIterator<Item = Offset>) -> Result<(), KafkaFailed> {
        let mut list = TopicPartitionList::new();
        for offset in done {
            let next = KafkaOffset::Offset(offset.number);
            list.add_partition_offset(&offset.partition.topic, offset.partition.number, next)?;
            self.told(offset);
        }
        if list.count() > 0 {
            self.consumer.store_offsets(&list)?;
        }
        Ok(())
    }

    /// Leaves the group, so that another member takes over at once.
    pub fn leave(&self) {
        self.consumer.unsubscribe();
    }
}

pub(super) fn read(message: &BorrowedMessage<'_>) -> Record {
    Record {
        at: Offset {
            partition: Partition {
                topic: message.topic().to_owned(),
                number: message.partition(),
            },
            number: message.offset(),
        },
        received: message
            .timestamp()
            .to_millis()
            .and_then(Timestamp::from_millis)
            .unwrap_or_default(),
        key: message
            .key()
            .map(|key| String::from_utf8_lossy(key).into_owned()),
        value: message.payload().map(<[u8]>::to_vec),
    }
}

/// Errors that pass by themselves are told by the client; others end the stage.
pub(super) fn passing(error: KafkaError) -> Result<(), KafkaFailed> {
    match error.rdkafka_error_code() {
        Some(
            RDKafkaErrorCode::Fatal
            | RDKafkaErrorCode::TopicAuthorizationFailed
            | RDKafkaErrorCode::GroupAuthorizationFailed,
        ) => Err(error.into()),
        _ => Ok(()),
    }
}

//! Records out: idempotent, at least once, in order within a partition.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rdkafka::ClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};

use crate::domain::time::Timestamp;
use crate::io::kafka::complaints::Complaints;
use crate::io::kafka::settings::KafkaSettings;
use crate::io::kafka::topics::MAX_FENCE_BYTES;
use crate::io::kafka::{KafkaFailed, PATIENCE};

/// Records that may wait for their acknowledgement; beyond, `send` waits too.
const MAX_WAITING: &str = "100000";
/// How long a record waits for others to go with, ms.
const LINGER_MS: &str = "1";
/// The same on the embedded broker, which looks through all batches of a partition, the oldest first, for
/// each that is read: fewer and larger ones are found sooner.
const LINGER_EMBEDDED_MS: &str = "5";
/// One step of waiting. `flush` would wait in steps of 100 ms.
const STEP: Duration = Duration::from_millis(1);

/// Writes records.
pub struct Outbox {
    producer: Arc<BaseProducer<Deliveries>>,
    failed: Arc<AtomicU64>,
    /// What was handed over since the last turn and is not acknowledged yet.
    since: Arc<AtomicU64>,
    /// The same of what was handed over before it.
    before: Arc<AtomicU64>,
}

/// Counts what could not be delivered.
struct Deliveries {
    failed: Arc<AtomicU64>,
    complaints: Complaints,
}

impl ClientContext for Deliveries {
    fn error(&self, error: KafkaError, reason: &str) {
        self.complaints.hear(&error, reason);
    }
}

impl ProducerContext for Deliveries {
    /// The count that the record stands in until it is acknowledged.
    type DeliveryOpaque = Arc<AtomicU64>;

    fn delivery(&self, result: &DeliveryResult<'_>, waiting: Arc<AtomicU64>) {
        if result.is_err() {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
        // After the failure is told: whoever sees that nothing waits sees it too.
        waiting.fetch_sub(1, Ordering::Release);
    }
}

impl Outbox {
    /// A writer to `brokers`.
    ///
    /// # Errors
    /// When an option of the settings is none.
    pub fn open(settings: &KafkaSettings, brokers: &str) -> Result<Self, KafkaFailed> {
        let failed = Arc::new(AtomicU64::new(0));
        let linger_ms = match settings.brokers {
            Some(_) => LINGER_MS,
            None => LINGER_EMBEDDED_MS,
        };
        let mut client = settings.client(brokers);
        client
            .set("enable.idempotence", "true")
            .set("queue.buffering.max.messages", MAX_WAITING)
            .set("message.max.bytes", MAX_FENCE_BYTES)
            .set("linger.ms", linger_ms)
            // A broker that is away for an hour loses nothing: a record waits until it is back.
            .set("message.timeout.ms", "0");
        let context = Deliveries {
            failed: Arc::clone(&failed),
            complaints: Complaints::default(),
        };
        let producer = client
            .create_with_context(context)
            .map_err(KafkaFailed::Option)?;
        Ok(Self {
            producer: Arc::new(producer),
            failed,
            since: Arc::default(),
            before: Arc::default(),
        })
    }

    /// Another hand on the same connection, which waits for its own records only.
    #[must_use]
    pub fn another(&self) -> Self {
        Self {
            producer: Arc::clone(&self.producer),
            failed: Arc::clone(&self.failed),
            since: Arc::default(),
            before: Arc::default(),
        }
    }

    /// Hands a record over; `None` deletes its key. Waits while too many are on their way.
    ///
    /// # Errors
    /// When the record can never be sent, such as one that is too large.
    pub fn send(&self, topic: &str, key: &str, value: Option<&[u8]>) -> Result<(), KafkaFailed> {
        self.send_at(topic, key, value, None)
    }

    /// As `send`, with `at` as its timestamp instead of the moment when it is sent.
    ///
    /// # Errors
    /// As `send`.
    pub fn send_at(
        &self,
        topic: &str,
        key: &str,
        value: Option<&[u8]>,
        at: Option<Timestamp>,
    ) -> Result<(), KafkaFailed> {
        self.since.fetch_add(1, Ordering::Relaxed);
        let waiting = Arc::clone(&self.since);
        let mut record = BaseRecord::<str, [u8], _>::with_opaque_to(topic, waiting).key(key);
        if let Some(at) = at {
            record = record.timestamp(at.millis());
        }
        if let Some(value) = value {
            record = record.payload(value);
        }
        loop {
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    record = back;
                    self.producer.poll(STEP);
                }
                Err((error, _)) => {
                    self.since.fetch_sub(1, Ordering::Relaxed);
                    return Err(error.into());
                }
            }
        }
    }

    /// Whether all that was handed over before the last turn is acknowledged; then a new turn begins, at
    /// whose end that will be told of what was handed over until now. So nobody ever waits: the newest
    /// records are always on their way.
    pub fn turn(&mut self) -> bool {
        let is_delivered = self.before.load(Ordering::Acquire) == 0;
        if is_delivered {
            std::mem::swap(&mut self.before, &mut self.since);
        }
        is_delivered
    }

    /// The name that the brokers give their cluster, if they say so in time.
    #[must_use]
    pub fn cluster(&self) -> Option<String> {
        self.producer.client().fetch_cluster_id(PATIENCE)
    }

    /// Takes in acknowledgements without waiting.
    pub fn poll(&self) {
        self.producer.poll(Duration::ZERO);
    }

    /// Waits until every record of this hand is acknowledged or `give_up` says so; whether all are.
    pub fn drain(&self, give_up: impl Fn() -> bool) -> bool {
        let waits = |count: &AtomicU64| count.load(Ordering::Acquire) > 0;
        while waits(&self.since) || waits(&self.before) {
            if give_up() {
                return false;
            }
            self.producer.poll(STEP);
        }
        true
    }

    /// How many records could not be delivered; more than none is fatal.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }
}

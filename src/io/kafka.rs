//! The Kafka edge. librdkafka is named here and nowhere else.
//!
//! An `Intake` reads a stage's inputs as a member of its consumer group, a `Tail` reads topics whole, an
//! `Outbox` writes. An offset is stored only once what followed from its record is delivered.

mod complaints;
pub mod embedded;
pub mod intake;
pub mod outbox;
pub mod range;
pub mod settings;
pub mod tail;
pub mod topics;

use std::time::Duration;

use rdkafka::error::KafkaError;

use crate::domain::time::Timestamp;

/// One record of a topic.
#[derive(Clone, Debug)]
pub struct Record {
    /// Where it stands.
    pub at: Offset,
    /// The broker's timestamp; the sender's where the topic keeps that.
    pub received: Timestamp,
    /// Its key, where it is text.
    pub key: Option<String>,
    /// Its value; `None` is a deletion.
    pub value: Option<Vec<u8>>,
}

/// A partition of a topic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition {
    /// Name of the topic.
    pub topic: String,
    /// Number of the partition.
    pub number: i32,
}

/// The place of a record in a topic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Offset {
    /// Its partition.
    pub partition: Partition,
    /// Its number there.
    pub number: i64,
}

/// Why Kafka cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KafkaFailed {
    /// The brokers cannot be reached or refuse us.
    #[error("Kafka at {brokers}: {cause}; check [kafka] brokers and options")]
    Unreachable {
        /// Where.
        brokers: String,
        /// What librdkafka says.
        cause: KafkaError,
    },
    /// An option that librdkafka does not take.
    #[error("[kafka.options]: {0}")]
    Option(KafkaError),
    /// Anything else that went wrong.
    #[error("Kafka: {0}")]
    Other(#[from] KafkaError),
}

/// How long a partition is not asked while enough of what it gave waits to be read. librdkafka counts
/// what waits of all partitions together, and by itself stays away for a whole second: a reader that
/// takes what waits in less (100,000 records, or 64 MB) sits idle for the rest of it.
const BACKOFF_MS: &str = "10";

/// How long the brokers may take to answer a question.
const PATIENCE: Duration = Duration::from_secs(20);

/// Asks the brokers again while they have no answer yet: a topic that was just made has no leader for a
/// moment, and a broker that comes back takes its time.
fn patiently<T>(ask: impl Fn() -> Result<T, KafkaError>) -> Result<T, KafkaError> {
    const PAUSE: Duration = Duration::from_millis(100);
    let mut asked = Duration::ZERO;
    loop {
        match ask() {
            Err(_) if asked < PATIENCE => {
                std::thread::sleep(PAUSE);
                asked += PAUSE;
            }
            answer => return answer,
        }
    }
}

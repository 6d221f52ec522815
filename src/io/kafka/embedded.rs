//! A broker inside the process, for trying out: librdkafka's own mock cluster, which speaks Kafka to
//! other programs too. It keeps little, compacts nothing and forgets everything at the end.
//!
//! It finds what a reader asks for by walking all batches of the partition, the oldest first, on one
//! thread (`rd_kafka_mock_msgset_find`), and gives one batch a partition at a time. So it slows down as
//! it fills: a producer that sends a thousand records a second one by one is too much after some
//! minutes. Whoever produces to it for long lets records wait for each other (`linger.ms`).

use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;

use crate::io::kafka::KafkaFailed;
use crate::io::kafka::topics;

/// What the embedded broker does not promise, in one line.
pub const NOT_PROMISED: &str = "embedded broker: keeps the newest 5 MiB a partition, compacts nothing, has no transactions, and forgets \
     everything when it ends; for real use set [kafka] brokers";

/// A running broker; it ends when this is dropped.
pub struct EmbeddedBroker {
    cluster: MockCluster<'static, DefaultProducerContext>,
}

impl EmbeddedBroker {
    /// Starts a broker on a free port of 127.0.0.1, with every topic of ours and those of `feeds`.
    ///
    /// # Errors
    /// When librdkafka cannot start it.
    pub fn start(partitions: i32, feeds: &[&str]) -> Result<Self, KafkaFailed> {
        let cluster = MockCluster::new(1)?;
        for (name, partitions) in topics::all(partitions) {
            cluster.create_topic(name, partitions, 1)?;
        }
        for topic in feeds {
            cluster.create_topic(topic, partitions, 1)?;
        }
        Ok(Self { cluster })
    }

    /// `host:port`, for this process and for others on this machine.
    #[must_use]
    pub fn address(&self) -> String {
        self.cluster.bootstrap_servers()
    }
}

//! What topics held between two moments, partition by partition, read once and without a group.

use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{Message, Offset as KafkaOffset, TopicPartitionList};

use crate::domain::time::Timestamp;
use crate::io::kafka::complaints::Complaints;
use crate::io::kafka::intake::{passing, read};
use crate::io::kafka::settings::KafkaSettings;
use crate::io::kafka::tail::{groupless, partitions, spans, starts};
use crate::io::kafka::{KafkaFailed, PATIENCE, Partition, Record};

/// One step of waiting.
const STEP: Duration = Duration::from_millis(100);

/// The records of one partition between two moments.
#[derive(Clone, Debug)]
pub struct Range {
    settings: KafkaSettings,
    brokers: String,
    /// Of which partition.
    pub partition: Partition,
    start: i64,
    end: i64,
}

/// Reads a range.
pub struct RangeReader {
    consumer: BaseConsumer<Complaints>,
    brokers: String,
    partition: Partition,
    next: i64,
    end: i64,
}

/// The ranges of `topic` from `from` (or its beginning) to before `to`, by the brokers' timestamps; of
/// what is there now. Empty ones are left out; `None` where there is no such topic.
///
/// # Errors
/// When the brokers cannot be reached.
pub fn ranges(
    settings: &KafkaSettings,
    brokers: &str,
    topic: &str,
    from: Option<Timestamp>,
    to: Timestamp,
) -> Result<Option<Vec<Range>>, KafkaFailed> {
    let consumer = client(settings, brokers)?;
    let unreachable = |cause| KafkaFailed::Unreachable {
        brokers: brokers.to_owned(),
        cause,
    };
    let count = match partitions(&consumer, topic) {
        Ok(count) => count,
        Err(KafkaError::MetadataFetch(RDKafkaErrorCode::UnknownTopicOrPartition)) => {
            return Ok(None);
        }
        Err(cause) => return Err(unreachable(cause)),
    };
    let mut all = TopicPartitionList::new();
    for number in 0..count {
        all.add_partition(topic, number);
    }
    let spans = spans(&consumer, &all).map_err(unreachable)?;
    let at = |moment: Timestamp| {
        let mut asked = all.clone();
        asked.set_all_offsets(KafkaOffset::Offset(moment.millis()))?;
        Ok::<_, KafkaError>(starts(&consumer, &asked, true))
    };
    let first = from.map(at).transpose()?;
    let last = at(to)?;
    let ranges = spans.into_iter().map(|span| {
        let start = first.as_ref().map_or(span.low, |first| span.start(first));
        Range {
            settings: settings.clone(),
            brokers: brokers.to_owned(),
            start: start.max(span.low),
            end: span.start(&last),
            partition: span.partition,
        }
    });
    Ok(Some(
        ranges.filter(|range| range.start < range.end).collect(),
    ))
}

impl Range {
    /// How many offsets it spans; compaction may have taken some of the records.
    #[must_use]
    pub fn len(&self) -> u64 {
        u64::try_from(self.end - self.start).unwrap_or(0)
    }

    /// Whether it spans none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Begins to read.
    ///
    /// # Errors
    /// When an option of the settings is none.
    pub fn open(&self) -> Result<RangeReader, KafkaFailed> {
        let consumer = client(&self.settings, &self.brokers)?;
        let Partition { topic, number } = &self.partition;
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(topic, *number, KafkaOffset::Offset(self.start))?;
        consumer.assign(&list)?;
        Ok(RangeReader {
            consumer,
            brokers: self.brokers.clone(),
            partition: self.partition.clone(),
            next: self.start,
            end: self.end,
        })
    }
}

impl RangeReader {
    /// The next record; `None` at the end.
    ///
    /// # Errors
    /// When the brokers refuse us, or are silent for too long.
    pub fn next_record(&mut self) -> Result<Option<Record>, KafkaFailed> {
        let mut waited = Duration::ZERO;
        while self.next < self.end {
            match self.consumer.poll(STEP) {
                Some(Ok(message)) => {
                    self.next = message.offset() + 1;
                    let is_in = message.offset() < self.end;
                    return Ok(is_in.then(|| read(&message)));
                }
                Some(Err(KafkaError::PartitionEOF(_))) => self.next = self.end,
                Some(Err(error)) => passing(error)?,
                None => waited += STEP,
            }
            if waited > PATIENCE {
                let code = RDKafkaErrorCode::OperationTimedOut;
                return Err(KafkaFailed::Unreachable {
                    brokers: self.brokers.clone(),
                    cause: KafkaError::MessageConsumption(code),
                });
            }
        }
        Ok(None)
    }
}

impl std::fmt::Debug for RangeReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RangeReader")
            .field("partition", &self.partition)
            .field("next", &self.next)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}

fn client(
    settings: &KafkaSettings,
    brokers: &str,
) -> Result<BaseConsumer<Complaints>, KafkaFailed> {
    // Each partition has a client of its own.
    let mut client = groupless(settings, brokers, "replay");
    client.set("queued.max.messages.kbytes", "4096");
    client
        .create_with_context(Complaints::default())
        .map_err(KafkaFailed::Option)
}

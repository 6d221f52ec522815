//! Topics read whole, by everybody, without a group: fences, commands, and what serving shows.

use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::{Message, Offset as KafkaOffset, TopicPartitionList};

use crate::domain::time::Timestamp;
use crate::io::kafka::intake::read;
use crate::io::kafka::settings::KafkaSettings;
use crate::io::kafka::{KafkaFailed, PATIENCE, Partition, Record, patiently};

/// Reads topics from some time on and then follows them.
pub struct Tail {
    consumer: BaseConsumer,
    /// Partitions that have not been read to where they ended at the start, and that end.
    behind: Vec<(Partition, i64)>,
}

impl Tail {
    /// Follows `topics` from `since` on; from their beginning where `None`, or where the broker cannot
    /// say what it held at that time.
    ///
    /// # Errors
    /// When the brokers cannot be reached or a topic is not there.
    pub fn open(
        settings: &KafkaSettings,
        brokers: &str,
        topics: &[&str],
        since: Option<Timestamp>,
    ) -> Result<Self, KafkaFailed> {
        let mut client = settings.client(brokers);
        client
            .set("group.id", format!("{}-tail", settings.group))
            .set("enable.auto.commit", "false")
            .set("auto.offset.reset", "earliest")
            .set("fetch.message.max.bytes", "8650752")
            .set("fetch.wait.max.ms", "10");
        let consumer: BaseConsumer = client.create().map_err(KafkaFailed::Option)?;
        let unreachable = |cause| KafkaFailed::Unreachable {
            brokers: brokers.to_owned(),
            cause,
        };
        let mut start = TopicPartitionList::new();
        let mut behind = Vec::new();
        for topic in topics {
            let metadata = patiently(|| consumer.fetch_metadata(Some(topic), PATIENCE))
                .map_err(unreachable)?;
            for partition in metadata
                .topics()
                .iter()
                .flat_map(rdkafka::metadata::MetadataTopic::partitions)
            {
                let (low, high) =
                    patiently(|| consumer.fetch_watermarks(topic, partition.id(), PATIENCE))
                        .map_err(unreachable)?;
                let asked = since.map_or(KafkaOffset::Beginning, |since| {
                    KafkaOffset::Offset(since.millis())
                });
                start.add_partition_offset(topic, partition.id(), asked)?;
                if high > low {
                    let partition = Partition {
                        topic: (*topic).to_owned(),
                        number: partition.id(),
                    };
                    behind.push((partition, high));
                }
            }
        }
        let start = if since.is_some() {
            starts(&consumer, &start, settings.brokers.is_some())
        } else {
            start
        };
        consumer.assign(&start)?;
        Ok(Self { consumer, behind })
    }

    /// The next record, if one comes within `wait`.
    ///
    /// # Errors
    /// When the brokers refuse us.
    pub fn next(&mut self, wait: Duration) -> Result<Option<Record>, KafkaFailed> {
        match self.consumer.poll(wait) {
            None => Ok(None),
            Some(Err(error)) => super::intake::passing(error).map(|()| None),
            Some(Ok(message)) => {
                let record = read(&message);
                self.behind.retain(|(partition, end)| {
                    *partition != record.at.partition || message.offset() + 1 < *end
                });
                Ok(Some(record))
            }
        }
    }

    /// Whether everything has been read that was there at the start.
    #[must_use]
    pub fn is_caught_up(&self) -> bool {
        self.behind.is_empty()
    }

    /// Takes a look whether what is still missing is there at all: retention may have taken it.
    pub fn skip_what_is_gone(&mut self) {
        let position = self.consumer.position().ok();
        self.behind.retain(|(partition, end)| {
            let at = position
                .as_ref()
                .and_then(|list| list.find_partition(&partition.topic, partition.number));
            !matches!(at.map(|at| at.offset()), Some(KafkaOffset::Offset(at)) if at >= *end)
        });
    }
}

/// The offsets at the times that stand in `asked`; the beginning where the broker cannot say, as the
/// embedded one never can.
pub(super) fn starts<C: rdkafka::consumer::ConsumerContext>(
    consumer: &BaseConsumer<C>,
    asked: &TopicPartitionList,
    knows_times: bool,
) -> TopicPartitionList {
    let mut starts = TopicPartitionList::new();
    let found = patiently(|| consumer.offsets_for_times(asked.clone(), PATIENCE)).ok();
    for element in asked.elements() {
        let found = found
            .as_ref()
            .and_then(|list| list.find_partition(element.topic(), element.partition()));
        let offset = match found.map(|found| found.offset()) {
            Some(KafkaOffset::Offset(offset)) if offset >= 0 => KafkaOffset::Offset(offset),
            // Nothing as new as that: from the end on.
            Some(KafkaOffset::End) if knows_times => KafkaOffset::End,
            _ => KafkaOffset::Beginning,
        };
        let _ = starts.add_partition_offset(element.topic(), element.partition(), offset);
    }
    starts
}

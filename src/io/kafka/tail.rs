//! Topics read whole, by everybody, without a group: fences, commands, and what serving shows.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{ClientConfig, Message, Offset as KafkaOffset, TopicPartitionList};

use crate::domain::time::Timestamp;
use crate::io::kafka::complaints::Complaints;
use crate::io::kafka::intake::read;
use crate::io::kafka::settings::KafkaSettings;
use crate::io::kafka::topics::MAX_FENCE_BYTES;
use crate::io::kafka::{BACKOFF_MS, KafkaFailed, PATIENCE, Partition, Record, patiently};

/// Reads topics from some time on and then follows them.
pub struct Tail {
    consumer: BaseConsumer<Complaints>,
    /// Partitions that have not been read to where they ended at the start, and that end.
    behind: Vec<(Partition, i64)>,
    /// By number of the partition, how many topics have not said yet that they were read to their end.
    unended: BTreeMap<i32, usize>,
}

/// The records that a partition holds.
pub(super) struct Span {
    pub(super) partition: Partition,
    /// The first of them.
    pub(super) low: i64,
    /// One beyond the last.
    pub(super) end: i64,
}

impl Span {
    /// Where to begin, by what the broker says that it held at a time. Always a number: a logical end
    /// is looked up later, and skips what comes until then.
    pub(super) fn start(&self, starts: &TopicPartitionList) -> i64 {
        let found = starts.find_partition(&self.partition.topic, self.partition.number);
        match found.map(|found| found.offset()) {
            Some(KafkaOffset::Offset(offset)) => offset,
            Some(KafkaOffset::End) => self.end,
            _ => self.low,
        }
    }
}

impl Tail {
    /// Follows each topic from its time on; from its beginning where that is `None`, or where the broker
    /// cannot say what it held at that time. A record is here at most `wait` after the embedded broker
    /// has it, which never ends a waiting fetch; a real one does, and then it is here at once.
    ///
    /// # Errors
    /// When the brokers cannot be reached or a topic is not there.
    pub fn open(
        settings: &KafkaSettings,
        brokers: &str,
        topics: &[(&str, Option<Timestamp>)],
        wait: Duration,
    ) -> Result<Self, KafkaFailed> {
        let mut client = groupless(settings, brokers, "tail");
        client.set("fetch.wait.max.ms", wait.as_millis().to_string());
        let consumer: BaseConsumer<Complaints> = client
            .create_with_context(Complaints::default())
            .map_err(KafkaFailed::Option)?;
        let unreachable = |cause| KafkaFailed::Unreachable {
            brokers: brokers.to_owned(),
            cause,
        };
        let mut all = TopicPartitionList::new();
        let mut timed = TopicPartitionList::new();
        for (topic, since) in topics {
            let partitions = patiently(|| partitions(&consumer, topic)).map_err(unreachable)?;
            for number in 0..partitions {
                all.add_partition(topic, number);
                if let Some(since) = since {
                    let since = KafkaOffset::Offset(since.millis());
                    timed.add_partition_offset(topic, number, since)?;
                }
            }
        }
        let spans = spans(&consumer, &all).map_err(unreachable)?;
        if timed.count() > 0 {
            timed = starts(&consumer, &timed, settings.brokers.is_some());
        }
        let mut from = TopicPartitionList::new();
        let mut behind = Vec::new();
        let mut unended = BTreeMap::new();
        for span in spans {
            let Partition { topic, number } = &span.partition;
            let start = span.start(&timed);
            from.add_partition_offset(topic, *number, KafkaOffset::Offset(start))?;
            *unended.entry(*number).or_default() += 1;
            if start.max(span.low) < span.end {
                behind.push((span.partition, span.end));
            }
        }
        consumer.assign(&from)?;
        Ok(Self {
            consumer,
            behind,
            unended,
        })
    }

    /// The next record, if one comes within `wait`. The end of a partition is none: what came from the
    /// others stands behind it.
    ///
    /// # Errors
    /// When the brokers refuse us.
    pub fn next(&mut self, mut wait: Duration) -> Result<Option<Record>, KafkaFailed> {
        let polled = loop {
            match self.consumer.poll(wait) {
                Some(Err(KafkaError::PartitionEOF(number))) => {
                    ended(&mut self.behind, &mut self.unended, number);
                    wait = Duration::ZERO;
                }
                polled => break polled,
            }
        };
        match polled {
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
}

/// A client that reads partitions of its own choice, to their ends. It is a member of no group: the name
/// is for the brokers' logs.
pub(super) fn groupless(settings: &KafkaSettings, brokers: &str, role: &str) -> ClientConfig {
    let mut client = settings.client(brokers);
    client
        .set("group.id", format!("{}-{role}", settings.group))
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        .set("auto.offset.reset", "earliest")
        .set("fetch.queue.backoff.ms", BACKOFF_MS)
        .set("fetch.message.max.bytes", MAX_FENCE_BYTES);
    client
}

/// A partition of some topic was read to its end, and librdkafka does not say of which: once all have
/// said so, nothing of that number is missing, also where compaction took the last records.
fn ended(behind: &mut Vec<(Partition, i64)>, unended: &mut BTreeMap<i32, usize>, number: i32) {
    let Some(left) = unended.get_mut(&number) else {
        return;
    };
    *left = left.saturating_sub(1);
    if *left == 0 {
        behind.retain(|(partition, _)| partition.number != number);
    }
}

pub(super) fn partitions<C: ConsumerContext>(
    consumer: &BaseConsumer<C>,
    topic: &str,
) -> Result<i32, KafkaError> {
    let metadata = consumer.fetch_metadata(Some(topic), PATIENCE)?;
    let found = metadata.topics().first();
    match found.map_or(0, |topic| topic.partitions().len()) {
        0 => Err(KafkaError::MetadataFetch(
            RDKafkaErrorCode::UnknownTopicOrPartition,
        )),
        count => Ok(i32::try_from(count).unwrap_or(i32::MAX)),
    }
}

/// What the partitions of `list` hold.
pub(super) fn spans<C: ConsumerContext>(
    consumer: &BaseConsumer<C>,
    list: &TopicPartitionList,
) -> Result<Vec<Span>, KafkaError> {
    let of = |topic: &str, number| {
        let (low, end) = patiently(|| consumer.fetch_watermarks(topic, number, PATIENCE))?;
        let partition = Partition {
            topic: topic.to_owned(),
            number,
        };
        Ok(Span {
            partition,
            low,
            end,
        })
    };
    list.elements()
        .iter()
        .map(|element| of(element.topic(), element.partition()))
        .collect()
}

/// The offsets at the times that stand in `asked`; the beginning where the broker cannot say, as the
/// embedded one never can.
pub(super) fn starts<C: ConsumerContext>(
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

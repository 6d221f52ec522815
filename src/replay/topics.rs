//! A time range of topics as the input of a replay: each partition like a file, and the fences and
//! rules that held then.

use std::time::Duration;

use crate::alert::rule::RuleEdit;
use crate::config::rules::RuleReader;
use crate::domain::fence::FenceEdit;
use crate::domain::ids::Kind;
use crate::domain::time::Timestamp;
use crate::io::kafka::range::{Range, ranges};
use crate::io::kafka::settings::KafkaSettings;
use crate::io::kafka::{KafkaFailed, Record, topics};
use crate::io::wire;
use crate::replay::input::{Layout, Place, Source};

/// A time range of topics.
#[derive(Clone, Copy, Debug)]
pub struct Topics<'a> {
    /// How to reach them.
    pub kafka: &'a KafkaSettings,
    /// Where they are.
    pub brokers: &'a str,
    /// The first moment, by the brokers' timestamps.
    pub from: Timestamp,
    /// The first moment that is beyond it.
    pub to: Timestamp,
}

impl Topics<'_> {
    /// Reports and commands of the range; `lateness` of resources and of incidents.
    ///
    /// # Errors
    /// When the brokers cannot be reached.
    pub fn sources(&self, lateness: (Duration, Duration)) -> Result<Vec<Source>, KafkaFailed> {
        let inputs = [
            (
                topics::POSITIONS,
                Layout::Reports(Kind::Resource, lateness.0),
            ),
            (
                topics::INCIDENTS,
                Layout::Reports(Kind::Incident, lateness.1),
            ),
            (topics::COMMANDS, Layout::Commands),
        ];
        let mut sources = Vec::new();
        for (topic, layout) in inputs {
            let found = self.ranges(topic, Some(self.from))?;
            sources.extend(found.into_iter().map(|range| Source {
                place: Place::Topic(Box::new(range)),
                layout: layout.clone(),
            }));
        }
        Ok(sources)
    }

    /// The edits of fences up to the end of the range. Those that are none were told when they came.
    ///
    /// # Errors
    /// When the brokers cannot be reached.
    pub fn fences(&self) -> Result<Vec<FenceEdit>, KafkaFailed> {
        let edit = |record: Record| {
            let edit = match (record.value, record.key) {
                (Some(value), _) => wire::fence::decode(&value).ok()?,
                (None, key) => FenceEdit {
                    id: key?.as_str().into(),
                    at: None,
                    fence: None,
                },
            };
            let at = edit.at.unwrap_or(record.received);
            Some(FenceEdit {
                at: Some(at),
                ..edit
            })
        };
        Ok(self
            .whole(topics::FENCES)?
            .into_iter()
            .filter_map(edit)
            .collect())
    }

    /// The edits of rules up to the end of the range, each with its moment.
    ///
    /// # Errors
    /// When the brokers cannot be reached.
    pub fn rules(&self, reader: &RuleReader) -> Result<Vec<(Timestamp, RuleEdit)>, KafkaFailed> {
        let edit = |record: Record| {
            let edit = reader.read(record.key.as_deref(), record.value.as_deref());
            Some((record.received, edit.ok()?))
        };
        Ok(self
            .whole(topics::RULES)?
            .into_iter()
            .filter_map(edit)
            .collect())
    }

    fn whole(&self, topic: &str) -> Result<Vec<Record>, KafkaFailed> {
        let mut records = Vec::new();
        for range in self.ranges(topic, None)? {
            let mut reader = range.open()?;
            while let Some(record) = reader.next_record()? {
                records.push(record);
            }
        }
        Ok(records)
    }

    fn ranges(&self, topic: &str, from: Option<Timestamp>) -> Result<Vec<Range>, KafkaFailed> {
        let found = ranges(self.kafka, self.brokers, topic, from, self.to)?;
        if found.is_none() {
            eprintln!("kafka: there is no topic {topic}: nothing of it is read");
        }
        Ok(found.unwrap_or_default())
    }
}

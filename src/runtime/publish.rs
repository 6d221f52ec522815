//! What the stages found, out to their topics.

use crate::domain::alert::Alert;
use crate::domain::fact::Fact;
use crate::domain::ids::Kind;
use crate::domain::reject::Reject;
use crate::domain::time::Timestamp;
use crate::domain::transition::Transition;
use crate::domain::window::CellCount;
use crate::io::kafka::outbox::Outbox;
use crate::io::kafka::{KafkaFailed, Record, topics};
use crate::io::wire;
use crate::telemetry::Telemetry;
use crate::track;

/// Key of all facts: the one region that there is.
const REGION: &str = "default";

/// Writes effects and refusals, each to its topic.
pub struct Publisher {
    outbox: Outbox,
    telemetry: Telemetry,
    line: Vec<u8>,
}

impl Publisher {
    /// Writes through `outbox`, and counts.
    #[must_use]
    pub fn new(outbox: Outbox, telemetry: Telemetry) -> Self {
        Self {
            outbox,
            telemetry,
            line: Vec::new(),
        }
    }

    /// The way out itself.
    #[must_use]
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Another one through the same way out.
    #[must_use]
    pub fn another(&self) -> Self {
        Self::new(self.outbox.another(), self.telemetry.clone())
    }

    /// Whether all that was told before the last turn is delivered; see [`Outbox::turn`].
    ///
    /// # Errors
    /// When some record can never be delivered.
    pub fn turn(&mut self) -> anyhow::Result<bool> {
        self.outbox.poll();
        let is_delivered = self.outbox.turn();
        self.none_failed()?;
        Ok(is_delivered)
    }

    /// Waits until all is delivered.
    ///
    /// # Errors
    /// When some record can never be delivered.
    pub fn drain(&self) -> anyhow::Result<()> {
        self.outbox.drain(|| false);
        self.none_failed()
    }

    fn none_failed(&self) -> anyhow::Result<()> {
        let failed = self.outbox.failed();
        anyhow::ensure!(failed == 0, "{failed} records could not be delivered");
        Ok(())
    }

    /// What a track did.
    ///
    /// # Errors
    /// When a record can never be sent.
    pub fn track(&mut self, effects: &track::Effects) -> Result<(), KafkaFailed> {
        if let Some(located) = &effects.located {
            let subject = &located.report.subject;
            self.put(topics::LOCATED, &subject.id, |line| {
                wire::located::encode(located, line);
            })?;
            if subject.kind == Kind::Incident {
                self.outbox.send(topics::UNPLACED, &subject.id, None)?;
            }
        }
        if let Some(unplaced) = &effects.unplaced {
            let subject = &unplaced.report.subject;
            self.put(topics::UNPLACED, &subject.id, |line| {
                wire::located::encode_unplaced(unplaced, line);
            })?;
        }
        self.transitions(&effects.transitions)?;
        for subject in &effects.gone {
            self.outbox.send(topics::LOCATED, &subject.id, None)?;
            if subject.kind == Kind::Incident {
                self.outbox.send(topics::UNPLACED, &subject.id, None)?;
            }
        }
        self.alerts(&effects.alerts)?;
        self.facts(&effects.facts)
    }

    /// Transitions that somebody asks for, by subject.
    ///
    /// # Errors
    /// When a record can never be sent.
    pub fn transitions(&mut self, transitions: &[Transition]) -> Result<(), KafkaFailed> {
        for transition in transitions.iter().filter(|transition| transition.detected) {
            let subject = transition
                .subject
                .as_ref()
                .map_or("", |subject| &subject.id);
            self.put(topics::TRANSITIONS, subject, |line| {
                wire::transition::encode(transition, line);
            })?;
        }
        Ok(())
    }

    /// Alerts, by id.
    ///
    /// # Errors
    /// When a record can never be sent.
    pub fn alerts(&mut self, alerts: &[Alert]) -> Result<(), KafkaFailed> {
        for alert in alerts {
            self.put(topics::ALERTS, alert.id.as_str(), |line| {
                wire::alert::encode(alert, line);
            })?;
        }
        Ok(())
    }

    /// Counts of windows.
    ///
    /// # Errors
    /// When a record can never be sent.
    pub fn cells(&mut self, cells: &[CellCount]) -> Result<(), KafkaFailed> {
        for cell in cells {
            let slide = cell.slide.map_or(0, |slide| slide.as_secs());
            let key = format!(
                "{}/{slide}/{}/{}/{}/{}",
                cell.width.as_secs(),
                cell.start.millis(),
                cell.cell,
                cell.kind.label(),
                cell.category
            );
            self.put(topics::CELLS, &key, |line| wire::cell::encode(cell, line))?;
        }
        Ok(())
    }

    /// What was refused, with what it was.
    ///
    /// # Errors
    /// When a record can never be sent.
    pub fn dead_letter(&mut self, reject: &Reject, record: &Record) -> Result<(), KafkaFailed> {
        let from = wire::reject::Origin {
            source: &record.at.partition.topic,
            partition: Some(record.at.partition.number),
            offset: record.at.number,
        };
        let value = record.value.as_deref().unwrap_or_default();
        self.put(topics::DEAD_LETTERS, "", |line| {
            wire::reject::encode(reject, from, value, line);
        })
    }

    /// A record that somebody else sent at `received`, in other words; `None` deletes its key.
    ///
    /// # Errors
    /// When a record can never be sent.
    pub fn pass_on(
        &mut self,
        topic: &str,
        key: &str,
        value: Option<&[u8]>,
        received: Timestamp,
    ) -> Result<(), KafkaFailed> {
        self.telemetry.record_out(topic);
        self.outbox.send_at(topic, key, value, Some(received))
    }

    fn facts(&mut self, facts: &[Fact]) -> Result<(), KafkaFailed> {
        for fact in facts {
            self.put(topics::FACTS, REGION, |line| wire::fact::encode(fact, line))?;
        }
        Ok(())
    }

    fn put(
        &mut self,
        topic: &str,
        key: &str,
        encode: impl FnOnce(&mut Vec<u8>),
    ) -> Result<(), KafkaFailed> {
        self.telemetry.record_out(topic);
        self.line.clear();
        encode(&mut self.line);
        let value = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        self.outbox.send(topic, key, Some(value))
    }
}

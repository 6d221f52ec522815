//! What everybody hears beside the reports: edits of fences and rules, and what operators did.

use std::sync::Arc;
use std::time::Duration;

use crate::alert::rule::RuleEdit;
use crate::config::rules::RuleReader;
use crate::domain::command::Command;
use crate::domain::fence::FenceEdit;
use crate::domain::reject::{Reason, Reject};
use crate::domain::time::Timestamp;
use crate::geofence::shape::Shape;
use crate::io::kafka::settings::KafkaSettings;
use crate::io::kafka::tail::Tail;
use crate::io::kafka::{KafkaFailed, Record, topics};
use crate::io::wire;

/// How late a control may be heard from the embedded broker: a person made it.
const WAIT: Duration = Duration::from_millis(50);

/// Something that everybody hears.
#[derive(Clone, Debug, PartialEq)]
pub enum Control {
    /// A fence is another from that time on.
    Fence(Timestamp, Box<FenceEdit>),
    /// A rule is another from that time on.
    Rule(Timestamp, Box<RuleEdit>),
    /// An operator did something.
    Command(Command),
}

/// The topics of fences, rules and commands, and all that came from them.
pub struct Controls {
    tail: Tail,
    rules: RuleReader,
    log: ControlLog,
}

/// All controls that came, by the time when each reached the broker; those are shared by its copies.
///
/// A shard that rebuilds its state hears each control between the records that it came between; one
/// that is up to date hears it at once.
#[derive(Clone, Debug, Default)]
pub struct ControlLog(Vec<(Timestamp, Arc<Control>)>);

/// A control that is none.
#[derive(Debug)]
pub struct Refused {
    /// Why.
    pub reject: Reject,
    /// What it was.
    pub record: Record,
}

impl Controls {
    /// Reads fences and rules whole and commands since `since`, up to where they end now.
    ///
    /// # Errors
    /// When the brokers cannot be reached.
    pub fn open(
        settings: &KafkaSettings,
        brokers: &str,
        since: Timestamp,
        rules: RuleReader,
    ) -> Result<(Self, Vec<Refused>), KafkaFailed> {
        let topics = [
            (topics::FENCES, None),
            (topics::RULES, None),
            (topics::COMMANDS, Some(since)),
        ];
        let mut controls = Self {
            tail: Tail::open(settings, brokers, &topics, WAIT)?,
            rules,
            log: ControlLog::default(),
        };
        let mut refused = Vec::new();
        while !controls.tail.is_caught_up() {
            refused.extend(controls.poll(Duration::from_millis(50))?);
        }
        controls.log.0.sort_by_key(|(received, _)| *received);
        Ok((controls, refused))
    }

    /// Takes in what has come; gives what is no control.
    ///
    /// # Errors
    /// When the brokers refuse us.
    pub fn poll(&mut self, mut wait: Duration) -> Result<Vec<Refused>, KafkaFailed> {
        let mut refused = Vec::new();
        while let Some(record) = self.tail.next(wait)? {
            wait = Duration::ZERO;
            match read(&record, &self.rules) {
                Ok(control) => {
                    let since = control.since(record.received);
                    self.log.0.push((since, Arc::new(control)));
                }
                Err(reject) => refused.push(Refused { reject, record }),
            }
        }
        Ok(refused)
    }

    /// What has come so far.
    #[must_use]
    pub fn log(&self) -> &ControlLog {
        &self.log
    }
}

impl ControlLog {
    /// The control after the first `heard`, if it came at or before `until`.
    #[must_use]
    pub fn after(&self, heard: usize, until: Timestamp) -> Option<&Control> {
        let (received, control) = self.0.get(heard)?;
        (*received <= until).then_some(control.as_ref())
    }

    /// How many have come.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none has come.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What came after the first `len`, for a copy that has those.
    #[must_use]
    pub fn since(&self, len: usize) -> Self {
        Self(self.0.get(len..).unwrap_or_default().to_vec())
    }

    /// Takes in what came to another copy since.
    pub fn append(&mut self, mut newer: Self) {
        self.0.append(&mut newer.0);
    }
}

impl Control {
    /// Before which records a rebuild hears it: a fence that is dated back holds for those as well.
    fn since(&self, received: Timestamp) -> Timestamp {
        match self {
            Self::Fence(at, _) => received.min(*at),
            Self::Rule(..) | Self::Command(_) => received,
        }
    }
}

fn read(record: &Record, rules: &RuleReader) -> Result<Control, Reject> {
    if record.at.partition.topic == topics::RULES {
        let edit = rules.read(record.key.as_deref(), record.value.as_deref())?;
        return Ok(Control::Rule(record.received, Box::new(edit)));
    }
    if record.at.partition.topic == topics::COMMANDS {
        let value = record.value.as_deref().unwrap_or_default();
        return wire::command::decode(value).map(Control::Command);
    }
    let mut edit = match (&record.value, &record.key) {
        (Some(value), _) => wire::fence::decode(value)?,
        (None, Some(key)) => FenceEdit {
            id: key.as_str().into(),
            at: None,
            fence: None,
        },
        (None, None) => {
            return Err(Reject::new(
                Reason::MissingField,
                "a deletion without a key names no fence",
            ));
        }
    };
    if let Some(fence) = &edit.fence {
        Shape::compile(&fence.geometry).map_err(|invalid| {
            Reject::new(
                Reason::InvalidFence,
                format!("fence {}: {invalid}", edit.id),
            )
        })?;
    }
    let at = edit.at.take().unwrap_or(record.received);
    Ok(Control::Fence(at, Box::new(edit)))
}

//! The topics of the contract, made where they are missing.

use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::error::RDKafkaErrorCode;

use crate::io::kafka::KafkaFailed;
use crate::io::kafka::settings::KafkaSettings;

/// What resources report.
pub const POSITIONS: &str = "positions";
/// What incidents report.
pub const INCIDENTS: &str = "incidents";
/// Fences in force, by id.
pub const FENCES: &str = "cordon.fences";
/// What operators did.
pub const COMMANDS: &str = "cordon.commands";
/// The newest located report of each subject.
pub const LOCATED: &str = "cordon.located";
/// Incidents that have no place.
pub const UNPLACED: &str = "cordon.unplaced";
/// What the fences saw.
pub const TRANSITIONS: &str = "cordon.transitions";
/// What the track tells the picture; internal.
pub const FACTS: &str = "cordon.facts";
/// Alerts through their lives, by id.
pub const ALERTS: &str = "cordon.alerts";
/// Counts of windows.
pub const CELLS: &str = "cordon.cells";
/// What was refused.
pub const DEAD_LETTERS: &str = "cordon.dead-letters";
/// Who read what.
pub const AUDIT: &str = "cordon.audit";

/// How a topic keeps its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keeps {
    /// For this many hours.
    Hours(u64),
    /// The newest of each key.
    Newest,
    /// The newest of each key, for this many hours.
    NewestFor(u64),
}

/// Retention by topic, as in the contract. A `false` keeps a topic to one partition: its order is one.
const TOPICS: [(&str, Keeps, bool); 12] = [
    (POSITIONS, Keeps::Hours(48), true),
    (INCIDENTS, Keeps::Hours(48), true),
    (FENCES, Keeps::Newest, false),
    (COMMANDS, Keeps::Hours(31 * 24), false),
    (LOCATED, Keeps::NewestFor(24), true),
    (UNPLACED, Keeps::Newest, false),
    (TRANSITIONS, Keeps::Hours(7 * 24), true),
    (FACTS, Keeps::Hours(48), false),
    (ALERTS, Keeps::Hours(31 * 24), false),
    (CELLS, Keeps::NewestFor(25), false),
    (DEAD_LETTERS, Keeps::Hours(7 * 24), false),
    (AUDIT, Keeps::Hours(31 * 24), false),
];

const HOUR_MS: u64 = 3_600_000;
/// A little more than the largest fence that is taken (8 MiB).
const MAX_FENCE_BYTES: &str = "8650752";
/// How long the brokers may take to make a topic.
const PATIENCE: Duration = Duration::from_secs(20);

/// Names and numbers of partitions of all topics.
pub(super) fn all(partitions: i32) -> impl Iterator<Item = (&'static str, i32)> {
    TOPICS
        .into_iter()
        .map(move |(name, _, spread)| (name, if spread { partitions } else { 1 }))
}

/// Makes the topics that are missing on a real broker. One that is there is used as it is.
///
/// # Errors
/// When the brokers cannot be reached, or refuse.
pub fn make_missing(settings: &KafkaSettings, brokers: &str) -> Result<(), KafkaFailed> {
    let admin: AdminClient<DefaultClientContext> = settings
        .client(brokers)
        .create()
        .map_err(KafkaFailed::Option)?;
    let configs: Vec<Vec<(&str, String)>> = TOPICS
        .iter()
        .map(|(name, keeps, _)| policy(name, *keeps))
        .collect();
    let topics: Vec<NewTopic> = all(settings.partitions)
        .zip(&configs)
        .map(|((name, partitions), config)| {
            let topic = NewTopic::new(name, partitions, TopicReplication::Fixed(-1));
            config
                .iter()
                .fold(topic, |topic, (key, value)| topic.set(key, value))
        })
        .collect();
    let options = AdminOptions::new()
        .operation_timeout(Some(PATIENCE))
        .request_timeout(Some(PATIENCE));
    let unreachable = |cause| KafkaFailed::Unreachable {
        brokers: brokers.to_owned(),
        cause,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|_| unreachable(rdkafka::error::KafkaError::Canceled))?;
    let made = runtime
        .block_on(admin.create_topics(&topics, &options))
        .map_err(unreachable)?;
    for topic in made {
        match topic {
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((name, code)) => {
                eprintln!("kafka: topic {name} could not be made: {code}; make it by hand");
            }
        }
    }
    Ok(())
}

fn policy(name: &str, keeps: Keeps) -> Vec<(&'static str, String)> {
    let retention = |hours: u64| ("retention.ms", (hours * HOUR_MS).to_string());
    let mut config = match keeps {
        Keeps::Hours(hours) => vec![("cleanup.policy", "delete".to_owned()), retention(hours)],
        Keeps::Newest => vec![("cleanup.policy", "compact".to_owned())],
        Keeps::NewestFor(hours) => vec![
            ("cleanup.policy", "compact,delete".to_owned()),
            retention(hours),
        ],
    };
    if name == FENCES {
        config.push(("max.message.bytes", MAX_FENCE_BYTES.to_owned()));
        // A version that a rebuild still needs must not be compacted away.
        config.push(("min.compaction.lag.ms", (48 * HOUR_MS).to_string()));
    }
    config
}

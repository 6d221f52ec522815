//! The topics of the contract, made where they are missing.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use crate::io::kafka::KafkaFailed;
use crate::io::kafka::complaints::Complaints;
use crate::io::kafka::settings::KafkaSettings;

/// What resources report.
pub const POSITIONS: &str = "positions";
/// What incidents report.
pub const INCIDENTS: &str = "incidents";
/// Fences in force, by id.
pub const FENCES: &str = "cordon.fences";
/// Rules in force, by id.
pub const RULES: &str = "cordon.rules";
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
const TOPICS: [(&str, Keeps, bool); 13] = [
    (POSITIONS, Keeps::Hours(48), true),
    (INCIDENTS, Keeps::Hours(48), true),
    (FENCES, Keeps::Newest, false),
    (RULES, Keeps::Newest, false),
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

/// Between two looks whether to give up.
const STEP: Duration = Duration::from_millis(250);
const HOUR_MS: u64 = 3_600_000;
/// A little more than the largest fence that is taken (8 MiB).
pub(super) const MAX_FENCE_BYTES: &str = "8650752";
/// How long the brokers may take to make a topic.
const PATIENCE: Duration = Duration::from_secs(20);

/// Names and numbers of partitions of all topics.
pub(super) fn all(partitions: i32) -> impl Iterator<Item = (&'static str, i32)> {
    TOPICS
        .into_iter()
        .map(move |(name, _, spread)| (name, if spread { partitions } else { 1 }))
}

/// Whether `name` is a topic of Cordon's own.
#[must_use]
pub fn is_ours(name: &str) -> bool {
    TOPICS.iter().any(|(ours, ..)| *ours == name)
}

/// Waits until the brokers answer, and makes the topics that are missing. One that is there is used as
/// it is; one of `feeds` is somebody else's to make. False where `give_up` said so before.
///
/// # Errors
/// When an option of the settings is none, or the brokers refuse to be asked.
pub fn prepare(
    settings: &KafkaSettings,
    brokers: &str,
    feeds: &[&str],
    give_up: impl Fn() -> bool,
) -> Result<bool, KafkaFailed> {
    let asking: BaseConsumer<Complaints> = settings
        .client(brokers)
        .create_with_context(Complaints::default())
        .map_err(KafkaFailed::Option)?;
    let Some(known) = reach(&asking, brokers, give_up) else {
        return Ok(false);
    };
    for topic in feeds.iter().filter(|topic| !known.contains_key(**topic)) {
        eprintln!("kafka: topic {topic} of a [[feed]] is not there yet: it is read once it is");
    }
    let unreachable = |cause| KafkaFailed::Unreachable {
        brokers: brokers.to_owned(),
        cause,
    };
    let mut missing = Vec::new();
    for (topic, (name, wanted)) in TOPICS.iter().zip(all(settings.partitions)) {
        match known.get(name) {
            None => missing.push((topic, wanted)),
            Some(found) if *found != wanted => {
                eprintln!(
                    "kafka: topic {name} has {found} partitions, not {wanted}: used as it is"
                );
            }
            Some(_) => {}
        }
    }
    make(settings, brokers, &missing).map_err(unreachable)?;
    Ok(true)
}

/// Asks until there is an answer: the topics that are there and how many partitions each has.
fn reach(
    asking: &BaseConsumer<Complaints>,
    brokers: &str,
    give_up: impl Fn() -> bool,
) -> Option<BTreeMap<String, i32>> {
    const LONGEST: Duration = Duration::from_secs(10);
    const MOMENT: Duration = Duration::from_millis(10);
    let mut pause = STEP;
    let mut tries = 0u32;
    loop {
        let asked = asking.fetch_metadata(None, 3 * pause.max(Duration::from_secs(1)));
        // What it complains of comes through here; a look that does not wait at all finds nothing of a
        // handshake that failed.
        while asking.poll(MOMENT).is_some() {}
        let cause = match asked {
            Ok(metadata) => {
                if tries > 0 {
                    eprintln!("kafka: Kafka is there");
                }
                let topics = metadata.topics().iter().map(|topic| {
                    let count = i32::try_from(topic.partitions().len()).unwrap_or(i32::MAX);
                    (topic.name().to_owned(), count)
                });
                return Some(topics.collect());
            }
            Err(cause) => cause,
        };
        tries += 1;
        if tries.is_power_of_two() && !asking.context().is_refused() {
            eprintln!("kafka: Kafka at {brokers} does not answer ({cause}); trying again");
        }
        let mut waited = Duration::ZERO;
        while waited < pause {
            if give_up() {
                return None;
            }
            std::thread::sleep(STEP);
            waited += STEP;
        }
        pause = (pause * 2).min(LONGEST);
    }
}

fn make(
    settings: &KafkaSettings,
    brokers: &str,
    missing: &[(&(&'static str, Keeps, bool), i32)],
) -> Result<(), KafkaError> {
    if missing.is_empty() {
        return Ok(());
    }
    let admin: AdminClient<DefaultClientContext> = settings.client(brokers).create()?;
    let configs: Vec<_> = missing
        .iter()
        .map(|((name, keeps, _), _)| policy(name, *keeps))
        .collect();
    let topics: Vec<NewTopic> = missing
        .iter()
        .zip(&configs)
        .map(|(((name, ..), partitions), config)| {
            let topic = NewTopic::new(name, *partitions, TopicReplication::Fixed(-1));
            config
                .iter()
                .fold(topic, |topic, (key, value)| topic.set(key, value))
        })
        .collect();
    let options = AdminOptions::new()
        .operation_timeout(Some(PATIENCE))
        .request_timeout(Some(PATIENCE));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|_| KafkaError::Canceled)?;
    for made in runtime.block_on(admin.create_topics(&topics, &options))? {
        match made {
            // Another instance may have been faster.
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
    }
    if name == RULES {
        // A rule of a file that was taken away here stays so for a year, whatever is compacted.
        config.push(("delete.retention.ms", (366 * 24 * HOUR_MS).to_string()));
    }
    if name == FENCES || name == RULES {
        // A version that a rebuild still needs must not be compacted away.
        config.push(("min.compaction.lag.ms", (48 * HOUR_MS).to_string()));
    }
    config
}

//! How to reach Kafka.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use rdkafka::ClientConfig;

/// How to reach Kafka, and how much of its history to read.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct KafkaSettings {
    /// `host:port`, several separated by commas; `None`: the embedded broker.
    pub brokers: Option<String>,
    /// Handed to librdkafka as they are: TLS, SASL and whatever else it knows.
    pub options: BTreeMap<String, String>,
    /// First part of the names of consumer groups.
    pub group: String,
    /// How far back a first start reads, and a restart rebuilds its state from.
    pub history: Duration,
    /// Partitions of topics that have to be made.
    pub partitions: i32,
}

/// Whether the value of an option of librdkafka is a secret, which nobody may read.
#[must_use]
pub fn is_secret(option: &str) -> bool {
    const ENDINGS: [&str; 4] = ["password", "key.pem", "client.secret", "token"];
    ENDINGS.iter().any(|ending| option.ends_with(ending))
}

impl KafkaSettings {
    /// What every client is made with.
    pub(super) fn client(&self, brokers: &str) -> ClientConfig {
        let mut client = ClientConfig::new();
        client.set("bootstrap.servers", brokers);
        client.set("client.id", "cordon");
        for (option, value) in &self.options {
            client.set(option, value);
        }
        client
    }
}

/// Secrets are blanked out.
impl fmt::Debug for KafkaSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |option: &String, value: &String| {
            if is_secret(option) {
                "***".to_owned()
            } else {
                value.clone()
            }
        };
        let options: BTreeMap<_, _> = self
            .options
            .iter()
            .map(|(option, value)| (option.clone(), shown(option, value)))
            .collect();
        f.debug_struct("KafkaSettings")
            .field("brokers", &self.brokers)
            .field("options", &options)
            .field("group", &self.group)
            .field("history", &self.history)
            .field("partitions", &self.partitions)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        let settings = KafkaSettings {
            brokers: Some("kafka:9092".into()),
            options: [
                ("sasl.password".into(), "hunter2".into()),
                ("sasl.username".into(), "cordon".into()),
            ]
            .into(),
            group: "cordon".into(),
            history: Duration::from_hours(24),
            partitions: 6,
        };
        let printed = format!("{settings:?}");
        assert!(!printed.contains("hunter2"), "{printed}");
        assert!(printed.contains("cordon"), "{printed}");
    }
}

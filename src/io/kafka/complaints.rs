//! What librdkafka complains of, told to people: each kind the first time, then ever more rarely, so
//! that an hour without a broker is some ten lines and not ten thousand.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use rdkafka::ClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

/// The complaints of one client: how often each kind came.
#[derive(Debug, Default)]
pub(super) struct Complaints(Mutex<BTreeMap<Kind, u64>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Login,
    Encryption,
    Away,
    Other,
}

impl Complaints {
    /// Takes in what a client's callback was told.
    pub(super) fn hear(&self, error: &KafkaError, reason: &str) {
        // Asked for by whoever wants to know that a partition is read to its end: no complaint.
        if error.rdkafka_error_code() == Some(RDKafkaErrorCode::PartitionEOF) {
            return;
        }
        let kind = kind_of(error);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(kind).or_default();
        *count += 1;
        if count.is_power_of_two() {
            eprintln!("kafka: {}; trying again", words(kind, reason));
        }
    }

    /// Whether a broker was there and did not let us in, which was told then.
    pub(super) fn is_refused(&self) -> bool {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.contains_key(&Kind::Login) || counts.contains_key(&Kind::Encryption)
    }
}

impl ClientContext for Complaints {
    fn error(&self, error: KafkaError, reason: &str) {
        self.hear(&error, reason);
    }
}

impl rdkafka::consumer::ConsumerContext for Complaints {}

fn kind_of(error: &KafkaError) -> Kind {
    match error.rdkafka_error_code() {
        Some(
            RDKafkaErrorCode::Authentication
            | RDKafkaErrorCode::SaslAuthenticationFailed
            | RDKafkaErrorCode::UnsupportedSASLMechanism,
        ) => Kind::Login,
        Some(RDKafkaErrorCode::SSL) => Kind::Encryption,
        Some(
            RDKafkaErrorCode::BrokerTransportFailure
            | RDKafkaErrorCode::AllBrokersDown
            | RDKafkaErrorCode::Resolve
            | RDKafkaErrorCode::OperationTimedOut,
        ) => Kind::Away,
        _ => Kind::Other,
    }
}

fn words(kind: Kind, reason: &str) -> String {
    match kind {
        Kind::Login => {
            format!("the login was refused ({reason}); check \"sasl.*\" in [kafka.options]")
        }
        Kind::Encryption => format!(
            "no encrypted connection comes about ({reason}); check \"ssl.*\" and the broker's certificate"
        ),
        Kind::Away => format!("no broker answers ({reason})"),
        Kind::Other => reason.to_owned(),
    }
}

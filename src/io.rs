//! The edges: byte layouts, Kafka.

pub mod kafka;
pub mod wire;

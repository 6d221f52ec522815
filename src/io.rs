//! The edges: byte layouts, Kafka, mapped files, the web.

pub mod kafka;
pub mod mapped;
pub mod web;
pub mod wire;

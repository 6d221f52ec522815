//! The edges: byte layouts, Kafka, the web.

pub mod kafka;
pub mod web;
pub mod wire;

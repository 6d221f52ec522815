//! The picture that clients are served from: what holds now, and who asked for which part of it.

mod update;

pub use update::{FeedTopic, Update};

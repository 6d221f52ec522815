//! The picture that clients are served from: what holds now, and who asked for which part of it.
//!
//! It holds no truth: it is read from the topics again at every start.

pub mod filter;
mod model;
mod resume;
mod update;

pub use filter::Filter;
pub use model::{Bounds, Change, FeedAge, ReadModel};
pub use resume::ResumePoint;
pub use update::{FeedTopic, Update};

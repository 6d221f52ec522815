//! The picture that clients are served from: what holds now, and who asked for which part of it.
//!
//! It holds no truth: it is read from the topics again at every start.

mod board;
pub mod filter;
mod model;
mod passing;
mod resume;
mod storm;
mod update;

pub use board::{Board, News};
pub use filter::Filter;
pub use model::{Bounds, Change, FeedAge, ReadModel};
pub use resume::ResumePoint;
pub use storm::{STORM_WINDOW, Storm, StormWatch};
pub use update::{FeedTopic, Update};

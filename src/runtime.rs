//! The stages on Kafka: each on a thread of its own, fed by its consumer group, telling what it found
//! before its offsets are stored.
//!
//! A stage that fails ends the process: another start rebuilds its state from the history and goes on
//! from the last stored offset, with the same ids.

pub mod clock;
pub mod controls;
pub mod fence_files;
pub mod live;
pub mod picture_stage;
pub mod publish;
pub mod story_teller;
pub mod track_stage;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Asks every stage to stop in order.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// From now on.
    pub fn now(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether to stop.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

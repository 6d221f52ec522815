//! The stages on Kafka: each on a thread of its own, fed by its consumer group, telling what it found
//! before its offsets are stored.
//!
//! A stage that fails ends the process: another start rebuilds its state from the history and goes on
//! from the last stored offset, with the same ids.

pub mod clock;
pub mod controls;
pub mod feed_stage;
pub mod fence_files;
pub mod live;
pub mod picture_stage;
pub mod progress;
pub mod publish;
pub mod serve_stage;
pub mod story_teller;
pub mod track_stage;

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

/// Asks every stage to stop in order.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicU16>);

/// Stopped, but by no signal.
const NO_SIGNAL: u16 = u16::MAX;

impl Stop {
    /// From now on.
    pub fn now(&self) {
        let _ = self
            .0
            .compare_exchange(0, NO_SIGNAL, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// From now on, because of a signal whose exit code is `code`.
    pub fn by_signal(&self, code: u8) {
        self.0.store(code.into(), Ordering::Relaxed);
    }

    /// Whether to stop.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0
    }

    /// The exit code of the signal that asked.
    #[must_use]
    pub fn signal(&self) -> Option<u8> {
        u8::try_from(self.0.load(Ordering::Relaxed))
            .ok()
            .filter(|code| *code != 0)
    }
}

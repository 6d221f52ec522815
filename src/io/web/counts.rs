//! What went well and wrong so far, for the metrics.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counted by the rooms of the web side.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) clients: AtomicU64,
    pub(super) closed_slow: AtomicU64,
    pub(super) unreadable: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) frames: AtomicU64,
    pub(super) flushes: AtomicU64,
}

impl Counts {
    /// In the text format of Prometheus.
    pub(super) fn lines(&self) -> String {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        format!(
            "# TYPE cordon_sockets_open gauge\ncordon_sockets_open {}\n\
             # TYPE cordon_sockets_closed_total counter\ncordon_sockets_closed_total{{reason=\"behind\"}} {}\n\
             # TYPE cordon_socket_frames_total counter\ncordon_socket_frames_total {}\n\
             # TYPE cordon_socket_flushes_total counter\ncordon_socket_flushes_total {}\n\
             # TYPE cordon_serve_unreadable_total counter\ncordon_serve_unreadable_total {}\n\
             # TYPE cordon_serve_beyond_bounds_total counter\ncordon_serve_beyond_bounds_total {}\n",
            read(&self.clients),
            read(&self.closed_slow),
            read(&self.frames),
            read(&self.flushes),
            read(&self.unreadable),
            read(&self.refused),
        )
    }
}

//! Progress of long work: a bar on a terminal, a plain line now and then elsewhere.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Between two plain lines.
const INTERVAL: Duration = Duration::from_secs(10);

/// Tells how far work has come.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    total: u64,
    what: &'static str,
    /// Of the total; `None`: bytes.
    unit: Option<&'static str>,
    told: Instant,
}

impl Progress {
    /// Work of so many bytes.
    pub(super) fn new(what: &'static str, total: u64) -> Self {
        Self::begin(what, total, None)
    }

    /// Work of so many of `unit`.
    pub(super) fn of(what: &'static str, total: u64, unit: &'static str) -> Self {
        Self::begin(what, total, Some(unit))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "progress is told by real time; it decides no result"
    )]
    fn begin(what: &'static str, total: u64, unit: Option<&'static str>) -> Self {
        let bar = stderr().is_terminal().then(|| {
            let style = match unit {
                None => "{msg} {wide_bar} {bytes}/{total_bytes} {binary_bytes_per_sec} {eta}",
                Some(_) => "{msg} {wide_bar} {percent} % {eta}",
            };
            let style = ProgressStyle::with_template(style)
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::new(total).with_style(style).with_message(what)
        });
        Self {
            bar,
            total,
            what,
            unit,
            told: Instant::now(),
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "progress is told by real time; it decides no result"
    )]
    pub(super) fn at(&mut self, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(bytes);
        } else if self.told.elapsed() >= INTERVAL {
            self.told = Instant::now();
            let percent = (bytes.saturating_mul(100) / self.total.max(1)).min(100);
            let of = match self.unit {
                None => format!("{} MB", self.total / 1_000_000),
                Some(unit) => format!("{} {unit}", self.total),
            };
            eprintln!("{}: {percent} % of {of}", self.what);
        }
    }

    pub(super) fn done(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

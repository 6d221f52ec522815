//! What Cordon counts, for Prometheus. No label ever comes from input.

use std::time::Duration;

use prometheus::{
    Encoder, Gauge, GaugeVec, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGaugeVec,
    Opts, Registry, TextEncoder,
};

use crate::domain::alert::{Alert, AlertState};
use crate::domain::reject::Reason;

/// Every metric; cheap to clone.
#[derive(Clone, Debug)]
pub struct Telemetry {
    registry: Registry,
    records_in: IntCounterVec,
    records_out: IntCounterVec,
    rejects: IntCounterVec,
    event_time: GaugeVec,
    latency: Histogram,
    queue_depth: IntGaugeVec,
    queue_capacity: IntGaugeVec,
    thinned: IntCounter,
    overtaken: IntCounter,
    rebalances: IntCounter,
    consumer_lag: IntGaugeVec,
    broker_up: Gauge,
    alerts_open: IntGaugeVec,
    commands: IntCounterVec,
}

/// Bounds of the latency histogram, seconds: those that the targets speak of among them.
const LATENCY_S: [f64; 12] = [
    0.002, 0.005, 0.01, 0.015, 0.025, 0.06, 0.12, 0.25, 0.5, 1.0, 5.0, 30.0,
];

impl Telemetry {
    /// Counts nothing yet.
    ///
    /// # Errors
    /// When a metric is named twice: a fault of this file.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let counters = |name: &str, help: &str, labels: &[&str]| {
            let counters = IntCounterVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(counters.clone()))?;
            Ok::<_, prometheus::Error>(counters)
        };
        let gauges = |name: &str, help: &str, labels: &[&str]| {
            let gauges = IntGaugeVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(gauges.clone()))?;
            Ok::<_, prometheus::Error>(gauges)
        };
        let latency = "Time from a record at the broker to what follows from it";
        let latency = HistogramOpts::new("cordon_end_to_end_latency_seconds", latency)
            .buckets(LATENCY_S.to_vec());
        let telemetry = Self {
            records_in: counters("cordon_records_in_total", "Records read", &["topic"])?,
            records_out: counters("cordon_records_out_total", "Records written", &["topic"])?,
            rejects: counters("cordon_rejects_total", "Records refused", &["reason"])?,
            event_time: GaugeVec::new(
                Opts::new(
                    "cordon_event_time_lag_seconds",
                    "Newest event time read, behind the wall clock",
                ),
                &["topic"],
            )?,
            latency: Histogram::with_opts(latency)?,
            queue_depth: gauges("cordon_queue_depth", "What waits in a queue", &["queue"])?,
            queue_capacity: gauges(
                "cordon_queue_capacity",
                "What a queue holds at most",
                &["queue"],
            )?,
            thinned: IntCounter::new(
                "cordon_positions_thinned_total",
                "Positions that a newer one stood for",
            )?,
            overtaken: IntCounter::new(
                "cordon_serve_overtaken_total",
                "Located reports that the screen passed over for a newer one of the same subject",
            )?,
            rebalances: IntCounter::new(
                "cordon_rebalances_total",
                "Partitions that were taken away",
            )?,
            consumer_lag: gauges(
                "cordon_kafka_consumer_lag",
                "Records not read yet",
                &["topic"],
            )?,
            broker_up: Gauge::new("cordon_kafka_broker_up", "Whether a broker answers")?,
            alerts_open: gauges(
                "cordon_alerts_open",
                "Alerts opened and not closed by this process",
                &["severity"],
            )?,
            commands: counters("cordon_commands_total", "What operators did", &["action"])?,
            registry: registry.clone(),
        };
        let singles: [Box<dyn prometheus::core::Collector>; 6] = [
            Box::new(telemetry.event_time.clone()),
            Box::new(telemetry.latency.clone()),
            Box::new(telemetry.thinned.clone()),
            Box::new(telemetry.overtaken.clone()),
            Box::new(telemetry.rebalances.clone()),
            Box::new(telemetry.broker_up.clone()),
        ];
        for single in singles {
            registry.register(single)?;
        }
        let build = gauges("cordon_build_info", "The running version", &["version"])?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        Ok(telemetry)
    }

    /// A record of `topic` was read.
    pub fn record_in(&self, topic: &str) {
        self.records_in.with_label_values(&[topic]).inc();
    }

    /// A record of `topic` was written.
    pub fn record_out(&self, topic: &str) {
        self.records_out.with_label_values(&[topic]).inc();
    }

    /// A record was refused.
    pub fn rejected(&self, reason: Reason) {
        self.rejects.with_label_values(&[reason.label()]).inc();
    }

    /// Alerts that changed.
    pub fn alerts(&self, alerts: &[Alert]) {
        for alert in alerts {
            let open = self
                .alerts_open
                .with_label_values(&[alert.severity.label()]);
            match alert.state {
                AlertState::Open => open.inc(),
                AlertState::Closed => open.dec(),
                AlertState::Updated | AlertState::Acknowledged => {}
            }
        }
    }

    /// How far the newest event time of a topic is behind the wall clock.
    pub fn event_time_lag(&self, topic: &str, lag: Duration) {
        self.event_time
            .with_label_values(&[topic])
            .set(lag.as_secs_f64());
    }

    /// How long a record took.
    pub fn latency(&self, took: Duration) {
        self.latency.observe(took.as_secs_f64());
    }

    /// What waits in a queue, and what it holds at most.
    pub fn queue(&self, queue: &str, depth: usize, capacity: usize) {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.queue_depth
            .with_label_values(&[queue])
            .set(number(depth));
        self.queue_capacity
            .with_label_values(&[queue])
            .set(number(capacity));
    }

    /// A position was left out for a newer one.
    pub fn thinned(&self) {
        self.thinned.inc();
    }

    /// The screen passed over so many located reports for newer ones.
    pub fn overtaken(&self, reports: u64) {
        self.overtaken.inc_by(reports);
    }

    /// A partition was taken away.
    pub fn rebalanced(&self) {
        self.rebalances.inc();
    }

    /// Records of a topic that are not read yet.
    pub fn lag(&self, topic: &str, records: i64) {
        self.consumer_lag.with_label_values(&[topic]).set(records);
    }

    /// Whether a broker answers.
    pub fn broker_up(&self, up: bool) {
        self.broker_up.set(f64::from(u8::from(up)));
    }

    /// An operator did something; `action` is one of the contract's words.
    pub fn command(&self, action: &'static str) {
        self.commands.with_label_values(&[action]).inc();
    }

    /// Everything, in the text format of Prometheus.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = Vec::new();
        // Writing to memory; a metric without a value is left out.
        let _ = TextEncoder::new().encode(&self.registry.gather(), &mut text);
        String::from_utf8_lossy(&text).into_owned()
    }
}

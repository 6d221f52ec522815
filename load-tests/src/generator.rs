//! Positions of subjects that circle around places of their own in Greater London.

use std::io::{self, BufWriter, Write};
use std::time::Duration;

use anyhow::Context;
use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

use crate::clock::{Since, micros};

/// At a time, so many records are due; then the clock is looked at.
const PORTION: u64 = 100;
/// And so much later at the latest.
const PORTIONS_A_SECOND: u64 = 200;
const FLUSH_WITHIN: Duration = Duration::from_mins(1);

/// What to send.
///
/// `source` of each record is the moment of producing, in microseconds since 1970; the swarm measures
/// from it.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Records a second
    #[arg(long, default_value_t = 1000)]
    rate: u64,
    /// Subjects that take turns
    #[arg(long, default_value_t = 2000)]
    subjects: u64,
    /// For how long
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Of the places
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// HOST:PORT of Kafka; without it the records go to standard output
    #[arg(long)]
    brokers: Option<String>,
    /// How long records wait for others to go with, ms
    #[arg(long, default_value_t = 20)]
    linger_ms: u32,
    /// Where to there
    #[arg(long, default_value = "positions")]
    topic: String,
}

/// Where records go.
trait Sink {
    fn put(&mut self, key: &str, record: &str) -> anyhow::Result<()>;
    /// Everything so far is on its way.
    fn push(&mut self) -> anyhow::Result<()>;
}

pub(crate) fn run(asked: &Arguments) -> anyhow::Result<()> {
    let behind = if let Some(brokers) = &asked.brokers {
        let mut kafka = Kafka::open(brokers, asked)?;
        let behind = send(asked, &mut kafka)?;
        kafka.producer.flush(FLUSH_WITHIN).context("flushing")?;
        behind
    } else {
        send(asked, &mut Lines(BufWriter::new(io::stdout().lock())))?
    };
    let sent = asked.rate * asked.seconds;
    let behind = behind.as_millis();
    eprintln!("{sent} records, {behind} ms behind the rate at the end");
    Ok(())
}

/// Sends all; how far behind the rate at the end.
fn send(asked: &Arguments, sink: &mut impl Sink) -> anyhow::Result<Duration> {
    let began = Since::now();
    let mut behind = Duration::ZERO;
    let portion = PORTION.min(asked.rate / PORTIONS_A_SECOND).max(1);
    for number in 0..asked.rate * asked.seconds {
        if number % portion == 0 {
            sink.push()?;
            let due = number.saturating_mul(1_000_000_000) / asked.rate.max(1);
            let due = Duration::from_nanos(due);
            behind = began.elapsed().saturating_sub(due);
            std::thread::sleep(due.saturating_sub(began.elapsed()));
        }
        if number > 0 && number % (asked.rate * 10) == 0 {
            eprintln!("{} s, {number} records", number / asked.rate);
        }
        let (subject, step) = (
            number % asked.subjects.max(1),
            number / asked.subjects.max(1),
        );
        let (lat, lon) = place(asked.seed, subject, step);
        let now = micros();
        let at = now / 1000;
        let key = format!("LOAD-{subject}");
        let record = format!(
            r#"{{"subject":"{key}","at":{at},"lat":{lat:.6},"lon":{lon:.6},"class":"vehicle","source":"{now}"}}"#
        );
        sink.put(&key, &record)?;
    }
    sink.push()?;
    Ok(behind)
}

struct Lines<W: Write>(W);

impl<W: Write> Sink for Lines<W> {
    fn put(&mut self, key: &str, record: &str) -> anyhow::Result<()> {
        Ok(writeln!(self.0, "{key}\t{record}")?)
    }

    fn push(&mut self) -> anyhow::Result<()> {
        Ok(self.0.flush()?)
    }
}

struct Kafka<'a> {
    producer: BaseProducer,
    topic: &'a str,
}

impl<'a> Kafka<'a> {
    fn open(brokers: &str, asked: &'a Arguments) -> anyhow::Result<Self> {
        let producer = ClientConfig::new()
            .set("bootstrap.servers", brokers)
            .set("linger.ms", asked.linger_ms.to_string())
            .set("queue.buffering.max.messages", "500000")
            .create()
            .with_context(|| format!("opening a producer to {brokers}"))?;
        Ok(Self {
            producer,
            topic: &asked.topic,
        })
    }
}

impl Sink for Kafka<'_> {
    fn put(&mut self, key: &str, record: &str) -> anyhow::Result<()> {
        let mut message = BaseRecord::to(self.topic).key(key).payload(record);
        loop {
            match self.producer.send(message) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    message = back;
                    self.producer.poll(Duration::from_millis(1));
                }
                Err((error, _)) => return Err(error).context("producing"),
            }
        }
    }

    fn push(&mut self) -> anyhow::Result<()> {
        self.producer.poll(Duration::ZERO);
        Ok(())
    }
}

/// Where a subject is after so many steps.
fn place(seed: u64, subject: u64, step: u64) -> (f64, f64) {
    // SplitMix64 (Steele, Lea, Flood 2014): one mixed number for each subject.
    let mut mixed = seed.wrapping_add(subject.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let part = |bits: u64| f64::from(u32::try_from(bits & 0xffff).unwrap_or(0)) / 65_536.0;
    let angle = f64::from(u32::try_from(step % 360).unwrap_or(0)).to_radians();
    let lat = 51.35 + 0.3 * part(mixed) + 0.001 * angle.sin();
    let lon = -0.45 + 0.7 * part(mixed >> 16) + 0.001 * angle.cos();
    (lat, lon)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_is_as_many_records_as_it_says_and_stays_in_london() {
        let asked = Arguments {
            rate: 1000,
            subjects: 7,
            seconds: 1,
            seed: 3,
            brokers: None,
            linger_ms: 20,
            topic: String::new(),
        };
        let mut lines = Lines(Vec::new());
        send(&asked, &mut lines).unwrap();
        assert_eq!(lines.0.split(|byte| *byte == b'\n').count(), 1001);
        for subject in 0..100 {
            let (lat, lon) = place(3, subject, 5);
            let is_in = (51.3..51.7).contains(&lat) && (-0.5..0.3).contains(&lon);
            assert!(is_in, "{lat} {lon}");
        }
        assert_ne!(place(3, 1, 0), place(4, 1, 0));
    }
}

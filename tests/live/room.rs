//! A real Apache Kafka, `cordon run` beside it, and a client of both.

use std::cell::Cell;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use cordon::runtime::clock::now;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{ClientConfig, Message, Offset, TopicPartitionList};
use serde_json::Value;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Whether to run; `make test` asks for it where there is a Java.
pub(super) fn is_asked() -> bool {
    let asked = std::env::var_os("CORDON_BROKER_TESTS").is_some_and(|value| value == "1");
    if !asked {
        println!("not run: CORDON_BROKER_TESTS=1 runs this against a real Apache Kafka");
    }
    asked
}

/// Apache Kafka, stopped when dropped.
pub(super) struct Broker {
    script: Child,
    pub(super) address: String,
    /// Who signed its certificate, with `--tls`.
    pub(super) ca: String,
}

impl Broker {
    pub(super) fn start(arguments: &[&str]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kafka/broker.py");
        let mut script = Command::new("python3")
            .arg(script)
            .arg("start")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = lines(&mut script);
        let address = first_word_after("kafka ", &mut lines);
        let has_ca = arguments.contains(&"--tls");
        let ca = has_ca.then(|| first_word_after("ca ", &mut lines));
        read_on(lines);
        Self {
            script,
            address,
            ca: ca.unwrap_or_default(),
        }
    }

    /// Stops it in order and waits for that.
    pub(super) fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop(self.script.stdin.take());
        self.script.wait().unwrap();
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.end();
    }
}

type Lines = std::io::Lines<BufReader<ChildStdout>>;

fn lines(child: &mut Child) -> Lines {
    BufReader::new(child.stdout.take().unwrap()).lines()
}

fn first_word_after(prefix: &str, lines: &mut Lines) -> String {
    lines
        .find_map(|line| Some(line.ok()?.strip_prefix(prefix)?.to_owned()))
        .expect("the line that says that it is ready")
}

/// What comes later must find somebody who reads it.
fn read_on(lines: Lines) {
    std::thread::spawn(move || lines.for_each(drop));
}

/// `cordon run`, killed when dropped.
pub(super) struct Cordon {
    child: Child,
    errors: PathBuf,
    pub(super) address: String,
}

impl Cordon {
    /// Starts it with `settings` in `folder`; its configuration may name files there.
    pub(super) fn start(folder: &Path, settings: &str) -> Self {
        Self::launch(folder, settings, &[]).when_ready()
    }

    /// Waits until it says where Kafka is.
    pub(super) fn when_ready(mut self) -> Self {
        let mut lines = lines(&mut self.child);
        self.address = first_word_after("kafka ", &mut lines);
        read_on(lines);
        self
    }

    /// Starts it with variables of its own and does not wait until it is ready.
    pub(super) fn launch(folder: &Path, settings: &str, variables: &[(&str, &str)]) -> Self {
        let config = folder.join("cordon.toml");
        std::fs::write(&config, settings).unwrap();
        let errors = folder.join("errors");
        let child = Command::new(env!("CARGO_BIN_EXE_cordon"))
            .args(["run", "--role", "track,picture", "--config"])
            .arg(config)
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&errors).unwrap())
            .spawn()
            .unwrap();
        Self {
            child,
            errors,
            address: String::new(),
        }
    }

    /// What it has written to standard error.
    pub(super) fn errors(&self) -> String {
        std::fs::read_to_string(&self.errors).unwrap()
    }

    /// SIGKILL: nothing is stored, nothing is said.
    pub(super) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; its exit code.
    pub(super) fn stop(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        Command::new("kill").arg(id).status().unwrap();
        self.child.wait().unwrap().code()
    }

    pub(super) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits until standard error holds `words`.
    pub(super) fn says(&self, words: &str) {
        wait_until(
            || self.errors().contains(words),
            || format!("nobody said {words:?}: {}", self.errors()),
        );
    }
}

impl Drop for Cordon {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("cordon said: {}", self.errors());
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs `cordon` in `folder` to its end; its exit code.
pub(super) fn run(folder: &Path, arguments: &[&str]) -> Option<i32> {
    let done = Command::new(env!("CARGO_BIN_EXE_cordon"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    println!("{}", String::from_utf8_lossy(&done.stderr));
    done.status.code()
}

/// A client of the broker.
pub(super) struct Client {
    config: ClientConfig,
    producer: BaseProducer,
    at: Cell<i64>,
}

impl Client {
    pub(super) fn new(address: &str) -> Self {
        Self::with(address, &[])
    }

    /// One that is set up by options of librdkafka.
    pub(super) fn with(address: &str, options: &[(&str, &str)]) -> Self {
        let mut config = ClientConfig::new();
        for (option, value) in options {
            config.set(*option, *value);
        }
        config.set("bootstrap.servers", address);
        config.set("group.id", "reader");
        let now = now();
        Self {
            producer: config.create().unwrap(),
            config,
            at: Cell::new(now.millis()),
        }
    }

    pub(super) fn send(&self, topic: &str, key: &str, value: &str) {
        let record = BaseRecord::to(topic).key(key).payload(value);
        self.producer.send(record).unwrap();
        self.producer.flush(PATIENCE).unwrap();
    }

    /// The end of what `key` named.
    pub(super) fn delete(&self, topic: &str, key: &str) {
        let record = BaseRecord::<str, [u8]>::to(topic).key(key);
        self.producer.send(record).unwrap();
        self.producer.flush(PATIENCE).unwrap();
    }

    /// A report of `subject` at `lat`, `lon`, a moment later than the one before; its time.
    pub(super) fn report(&self, subject: &str, lat: f64, lon: f64) -> i64 {
        let at = self.at.get() + 10;
        self.at.set(at);
        let report = format!(r#"{{"subject":"{subject}","at":{at},"lat":{lat},"lon":{lon}}}"#);
        self.send("positions", subject, &report);
        at
    }

    pub(super) fn make_topic(&self, name: &str, partitions: i32) {
        let admin: AdminClient<DefaultClientContext> = self.config.create().unwrap();
        let topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let made = runtime.block_on(admin.create_topics([&topic], &AdminOptions::new()));
        made.unwrap()[0].clone().unwrap();
    }

    pub(super) fn partitions(&self, topic: &str) -> usize {
        let consumer: BaseConsumer = self.config.create().unwrap();
        let metadata = consumer.fetch_metadata(Some(topic), PATIENCE).unwrap();
        metadata.topics()[0].partitions().len()
    }

    /// Everything that is in `topic` now, by partition and offset.
    pub(super) fn all(&self, topic: &str) -> Vec<Value> {
        let consumer: BaseConsumer = self.config.create().unwrap();
        let metadata = consumer.fetch_metadata(Some(topic), PATIENCE).unwrap();
        let mut list = TopicPartitionList::new();
        let mut left = 0;
        for partition in metadata.topics()[0].partitions() {
            // A topic that is just being made has no leader for a moment, and nothing in it.
            let Ok((low, high)) = consumer.fetch_watermarks(topic, partition.id(), PATIENCE) else {
                return Vec::new();
            };
            left += high - low;
            list.add_partition_offset(topic, partition.id(), Offset::Beginning)
                .unwrap();
        }
        consumer.assign(&list).unwrap();
        let mut records = Vec::new();
        while left > 0 {
            let message = consumer.poll(PATIENCE).expect("a record").unwrap();
            left -= 1;
            if let Some(value) = message.payload() {
                records.push(serde_json::from_slice(value).unwrap());
            }
        }
        records
    }

    /// Waits until what is in `topic` is as it must be, and gives it.
    pub(super) fn wait(&self, topic: &str, is: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let mut records = Vec::new();
        let seen = Cell::new(String::new());
        wait_until(
            || {
                records = self.all(topic);
                seen.set(format!("{topic} holds {records:?}"));
                is(&records)
            },
            || seen.take(),
        );
        records
    }
}

pub(super) fn wait_until(mut is: impl FnMut() -> bool, otherwise: impl Fn() -> String) {
    let began = now();
    while !is() {
        assert!(now().since(began) < PATIENCE, "{}", otherwise());
        std::thread::sleep(Duration::from_millis(50));
    }
}

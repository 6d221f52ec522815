//! Delivery against a real Apache Kafka: `tests/kafka/broker.py` starts one. Runs where
//! `CORDON_BROKER_TESTS=1`, as `make test` sets it; else says so in one line.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use cordon::io::kafka::outbox::Outbox;
use cordon::io::kafka::settings::KafkaSettings;
use cordon::io::kafka::tail::Tail;
use cordon::io::kafka::topics;
use cordon::runtime::clock::now;
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_mins(1);

fn is_asked() -> bool {
    let asked = std::env::var_os("CORDON_BROKER_TESTS").is_some_and(|value| value == "1");
    if !asked {
        println!("not run: CORDON_BROKER_TESTS=1 runs this against a real Apache Kafka");
    }
    asked
}

/// A real broker; it stops when this is dropped.
struct Broker {
    process: Child,
    stdin: Option<ChildStdin>,
    address: String,
}

impl Broker {
    fn start(arguments: &[&str]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kafka/broker.py");
        let mut process = Command::new("python3")
            .arg(script)
            .arg("start")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .trim()
            .strip_prefix("kafka ")
            .expect("the broker starts")
            .to_owned();
        Self {
            stdin: process.stdin.take(),
            process,
            address,
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.process.wait();
    }
}

/// A running `cordon run`; killed when this is dropped.
struct Cordon(Child);

impl Cordon {
    fn start(config: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_cordon"))
            .args(["run", "--role", "track,picture", "--config"])
            .arg(config)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert!(line.starts_with("kafka "), "{line}");
        Self(process)
    }

    /// As kill -9 does it: no farewell, nothing stored.
    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Cordon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The room where a test happens: a broker, a config, a writer.
struct Room {
    config: tempfile::NamedTempFile,
    settings: KafkaSettings,
    address: String,
    outbox: Outbox,
}

impl Room {
    fn new(broker: &Broker) -> Self {
        let config = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
        fs::write(
            config.path(),
            format!(
                "[kafka]\nbrokers = \"{}\"\npartitions = 2\n",
                broker.address
            ),
        )
        .unwrap();
        let settings = KafkaSettings {
            brokers: Some(broker.address.clone()),
            group: "test".into(),
            history: Duration::from_hours(24),
            partitions: 2,
            ..KafkaSettings::default()
        };
        let outbox = Outbox::open(&settings, &broker.address).unwrap();
        Self {
            config,
            address: broker.address.clone(),
            settings,
            outbox,
        }
    }

    fn fence(&self) {
        let ring = [
            [-0.14, 51.49],
            [-0.10, 51.49],
            [-0.10, 51.51],
            [-0.14, 51.51],
            [-0.14, 51.49],
        ];
        let fence = json!({
            "type": "Feature", "id": "sterile-1",
            "properties": {"name": "Sterile zone 1", "class": "sterile"},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        });
        self.send(topics::FENCES, "sterile-1", &fence);
    }

    fn fix(&self, subject: &str, longitude: f64) {
        let report =
            json!({"subject": subject, "at": now().millis(), "lat": 51.5, "lon": longitude});
        self.send(topics::POSITIONS, subject, &report);
    }

    fn send(&self, topic: &str, key: &str, value: &Value) {
        self.outbox
            .send(topic, key, Some(value.to_string().as_bytes()))
            .unwrap();
        assert!(self.outbox.drain(|| false));
    }

    /// Every alert that was told so far, once `enough` of them are there.
    fn alerts(&self, enough: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let mut tail = Tail::open(&self.settings, &self.address, &[topics::ALERTS], None).unwrap();
        let mut alerts = Vec::new();
        let began = now();
        while !(tail.is_caught_up() && enough(&alerts)) {
            assert!(now().since(began) < PATIENCE, "still {alerts:#?}");
            if let Some(record) = tail.next(Duration::from_millis(100)).unwrap() {
                alerts.push(serde_json::from_slice(&record.value.unwrap()).unwrap());
            }
        }
        alerts
    }
}

/// (state, sequence) of the alerts of one id, each once.
fn life(alerts: &[Value], id: &Value) -> Vec<(String, u64)> {
    let of_id = alerts.iter().filter(|alert| alert["id"] == *id);
    let mut life: Vec<_> = of_id
        .map(|alert| {
            (
                alert["state"].as_str().unwrap().to_owned(),
                alert["sequence"].as_u64().unwrap(),
            )
        })
        .collect();
    life.sort_by_key(|(_, sequence)| *sequence);
    life.dedup();
    life
}

#[test]
fn an_acknowledgement_survives_kill_9_and_nothing_opens_twice() {
    if !is_asked() {
        return;
    }
    let broker = Broker::start(&[]);
    let room = Room::new(&broker);
    let cordon = Cordon::start(room.config.path());
    room.fence();
    room.fix("CX04", -0.20);
    std::thread::sleep(Duration::from_secs(1)); // the fence is drawn before the unit drives in
    room.fix("CX04", -0.12);
    let opened = room.alerts(|alerts| !alerts.is_empty());
    let id = opened[0]["id"].clone();
    let acknowledge = json!({
        "id": "c-1", "at": now().millis(), "by": "P. Osel",
        "action": "acknowledge", "target": id,
    });
    room.send(topics::COMMANDS, id.as_str().unwrap(), &acknowledge);
    room.alerts(|alerts| alerts.iter().any(|alert| alert["state"] == "acknowledged"));
    cordon.kill();

    let _again = Cordon::start(room.config.path());
    room.fix("CX04", -0.20);
    let alerts = room.alerts(|alerts| alerts.iter().any(|alert| alert["state"] == "closed"));
    assert!(alerts.iter().all(|alert| alert["id"] == id), "{alerts:#?}");
    let expected = [("open", 1), ("acknowledged", 2), ("closed", 3)];
    assert_eq!(
        life(&alerts, &id),
        expected.map(|(state, sequence)| (state.to_owned(), sequence))
    );
    let closed = alerts
        .iter()
        .find(|alert| alert["state"] == "closed")
        .unwrap();
    assert_eq!(closed["acknowledged_by"], "P. Osel");
}

#[test]
fn a_broker_that_goes_away_and_comes_back_loses_nothing() {
    if !is_asked() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let kept = ["--dir", folder.path().to_str().unwrap()];
    let broker = Broker::start(&kept);
    let room = Room::new(&broker);
    let _cordon = Cordon::start(room.config.path());
    room.fence();
    room.fix("A", -0.12);
    room.alerts(|alerts| alerts.len() == 1);
    drop(broker);
    // Handed over while nobody is there: it waits.
    let report = json!({"subject": "B", "at": now().millis(), "lat": 51.5, "lon": -0.12});
    room.outbox
        .send(topics::POSITIONS, "B", Some(report.to_string().as_bytes()))
        .unwrap();
    let back = Broker::start(&kept);
    assert_eq!(back.address, room.address, "it comes back where it was");
    assert!(room.outbox.drain(|| false));
    let alerts = room.alerts(|alerts| alerts.iter().any(|alert| alert["subject"] == "B"));
    assert_eq!(
        alerts
            .iter()
            .filter(|alert| alert["subject"] == "A" && alert["state"] == "open")
            .count(),
        1
    );
}

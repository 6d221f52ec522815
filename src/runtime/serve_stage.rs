//! Serving: topics into the read model, what operators do into `cordon.commands`, who read what into
//! `cordon.audit`.

use std::sync::{Arc, PoisonError, RwLock};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use tokio::sync::{mpsc, watch};

use crate::alert::rule::{Rule, RuleSet};
use crate::config::rules::RuleReader;
use crate::config::web::WebConfig;
use crate::domain::ids;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::Vocabulary;
use crate::geocode::Geocoder;
use crate::io::kafka::outbox::Outbox;
use crate::io::kafka::settings::KafkaSettings;
use crate::io::kafka::tail::Tail;
use crate::io::kafka::{Record, topics};
use crate::io::web::{self, Bound, CommandRecord, WebSettings};
use crate::io::wire;
use crate::io::wire::live::frames::{RuleLine, Rules};
use crate::runtime::Stop;
use crate::runtime::clock::{Every, now};
use crate::runtime::story_teller::SharedSecond;
use crate::serve::{FeedTopic, Newest, Update};
use crate::telemetry::Telemetry;

/// Records on their way to the read model; when full, the tail waits and Kafka keeps the rest.
const UPDATES: usize = 4096;
/// For so long at most records are gathered before the newest of each subject are read: an alert among
/// them waits no longer.
const TURN: Duration = Duration::from_millis(200);
/// After so many records the clock is looked at.
const LOOK: usize = 64;
/// How long a record may be with the embedded broker before it is seen here.
const FETCH_WAIT: Duration = Duration::from_millis(10);
/// How long nothing may come before the rest of a turn is looked after: a stop, what was overtaken.
const QUIET: Duration = Duration::from_millis(50);
/// How long a command may lie before it goes to Kafka.
const HAND: Duration = Duration::from_millis(10);
/// Commands on their way to Kafka; when full, the client is told to try again.
const COMMANDS: usize = 256;
/// Audit records on their way to Kafka; when full, reads are refused.
const AUDIT: usize = 4096;
/// How long a command may take to have an effect before its giver is told that it has none.
const EFFECT_WITHIN: Duration = Duration::from_secs(5);

/// What serving shows, and from which topics.
const SHOWN: [(&str, FeedTopic); 6] = [
    (topics::LOCATED, FeedTopic::Located),
    (topics::UNPLACED, FeedTopic::Unplaced),
    (topics::TRANSITIONS, FeedTopic::Transitions),
    (topics::ALERTS, FeedTopic::Alerts),
    (topics::CELLS, FeedTopic::Cells),
    (topics::FENCES, FeedTopic::Fences),
];

/// What serving is made with.
#[derive(Clone, Debug)]
pub struct ServeStage {
    /// How to reach Kafka.
    pub kafka: KafkaSettings,
    /// Where it is.
    pub brokers: String,
    /// How serving is set up.
    pub web: WebConfig,
    /// What alerts are raised by now.
    pub rules: Arc<RwLock<RuleSet>>,
    /// Reads the rules that come later.
    pub rule_reader: RuleReader,
    /// When a class of resource is stale.
    pub vocabulary: Arc<Vocabulary>,
    /// What places are looked up in.
    pub geocoder: Geocoder,
    /// Where the demo's story is, when one is told.
    pub story: Option<SharedSecond>,
    /// What is counted.
    pub telemetry: Telemetry,
}

/// An address that is ours, and the runtime that listens there.
pub struct Door {
    runtime: tokio::runtime::Runtime,
    bound: Bound,
}

impl Door {
    /// The address for a browser.
    #[must_use]
    pub fn url(&self) -> String {
        self.bound.url()
    }

    /// What has to be said in red before anybody is let in; `None` where nothing has.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        self.bound.warning()
    }
}

impl ServeStage {
    /// Takes the address, before anything is read: one that is taken or not allowed ends the start.
    ///
    /// # Errors
    /// When the address cannot be had, or is not safe and nobody said that it is meant.
    pub fn bind(&self) -> anyhow::Result<Door> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .context("starting the web runtime")?;
        let bound = runtime.block_on(web::bind(&self.settings()))?;
        Ok(Door { runtime, bound })
    }

    /// Serves until asked to stop.
    ///
    /// # Errors
    /// When Kafka cannot be used or the listener fails.
    pub fn run(self, door: Door, stop: &Stop) -> anyhow::Result<()> {
        let (updates, to_show) = mpsc::channel(UPDATES);
        let (commands, commanded) = mpsc::channel(COMMANDS);
        let (audit, audited) = mpsc::channel(AUDIT);
        let (caught_up, is_caught_up) = watch::channel(false);
        let (shutdown, is_shut_down) = watch::channel(false);
        let reader = {
            let (stage, stop) = (self.clone(), stop.clone());
            thread::spawn(move || stage.feed(&updates, &caught_up, &stop))
        };
        let outbox = Outbox::open(&self.kafka, &self.brokers)?;
        let settings = WebSettings {
            stream: self.stream(&outbox),
            ..self.settings()
        };
        let writer = {
            let telemetry = self.telemetry.clone();
            thread::spawn(move || write(&outbox, &telemetry, commanded, audited))
        };
        let watcher = {
            let stop = stop.clone();
            thread::spawn(move || {
                while !stop.is_asked() {
                    thread::sleep(Duration::from_millis(50));
                }
                let _ = shutdown.send(true); // nobody left to tell is as good
            })
        };
        let telemetry = self.telemetry.clone();
        let served = door.runtime.block_on(web::serve(
            door.bound,
            settings,
            to_show,
            commands,
            audit,
            Arc::new(move || telemetry.text()),
            is_caught_up,
            is_shut_down,
        ));
        stop.now();
        let read = reader
            .join()
            .map_err(|_| anyhow::anyhow!("reading for the screen broke off"))?;
        writer
            .join()
            .map_err(|_| anyhow::anyhow!("writing commands broke off"))??;
        let _ = watcher.join();
        served.context("serving")?;
        read
    }

    /// What tells the offsets of these brokers from those of others. The embedded broker is another at
    /// every start; the same cluster is the same for every instance.
    fn stream(&self, outbox: &Outbox) -> String {
        let name = if self.kafka.brokers.is_some() {
            outbox.cluster().unwrap_or_default()
        } else {
            format!("{} {}", now().millis(), std::process::id())
        };
        let digest = ids::digest(&["stream", &name]);
        digest.chars().take(8).collect()
    }

    fn settings(&self) -> WebSettings {
        let classes = self.vocabulary.classes.iter();
        let stale = classes.map(|(name, class)| (name.to_string(), class.stale_after.as_secs()));
        let (story, rules) = (self.story.clone(), Arc::clone(&self.rules));
        WebSettings {
            listen: self.web.listen,
            tls: self.web.tls.clone(),
            behind_proxy: self.web.behind_proxy,
            allow_insecure_listen: self.web.allow_insecure_listen,
            marking: self.web.marking.clone(),
            operation: self.web.operation.clone(),
            role: self.web.role.clone(),
            centre: self.web.centre,
            zoom: self.web.zoom,
            stale_after_s: stale.collect(),
            rules: Arc::new(move || lines(&rules.read().unwrap_or_else(PoisonError::into_inner))),
            demo: self.story.is_some(),
            geocoder: self.geocoder.clone(),
            stream: String::new(),
            effect_within: EFFECT_WITHIN,
            chapter: Arc::new(move || story.as_ref().map(|story| story.chapter().to_owned())),
        }
    }

    /// Takes in a record of a rule; what is none, the track stage has told already.
    fn hear_rule(&self, record: &Record) {
        let edit = self
            .rule_reader
            .read(record.key.as_deref(), record.value.as_deref());
        if let Ok(edit) = edit {
            let mut rules = self.rules.write().unwrap_or_else(PoisonError::into_inner);
            rules.edit(&edit);
        }
    }

    /// Feeds the read model: fences, rules and unplaced incidents whole, the rest for as long as history goes.
    fn feed(
        &self,
        updates: &mpsc::Sender<Update>,
        caught_up: &watch::Sender<bool>,
        stop: &Stop,
    ) -> anyhow::Result<()> {
        let since = now() - self.kafka.history;
        let topics = [
            (topics::FENCES, None),
            (topics::RULES, None),
            (topics::UNPLACED, None),
            (topics::LOCATED, Some(since)),
            (topics::TRANSITIONS, Some(since)),
            (topics::ALERTS, Some(since)),
            (topics::CELLS, Some(since)),
        ];
        let mut tail = Tail::open(&self.kafka, &self.brokers, &topics, FETCH_WAIT)?;
        let mut newest = Newest::default();
        while !stop.is_asked() {
            let mut wait = QUIET;
            let mut turn = Every::new(TURN);
            while let Some(record) = tail.next(wait)? {
                wait = Duration::ZERO;
                if record.at.partition.topic == topics::RULES {
                    self.hear_rule(&record);
                    continue;
                }
                let update = update(record);
                let is_located = update.topic == FeedTopic::Located;
                let value = update.value.as_deref().filter(|_| is_located);
                let mark = value.and_then(wire::served::mark);
                newest.push(update, mark);
                if newest.len().is_multiple_of(LOOK) && turn.is_due() {
                    break;
                }
            }
            for update in newest.take() {
                if updates.blocking_send(update).is_err() {
                    return Ok(()); // serving has ended
                }
            }
            self.telemetry.overtaken(newest.take_overtaken());
            if !*caught_up.borrow() && tail.is_caught_up() {
                let _ = caught_up.send(true);
            }
        }
        Ok(())
    }
}

fn lines(set: &RuleSet) -> Rules {
    let line = |rule: &Rule| RuleLine {
        id: rule.id.to_string(),
        title: rule.title.to_string(),
        severity: rule.severity,
        hold: rule.hold,
    };
    Rules {
        version: set.version.to_string(),
        rules: set.in_force().map(line).collect(),
    }
}

fn update(record: Record) -> Update {
    let shown = SHOWN
        .iter()
        .find(|(name, _)| *name == record.at.partition.topic);
    Update {
        topic: shown.map_or(FeedTopic::Located, |(_, topic)| *topic),
        partition: record.at.partition.number,
        offset: record.at.number,
        key: record.key.unwrap_or_default(),
        value: record.value.map(Arc::from),
        received: record.received,
        at: None::<Timestamp>,
    }
}

/// Writes what operators do, at once, and who read what, until both channels close.
fn write(
    outbox: &Outbox,
    telemetry: &Telemetry,
    mut commands: mpsc::Receiver<CommandRecord>,
    mut audit: mpsc::Receiver<Vec<u8>>,
) -> anyhow::Result<()> {
    loop {
        let mut idle = true;
        while let Ok(command) = commands.try_recv() {
            if let Ok(command) = wire::command::decode(&command.json) {
                telemetry.command(command.action.label());
            }
            outbox.send(topics::COMMANDS, &command.key, Some(&command.json))?;
            idle = false;
        }
        while let Ok(record) = audit.try_recv() {
            outbox.send(topics::AUDIT, "", Some(&record))?;
            idle = false;
        }
        outbox.poll();
        if idle && commands.is_closed() && audit.is_closed() {
            outbox.drain(|| false);
            return Ok(());
        }
        if idle {
            thread::sleep(HAND);
        }
    }
}

//! What clients send over the live socket.

pub mod frames;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::command::Command;
use crate::domain::reject::{Reason, Reject};
use crate::domain::served::{Channel, Wants};
use crate::domain::time::Timestamp;
use crate::io::wire::command;
use crate::io::wire::json::Object;

/// A longer frame, or command, is refused.
pub const LONGEST_FRAME: usize = 64 * 1024;
/// A longer id of a subscription or of a command is refused.
pub const LONGEST_ID: usize = 128;

/// What a client sent.
#[derive(Debug)]
pub enum Asked {
    /// Send me this.
    Subscribe(Subscribe),
    /// Send me that no longer.
    Unsubscribe {
        /// The subscription.
        id: String,
    },
    /// An operator wants something done.
    Command(Wish),
    /// `n` more frames of positions can come.
    Credit {
        /// How many.
        n: u32,
    },
    /// Are you there?
    Ping,
}

/// A subscription as asked for.
#[derive(Clone, Debug)]
pub struct Subscribe {
    /// The client's name for it.
    pub id: String,
    /// What it is about; never empty.
    pub channels: Vec<Channel>,
    /// What the client wants to be spared of.
    pub wants: Wants,
    /// Where it wants to go on.
    pub resume: Option<String>,
    /// What it is read for.
    pub purpose: Option<String>,
}

/// What an operator wants done, before it has an author and a time.
#[derive(Debug, Deserialize)]
pub struct Wish {
    /// The client's id of it.
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default)]
    action: String,
    #[serde(default)]
    target: String,
    #[serde(default)]
    note: Option<String>,
    #[serde(default)]
    location: Option<Box<RawValue>>,
}

/// A frame that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// For programs.
    pub code: &'static str,
    /// For people: what was wrong and what is expected.
    pub detail: String,
    /// The subscription or command that it was about.
    pub id: Option<String>,
}

impl Refused {
    /// A refusal for `code`.
    pub fn new(code: &'static str, detail: impl Into<String>, id: Option<String>) -> Self {
        let detail = detail.into();
        Self { code, detail, id }
    }
}

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    n: Option<u32>,
}

#[derive(Deserialize)]
struct RawSubscribe {
    #[serde(default)]
    channels: Vec<String>,
    #[serde(default)]
    filter: RawFilter,
    #[serde(default)]
    resume: Option<String>,
    #[serde(default)]
    positions: Option<String>,
    #[serde(default)]
    purpose: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawFilter {
    bbox: Option<Vec<f64>>,
    fences: Vec<String>,
    tags: Vec<String>,
    classes: Vec<String>,
    categories: Vec<String>,
    min_severity: Option<String>,
    region: Option<String>,
}

/// Reads one frame of a client.
///
/// # Errors
/// Not JSON, not a type of the contract, a channel that is none, or what this version cannot do.
pub fn decode(frame: &str) -> Result<Asked, Refused> {
    let head: Head = serde_json::from_str(frame)
        .map_err(|error| Refused::new("bad_frame", error.to_string(), None))?;
    let id = head.id.filter(|id| id.len() <= LONGEST_ID);
    let bad = |error: serde_json::Error, id: &Option<String>| {
        Refused::new("bad_frame", error.to_string(), id.clone())
    };
    let named = || {
        let detail = format!("id is missing or longer than {LONGEST_ID} bytes");
        let given = id.clone().filter(|id| !id.is_empty());
        given.ok_or_else(|| Refused::new("bad_frame", detail, None))
    };
    match head.kind.as_str() {
        "subscribe" => {
            let name = named()?;
            let raw = serde_json::from_str(frame).map_err(|error| bad(error, &id))?;
            subscribe(name, raw).map(Asked::Subscribe)
        }
        "unsubscribe" => Ok(Asked::Unsubscribe { id: named()? }),
        "command" => serde_json::from_str(frame)
            .map(Asked::Command)
            .map_err(|error| bad(error, &id)),
        "credit" => Ok(Asked::Credit {
            n: head.n.unwrap_or(1),
        }),
        "ping" => Ok(Asked::Ping),
        other => {
            let detail = format!(
                "type \"{}\" is not known: use subscribe, unsubscribe, command, credit or ping",
                other.chars().take(40).collect::<String>()
            );
            Err(Refused::new("bad_frame", detail, id))
        }
    }
}

fn subscribe(id: String, raw: RawSubscribe) -> Result<Subscribe, Refused> {
    let refuse = |code, detail: String| Refused::new(code, detail, Some(id.clone()));
    if raw.positions.is_some_and(|form| form != "json") {
        let detail = "positions come as \"json\" only in this version";
        return Err(refuse("not_available", detail.into()));
    }
    let named: Vec<_> = Channel::ALL
        .into_iter()
        .filter(|channel| raw.channels.iter().any(|word| word == channel.label()))
        .collect();
    let strange = raw
        .channels
        .iter()
        .find(|word| Channel::ALL.iter().all(|channel| channel.label() != **word));
    if strange.is_some() || named.is_empty() {
        let given: String = strange
            .map_or("", String::as_str)
            .chars()
            .take(40)
            .collect();
        let detail = format!(
            "channel \"{given}\" is not known: use alerts, positions, incidents, transitions or cells"
        );
        return Err(refuse("bad_channel", detail));
    }
    let filter = raw.filter;
    Ok(Subscribe {
        id,
        channels: named,
        wants: Wants {
            bbox: filter.bbox,
            fences: filter.fences,
            tags: filter.tags,
            classes: filter.classes,
            categories: filter.categories,
            min_severity: filter.min_severity,
            region: filter.region,
        },
        resume: raw.resume,
        purpose: raw.purpose,
    })
}

/// Reads the body of a command that came over REST.
///
/// # Errors
/// Not JSON, or a field of the wrong type.
pub fn decode_wish(body: &[u8]) -> Result<Wish, Refused> {
    serde_json::from_slice(body)
        .map_err(|error| Refused::new("bad_command", error.to_string(), None))
}

impl Wish {
    /// The client's id of it.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The command that it becomes, given by `by` in `role` at `at`; `id` where the client made none.
    ///
    /// # Errors
    /// As `command::decode`: what is no command of the contract never gets to the topic.
    pub fn command(
        &self,
        id: &str,
        at: Timestamp,
        by: &str,
        role: Option<&str>,
    ) -> Result<Command, Reject> {
        let mut out = Vec::new();
        let mut object = Object::open(&mut out);
        object.text("id", self.id.as_deref().unwrap_or(id));
        object.time("at", at);
        object.text("by", by);
        object.text_if("role", role);
        object.text_if(
            "action",
            Some(&*self.action).filter(|word| !word.is_empty()),
        );
        object.text_if(
            "target",
            Some(&*self.target).filter(|word| !word.is_empty()),
        );
        object.text_if("note", self.note.as_deref());
        if let Some(location) = &self.location {
            let place = location.get().as_bytes();
            object.name("location").extend_from_slice(place);
        }
        object.end();
        if out.len() > LONGEST_FRAME {
            return Err(Reject::new(Reason::TooLarge, "a command over 64 KiB"));
        }
        command::decode(&out)
    }
}

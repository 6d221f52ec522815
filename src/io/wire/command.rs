//! Commands in and out: what operators do, as records.

use serde::Deserialize;

use crate::domain::command::{Action, Command};
use crate::domain::reject::{Reason, Reject};
use crate::domain::report::Text;
use crate::io::wire::fields::Fields;
use crate::io::wire::json::Object;
use crate::io::wire::report::{object, write_form};
use crate::io::wire::value::Value;

/// The actions of the contract that this version cannot do yet.
const NOT_YET: [&str; 9] = [
    "mute",
    "unmute",
    "link",
    "unlink",
    "fence_propose",
    "fence_approve",
    "fence_withdraw",
    "decision",
    "mode",
];

#[derive(Default, Deserialize)]
#[serde(default)]
struct Raw<'a> {
    #[serde(borrow)]
    id: Value<'a>,
    at: Value<'a>,
    by: Value<'a>,
    role: Value<'a>,
    action: Value<'a>,
    target: Value<'a>,
    note: Value<'a>,
    location: Value<'a>,
}

/// Reads one command.
///
/// # Errors
/// Over 64 KiB, not JSON, a field that is missing or of the wrong type, an action that is not known or
/// not available yet.
pub fn decode(bytes: &[u8]) -> Result<Command, Reject> {
    let raw: Raw<'_> = object(bytes)?;
    let mut fields = Fields::default();
    let id = required(&mut fields, "id", &raw.id);
    if raw.at.is_absent() {
        fields.refuse(Reason::MissingField, "at is missing: say when it was given");
    }
    let at = fields.time("at", &raw.at);
    let by = required(&mut fields, "by", &raw.by);
    let role = fields.text("role", &raw.role);
    let word = required(&mut fields, "action", &raw.action);
    let target = required(&mut fields, "target", &raw.target);
    let note = fields.text("note", &raw.note);
    let action = word.and_then(|word| action(&word, &raw.location, &mut fields));
    if let Some(reject) = fields.flaw {
        return Err(reject);
    }
    let command = || {
        Some(Command {
            id: id?,
            at: at?,
            by: by?,
            role,
            target: target?,
            note,
            action: action?,
        })
    };
    command().ok_or_else(|| Reject::new(Reason::Malformed, "no command"))
}

fn required(fields: &mut Fields, name: &str, value: &Value<'_>) -> Option<Text> {
    let text = fields.text(name, value).filter(|text| !text.is_empty());
    if text.is_none() {
        let detail = format!("{name} is missing: a command has id, at, by, action and target");
        fields.refuse(Reason::MissingField, detail);
    }
    text
}

fn action(word: &str, location: &Value<'_>, fields: &mut Fields) -> Option<Action> {
    match word {
        "acknowledge" => Some(Action::Acknowledge),
        "note" => Some(Action::Note),
        "place" => {
            if location.is_absent() {
                fields.refuse(Reason::MissingField, "location is missing: say where it is");
            }
            fields.location(location).map(Action::Place)
        }
        word => {
            let detail = if NOT_YET.contains(&word) {
                format!("action {word} is not available yet")
            } else {
                format!("action {word} is not known: use acknowledge, note or place")
            };
            fields.refuse(Reason::Malformed, detail);
            None
        }
    }
}

/// Appends `command` as one line that `decode` reads.
pub fn encode(command: &Command, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    object.text("id", &command.id);
    object.time("at", command.at);
    object.text("by", &command.by);
    object.text_if("role", command.role.as_deref());
    let word = match &command.action {
        Action::Acknowledge => "acknowledge",
        Action::Note => "note",
        Action::Place(_) => "place",
    };
    object.text("action", word);
    object.text("target", &command.target);
    object.text_if("note", command.note.as_deref());
    if let Action::Place(location) = &command.action {
        let mut place = Object::open(object.name("location"));
        write_form(location, &mut place);
        place.end();
    }
    object.end();
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_comes_back_as_it_was_written() {
        for line in [
            "{\"id\":\"1\",\"at\":\"2026-08-30T21:14:05.120Z\",\"by\":\"ins-3\",\"role\":\"silver\",\"action\":\"acknowledge\",\"target\":\"x\",\"note\":\"mine\"}\n",
            "{\"id\":\"2\",\"at\":\"2026-08-30T21:14:05.120Z\",\"by\":\"ins-3\",\"action\":\"place\",\"target\":\"J\",\"location\":{\"lat\":51.5,\"lon\":-0.1}}\n",
        ] {
            let mut out = Vec::new();
            encode(&decode(line.as_bytes()).unwrap(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), line);
        }
    }

    #[test]
    fn a_command_that_cannot_be_obeyed_says_why() {
        let with =
            |fields: &str| format!("{{\"id\":1,\"at\":0,\"by\":\"x\",\"target\":\"t\",{fields}}}");
        for (fields, expected) in [
            (
                r#""action":"mute""#,
                "malformed: action mute is not available yet",
            ),
            (
                r#""action":"dance""#,
                "malformed: action dance is not known: use acknowledge, note or place",
            ),
            (
                r#""note":"x""#,
                "missing_field: action is missing: a command has id, at, by, action and target",
            ),
            (
                r#""action":"place""#,
                "missing_field: location is missing: say where it is",
            ),
            (
                r#""action":"place","location":{"lat":1}"#,
                "missing_field: lat without lon: give both or neither",
            ),
            (
                r#""action":"note","note":[]"#,
                "malformed: note is a list, expected a text",
            ),
        ] {
            let reject = decode(with(fields).as_bytes()).unwrap_err();
            assert_eq!(reject.to_string(), expected);
        }
    }
}

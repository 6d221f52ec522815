//! The values of a feed's record, and what its mapping makes of one.

use std::borrow::Cow;

use csv::StringRecord;

use crate::io::wire::feed::{Otherwise, Table};
use crate::io::wire::value::Value;

/// Where a value, or a part of it, stands.
#[derive(Clone, Debug)]
pub(super) enum Part<'f> {
    Words(&'f str),
    Line,
    Column(usize),
    Pointer(String),
}

/// The record that is being read.
pub(super) enum Cells<'r> {
    Json(serde_json::Value),
    Csv(&'r StringRecord),
}

impl Part<'_> {
    pub(super) fn value<'c>(&'c self, cells: &'c Cells<'_>, line: u64) -> Value<'c> {
        match (self, cells) {
            (Part::Words(words), _) => Value::Text(Cow::Borrowed(words)),
            (Part::Line, _) => Value::Text(Cow::Owned(line.to_string())),
            (Part::Column(column), Cells::Csv(row)) => {
                present(Cow::Borrowed(row.get(*column).unwrap_or_default().trim()))
            }
            (Part::Pointer(pointer), Cells::Json(json)) => {
                json.pointer(pointer).map_or(Value::Absent, of_json)
            }
            // A row of the other format than the feed's.
            (Part::Column(_), Cells::Json(_)) | (Part::Pointer(_), Cells::Csv(_)) => Value::Absent,
        }
    }
}

pub(super) fn present(text: Cow<'_, str>) -> Value<'_> {
    if text.trim().is_empty() {
        Value::Absent
    } else {
        Value::Text(text)
    }
}

fn of_json(json: &serde_json::Value) -> Value<'_> {
    match json {
        serde_json::Value::Null => Value::Absent,
        serde_json::Value::Bool(true) => Value::Text(Cow::Borrowed("true")),
        serde_json::Value::Bool(false) => Value::Text(Cow::Borrowed("false")),
        serde_json::Value::Number(number) => number.as_i64().map_or_else(
            || number.as_f64().map_or(Value::Absent, Value::Float),
            Value::Integer,
        ),
        serde_json::Value::String(text) => present(Cow::Borrowed(text.trim())),
        serde_json::Value::Array(items) => Value::List(items.iter().map(of_json).collect()),
        serde_json::Value::Object(_) => Value::Object(Box::default()),
    }
}

/// A value as the text of a code or a part of a template; empty where it is none.
pub(super) fn spelled<'v>(value: &'v Value<'_>) -> Cow<'v, str> {
    match value {
        Value::Text(text) => Cow::Borrowed(text),
        Value::Integer(number) => Cow::Owned(number.to_string()),
        Value::Float(number) => Cow::Owned(number.to_string()),
        Value::Bool(bool) => Cow::Owned(bool.to_string()),
        Value::Absent | Value::List(_) | Value::Object(_) => Cow::Borrowed(""),
    }
}

pub(super) fn translate<'c>(table: &'c Table, sent: Value<'c>) -> Value<'c> {
    match sent {
        Value::Absent | Value::Object(_) => sent,
        Value::List(items) => Value::List(
            items
                .into_iter()
                .map(|item| translate(table, item))
                .collect(),
        ),
        Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::Text(_) => {
            let ours = match (table.entries.get(&*spelled(&sent)), &table.otherwise) {
                (Some(ours), _) | (None, Otherwise::Value(ours)) => ours,
                (None, Otherwise::Keep) => return sent,
                (None, Otherwise::Drop) => return Value::Absent,
            };
            present(Cow::Borrowed(ours))
        }
    }
}

/// A number as such; what is none stays as it is, and is refused by its name.
pub(super) fn number(value: Value<'_>, scale: Option<f64>) -> Value<'_> {
    let text = spelled(&value);
    match (text.parse::<i64>(), scale) {
        (Ok(whole), None) => Value::Integer(whole),
        _ => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Value::Float(number * scale.unwrap_or(1.0)),
            _ => {
                drop(text);
                value
            }
        },
    }
}

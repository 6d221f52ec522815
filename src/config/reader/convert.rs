//! What a value is read as, and how it fails to fit.

use std::path::PathBuf;

use crate::config::problem::Place;
use crate::config::tree::{Entries, Node, Value};
use crate::domain::report::Text;

/// How a value does not fit.
pub(super) enum Misfit {
    Type,
    Range,
    /// It is not this.
    Content(&'static str),
}

impl Misfit {
    /// What is wrong with `node`, in words.
    pub(super) fn of(&self, node: &Node) -> String {
        let (shown, kind) = match &node.value {
            Value::Text(text) => (quoted(text), "is a text"),
            Value::Raw(text) => (quoted(text), "does not fit"),
            Value::Integer(number) => (number.to_string(), "is a number"),
            Value::Number(number) => (number.to_string(), "is a number"),
            Value::Boolean(boolean) => (boolean.to_string(), "is a yes or no"),
            Value::Date(date) => (date.clone(), "is a date"),
            Value::List(_) => ("it".to_owned(), "is a list"),
            Value::Table(_) => ("it".to_owned(), "is a table"),
        };
        match self {
            Self::Type => format!("{shown} {kind}"),
            Self::Range => format!("{shown} is out of range"),
            Self::Content(what) => format!("{shown} is not {what}"),
        }
    }
}

pub(super) fn text(node: &Node) -> Result<Text, Misfit> {
    let (Value::Text(text) | Value::Raw(text)) = &node.value else {
        return Err(Misfit::Type);
    };
    if text.trim().is_empty() {
        return Err(Misfit::Content("a text with something in it"));
    }
    Ok(text.as_str().into())
}

pub(super) fn path(node: &Node) -> Result<PathBuf, Misfit> {
    text(node).map(|path| node.place.resolve(&path))
}

pub(super) fn integer(node: &Node) -> Result<i128, Misfit> {
    if let Value::Integer(number) = node.value {
        return Ok(number);
    }
    parsed(node)
}

pub(super) fn number(node: &Node) -> Result<f64, Misfit> {
    if let Value::Number(number) = node.value {
        return Ok(number);
    }
    if let Value::Integer(number) = node.value {
        #[expect(clippy::cast_precision_loss, reason = "no range reaches to 2^53")]
        return Ok(number as f64);
    }
    parsed(node)
}

pub(super) fn boolean(node: &Node) -> Result<bool, Misfit> {
    if let Value::Boolean(boolean) = node.value {
        return Ok(boolean);
    }
    parsed(node)
}

/// A value of the environment.
fn parsed<T: std::str::FromStr>(node: &Node) -> Result<T, Misfit> {
    if let Value::Raw(text) = &node.value {
        return text.trim().parse().map_err(|_| Misfit::Type);
    }
    Err(Misfit::Type)
}

pub(super) fn choice<T: Copy>(node: &Node, choices: &[(&str, T)]) -> Result<T, Misfit> {
    let word = text(node)?;
    let chosen = choices.iter().find(|(known, _)| *known == &*word);
    chosen
        .map(|(_, value)| *value)
        .ok_or(Misfit::Content("one of these"))
}

pub(super) fn entries(node: &Node) -> Result<Entries, Misfit> {
    if let Value::Table(entries) = &node.value {
        return Ok(entries.clone());
    }
    Err(Misfit::Type)
}

/// The items of a list; in the environment `a,b`, none where nothing stands.
pub(super) fn items(node: &Node) -> Result<Vec<Node>, Misfit> {
    if let Value::List(items) = &node.value {
        return Ok(items.clone());
    }
    let Value::Raw(text) = &node.value else {
        return Err(Misfit::Type);
    };
    let words = text.split(',').map(str::trim);
    let words = words.filter(|word| !word.is_empty());
    Ok(words.map(|word| raw(word, &node.place)).collect())
}

fn raw(word: &str, place: &Place) -> Node {
    Node {
        place: place.clone(),
        value: Value::Raw(word.to_owned()),
    }
}

/// `text` in quotes, cut to a length that a line can bear.
pub(super) fn quoted(text: &str) -> String {
    const SHOWN: usize = 60;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("{shown:?}")
}

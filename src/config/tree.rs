//! TOML as a tree that knows where each value was written, so that layers can be laid over each other
//! and every problem still names its place.

use std::collections::BTreeMap;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use crate::config::problem::{Lines, Notes, Place};

/// A value and where it was written.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    /// From the environment: what it is depends on who reads it.
    Raw(String),
    Integer(i128),
    Number(f64),
    Boolean(bool),
    Date(String),
    List(Vec<Node>),
    Table(Entries),
}

/// The keys of a table, each with its own place.
pub(super) type Entries = BTreeMap<String, (Place, Node)>;

/// A whole file, or what the layers make of it.
#[derive(Clone, Debug)]
pub(super) struct Document {
    pub(super) place: Place,
    pub(super) entries: Entries,
}

impl Document {
    /// The document `text` of `file`, as far as it is well-formed.
    pub(super) fn parse(file: &Path, text: &str, notes: &Notes) -> Self {
        let lines = Lines::new(file, text);
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let offset = error.span().map_or(0, |span| span.start);
            notes.add_syntax(lines.place(offset), error.message());
        }
        Self {
            place: lines.place(0),
            entries: lines.entries(table.into_inner()),
        }
    }

    /// Lays `over` upon this: tables key by key, anything else whole.
    pub(super) fn overlay(&mut self, over: Self) {
        lay(&mut self.entries, over.entries);
        self.place = over.place;
    }

    /// Lays the value of the environment variable `name` upon `path`, which names at least a key.
    pub(super) fn overlay_variable(&mut self, name: &str, path: &[&str], value: &str) {
        let place = Place::Variable(name.into());
        let mut node = Node {
            place: place.clone(),
            value: Value::Raw(value.to_owned()),
        };
        for key in path.iter().skip(1).rev() {
            node = Node {
                place: place.clone(),
                value: Value::Table(BTreeMap::from([((*key).to_owned(), (place.clone(), node))])),
            };
        }
        if let Some(key) = path.first() {
            let entry = ((*key).to_owned(), (place, node));
            lay(&mut self.entries, BTreeMap::from([entry]));
        }
    }
}

fn lay(under: &mut Entries, over: Entries) {
    for (key, (key_place, over)) in over {
        match under.get_mut(&key) {
            Some((
                known_place,
                Node {
                    place,
                    value: Value::Table(under),
                },
            )) if matches!(over.value, Value::Table(_)) => {
                if let Value::Table(entries) = over.value {
                    lay(under, entries);
                }
                *known_place = key_place;
                *place = over.place;
            }
            _ => {
                under.insert(key, (key_place, over));
            }
        }
    }
}

impl Lines<'_> {
    fn entries(&self, table: DeTable<'_>) -> Entries {
        table
            .into_iter()
            .map(|(key, value)| {
                let place = self.place(key.span().start);
                (key.into_inner().into_owned(), (place, self.node(value)))
            })
            .collect()
    }

    fn node(&self, value: Spanned<DeValue<'_>>) -> Node {
        let place = self.place(value.span().start);
        let value = match value.into_inner() {
            DeValue::String(text) => Value::Text(text.into_owned()),
            DeValue::Integer(integer) => Value::Integer(whole(&integer)),
            DeValue::Float(number) => Value::Number(number.as_str().parse().unwrap_or(f64::NAN)),
            DeValue::Boolean(boolean) => Value::Boolean(boolean),
            DeValue::Datetime(date) => Value::Date(date.to_string()),
            DeValue::Array(items) => {
                Value::List(items.into_iter().map(|item| self.node(item)).collect())
            }
            DeValue::Table(table) => Value::Table(self.entries(table)),
        };
        Node { place, value }
    }
}

/// The largest number where it does not fit, which is out of every range.
fn whole(integer: &DeInteger<'_>) -> i128 {
    i128::from_str_radix(integer.as_str(), integer.radix()).unwrap_or(i128::MAX)
}

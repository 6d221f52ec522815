//! Reads tables key by key. What does not fit is noted with its place and fix, and reading goes on, so
//! that one reading finds every mistake.
//!
//! A [`Table`] knows which keys were asked for: when it is dropped, the rest are noted as unknown.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use crate::config::problem::{MISSING, Notes, Place};
use crate::config::span;
use crate::config::tree::{Document, Entries, Node, Value};
use crate::domain::report::Text;

/// A table that is being read.
pub(super) struct Table<'n> {
    notes: &'n Notes,
    /// Its own key, empty for the whole document.
    key: String,
    place: Place,
    entries: Entries,
    asked: BTreeSet<String>,
}

/// One key of a table, there or not.
pub(super) struct Field<'n> {
    notes: &'n Notes,
    key: String,
    /// Of the table, while the key is not there.
    place: Place,
    node: Option<Node>,
    required: bool,
}

/// Something read and where it was written.
#[derive(Clone, Debug)]
pub(super) struct Placed<T> {
    pub(super) place: Place,
    pub(super) key: String,
    pub(super) value: T,
}

impl<'n> Table<'n> {
    /// The whole `document`.
    pub(super) fn root(document: Document, notes: &'n Notes) -> Self {
        Self::new(document.place, String::new(), document.entries, notes)
    }

    fn new(place: Place, key: String, entries: Entries, notes: &'n Notes) -> Self {
        Self {
            notes,
            key,
            place,
            entries,
            asked: BTreeSet::new(),
        }
    }

    /// A key that has to be there.
    pub(super) fn required(&mut self, key: &str) -> Field<'n> {
        self.take(key, true)
    }

    /// A key that may be left out.
    pub(super) fn optional(&mut self, key: &str) -> Field<'n> {
        self.take(key, false)
    }

    /// The table at `key`, where there is one.
    pub(super) fn table(&mut self, key: &str) -> Option<Table<'n>> {
        self.optional(key).table()
    }

    /// The tables of the list at `key`.
    pub(super) fn tables(&mut self, key: &str) -> Vec<Table<'n>> {
        self.optional(key).tables()
    }

    /// All keys that are left, whatever their names.
    pub(super) fn members(&mut self) -> Vec<(String, Field<'n>)> {
        let names: Vec<_> = self.entries.keys().cloned().collect();
        names
            .into_iter()
            .map(|name| {
                let field = self.take(&name, false);
                (name, field)
            })
            .collect()
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Notes what is wrong with the table as a whole, or with a key of it that was read before.
    pub(super) fn wrong(&self, what: impl Into<String>, fix: impl Into<String>) {
        self.notes.add(&self.place, &self.key, what, fix);
    }

    /// Notes what is wrong with the table because of what stands at `place`.
    pub(super) fn wrong_at(&self, place: &Place, what: &str, fix: &str) {
        self.notes.add(place, &self.key, what, fix);
    }

    fn take(&mut self, key: &str, required: bool) -> Field<'n> {
        self.asked.insert(key.to_owned());
        let node = self.entries.remove(key).map(|(_, node)| node);
        Field {
            notes: self.notes,
            key: join(&self.key, key),
            place: node
                .as_ref()
                .map_or(&self.place, |node| &node.place)
                .clone(),
            node,
            required,
        }
    }
}

impl Drop for Table<'_> {
    fn drop(&mut self) {
        for (key, (place, _)) in &self.entries {
            let known = self.asked.iter().map(String::as_str);
            let fix = match nearest(key, known.clone()) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None if self.asked.is_empty() => "delete it".to_owned(),
                None => format!(
                    "delete it, or use one of {}",
                    known.collect::<Vec<_>>().join(", ")
                ),
            };
            self.notes
                .add(place, &join(&self.key, key), "no such key", fix);
        }
    }
}

impl<'n> Field<'n> {
    /// Where its value stands, or the table that lacks it.
    pub(super) fn place(&self) -> Place {
        self.place.clone()
    }

    /// Its name with those of its tables.
    pub(super) fn key(&self) -> String {
        self.key.clone()
    }

    /// A text that is not empty.
    pub(super) fn text(self) -> Option<Text> {
        self.read("a text that is not empty", as_text)
    }

    /// Any list of texts that are not empty; an empty list where the key is not there.
    pub(super) fn texts(self) -> Vec<Placed<Text>> {
        self.list(
            "a list of texts such as [\"a\", \"b\"]",
            "a text in quotes",
            as_text,
        )
    }

    /// Paths of files, each from the folder of the file that names it.
    pub(super) fn paths(self) -> Vec<Placed<PathBuf>> {
        self.list(
            "a list of paths such as [\"a.toml\"]",
            "a path in quotes",
            as_path,
        )
    }

    /// A path, from the folder of the file that names it.
    pub(super) fn path(self) -> Option<PathBuf> {
        self.read("a path", as_path)
    }

    /// A whole number.
    pub(super) fn integer<T>(self, range: RangeInclusive<T>) -> Option<T>
    where
        T: TryFrom<i128> + PartialOrd + Display + Copy,
    {
        let wanted = format!("a whole number from {} to {}", range.start(), range.end());
        self.read(&wanted, |node| {
            let number = match &node.value {
                Value::Integer(number) => Some(*number),
                Value::Raw(text) => text.parse().ok(),
                _ => None,
            };
            let number = number.ok_or(Misfit::Type)?;
            let number = T::try_from(number)
                .ok()
                .filter(|number| range.contains(number));
            number.ok_or(Misfit::Range)
        })
    }

    /// A number; whole ones count.
    pub(super) fn number(self, range: RangeInclusive<f64>) -> Option<f64> {
        let wanted = format!("a number from {} to {}", range.start(), range.end());
        self.read(&wanted, |node| {
            let number = match &node.value {
                Value::Number(number) => Some(*number),
                // Every whole number that is in a range anybody asks for is exact.
                #[expect(clippy::cast_precision_loss, reason = "larger ones are out of range")]
                Value::Integer(number) => Some(*number as f64),
                Value::Raw(text) => text.parse().ok(),
                _ => None,
            };
            let number = number.ok_or(Misfit::Type)?;
            range
                .contains(&number)
                .then_some(number)
                .ok_or(Misfit::Range)
        })
    }

    /// `true` or `false`.
    pub(super) fn boolean(self) -> Option<bool> {
        self.read("true or false", |node| match &node.value {
            Value::Boolean(boolean) => Ok(*boolean),
            Value::Raw(text) => text.parse().map_err(|_| Misfit::Type),
            _ => Err(Misfit::Type),
        })
    }

    /// A duration such as `"10s"`.
    pub(super) fn duration(self, range: RangeInclusive<Duration>) -> Option<Duration> {
        let (least, most) = (span::show(*range.start()), span::show(*range.end()));
        let wanted =
            format!("a duration from {least} to {most}, such as \"10s\", \"5m\" or \"1h\"");
        self.read(&wanted, |node| {
            let text = as_text(node).map_err(|_| Misfit::Type)?;
            let duration = span::parse(&text).ok_or(Misfit::Content("a duration"))?;
            range
                .contains(&duration)
                .then_some(duration)
                .ok_or(Misfit::Range)
        })
    }

    /// One of `choices`, by its word.
    pub(super) fn one_of<T: Copy>(self, choices: &[(&str, T)]) -> Option<T> {
        let wanted = format!("one of {}", words(choices));
        self.read(&wanted, |node| choose(node, choices))
    }

    /// Any list of `choices`, by their words.
    pub(super) fn some_of<T: Copy>(self, choices: &[(&str, T)]) -> Vec<Placed<T>> {
        let words = words(choices);
        let (list, item) = (format!("a list of {words}"), format!("one of {words}"));
        self.list(&list, &item, |node| choose(node, choices))
    }

    /// What `parse` makes of a text; its error says how to mend it.
    pub(super) fn parsed<T, E: Display>(
        self,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let (notes, place, key) = (self.notes, self.place(), self.key());
        let text = self.text()?;
        parse(&text)
            .map_err(|error| {
                let what = format!("{:?} cannot be used", shorten(&text));
                notes.add(&place, &key, what, error.to_string());
            })
            .ok()
    }

    /// A table.
    pub(super) fn table(self) -> Option<Table<'n>> {
        let (notes, key) = (self.notes, self.key());
        let wanted = format!("a table: [{}] and its keys under it", unnumbered(&key));
        let (place, entries) = self.read(&wanted, |node| match &node.value {
            Value::Table(entries) => Ok((node.place.clone(), entries.clone())),
            _ => Err(Misfit::Type),
        })?;
        Some(Table::new(place, key, entries, notes))
    }

    /// A list of tables; an empty one where the key is not there.
    pub(super) fn tables(self) -> Vec<Table<'n>> {
        let notes = self.notes;
        let wanted = format!("a list of tables: [[{}]] for each", unnumbered(&self.key));
        let tables = self.list(&wanted, &wanted, |node| match &node.value {
            Value::Table(entries) => Ok(entries.clone()),
            _ => Err(Misfit::Type),
        });
        tables
            .into_iter()
            .map(|table| Table::new(table.place, table.key, table.value, notes))
            .collect()
    }

    /// Notes what is wrong with it.
    pub(super) fn wrong(&self, what: impl Into<String>, fix: impl Into<String>) {
        self.notes.add(&self.place, &self.key, what, fix);
    }

    /// Whether it is written as a text rather than a table.
    pub(super) fn is_text(&self) -> bool {
        let value = self.node.as_ref().map(|node| &node.value);
        matches!(value, Some(Value::Text(_) | Value::Raw(_)))
    }

    fn read<T>(self, wanted: &str, convert: impl FnOnce(&Node) -> Result<T, Misfit>) -> Option<T> {
        let Some(node) = self.node else {
            if self.required {
                self.notes
                    .add(&self.place, &self.key, MISSING, format!("give {wanted}"));
            }
            return None;
        };
        convert(&node)
            .map_err(|misfit| {
                self.notes.add(
                    &node.place,
                    &self.key,
                    misfit.of(&node),
                    format!("give {wanted}"),
                )
            })
            .ok()
    }

    fn list<T>(
        self,
        wanted: &str,
        wanted_item: &str,
        convert: impl Fn(&Node) -> Result<T, Misfit>,
    ) -> Vec<Placed<T>> {
        let (notes, list_key) = (self.notes, self.key());
        let items = self.read(wanted, |node| match &node.value {
            Value::List(items) => Ok(items.clone()),
            Value::Raw(text) => Ok(raw_items(text, &node.place)),
            _ => Err(Misfit::Type),
        });
        let items = items.unwrap_or_default().into_iter().enumerate();
        items
            .filter_map(|(index, node)| {
                let key = format!("{list_key}[{}]", index + 1);
                let value = convert(&node)
                    .map_err(|misfit| {
                        notes.add(
                            &node.place,
                            &key,
                            misfit.of(&node),
                            format!("give {wanted_item}"),
                        )
                    })
                    .ok()?;
                Some(Placed {
                    place: node.place,
                    key,
                    value,
                })
            })
            .collect()
    }
}

/// How a value does not fit.
enum Misfit {
    Type,
    Range,
    /// It is none of these.
    Content(&'static str),
}

impl Misfit {
    fn of(&self, node: &Node) -> String {
        let shown = match &node.value {
            Value::Text(text) | Value::Raw(text) => format!("{:?}", shorten(text)),
            Value::Integer(number) => number.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Boolean(boolean) => boolean.to_string(),
            Value::Date(date) => date.clone(),
            Value::List(_) | Value::Table(_) => "it".to_owned(),
        };
        match (self, &node.value) {
            (Self::Range, _) => format!("{shown} is out of range"),
            (Self::Content(what), _) => format!("{shown} is not {what}"),
            (Self::Type, Value::Text(_)) => format!("{shown} is a text"),
            (Self::Type, Value::Raw(_)) => format!("{shown} does not fit"),
            (Self::Type, Value::Integer(_) | Value::Number(_)) => format!("{shown} is a number"),
            (Self::Type, Value::Boolean(_)) => format!("{shown} is a yes or no"),
            (Self::Type, Value::Date(_)) => format!("{shown} is a date"),
            (Self::Type, Value::List(_)) => format!("{shown} is a list"),
            (Self::Type, Value::Table(_)) => format!("{shown} is a table"),
        }
    }
}

fn as_text(node: &Node) -> Result<Text, Misfit> {
    match &node.value {
        Value::Text(text) | Value::Raw(text) if text.trim().is_empty() => {
            Err(Misfit::Content("a text with something in it"))
        }
        Value::Text(text) | Value::Raw(text) => Ok(text.as_str().into()),
        _ => Err(Misfit::Type),
    }
}

fn as_path(node: &Node) -> Result<PathBuf, Misfit> {
    as_text(node).map(|path| node.place.resolve(&path))
}

fn choose<T: Copy>(node: &Node, choices: &[(&str, T)]) -> Result<T, Misfit> {
    let word = as_text(node)?;
    let chosen = choices.iter().find(|(known, _)| *known == &*word);
    chosen
        .map(|(_, value)| *value)
        .ok_or(Misfit::Content("one of these"))
}

fn words<T>(choices: &[(&str, T)]) -> String {
    let words: Vec<_> = choices
        .iter()
        .map(|(word, _)| format!("\"{word}\""))
        .collect();
    words.join(", ")
}

/// The items of a list in the environment: `a,b`; none where nothing stands.
fn raw_items(text: &str, place: &Place) -> Vec<Node> {
    let items = text
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty());
    items
        .map(|item| Node {
            place: place.clone(),
            value: Value::Raw(item.to_owned()),
        })
        .collect()
}

/// The one of `known` that `word` is most like, where it is like one at all.
pub(super) fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    known
        .map(|known| (strsim::damerau_levenshtein(word, known), known))
        .filter(|(distance, known)| *distance <= (known.chars().count() / 3).max(1))
        .min()
        .map(|(_, known)| known)
}

fn join(table: &str, key: &str) -> String {
    match table {
        "" => key.to_owned(),
        table => format!("{table}.{key}"),
    }
}

/// `feed.fields` of `feed[1].fields`: as a header is written.
fn unnumbered(key: &str) -> String {
    let tables = key.split('.');
    let names: Vec<_> = tables
        .map(|table| table.split('[').next().unwrap_or(table))
        .collect();
    names.join(".")
}

fn shorten(text: &str) -> String {
    const SHOWN: usize = 60;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

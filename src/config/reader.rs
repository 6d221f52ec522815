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

mod convert;

use convert::{Misfit, quoted};

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

    /// Notes what is wrong with what was read at `placed`.
    pub(super) fn wrong_key<T>(&self, placed: &Placed<T>, what: &str, fix: &str) {
        self.notes.add(&placed.place, &placed.key, what, fix);
    }

    /// Passes over `keys`: whether they belong here hangs on a key that is wrong itself.
    pub(super) fn ignore(&mut self, keys: &[&str]) {
        for key in keys {
            self.entries.remove(*key);
        }
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
        self.read("a text that is not empty", convert::text)
    }

    /// Any list of texts that are not empty; an empty list where the key is not there.
    pub(super) fn texts(self) -> Vec<Placed<Text>> {
        self.list(
            "a list of texts such as [\"a\", \"b\"]",
            "a text in quotes",
            convert::text,
        )
    }

    /// Paths of files, each from the folder of the file that names it.
    pub(super) fn paths(self) -> Vec<Placed<PathBuf>> {
        self.list(
            "a list of paths such as [\"a.toml\"]",
            "a path in quotes",
            convert::path,
        )
    }

    /// A path, from the folder of the file that names it.
    pub(super) fn path(self) -> Option<PathBuf> {
        self.read("a path", convert::path)
    }

    /// A text that is not empty, and where it stands.
    pub(super) fn placed_text(self) -> Option<Placed<Text>> {
        let (place, key) = (self.place(), self.key());
        let value = self.text()?;
        Some(Placed { place, key, value })
    }

    /// A whole number.
    pub(super) fn integer<T>(self, range: RangeInclusive<T>) -> Option<T>
    where
        T: TryFrom<i128> + PartialOrd + Display + Copy,
    {
        let wanted = format!("a whole number from {} to {}", range.start(), range.end());
        self.read(&wanted, |node| {
            let number = convert::integer(node)?;
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
            let number = convert::number(node)?;
            range
                .contains(&number)
                .then_some(number)
                .ok_or(Misfit::Range)
        })
    }

    /// Any list of numbers.
    pub(super) fn numbers(self) -> Vec<Placed<f64>> {
        self.list(
            "a list of numbers such as [1.5, 2]",
            "a number",
            convert::number,
        )
    }

    /// `true` or `false`.
    pub(super) fn boolean(self) -> Option<bool> {
        self.read("true or false", convert::boolean)
    }

    /// A duration such as `"10s"`.
    pub(super) fn duration(self, range: RangeInclusive<Duration>) -> Option<Duration> {
        let (least, most) = (span::show(*range.start()), span::show(*range.end()));
        let wanted =
            format!("a duration from {least} to {most}, such as \"10s\", \"5m\" or \"1h\"");
        self.read(&wanted, |node| {
            let text = convert::text(node).map_err(|_| Misfit::Type)?;
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
        self.read(&wanted, |node| convert::choice(node, choices))
    }

    /// A list of `choices`, by their words, with something in it.
    pub(super) fn some_of<T: Copy>(self, choices: &[(&str, T)]) -> Vec<Placed<T>> {
        let words = words(choices);
        if self.is_empty_list() {
            self.wrong("it is empty", format!("give at least one of {words}"));
        }
        let (list, item) = (format!("a list of {words}"), format!("one of {words}"));
        self.list(&list, &item, |node| convert::choice(node, choices))
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
                let what = format!("{} cannot be used", quoted(&text));
                notes.add(&place, &key, what, error.to_string());
            })
            .ok()
    }

    /// A table.
    pub(super) fn table(self) -> Option<Table<'n>> {
        let (notes, key) = (self.notes, self.key());
        let wanted = format!("a table: [{}] and its keys under it", unnumbered(&key));
        let place = self.place();
        let entries = self.read(&wanted, convert::entries)?;
        Some(Table::new(place, key, entries, notes))
    }

    /// A list of tables; an empty one where the key is not there.
    pub(super) fn tables(self) -> Vec<Table<'n>> {
        let notes = self.notes;
        let wanted = format!("a list of tables: [[{}]] for each", unnumbered(&self.key));
        let tables = self.list(&wanted, &wanted, convert::entries);
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

    fn is_empty_list(&self) -> bool {
        let value = self.node.as_ref().map(|node| &node.value);
        matches!(value, Some(Value::List(items)) if items.is_empty())
    }

    fn read<T>(self, wanted: &str, convert: impl FnOnce(&Node) -> Result<T, Misfit>) -> Option<T> {
        let Some(node) = self.node else {
            if self.required {
                self.notes
                    .add(&self.place, &self.key, MISSING, format!("give {wanted}"));
            }
            return None;
        };
        fit(convert(&node), &node, &self.key, wanted, self.notes)
    }

    fn list<T>(
        self,
        wanted: &str,
        wanted_item: &str,
        convert: impl Fn(&Node) -> Result<T, Misfit>,
    ) -> Vec<Placed<T>> {
        let (notes, list_key) = (self.notes, self.key());
        let items = self.read(wanted, convert::items).unwrap_or_default();
        let items = items.into_iter().enumerate();
        items
            .filter_map(|(index, node)| {
                let key = format!("{list_key}[{}]", index + 1);
                let value = fit(convert(&node), &node, &key, wanted_item, notes)?;
                Some(Placed {
                    place: node.place,
                    key,
                    value,
                })
            })
            .collect()
    }
}

/// What came of converting `node`; a misfit is noted.
fn fit<T>(
    converted: Result<T, Misfit>,
    node: &Node,
    key: &str,
    wanted: &str,
    notes: &Notes,
) -> Option<T> {
    converted
        .map_err(|misfit| {
            let (what, fix) = (misfit.of(node), format!("give {wanted}"));
            notes.add(&node.place, key, what, fix);
        })
        .ok()
}

fn words<T>(choices: &[(&str, T)]) -> String {
    let words = choices.iter().map(|(word, _)| format!("\"{word}\""));
    words.collect::<Vec<_>>().join(", ")
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

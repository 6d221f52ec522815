//! The force's own codes: `[status]`, `[class]` and `[incident]`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::config::reader::{Field, Table};
use crate::config::{DAY, StatusGroups, YEAR};
use crate::domain::report::Text;
use crate::domain::vocabulary::{Class, Vocabulary};

/// Class of a resource that says none; the packaged defaults hold it.
const DEFAULT_CLASS: &str = "other";

pub(super) fn read(root: &mut Table<'_>) -> (Vocabulary, StatusGroups) {
    let mut vocabulary = Vocabulary {
        emergency: Vec::new(),
        messages: BTreeSet::new(),
        states: BTreeSet::new(),
        classes: BTreeMap::new(),
        default_class: DEFAULT_CLASS.into(),
        grades: Vec::new(),
        incident_expires_after: Duration::ZERO,
    };
    let mut groups = StatusGroups::new();
    if let Some(mut status) = root.required("status").table() {
        read_status(&mut status, &mut vocabulary, &mut groups);
    }
    if let Some(mut classes) = root.required("class").table() {
        read_classes(&mut classes, &mut vocabulary);
    }
    if let Some(mut incident) = root.required("incident").table() {
        let grades = incident.required("grades").texts();
        vocabulary.grades = grades.into_iter().map(|grade| grade.value).collect();
        if let Some(grade) = repeated(&vocabulary.grades) {
            incident.wrong(
                format!("grade \"{grade}\" stands twice"),
                "delete one of them",
            );
        }
        if vocabulary.grades.is_empty() {
            incident.wrong("grades has nothing in it", "list at least one grade");
        }
        vocabulary.incident_expires_after = incident
            .required("expire_after")
            .duration(Duration::from_mins(1)..=YEAR)
            .unwrap_or_default();
    }
    (vocabulary, groups)
}

fn read_status(status: &mut Table<'_>, vocabulary: &mut Vocabulary, groups: &mut StatusGroups) {
    vocabulary.emergency = set(status.required("emergency")).into_iter().collect();
    vocabulary.messages = set(status.required("messages"));
    vocabulary.states = set(status.required("states"));
    for code in &vocabulary.messages {
        if vocabulary.states.contains(code) || vocabulary.emergency.contains(code) {
            status.wrong(
                format!("code \"{code}\" is a message and also a state or an emergency"),
                "delete it from messages, or from the others",
            );
        }
    }
    let Some(mut table) = status.optional("groups").table() else {
        return;
    };
    for (name, field) in table.members() {
        let codes = field.texts();
        for code in &codes {
            let known = vocabulary.states.contains(&code.value);
            if !known && !vocabulary.emergency.contains(&code.value) {
                table.wrong(
                    format!("\"{}\" of {name} is no state", code.value),
                    "give codes of states, or add it there",
                );
            }
        }
        let codes = codes.into_iter().map(|code| code.value).collect();
        groups.insert(name.into(), codes);
    }
}

fn read_classes(table: &mut Table<'_>, vocabulary: &mut Vocabulary) {
    let mut read = |name: &str, field: Field<'_>, fallback: Option<Class>| {
        if let Some(mut table) = field.table() {
            let class = read_class(&mut table, fallback);
            vocabulary.classes.insert(name.into(), class);
            return Some(class);
        }
        fallback
    };
    let other = table.required(DEFAULT_CLASS);
    let other = read(DEFAULT_CLASS, other, None);
    for (name, field) in table.members() {
        read(&name, field, other);
    }
}

fn read_class(table: &mut Table<'_>, fallback: Option<Class>) -> Class {
    let field = |table: &mut Table<'_>, key| match fallback {
        Some(_) => table
            .optional(key)
            .duration(Duration::from_secs(1)..=31 * DAY),
        None => table
            .required(key)
            .duration(Duration::from_secs(1)..=31 * DAY),
    };
    let stale_after = field(table, "stale_after");
    let expire_after = field(table, "expire_after");
    let strength = table.optional("strength").integer(0..=1_000u32);
    let fallback = fallback.unwrap_or(Class {
        strength: 1,
        stale_after: Duration::ZERO,
        expire_after: YEAR,
    });
    let class = Class {
        strength: strength.unwrap_or(fallback.strength),
        stale_after: stale_after.unwrap_or(fallback.stale_after),
        expire_after: expire_after.unwrap_or(fallback.expire_after),
    };
    if class.stale_after > class.expire_after {
        table.wrong(
            "stale_after is longer than expire_after",
            "a position goes stale before its resource is forgotten: shorten stale_after",
        );
    }
    class
}

fn repeated(list: &[Text]) -> Option<&Text> {
    let mut seen = BTreeSet::new();
    list.iter().find(|item| !seen.insert(*item))
}

fn set(field: Field<'_>) -> BTreeSet<Text> {
    field.texts().into_iter().map(|item| item.value).collect()
}

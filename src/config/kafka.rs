//! `[kafka]`: how to reach it. Secrets come from the environment or a file, never from the config.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::config::YEAR;
use crate::config::problem::Place;
use crate::config::reader::Table;
use crate::io::kafka::settings::{KafkaSettings, is_secret};

pub(super) fn read(table: &mut Table<'_>) -> KafkaSettings {
    let brokers = table.optional("brokers").text();
    let group = table.required("group").text();
    let history = table.required("history").duration(Duration::ZERO..=YEAR);
    let partitions = table.required("partitions").integer(1..=1000i32);
    let options = table.table("options").map(read_options);
    KafkaSettings {
        brokers: brokers.map(|brokers| brokers.to_string()),
        options: options.unwrap_or_default(),
        group: group.map_or_else(String::new, |group| group.to_string()),
        history: history.unwrap_or_default(),
        partitions: partitions.unwrap_or(1),
    }
}

fn read_options(mut table: Table<'_>) -> BTreeMap<String, String> {
    let mut options = BTreeMap::new();
    for (name, field) in table.members() {
        let place = field.place();
        let Some(value) = field.text() else { continue };
        if !is_secret(&name) {
            options.insert(name, value.to_string());
            continue;
        }
        match reveal(&value, &place) {
            Ok(secret) => {
                options.insert(name, secret);
            }
            // The value is not repeated: it may be the secret.
            Err(what) => table.wrong_at(
                &place,
                &format!("{name}: {what}"),
                "give \"env:NAME\" or \"file:PATH\" of what holds the secret",
            ),
        }
    }
    options
}

fn reveal(value: &str, place: &Place) -> Result<String, &'static str> {
    if let Some(name) = value.strip_prefix("env:") {
        return std::env::var(name).map_err(|_| "there is no such environment variable");
    }
    let path = value
        .strip_prefix("file:")
        .ok_or("a secret does not belong into this file")?;
    let secret =
        std::fs::read_to_string(place.resolve(path)).map_err(|_| "the file cannot be read")?;
    Ok(secret.trim_end().to_owned())
}

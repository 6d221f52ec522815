//! Fences of files into their topic, where every stage and every screen finds them. A file is
//! authoritative for the ids that it holds.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::fence::FenceEdit;
use crate::domain::time::Timestamp;
use crate::io::kafka::KafkaFailed;
use crate::io::kafka::outbox::Outbox;
use crate::io::kafka::settings::KafkaSettings;
use crate::io::kafka::tail::Tail;
use crate::io::kafka::topics;
use crate::io::wire;

/// How long a read may wait for the next record.
const STEP: Duration = Duration::from_millis(20);

/// Writes the fences of `files` that the topic does not hold as they are; gives how many those were.
///
/// One without a time holds from `since`, the start of the history that the stages read. It is written
/// with that time and then left alone, so that a restart finds the same fence, and the alerts about it
/// keep their ids.
///
/// # Errors
/// When the brokers cannot be reached.
pub fn publish(
    settings: &KafkaSettings,
    brokers: &str,
    files: &[FenceEdit],
    since: Timestamp,
    give_up: impl Fn() -> bool,
) -> Result<usize, KafkaFailed> {
    if files.is_empty() {
        return Ok(0);
    }
    let mut held = BTreeMap::new();
    let mut tail = Tail::open(settings, brokers, &[(topics::FENCES, None)], STEP)?;
    while !tail.is_caught_up() && !give_up() {
        let Some(record) = tail.next(STEP)? else {
            continue;
        };
        let edit = record.value.as_deref().map(wire::fence::decode);
        if let (Some(key), Some(Ok(edit))) = (record.key.clone(), edit) {
            held.insert(key, edit);
        } else if let Some(key) = record.key {
            held.remove(&key);
        }
    }
    let outbox = Outbox::open(settings, brokers)?;
    let mut written = 0;
    for edit in files {
        let id = edit.id.as_str();
        if held.get(id).is_some_and(|held| is_same(held, edit)) {
            continue;
        }
        let dated = FenceEdit {
            at: edit.at.or(Some(since)),
            ..edit.clone()
        };
        let mut line = Vec::new();
        wire::fence::encode(&dated, &mut line);
        outbox.send(topics::FENCES, id, Some(line.trim_ascii_end()))?;
        written += 1;
    }
    outbox.drain(give_up);
    Ok(written)
}

/// Whether the topic holds what the file says; a file without a time takes the one that is held.
fn is_same(held: &FenceEdit, file: &FenceEdit) -> bool {
    held.fence == file.fence && (file.at.is_none() || held.at == file.at)
}

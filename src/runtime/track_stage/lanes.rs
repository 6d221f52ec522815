//! The order of work when there is too much of it.

use std::collections::BTreeMap;

use crate::io::kafka::Offset;
use crate::runtime::track_stage::shard::Read;

/// Which lane a record goes in.
pub(super) enum Lane {
    /// Before everything else.
    First,
    /// In the order of offsets.
    InOrder,
    /// As well, but a newer one of the same subject stands for it.
    Newest,
}

/// `records` in the order of work, and where those stood that newer ones stand for.
pub(super) fn sort(records: Vec<Read>, lane: impl Fn(&Read) -> Lane) -> (Vec<Read>, Vec<Offset>) {
    let mut first = Vec::new();
    let mut rest = Vec::new();
    let mut newest: BTreeMap<String, Read> = BTreeMap::new();
    let mut thinned = Vec::new();
    for read in records {
        match (lane(&read), &read.record.key) {
            (Lane::First, _) => first.push(read),
            (Lane::Newest, Some(key)) => {
                let overtaken = newest.insert(key.clone(), read);
                thinned.extend(overtaken.map(|read| read.record.at));
            }
            _ => rest.push(read),
        }
    }
    rest.extend(newest.into_values());
    rest.sort_by(|a, b| a.record.at.cmp(&b.record.at));
    first.extend(rest);
    (first, thinned)
}

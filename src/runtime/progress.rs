//! How far a stage has come in each partition, and up to where all that followed is delivered.

use std::collections::BTreeMap;

use crate::io::kafka::{Offset, Partition};
use crate::runtime::publish::Publisher;

/// Offsets on their way to being stored: what was told since the last turn of the outbox, and before it.
#[derive(Debug, Default)]
pub struct Progress {
    since: BTreeMap<Partition, i64>,
    before: BTreeMap<Partition, i64>,
}

impl Progress {
    /// All that follows from what stands at `at`, and before it, is handed to the outbox.
    pub fn reached(&mut self, at: &Offset) {
        let next = at.number + 1;
        match self.since.get_mut(&at.partition) {
            // Under overload records are not taken in the order of their offsets.
            Some(reached) => *reached = next.max(*reached),
            None => {
                self.since.insert(at.partition.clone(), next);
            }
        }
    }

    /// The partition is somebody else's: up to where its effects were handed over.
    pub fn forget(&mut self, partition: &Partition) -> Option<i64> {
        let before = self.before.remove(partition);
        self.since.remove(partition).or(before)
    }

    /// What may be stored by now: offsets before which everything is delivered.
    ///
    /// # Errors
    /// When some record can never be delivered.
    pub fn delivered(&mut self, publisher: &mut Publisher) -> anyhow::Result<Vec<Offset>> {
        if !publisher.turn()? {
            return Ok(Vec::new());
        }
        let since = std::mem::take(&mut self.since);
        Ok(offsets(std::mem::replace(&mut self.before, since)))
    }

    /// As `delivered`, of everything: waits for it.
    ///
    /// # Errors
    /// As `delivered`.
    pub fn finish(mut self, publisher: &Publisher) -> anyhow::Result<Vec<Offset>> {
        publisher.drain()?;
        self.before.append(&mut self.since); // the newer one of a partition stays
        Ok(offsets(self.before))
    }
}

fn offsets(reached: BTreeMap<Partition, i64>) -> Vec<Offset> {
    let offset = |(partition, number)| Offset { partition, number };
    reached.into_iter().map(offset).collect()
}

//! The one gate that every access by a client passes: who, what for, what. It writes before it lets in.

use std::sync::{Mutex, PoisonError};

use tokio::sync::mpsc;

use crate::domain::ids;
use crate::io::web::now;
use crate::io::wire::audit::{self, Category, Entry};
use crate::io::wire::live::Refused;

/// What a client gives where it names no purpose.
const USUAL_PURPOSE: &str = "control room";
/// Longer purposes are cut.
const LONGEST_PURPOSE: usize = 200;

/// Who everybody is, until there is a login.
pub(super) const LOCAL: &str = "local";

/// Leave for one access. Only the gate makes one, and nothing is given without it.
#[derive(Debug)]
pub(super) struct Permit(());

impl Permit {
    /// It holds for one access.
    pub(super) fn spend(self) {
        let Self(()) = self;
    }
}

/// Who asks, from where.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    pub(super) who: &'static str,
    pub(super) address: String,
}

/// What somebody wants to see or change.
pub(super) struct Access<'a> {
    pub(super) category: Category,
    /// What for; `None` where it was not said.
    pub(super) purpose: Option<&'a str>,
    pub(super) what: &'a str,
    /// The subscription that it is streamed to.
    pub(super) subscription: Option<&'a str>,
    /// Type and id; the id `*` for all that match `what`.
    pub(super) individual: (&'a str, &'a str),
    /// The version of the record that is changed.
    pub(super) version: Option<i64>,
}

pub(super) struct Gate {
    audit: mpsc::Sender<Vec<u8>>,
    writer: String,
    operation: String,
    role: String,
    chain: Mutex<Chain>,
}

/// The last entry.
#[derive(Default)]
struct Chain {
    number: u64,
    digest: String,
}

impl Gate {
    pub(super) fn new(
        audit: mpsc::Sender<Vec<u8>>,
        writer: String,
        operation: String,
        role: String,
    ) -> Self {
        Self {
            audit,
            writer,
            operation,
            role,
            chain: Mutex::default(),
        }
    }

    /// Lets `reader` at what it wants, once an entry of the audit says so: an access that cannot be
    /// written down is refused.
    pub(super) fn pass(&self, reader: &Reader, access: &Access<'_>) -> Result<Permit, Refused> {
        let slot = self.audit.try_reserve().map_err(|_| {
            let detail = "the audit cannot keep up, and nothing is read unwritten: try again";
            Refused::new("unavailable", detail, None)
        })?;
        let purpose = access.purpose.filter(|purpose| !purpose.is_empty());
        let purpose: String = purpose
            .unwrap_or(USUAL_PURPOSE)
            .chars()
            .take(LONGEST_PURPOSE)
            .collect();
        let mut chain = self.chain.lock().unwrap_or_else(PoisonError::into_inner);
        chain.number += 1;
        let entry = audit::encode(&Entry {
            writer: &self.writer,
            number: chain.number,
            at: now(),
            who: reader.who,
            role: &self.role,
            address: Some(&reader.address)
                .filter(|at| !at.is_empty())
                .map(String::as_str),
            category: access.category,
            operation: &self.operation,
            what: access.what,
            purpose: &purpose,
            subscription: access.subscription,
            individual: access.individual,
            version: access.version,
            previous: &chain.digest,
        });
        chain.digest = ids::digest(&[&String::from_utf8_lossy(&entry)]);
        // Sent under the lock, so that entries go out in the order of the chain.
        slot.send(entry);
        Ok(Permit(()))
    }
}

//! The one gate that every read by a client passes.

use tokio::sync::mpsc;

use crate::io::web::now;
use crate::io::wire::live::Refused;
use crate::io::wire::live::frames::Reading;

/// What a client gives where it names no purpose.
pub(super) const USUAL_PURPOSE: &str = "control room";

/// Who everybody is, until there is a login.
pub(super) const LOCAL: &str = "local";

/// Leave to read, once. Only the gate makes one, and the hub gives nothing without it.
#[derive(Debug)]
pub(super) struct Permit(());

impl Permit {
    /// It holds for one read.
    pub(super) fn spend(self) {
        let Self(()) = self;
    }
}

pub(super) struct Gate {
    audit: mpsc::Sender<Vec<u8>>,
    role: String,
}

impl Gate {
    pub(super) fn new(audit: mpsc::Sender<Vec<u8>>, role: String) -> Self {
        Self { audit, role }
    }

    /// Leave for `who` to read `what` for `purpose`: a read that cannot be written down is refused.
    pub(super) fn read(&self, who: &str, purpose: &str, what: &str) -> Result<Permit, Refused> {
        let reading = Reading {
            at: now(),
            who,
            role: &self.role,
            purpose,
            what,
        };
        let written = self.audit.try_send(reading.encode());
        written.map(|()| Permit(())).map_err(|_| {
            let detail = "the audit cannot keep up, and nothing is read unwritten: try again";
            Refused::new("unavailable", detail, None)
        })
    }
}

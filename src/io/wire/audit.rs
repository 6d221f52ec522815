//! Entries of the audit out: who read or changed what, readable without the product. The shape follows
//! the logging of personal data processing of HMCTS (`PersonalDataProcessingLogging`).

use crate::domain::time::Timestamp;
use crate::io::wire::json::Object;

/// What kind of access it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// Looked up once.
    Consultation,
    /// Streamed to somebody.
    Disclosure,
    /// Something was changed.
    Alteration,
}

impl Category {
    /// The word of the model.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Consultation => "Consultation",
            Self::Disclosure => "Disclosure",
            Self::Alteration => "Alteration",
        }
    }
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Which writer: a process since its start.
    pub writer: &'a str,
    /// 1, 2, 3 ... of the writer.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: &'a str,
    /// In which role; empty where none is set.
    pub role: &'a str,
    /// From which address.
    pub address: Option<&'a str>,
    /// What kind of access.
    pub category: Category,
    /// What it was part of: the operation.
    pub operation: &'a str,
    /// What was asked for.
    pub what: &'a str,
    /// What for.
    pub purpose: &'a str,
    /// The subscription that it is streamed to.
    pub subscription: Option<&'a str>,
    /// Type and id of whom or what it was about; the id `*` for all that match `what`.
    pub individual: (&'a str, &'a str),
    /// The version of the record that was changed.
    pub version: Option<i64>,
    /// Digest of the entry before, as it was written; empty for the first.
    pub previous: &'a str,
}

/// `entry` as JSON.
#[must_use]
pub fn encode(entry: &Entry<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    let mut object = Object::open(&mut out);
    object.text("writer", entry.writer);
    object.integer("entry", i64::try_from(entry.number).unwrap_or(i64::MAX));
    object.time("created_at", entry.at);
    let mut who = Object::open(object.name("created_by"));
    who.text("id", entry.who);
    who.text("type", "user");
    who.text_if("role", Some(entry.role).filter(|role| !role.is_empty()));
    who.end();
    object.text("business_identifier", entry.operation);
    object.text_or_null("ip_address", entry.address);
    object.text("category", entry.category.label());
    if entry.category == Category::Disclosure {
        let mut recipient = Object::open(object.name("recipient"));
        recipient.text("id", entry.who);
        recipient.text("type", "user");
        recipient.end();
    }
    let individuals = object.name("individuals");
    individuals.push(b'[');
    let (kind, id) = entry.individual;
    let mut individual = Object::open(&mut *individuals);
    individual.text("id", id);
    individual.text("type", kind);
    if let Some(version) = entry.version {
        individual.integer("version", version);
    }
    individual.end();
    individuals.push(b']');
    object.text("what", entry.what);
    object.text("purpose", entry.purpose);
    object.text_or_null("subscription", entry.subscription);
    object.text("previous", entry.previous);
    object.end();
    out
}

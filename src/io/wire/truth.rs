//! What a simulation knows to have happened, for a test to hold a replay against.

use crate::domain::reject::Reason;
use crate::domain::time::Timestamp;
use crate::io::wire::json::Object;

/// One thing that must come out of a replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Truth<'a> {
    /// A transition of the kind enter.
    Enter {
        /// Event time.
        at: Timestamp,
        /// Who.
        subject: &'a str,
        /// Where.
        fence: &'a str,
    },
    /// A transition of the kind exit.
    Exit {
        /// Event time.
        at: Timestamp,
        /// Who.
        subject: &'a str,
        /// Where.
        fence: &'a str,
    },
    /// A located report that is late.
    Late {
        /// Event time.
        at: Timestamp,
        /// Whose.
        subject: &'a str,
    },
    /// A reject.
    Reject {
        /// Why.
        reason: Reason,
        /// The file without its ending: `positions` or `incidents`.
        file: &'a str,
        /// The line, from 1.
        line: u64,
    },
    /// An alert that opens.
    Alert {
        /// Event time.
        at: Timestamp,
        /// Of which rule of the packaged ones.
        rule: &'a str,
        /// About whom.
        subject: Option<&'a str>,
        /// About which fence.
        fence: Option<&'a str>,
    },
}

/// Appends one line of `truth`.
pub fn encode(truth: &Truth<'_>, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    match *truth {
        Truth::Enter { at, subject, fence } => crossing(&mut object, at, subject, fence, "enter"),
        Truth::Exit { at, subject, fence } => crossing(&mut object, at, subject, fence, "exit"),
        Truth::Late { at, subject } => {
            object.time("at", at);
            object.text("expect", "late");
            object.text("subject", subject);
        }
        Truth::Reject { reason, file, line } => {
            object.text("expect", "reject");
            object.text("reason", reason.label());
            object.text("file", file);
            object.integer("line", i64::try_from(line).unwrap_or(i64::MAX));
        }
        Truth::Alert {
            at,
            rule,
            subject,
            fence,
        } => {
            object.time("at", at);
            object.text("expect", "alert");
            object.text("rule", rule);
            object.text_or_null("subject", subject);
            object.text_or_null("fence", fence);
        }
    }
    object.end();
    out.push(b'\n');
}

fn crossing(object: &mut Object<'_>, at: Timestamp, subject: &str, fence: &str, kind: &str) {
    object.time("at", at);
    object.text("subject", subject);
    object.text("fence", fence);
    object.text("expect", kind);
}

//! Alerts out.

use crate::domain::alert::Alert;
use crate::domain::ids::FenceId;
use crate::io::wire::json::Object;

/// Appends one line of `alerts`.
///
/// `cell` is null and `escalated` false: no rule of this version is about a cell, and none escalates.
pub fn encode(alert: &Alert, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    object.text("id", alert.id.as_str());
    object.text("rule", alert.rule.as_str());
    object.text("rules_version", &alert.rules_version);
    object.text("state", alert.state.label());
    object.text("severity", alert.severity.label());
    object.time("opened_at", alert.opened_at);
    object.time("at", alert.at);
    object.number("late_s", alert.late_s);
    object.text("title", &alert.title);
    let subject = alert.subject.as_ref().map(|subject| &*subject.id);
    object.text_or_null("subject", subject);
    object.text_or_null("fence", alert.fence.as_ref().map(FenceId::as_str));
    object.null("cell");
    object.position_or_null(alert.position);
    object.number_or_null("position_age_s", alert.position_age_s);
    object.integer("count", i64::from(alert.count));
    object.text("region", alert.region.as_str());
    object.text_or_null("acknowledged_by", alert.acknowledged_by.as_deref());
    match alert.acknowledged_at {
        Some(at) => object.time("acknowledged_at", at),
        None => object.null("acknowledged_at"),
    }
    object.text_or_null("note", alert.note.as_deref());
    object.text("cause", &alert.cause);
    object.bool("escalated", false);
    object.texts("evidence", &alert.evidence);
    object.integer("sequence", i64::from(alert.sequence));
    if let Some(reported_at) = alert.reported_at {
        object.time("reported_at", reported_at);
    }
    object.end();
    out.push(b'\n');
}

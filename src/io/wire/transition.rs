//! Transitions out.

use crate::domain::ids::{FenceId, VisitId};
use crate::domain::transition::Transition;
use crate::io::wire::json::Object;

/// Appends one line of `transitions`.
pub fn encode(transition: &Transition, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    object.time("at", transition.at);
    let subject = transition.subject.as_ref().map(|subject| &*subject.id);
    object.text_or_null("subject", subject);
    object.text_or_null("fence", transition.fence.as_ref().map(FenceId::as_str));
    object.text("transition", transition.kind.label());
    object.position_or_null(transition.position);
    object.text("cause", transition.cause.label());
    object.text_or_null("visit", transition.visit.as_ref().map(VisitId::as_str));
    let other = transition.other.as_ref().map(|other| &*other.id);
    object.text_or_null("other", other);
    object.number_or_null("distance_m", transition.distance_m);
    object.bool("uncertain", transition.uncertain);
    object.end();
    out.push(b'\n');
}

//! Reports out: the same canonical JSON that is read.

use crate::domain::position::Position;
use crate::domain::report::{
    Body, Destination, Incident, IncidentState, Location, Report, Resource,
};
use crate::io::wire::json::{Object, write_degrees, write_number};
use crate::io::wire::text::Text;

/// The line of a file that takes `subject` away, as a null value does in a topic.
#[must_use]
pub fn deletion(subject: &str) -> Vec<u8> {
    let mut line = Vec::new();
    let mut object = Object::open(&mut line);
    object.text("subject", subject);
    object.bool("deleted", true);
    object.end();
    line
}

/// Appends `report` as the canonical JSON that `decode` reads, without a line end; its flaw and its
/// arrival are not part of that.
pub fn encode(report: &Report, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    object.text("subject", &report.subject.id);
    if let Some(at) = report.at {
        object.time("at", at);
    }
    if let (Body::Resource(_), Some(location)) = (&report.body, &report.location) {
        write_form(location, &mut object);
    }
    write_fields(report, &mut object);
    object.end();
}

/// The kept fields beside subject, time and the place of a resource.
#[inline(always)]
pub(in crate::io::wire) fn write_fields(report: &Report, object: &mut Object<'_, impl Text>) {
    match &report.body {
        Body::Resource(resource) => write_resource(resource, object),
        Body::Incident(incident) => write_incident(incident, report.location.as_ref(), object),
    }
    object.text_if("id", report.id.as_deref());
}

#[inline(always)]
fn write_resource(resource: &Resource, object: &mut Object<'_, impl Text>) {
    object.number_if("accuracy_m", resource.accuracy_m);
    object.number_if("speed_mps", resource.speed_mps);
    object.number_if("heading_deg", resource.heading_deg);
    object.text_if("class", resource.class.as_deref());
    object.text_if("status", resource.status.as_deref());
    object.text_if("callsign", resource.callsign.as_deref());
    object.text_if("agency", resource.agency.as_deref());
    object.text_if("unit", resource.unit.as_deref());
    object.text_if("parent", resource.parent.as_deref());
    if let Some(strength) = resource.strength {
        object.integer("strength", i64::from(strength));
    }
    object.text_if("assigned", resource.assigned.as_deref());
    match &resource.destination {
        Some(Destination::Fence(fence)) => {
            let mut place = Object::open(object.name("destination"));
            place.text("fence", fence.as_str());
            place.end();
        }
        Some(Destination::Position(position)) => write_position("destination", *position, object),
        None => {}
    }
    object.text_if("source", resource.source.as_deref());
}

fn write_incident(
    incident: &Incident,
    location: Option<&Location>,
    object: &mut Object<'_, impl Text>,
) {
    object.text_if("category", incident.category.as_deref());
    object.texts_if("codes", &incident.codes);
    object.text_if("grade", incident.grade.as_deref());
    object.text_if("state", incident.state.map(IncidentState::label));
    object.text_if("agency", incident.agency.as_deref());
    if let Some(location) = location {
        let mut place = Object::open(object.name("location"));
        write_form(location, &mut place);
        place.end();
    }
    object.texts_if("assigned", &incident.assigned);
    if let Some(rvp) = incident.rvp {
        write_position("rvp", rvp, object);
    }
    if let Some(attended_at) = incident.attended_at {
        object.time("attended_at", attended_at);
    }
    object.texts_if("linked", &incident.linked);
    object.text_if("operation", incident.operation.as_deref());
    object.text_if("source", incident.source.as_deref());
}

fn write_position(name: &str, position: Position, object: &mut Object<'_, impl Text>) {
    let mut place = Object::open(object.name(name));
    place.position(position);
    place.end();
}

/// The fields of a place in the form in which it was given.
pub(in crate::io::wire) fn write_form(location: &Location, object: &mut Object<'_, impl Text>) {
    match location {
        Location::Degrees { lat, lng } => {
            write_given_degrees(*lat, object.name("lat"));
            write_given_degrees(*lng, object.name("lon"));
        }
        Location::EastingNorthing { easting, northing } => {
            object.number("easting", *easting);
            object.number("northing", *northing);
        }
        Location::GridReference(text) => object.text("grid", text),
        Location::Postcode(text) => object.text("postcode", text),
        Location::Uprn(text) => object.text("uprn", text),
        Location::Text(text) => object.text("text", text),
    }
}

/// At most 7 decimals, as everywhere; what cannot be degrees stays as it was sent.
fn write_given_degrees(degrees: f64, out: &mut impl Text) {
    if degrees.abs() <= 180.0 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "180 degrees are 1.8e9 units, inside an i32"
        )]
        let units = (degrees * crate::domain::position::UNITS_PER_DEGREE).round() as i32;
        write_degrees(units, out);
    } else {
        write_number(degrees, out);
    }
}

//! What is around a position, and what a text may become: answers of the service, out.

use crate::domain::nearby::{Near, Suggestion, Surroundings};
use crate::domain::position::Position;
use crate::io::wire::json::{Object, write_text};

/// What is around `position` as one object; what is not there is null.
#[must_use]
pub fn surroundings(position: Position, around: &Surroundings) -> String {
    written(|out| {
        let mut object = Object::open(out);
        object.position(position);
        object.text_or_null("text", around.sentence.as_deref());
        for (name, near) in [
            ("street", &around.street),
            ("other_street", &around.other_street),
            ("road", &around.road),
            ("junction", &around.junction),
            ("postcode", &around.postcode),
        ] {
            write_near(near.as_ref(), None, object.name(name));
        }
        let kind = around.place.as_ref().map(|(kind, _)| kind.label());
        let place = around.place.as_ref().map(|(_, near)| near);
        write_near(place, kind, object.name("place"));
        let out = object.name("areas");
        out.push(b'[');
        for (at, area) in around.areas.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            write_text(area, out);
        }
        out.push(b']');
        write_near(
            around.nearest_area.as_ref(),
            None,
            object.name("nearest_area"),
        );
        object.end();
    })
}

fn write_near(near: Option<&Near>, kind: Option<&str>, out: &mut Vec<u8>) {
    let Some(near) = near else {
        out.extend_from_slice(b"null");
        return;
    };
    let mut object = Object::open(out);
    object.text("title", &near.title);
    object.text_if("kind", kind);
    object.position(near.position);
    object.number("distance_m", tenths(near.distance_m));
    object.end();
}

/// Suggestions as one object, the best first.
#[must_use]
pub fn suggestions(query: &str, suggestions: &[Suggestion]) -> String {
    written(|out| {
        let mut object = Object::open(out);
        object.text("query", query);
        let out = object.name("suggestions");
        out.push(b'[');
        for (at, suggestion) in suggestions.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            let mut object = Object::open(out);
            object.text("title", &suggestion.title);
            object.text_or_null("area", suggestion.area.as_deref());
            object.text("kind", suggestion.kind.label());
            object.position(suggestion.position);
            object.number("radius_m", suggestion.radius_m.round());
            object.end();
        }
        out.push(b']');
        object.end();
    })
}

/// A tenth of a metre is finer than any source.
fn tenths(metres: f64) -> f64 {
    (metres * 10.0).round() / 10.0
}

fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    String::from_utf8(out).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::feature::FeatureKind;
    use crate::domain::nearby::SuggestionKind;

    #[test]
    fn what_is_there_is_written_and_the_rest_is_null() {
        let position = Position::new(51.463, -0.1143).unwrap();
        let near = Near {
            title: "Brixton \"Tube\"".into(),
            position,
            distance_m: 12.345,
        };
        let around = Surroundings {
            place: Some((FeatureKind::Station, near)),
            areas: vec!["Ferndale".into(), "Lambeth".into()],
            sentence: Some("near it".into()),
            ..Surroundings::default()
        };
        assert_eq!(
            surroundings(position, &around),
            "{\"lat\":51.463,\"lon\":-0.1143,\"text\":\"near it\",\"street\":null,\"other_street\":null,\"road\":null,\
             \"junction\":null,\"postcode\":null,\"place\":{\"title\":\"Brixton \\\"Tube\\\"\",\"kind\":\"station\",\
             \"lat\":51.463,\"lon\":-0.1143,\"distance_m\":12.3},\"areas\":[\"Ferndale\",\"Lambeth\"],\"nearest_area\":null}"
        );
    }

    #[test]
    fn suggestions_stand_in_their_order() {
        let suggestion = |title: &str, area: Option<&str>| Suggestion {
            title: title.into(),
            area: area.map(Into::into),
            kind: SuggestionKind::Named(FeatureKind::Street),
            position: Position::new(51.463, -0.1143).unwrap(),
            radius_m: 120.4,
        };
        assert_eq!(
            suggestions(
                "hi",
                &[
                    suggestion("High Street", Some("Sutton")),
                    suggestion("Hill", None)
                ]
            ),
            "{\"query\":\"hi\",\"suggestions\":[\
             {\"title\":\"High Street\",\"area\":\"Sutton\",\"kind\":\"street\",\"lat\":51.463,\"lon\":-0.1143,\"radius_m\":120},\
             {\"title\":\"Hill\",\"area\":null,\"kind\":\"street\",\"lat\":51.463,\"lon\":-0.1143,\"radius_m\":120}]}"
        );
    }
}

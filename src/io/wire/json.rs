//! Writes JSON objects field by field straight into a buffer: the order of the fields is the order of
//! the calls.

mod values;

use crate::domain::position::Position;
use crate::domain::time::Timestamp;
use crate::io::wire::text::Text;
use crate::io::wire::time::rfc3339;

pub(super) use values::{put, write_degrees, write_integer, write_number, write_text};
use values::{write_and_quote, write_texts};

/// An object being written; `end` closes it.
pub(super) struct Object<'o, T = Vec<u8>> {
    out: &'o mut T,
    /// Where it begins.
    start: usize,
}

// Inlined, since nearly every name is a literal, and where it is seen to be one it is written in one go.
impl<'o, T: Text> Object<'o, T> {
    #[inline(always)]
    pub(super) fn open(out: &'o mut T) -> Self {
        let start = out.length();
        Self { out, start }
    }

    /// Each field has a comma before it: in place of the first one the object is opened.
    #[inline(always)]
    pub(super) fn end(self) {
        self.out.set(self.start, b'{');
        put(b"}", self.out);
    }

    /// Writes the name of a field; its value has to follow.
    #[inline(always)]
    pub(super) fn name(&mut self, name: &str) -> &mut T {
        self.name_and(name, b"\":")
    }

    /// Writes the name of a field, and what stands between it and the first byte of its value that is not the same
    /// always.
    #[inline(always)]
    fn name_and(&mut self, name: &str, behind: &[u8]) -> &mut T {
        let before = b",\"";
        let length = before.len() + name.len() + behind.len();
        if length > 32 {
            self.out.put_all(before);
            self.out.put_all(name.as_bytes());
            self.out.put_all(behind);
            return self.out;
        }
        let mut whole = [0; 32];
        whole[..2].copy_from_slice(before);
        whole[2..name.len() + 2].copy_from_slice(name.as_bytes());
        whole[name.len() + 2..length].copy_from_slice(behind);
        // More than is needed, which takes less.
        if let (true, Some(first)) = (length <= 16, whole.first_chunk::<16>()) {
            self.out.put(|room| {
                *room = *first;
                length
            });
        } else {
            self.out.put(|room| {
                *room = whole;
                length
            });
        }
        self.out
    }

    /// Writes whole fields, a comma before each.
    #[inline(always)]
    pub(super) fn fields(&mut self, fields: &[u8]) {
        put(fields, self.out);
    }

    #[inline(always)]
    pub(super) fn null(&mut self, name: &str) {
        put(b"null", self.name(name));
    }

    #[inline(always)]
    pub(super) fn text(&mut self, name: &str, value: &str) {
        write_and_quote(value, self.name_and(name, b"\":\""));
    }

    #[inline(always)]
    pub(super) fn number(&mut self, name: &str, value: f64) {
        write_number(value, self.name(name));
    }

    #[inline(always)]
    pub(super) fn integer(&mut self, name: &str, value: i64) {
        write_integer(value, self.name(name));
    }

    #[inline(always)]
    pub(super) fn bool(&mut self, name: &str, value: bool) {
        let out = self.name(name);
        if value {
            put(b"true", out);
        } else {
            put(b"false", out);
        }
    }

    #[inline(always)]
    pub(super) fn time(&mut self, name: &str, at: Timestamp) {
        let out = self.name_and(name, b"\":\"");
        out.put(|room: &mut [u8; 32]| {
            room[..24].copy_from_slice(&rfc3339(at));
            room[24] = b'"';
            25
        });
    }

    #[inline(always)]
    pub(super) fn position(&mut self, position: Position) {
        write_degrees(position.lat_e7(), self.name("lat"));
        write_degrees(position.lng_e7(), self.name("lon"));
    }

    #[inline(always)]
    pub(super) fn texts<V: AsRef<str>>(&mut self, name: &str, values: &[V]) {
        let out = self.name(name);
        if values.is_empty() {
            put(b"[]", out);
        } else {
            write_texts(values, out);
        }
    }

    /// A text, or null where there is none.
    #[inline(always)]
    pub(super) fn text_or_null(&mut self, name: &str, value: Option<&str>) {
        match value {
            Some(value) => self.text(name, value),
            None => self.null(name),
        }
    }

    /// A number, or null where there is none.
    #[inline(always)]
    pub(super) fn number_or_null(&mut self, name: &str, value: Option<f64>) {
        match value {
            Some(value) => self.number(name, value),
            None => self.null(name),
        }
    }

    /// `lat` and `lon`, or null in both where there is no position.
    pub(super) fn position_or_null(&mut self, position: Option<Position>) {
        if let Some(position) = position {
            self.position(position);
        } else {
            self.null("lat");
            self.null("lon");
        }
    }

    /// A text, or nothing at all.
    #[inline(always)]
    pub(super) fn text_if(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// A number, or nothing at all.
    #[inline(always)]
    pub(super) fn number_if(&mut self, name: &str, value: Option<f64>) {
        if let Some(value) = value {
            self.number(name, value);
        }
    }

    /// A list, or nothing at all where it is empty.
    #[inline(always)]
    pub(super) fn texts_if<V: AsRef<str>>(&mut self, name: &str, values: &[V]) {
        if !values.is_empty() {
            self.texts(name, values);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `write` appends to nothing.
    pub(super) fn written(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_object_has_its_fields_in_order_be_their_names_short_or_long() {
        assert_eq!(written(|out| Object::open(out).end()), "{}");
        let names: Vec<_> = (0..40).map(|length| "n".repeat(length)).collect();
        let text = written(|out| {
            let mut object = Object::open(out);
            for name in &names {
                Object::open(object.name(name)).end();
            }
            object.end();
        });
        let fields: Vec<_> = names
            .iter()
            .map(|name| format!("\"{name}\":{{}}"))
            .collect();
        assert_eq!(text, format!("{{{}}}", fields.join(",")));
    }
}

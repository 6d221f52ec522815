//! A feed's records, read through its mapping.

use std::borrow::Cow;

use csv::StringRecord;

use crate::domain::ids::Kind;
use crate::domain::reject::{Reason, Reject};
use crate::domain::report::Arrival;
use crate::io::wire::feed::cells::{Cells, Part, number, present, spelled, translate};
use crate::io::wire::feed::{
    BlankCoordinates, Feed, FeedFormat, Origin, Piece, Source, Target, TimeFormat,
};
use crate::io::wire::fields::Fields;
use crate::io::wire::json::Object;
use crate::io::wire::report::{MAX_BYTES, Raw, Record, object};
use crate::io::wire::value::{Place, Value};

/// A record of a feed.
#[derive(Clone, Copy, Debug)]
pub enum Row<'r> {
    /// One JSON object.
    Json(&'r [u8]),
    /// One row of CSV.
    Csv(&'r StringRecord),
}

/// Columns that the mapping names and the file does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("feed \"{feed}\": no column {}; the header has {}", quoted(.missing), quoted(.header))]
pub struct MissingColumns {
    /// The feed.
    pub feed: String,
    /// What is missing, in the order of the fields.
    pub missing: Vec<String>,
    /// What the file has.
    pub header: Vec<String>,
}

fn quoted(names: &[String]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
    quoted.join(", ")
}

/// A feed whose paths are found in its records.
#[derive(Clone, Debug)]
pub struct Decoder<'f> {
    feed: &'f Feed,
    fields: Vec<Field<'f>>,
    /// Columns of a row; 0 for JSON.
    width: usize,
}

#[derive(Clone, Debug)]
struct Field<'f> {
    target: Target,
    source: &'f Source,
    parts: Vec<Part<'f>>,
}

impl Feed {
    /// A decoder of this feed's records; `header` is the first row of a CSV file, and none for JSON.
    ///
    /// # Errors
    /// When the header lacks columns that the mapping names.
    pub fn decoder(&self, header: Option<&StringRecord>) -> Result<Decoder<'_>, MissingColumns> {
        let columns: Vec<_> = header
            .into_iter()
            .flatten()
            .map(|name| name.trim_start_matches('\u{feff}').trim())
            .collect();
        let mut missing = Vec::new();
        let mut part = |path: &str| match self.format {
            FeedFormat::Json => Part::Pointer(pointer(path)),
            FeedFormat::Csv => {
                let column = columns.iter().position(|name| *name == path);
                if column.is_none() {
                    missing.push(path.to_owned());
                }
                Part::Column(column.unwrap_or(usize::MAX))
            }
        };
        let mut fields = Vec::new();
        for (target, source) in &self.fields {
            let parts = match &source.origin {
                Origin::Path(path) => vec![part(path)],
                Origin::Constant(words) => vec![Part::Words(words)],
                Origin::Template(template) => template
                    .0
                    .iter()
                    .map(|piece| match piece {
                        Piece::Words(words) => Part::Words(words),
                        Piece::Line => Part::Line,
                        Piece::Path(path) => part(path),
                    })
                    .collect(),
            };
            fields.push(Field {
                target: *target,
                source,
                parts,
            });
        }
        if !missing.is_empty() {
            return Err(MissingColumns {
                feed: self.name.clone(),
                missing,
                header: columns.into_iter().map(str::to_owned).collect(),
            });
        }
        Ok(Decoder {
            feed: self,
            fields,
            width: columns.len(),
        })
    }
}

/// A dotted path as a JSON pointer.
fn pointer(path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    let path = path.replace('~', "~0").replace('/', "~1");
    format!("/{}", path.replace('.', "/"))
}

impl Decoder<'_> {
    /// Reads one record. `line` is the 1-based line of a file, or one more than the offset in a topic.
    ///
    /// # Errors
    /// As for canonical records: over 64 KiB, not readable, or no subject; every other fault is the
    /// report's `flaw`.
    pub fn decode(&self, row: Row<'_>, line: u64, arrival: Arrival) -> Result<Record, Reject> {
        let cells = self.cells(row)?;
        let mut raw = Raw::default();
        let mut place = Place::default();
        let mut fields = Fields::default();
        for field in &self.fields {
            let sent = field.sent(&cells, line);
            let value = field.value(sent, &mut fields);
            put(field.target, value, self.feed.kind, &mut raw, &mut place);
        }
        if self.feed.kind == Kind::Incident {
            raw.location = self.place(place);
        }
        raw.into_record(self.feed.kind, arrival, fields)
    }

    /// What a reject may show of a record: the mapped values as they were sent, as a JSON object with
    /// our names; nothing where it cannot be read.
    #[must_use]
    pub fn kept(&self, row: Row<'_>, line: u64) -> Vec<u8> {
        let mut out = Vec::new();
        let mut object = Object::open(&mut out);
        if let Ok(cells) = self.cells(row) {
            for field in &self.fields {
                let sent = field.sent(&cells, line);
                let name = field.target.label();
                if let Value::List(items) = &sent {
                    let texts: Vec<_> = items.iter().map(spelled).collect();
                    object.texts(name, &texts);
                } else {
                    object.text(name, &spelled(&sent));
                }
            }
        }
        object.end();
        out
    }

    /// The codes of a record that its tables do not know, with the field that each was for.
    #[must_use]
    pub fn unmapped(&self, row: Row<'_>, line: u64) -> Vec<(Target, String)> {
        let Ok(cells) = self.cells(row) else {
            return Vec::new();
        };
        let mut unmapped = Vec::new();
        for field in &self.fields {
            let Some(table) = &field.source.table else {
                continue;
            };
            let sent = field.sent(&cells, line);
            let codes = if let Value::List(items) = &sent {
                items.as_slice()
            } else {
                std::slice::from_ref(&sent)
            };
            for code in codes.iter().map(spelled) {
                if !code.is_empty() && !table.entries.contains_key(&*code) {
                    unmapped.push((field.target, code.into_owned()));
                }
            }
        }
        unmapped
    }

    fn cells<'r>(&self, row: Row<'r>) -> Result<Cells<'r>, Reject> {
        match row {
            Row::Json(bytes) => object(bytes).map(Cells::Json),
            Row::Csv(row) if row.as_slice().len() > MAX_BYTES => Err(Reject::new(
                Reason::TooLarge,
                format!("{} bytes, at most {MAX_BYTES}", row.as_slice().len()),
            )),
            Row::Csv(row) if row.len() != self.width => Err(Reject::new(
                Reason::Malformed,
                format!("{} columns, the header has {}", row.len(), self.width),
            )),
            Row::Csv(row) => Ok(Cells::Csv(row)),
        }
    }

    /// The one form of an incident's place that counts.
    fn place<'a>(&self, mut place: Place<'a>) -> Value<'a> {
        let has_degrees = !(place.lat.is_absent() && place.lon.is_absent());
        let has_metres = !(place.easting.is_absent() && place.northing.is_absent());
        let mut is_found = has_degrees;
        if is_found {
            (place.easting, place.northing) = (Value::Absent, Value::Absent);
        }
        is_found |= has_metres;
        for form in [
            &mut place.grid,
            &mut place.uprn,
            &mut place.postcode,
            &mut place.text,
        ] {
            if is_found {
                *form = Value::Absent;
            }
            is_found |= !form.is_absent();
        }
        if is_found {
            return Value::Object(Box::new(place));
        }
        match self.feed.blank_coordinates {
            BlankCoordinates::Absent => Value::Absent,
            BlankCoordinates::EmptyText => {
                place.text = Value::Text(Cow::Borrowed(""));
                Value::Object(Box::new(place))
            }
        }
    }
}

impl Field<'_> {
    /// The value as it was sent; a text of several parts where it is a template.
    fn sent<'c>(&'c self, cells: &'c Cells<'_>, line: u64) -> Value<'c> {
        if let [part] = self.parts.as_slice() {
            return part.value(cells, line);
        }
        let mut text = String::new();
        for part in &self.parts {
            let value = part.value(cells, line);
            if value.is_absent() {
                return Value::Absent;
            }
            text.push_str(&spelled(&value));
        }
        present(Cow::Owned(text))
    }

    /// The value in our codes, units and times.
    fn value<'c>(&'c self, sent: Value<'c>, fields: &mut Fields) -> Value<'c> {
        let value = match &self.source.table {
            Some(table) => translate(table, sent),
            None => sent,
        };
        if value.is_absent() {
            return value;
        }
        if self.target.is_number() {
            return number(value, self.source.scale);
        }
        if self.target.is_time()
            && let Some(format) = &self.source.time
        {
            return self.time(&value, format, fields);
        }
        value
    }

    fn time<'c>(&self, value: &Value<'c>, format: &TimeFormat, fields: &mut Fields) -> Value<'c> {
        if let Some(at) = format.read(&spelled(value)) {
            return Value::Integer(at.millis());
        }
        let name = self.target.label();
        let (found, expected) = (value.describe(), format.expected());
        fields.refuse(
            Reason::Malformed,
            format!("{name} is {found}, expected {expected}"),
        );
        Value::Absent
    }
}

fn put<'a>(target: Target, value: Value<'a>, kind: Kind, raw: &mut Raw<'a>, place: &mut Place<'a>) {
    let is_fix = kind == Kind::Resource;
    let slot = match target {
        Target::Subject => &mut raw.subject,
        Target::At => &mut raw.at,
        Target::Lat if is_fix => &mut raw.lat,
        Target::Lon if is_fix => &mut raw.lon,
        Target::Easting if is_fix => &mut raw.easting,
        Target::Northing if is_fix => &mut raw.northing,
        Target::Lat => &mut place.lat,
        Target::Lon => &mut place.lon,
        Target::Easting => &mut place.easting,
        Target::Northing => &mut place.northing,
        Target::Grid => &mut place.grid,
        Target::Postcode => &mut place.postcode,
        Target::Uprn => &mut place.uprn,
        Target::Text => &mut place.text,
        Target::AccuracyM => &mut raw.accuracy_m,
        Target::SpeedMps => &mut raw.speed_mps,
        Target::HeadingDeg => &mut raw.heading_deg,
        Target::Class => &mut raw.class,
        Target::Status => &mut raw.status,
        Target::Callsign => &mut raw.callsign,
        Target::Agency => &mut raw.agency,
        Target::Unit => &mut raw.unit,
        Target::Parent => &mut raw.parent,
        Target::Strength => &mut raw.strength,
        Target::Assigned => &mut raw.assigned,
        Target::Category => &mut raw.category,
        Target::Codes => &mut raw.codes,
        Target::Grade => &mut raw.grade,
        Target::State => &mut raw.state,
        Target::AttendedAt => &mut raw.attended_at,
        Target::Linked => &mut raw.linked,
        Target::Operation => &mut raw.operation,
        Target::Source => &mut raw.source,
        Target::Id => &mut raw.id,
        Target::DestinationFence => return nest(&mut raw.destination, value, |to| &mut to.fence),
        Target::RvpLat => return nest(&mut raw.rvp, value, |to| &mut to.lat),
        Target::RvpLon => return nest(&mut raw.rvp, value, |to| &mut to.lon),
    };
    *slot = value;
}

/// Puts `value` into a field of the object in `slot`, which is made if there is a value for it.
fn nest<'a>(
    slot: &mut Value<'a>,
    value: Value<'a>,
    field: impl for<'p> Fn(&'p mut Place<'a>) -> &'p mut Value<'a>,
) {
    if value.is_absent() {
        return;
    }
    if slot.is_absent() {
        *slot = Value::Object(Box::default());
    }
    if let Value::Object(place) = slot {
        *field(place) = value;
    }
}

#[cfg(test)]
mod tests;

//! Positions in bytes, for clients that ask for them so: a tenth of the JSON.
//!
//! All numbers are little-endian. A frame is `1` (what it is, and of which version), the length of the
//! subscription's name (u8) and the name, the number of records (u32), then each record: event time (i64,
//! milliseconds since 1970; the least where unknown), latitude and longitude (i32, units of 1e-7 degree;
//! the least where unknown), the length of the subject's id (u16) and the id, the length of its class
//! (u16; 0 where unknown) and the class. Texts are UTF-8.

use crate::domain::served::{Served, What};
use crate::domain::time::Timestamp;

/// Of this frame; a later layout has another.
const POSITIONS: u8 = 1;

/// The newest records of many resources.
#[must_use]
pub fn positions(sub: &str, records: &[impl AsRef<Served>]) -> Vec<u8> {
    let mut out = vec![POSITIONS];
    let name = sub.as_bytes();
    let length = u8::try_from(name.len()).unwrap_or(u8::MAX);
    out.push(length);
    out.extend_from_slice(name.get(..usize::from(length)).unwrap_or(name));
    let count = u32::try_from(records.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&count.to_le_bytes());
    for record in records {
        let record = record.as_ref();
        let at = record.at.map_or(i64::MIN, Timestamp::millis);
        let (lat, lon) = record.position.map_or((i32::MIN, i32::MIN), |position| {
            (position.lat_e7(), position.lng_e7())
        });
        out.extend_from_slice(&at.to_le_bytes());
        out.extend_from_slice(&lat.to_le_bytes());
        out.extend_from_slice(&lon.to_le_bytes());
        text(&record.id, &mut out);
        let class = if let What::Resource { class } = &record.what {
            class.as_deref()
        } else {
            None
        };
        text(class.unwrap_or_default(), &mut out);
    }
    out
}

/// A text that is longer than its length can say is left out: half an id would be another's.
fn text(text: &str, out: &mut Vec<u8>) {
    let (length, text) = u16::try_from(text.len()).map_or((0, ""), |length| (length, text));
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::position::Position;

    #[test]
    fn the_layout_is_as_described() {
        let record = |class: Option<&str>, position| {
            Arc::new(Served {
                id: "A1".into(),
                at: Timestamp::from_millis(1),
                position,
                fences: Vec::new(),
                what: What::Resource {
                    class: class.map(Into::into),
                },
                data: "{}".into(),
            })
        };
        let records = [
            record(Some("foot"), Position::new(51.5, -0.000_000_1).ok()),
            record(None, None),
        ];
        let mut expected = vec![1, 2, b's', b'1', 2, 0, 0, 0];
        expected.extend([1, 0, 0, 0, 0, 0, 0, 0]);
        expected.extend(515_000_000_i32.to_le_bytes());
        expected.extend([255, 255, 255, 255, 2, 0, b'A', b'1', 4, 0]);
        expected.extend(b"foot");
        expected.extend([1, 0, 0, 0, 0, 0, 0, 0]);
        expected.extend([0, 0, 0, 128, 0, 0, 0, 128, 2, 0, b'A', b'1', 0, 0]);
        assert_eq!(positions("s1", &records), expected);
    }
}

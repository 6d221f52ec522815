//! What clients saw.

use std::collections::BTreeMap;

use crate::clock::micros;

/// Of so many records one is timed, so that the swarm does not measure itself.
const TIMED: u64 = 16;

/// What one client, or all of them, saw.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) records: u64,
    pub(crate) alerts: u64,
    pub(crate) frames: u64,
    /// Alerts of which a version is missing, or came twice.
    pub(crate) gaps: u64,
    pub(crate) repeats: u64,
    /// How many sockets ended with each close code; 0 for none.
    pub(crate) closes: BTreeMap<u16, u64>,
    /// Microseconds from producing to here, of a record out of many.
    pub(crate) late: Vec<u64>,
    sequences: BTreeMap<String, u64>,
}

impl Seen {
    /// Takes in one text frame. What it is, and so whether it is to be acknowledged.
    pub(crate) fn take(&mut self, frame: &str) {
        self.frames += 1;
        if frame.starts_with(r#"{"type":"alert""#) {
            self.records += 1;
            self.alerts += 1;
            self.follow(frame);
        } else if is_of_positions(frame) {
            for (at, mark) in frame.match_indices(r#""source":""#) {
                self.records += 1;
                if self.records.is_multiple_of(TIMED) {
                    let digits = frame.get(at + mark.len()..).unwrap_or_default();
                    self.late
                        .extend(number(digits).map(|sent| micros().saturating_sub(sent)));
                }
            }
            if !frame.contains(r#""source":""#) {
                self.records +=
                    u64::try_from(frame.matches(r#"{"subject":""#).count()).unwrap_or(0);
            }
        } else if !frame.starts_with(r#"{"type":"snapshot""#) {
            self.records += u64::from(frame.contains(r#","data":{"#));
        }
    }

    /// The versions of one alert are 1, 2, 3 and so on.
    fn follow(&mut self, frame: &str) {
        let after = |mark: &str| Some(frame.rsplit_once(mark)?.1);
        let Some(sequence) = after(r#""sequence":"#).and_then(number) else {
            return;
        };
        let data = frame
            .split_once(r#""data":{"id":""#)
            .map_or("", |(_, rest)| rest);
        let id = data.split('"').next().unwrap_or_default();
        if let Some(before) = self.sequences.insert(id.to_owned(), sequence) {
            self.gaps += u64::from(sequence > before + 1);
            self.repeats += u64::from(sequence <= before);
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.records += other.records;
        self.alerts += other.alerts;
        self.frames += other.frames;
        self.gaps += other.gaps;
        self.repeats += other.repeats;
        self.late.extend(other.late);
        for (code, count) in other.closes {
            *self.closes.entry(code).or_default() += count;
        }
    }

    /// Milliseconds within which so many of a thousand came; of none, not a number.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a figure for people, far below 2^53"
    )]
    pub(crate) fn within(&mut self, thousandths: usize) -> f64 {
        self.late.sort_unstable();
        let last = self.late.len().saturating_sub(1);
        let at = (self.late.len() * thousandths / 1000).min(last);
        self.late.get(at).map_or(f64::NAN, |us| *us as f64 / 1000.0)
    }
}

/// Whether a frame waits for credit.
pub(crate) fn is_of_positions(frame: &str) -> bool {
    frame.starts_with(r#"{"type":"positions""#)
}

fn number(text: &str) -> Option<u64> {
    let end = text.find(|letter: char| !letter.is_ascii_digit());
    text.get(..end.unwrap_or(text.len()))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_counted_and_alerts_followed() {
        let mut seen = Seen::default();
        let alert = |id: &str, sequence: u32| {
            format!(
                r#"{{"type":"alert","sub":"s","resume":"a.0-1","data":{{"id":"{id}","sequence":{sequence}}}}}"#
            )
        };
        for (id, sequence) in [("a", 1), ("b", 1), ("a", 2), ("a", 4), ("a", 4)] {
            seen.take(&alert(id, sequence));
        }
        assert_eq!((seen.alerts, seen.gaps, seen.repeats), (5, 1, 1));
        seen.take(r#"{"type":"positions","sub":"s","data":[{"subject":"A","source":"1"},{"subject":"B","source":"2"}]}"#);
        seen.take(r#"{"type":"positions","sub":"s","data":[{"subject":"A"}]}"#);
        seen.take(r#"{"type":"heartbeat"}"#);
        seen.take(r#"{"type":"cell","sub":"s","data":{}}"#);
        assert_eq!((seen.records, seen.frames), (9, 9));
    }
}

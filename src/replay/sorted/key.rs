//! Keys: bytes that compare as the order asks.

use crate::domain::time::Timestamp;

/// A key being written, whose bytes compare as its parts do, in order.
#[derive(Debug)]
pub struct Key<'b>(pub(super) &'b mut Vec<u8>);

impl Key<'_> {
    /// Then by time.
    #[must_use]
    pub fn time(self, at: Timestamp) -> Self {
        // Flipping the sign bit makes negative times compare as bytes before positive ones.
        self.bytes(&(at.millis() ^ i64::MIN).to_be_bytes())
    }

    /// Then by number.
    #[must_use]
    pub fn number(self, number: u64) -> Self {
        self.bytes(&number.to_be_bytes())
    }

    /// Then by text; a text that another one continues comes before it.
    #[must_use]
    #[inline(always)]
    pub fn text(self, text: &str) -> Self {
        let bytes = text.as_bytes();
        let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) else {
            return self.bytes(bytes).bytes(&[0]);
        };
        let Some(short_of) = 16_usize.checked_sub(bytes.len()) else {
            return self.bytes(bytes).bytes(&[0]);
        };
        // In two words, with zeros behind: a copy of a length that is not known beforehand costs more.
        let bits = u32::try_from(8 * short_of).unwrap_or(u32::MAX);
        let rest = u64::from_le_bytes(*last).checked_shr(bits).unwrap_or(0);
        let end = self.0.len() + bytes.len() + 1;
        let key = self.bytes(first).bytes(&rest.to_le_bytes()).bytes(&[0]);
        key.0.truncate(end);
        key
    }

    /// A key that was written before.
    pub(super) fn copy(self, key: &[u8]) -> Self {
        self.bytes(key)
    }

    fn bytes(self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_ends_with_zero_however_long_it_is() {
        for length in 0..26 {
            let text: String = ('a'..).take(length).collect();
            let mut key = b"before".to_vec();
            let _ = Key(&mut key).text(&text);
            assert_eq!(key, format!("before{text}\0").into_bytes());
        }
    }
}

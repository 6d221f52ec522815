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
    pub fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes()).bytes(&[0])
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

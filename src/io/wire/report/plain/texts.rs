//! Short texts that come again and again in the records of one source: its classes, its codes, its units.

use crate::domain::report::Text;
use crate::io::wire::report::plain::scanner::text_of;

/// The power of two that is the number of texts kept.
const BITS: u32 = 6;

/// What a source's records said last. A text that is among them is neither checked nor made again.
#[derive(Debug, Default)]
pub(super) struct Texts {
    /// Each in the place that its bytes say, with these; none if nothing is kept.
    kept: Vec<(u64, Text)>,
    /// What has no place there.
    apart: Text,
}

impl Texts {
    /// Keeps texts, which pays for more than some records.
    pub(super) fn keeping() -> Self {
        // Eight zeros are no text's: each has its quote.
        Self {
            kept: vec![(0, Text::default()); 1 << BITS],
            apart: Text::default(),
        }
    }

    /// The text of `bytes`, seven at most; `eight` are these and the quote behind them.
    #[inline(always)]
    pub(super) fn get<'t>(
        &mut self,
        eight: u64,
        bytes: impl FnOnce() -> Option<&'t [u8]>,
    ) -> Option<&Text> {
        // Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4).
        let place = eight.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - BITS);
        let place = usize::try_from(place).ok()?;
        let Some((kept, text)) = self.kept.get_mut(place) else {
            self.apart = text_of(bytes()?)?;
            return Some(&self.apart);
        };
        if *kept != eight {
            *text = text_of(bytes()?)?;
            *kept = eight;
        }
        Some(text)
    }

    pub(super) fn keep_apart(&mut self, text: Text) -> &Text {
        self.apart = text;
        &self.apart
    }
}

//! Puts what arrives nearly in order into order: holds it until the watermark has passed.

use std::collections::BTreeMap;

use crate::domain::time::Timestamp;

/// A queue that gives its items by time, then by `Tie`, then as they came.
#[derive(Debug)]
pub struct InOrder<Tie, Item> {
    held: BTreeMap<(Timestamp, Tie, u64), Item>,
    pushed: u64,
}

impl<Tie: Ord, Item> Default for InOrder<Tie, Item> {
    fn default() -> Self {
        Self {
            held: BTreeMap::new(),
            pushed: 0,
        }
    }
}

impl<Tie: Ord, Item> InOrder<Tie, Item> {
    /// Holds `item`.
    pub fn push(&mut self, at: Timestamp, tie: Tie, item: Item) {
        self.held.insert((at, tie, self.pushed), item);
        self.pushed += 1;
    }

    /// The time of the next item.
    #[must_use]
    pub fn next_at(&self) -> Option<Timestamp> {
        self.held.first_key_value().map(|((at, _, _), _)| *at)
    }

    /// The next item at or before `watermark`, with its time.
    pub fn pop(&mut self, watermark: Timestamp) -> Option<(Timestamp, Item)> {
        if self.next_at()? > watermark {
            return None;
        }
        let ((at, _, _), item) = self.held.pop_first()?;
        Some((at, item))
    }

    /// How many are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether none is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_come_by_time_then_tie_then_arrival_and_not_before_the_watermark() {
        let at = |ms| Timestamp::from_millis(ms).unwrap();
        let mut queue = InOrder::default();
        for (ms, tie, item) in [(3, 'a', 1), (2, 'b', 2), (2, 'a', 3), (2, 'a', 4)] {
            queue.push(at(ms), tie, item);
        }
        let order: Vec<_> = std::iter::from_fn(|| queue.pop(at(2)))
            .map(|(_, item)| item)
            .collect();
        assert_eq!(order, [3, 4, 2]);
        assert_eq!(queue.len(), 1);
        assert_eq!(queue.next_at(), Some(at(3)));
    }
}

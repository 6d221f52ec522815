//! How far a client has got, as a token that any serve instance can read.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// The next offset of each partition of `alerts` that a client has not had, in one stream: the offsets
/// of a broker that began anew say nothing about those of the one before.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ResumePoint {
    stream: String,
    next: BTreeMap<i32, i64>,
}

/// A token that none of our instances wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a resume token of this server")]
pub struct NoToken;

impl ResumePoint {
    /// The beginning of `stream`, of which letters and digits count.
    #[must_use]
    pub fn new(stream: &str) -> Self {
        let plain = |letter: &char| letter.is_ascii_alphanumeric();
        Self {
            stream: stream.chars().filter(plain).collect(),
            next: BTreeMap::new(),
        }
    }

    /// Whether the two are of one stream.
    #[must_use]
    pub fn is_of(&self, other: &Self) -> bool {
        self.stream == other.stream
    }

    /// The record at `offset` has been had.
    pub fn pass(&mut self, partition: i32, offset: i64) {
        self.next.insert(partition, offset.saturating_add(1));
    }

    /// The first offset of `partition` that has not been had; 0 where nothing of it has.
    #[must_use]
    pub fn next(&self, partition: i32) -> i64 {
        self.next.get(&partition).copied().unwrap_or(0)
    }

    /// Partitions and their next offsets, in order.
    pub fn iter(&self) -> impl Iterator<Item = (i32, i64)> + '_ {
        self.next
            .iter()
            .map(|(&partition, &next)| (partition, next))
    }
}

impl fmt::Display for ResumePoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a{}", self.stream)?;
        for (partition, next) in self.iter() {
            write!(f, ".{partition}-{next}")?;
        }
        Ok(())
    }
}

impl FromStr for ResumePoint {
    type Err = NoToken;

    fn from_str(token: &str) -> Result<Self, NoToken> {
        let mut words = token.split('.');
        let stream = words.next().and_then(|word| word.strip_prefix('a'));
        let mut point = Self::new(stream.ok_or(NoToken)?);
        for word in words {
            let (partition, next) = word.split_once('-').ok_or(NoToken)?;
            let partition = partition.parse().map_err(|_| NoToken)?;
            let next: i64 = next.parse().map_err(|_| NoToken)?;
            point.next.insert(partition, next);
        }
        Ok(point)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_and_anything_else_is_refused() {
        let mut point = ResumePoint::new("5-f");
        point.pass(0, 41);
        point.pass(7, 0);
        assert_eq!(point.to_string(), "a5f.0-42.7-1");
        assert_eq!(point.to_string().parse(), Ok(point));
        for token in ["", "b", "a.", "a.1", "a.1-x", "a.x-1", "a..1-1"] {
            assert_eq!(token.parse::<ResumePoint>(), Err(NoToken), "{token}");
        }
    }
}

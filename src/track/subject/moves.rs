//! Which moves are told to the picture: few enough to be cheap, fine enough to say who is near whom.

use std::time::Duration;

use crate::alert::rule::RuleSet;
use crate::domain::position::Position;
use crate::domain::time::Timestamp;

/// How finely moves are told: after this far or this long, whichever is first.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moves {
    /// Metres from the place that was told last.
    pub distance_m: f64,
    /// Time since that was told.
    pub after: Duration,
}

/// The place of a subject that was told last.
#[derive(Debug)]
pub(super) struct Moved {
    moves: Option<Moves>,
    told: Option<(Position, Timestamp)>,
}

impl Moves {
    /// Nobody has to be told where no rule asks who is near whom.
    pub(crate) fn asked_for_by(self, rules: &RuleSet) -> Option<Self> {
        rules.pairs().next().map(|_| self)
    }
}

impl Moved {
    /// Nothing told yet; nothing ever, without `moves`.
    pub(super) fn new(moves: Option<Moves>) -> Self {
        Self { moves, told: None }
    }

    /// Whether a place has to be told, and if so takes it for told. An incident that is closed is near
    /// nobody, and where it is when it is opened again is news.
    pub(super) fn is_news(&mut self, position: Position, at: Timestamp, is_closed: bool) -> bool {
        let Some(moves) = self.moves else {
            return false;
        };
        if is_closed {
            self.told = None;
            return false;
        }
        let is_news = self.told.is_none_or(|(told, told_at)| {
            let long_ago = at.since(told_at) >= moves.after;
            told != position && (long_ago || told.distance_m(position) >= moves.distance_m)
        });
        if is_news {
            self.told = Some((position, at));
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_is_news_after_so_far_or_so_long() {
        let moves = Moves {
            distance_m: 25.0,
            after: Duration::from_secs(10),
        };
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000).unwrap();
        // A unit of 1e-4 degree north is 11.1 m.
        let north = |units: f64| Position::new(51.5 + units * 1e-4, -0.12).unwrap();
        let mut last = Moved::new(Some(moves));
        for (second, units, news) in [
            (0, 0.0, true),
            (1, 2.0, false),
            (2, 3.0, true),
            (11, 4.0, false),
            (12, 4.0, true),
            (90, 4.0, false),
        ] {
            assert_eq!(
                last.is_news(north(units), at(second), false),
                news,
                "{second}"
            );
        }
        assert!(!last.is_news(north(4.0), at(91), true));
        assert!(last.is_news(north(4.0), at(92), false), "opened again");
        assert!(!Moved::new(None).is_news(north(0.0), at(0), false));
    }
}

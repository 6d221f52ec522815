//! What the geocoder has answered: the same words come again with every update of an incident.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::domain::located::Placed;
use crate::domain::position::Position;
use crate::domain::report::Text;
use crate::geocode::Refusal;

/// Answers of one generation.
const MOST: usize = 4096;

/// A longer text is looked up anew, bytes.
const LONGEST: usize = 256;

/// What an answer hangs on: the words, and where the incident was.
type Asked = (Text, Option<Position>);

type Answers = HashMap<Asked, Result<Placed, Refusal>, FixedState>;

/// The last answers, at most two generations of them. An answer hangs on nothing else than what was
/// asked, so that nobody can tell whether it was kept.
#[derive(Debug)]
pub(super) struct KnownTexts {
    young: Answers,
    old: Answers,
    most: usize,
}

impl Default for KnownTexts {
    fn default() -> Self {
        Self::holding(MOST)
    }
}

impl KnownTexts {
    /// With generations of `most` answers; with 0 nothing is kept.
    pub(super) fn holding(most: usize) -> Self {
        Self {
            young: Answers::default(),
            old: Answers::default(),
            most,
        }
    }

    /// The answer that is known, else what `look_up` gives.
    pub(super) fn answer(
        &mut self,
        text: &Text,
        previous: Option<Position>,
        look_up: impl FnOnce() -> Result<Placed, Refusal>,
    ) -> Result<Placed, Refusal> {
        if text.len() > LONGEST || self.most == 0 {
            return look_up();
        }
        let asked = (Text::clone(text), previous);
        if let Some(answer) = self.young.get(&asked) {
            return answer.clone();
        }
        let answer = self.old.remove(&asked).unwrap_or_else(look_up);
        if self.young.len() >= self.most {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(asked, answer.clone());
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reject::{Reason, Reject};
    use proptest::prelude::*;

    /// An answer that tells what was asked.
    fn look_up(text: &str, previous: Option<Position>) -> Result<Placed, Refusal> {
        let detail = format!("{text} {previous:?}");
        Err(Reject::new(Reason::Unlocatable, detail).into())
    }

    proptest! {
        #[test]
        fn an_answer_is_the_same_whether_or_not_it_was_kept(
            asked in prop::collection::vec((0_u8..12, any::<bool>()), 0..200),
            most in 0_usize..5,
        ) {
            let mut known = KnownTexts::holding(most);
            for (number, has_place) in asked {
                let text: Text = format!("text {number}").into();
                let previous = has_place.then(|| Position::new(51.5, f64::from(number)).unwrap());
                let answer = known.answer(&text, previous, || look_up(&text, previous));
                prop_assert_eq!(answer, look_up(&text, previous));
                prop_assert!(known.young.len() <= most && known.old.len() <= most);
            }
        }
    }

    #[test]
    fn what_is_known_is_not_looked_up_again() {
        let mut known = KnownTexts::holding(2);
        let mut looked = 0;
        for text in ["a", "a", "b", "a", "c", "a", "d", "e", "f", "g", "a"] {
            let text: Text = text.into();
            let _ = known.answer(&text, None, || {
                looked += 1;
                look_up(&text, None)
            });
        }
        // a b c d e f g, and a once more after two generations have passed.
        assert_eq!(looked, 8);
    }
}

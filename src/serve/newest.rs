//! Records on their way to the read model, of which only the newest of each subject is worth reading.
//!
//! Whoever falls behind takes in more at once, finds more that is overtaken already, and so catches up.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::domain::served::Mark;
use crate::serve::update::{FeedTopic, Update};

/// What came since the last look.
#[derive(Debug, Default)]
pub struct Newest {
    /// In order of arrival; `None` where a newer one stands for it.
    updates: Vec<Option<Update>>,
    /// By key, the place and mark of the newest report that is waiting: of the resource, and of the
    /// incident.
    waiting: HashMap<String, [Option<(usize, Mark)>; 2], FixedState>,
    overtaken: u64,
}

impl Newest {
    /// Takes in `update`. With the `mark` of a located report it stands for those of its subject that
    /// are no newer; anything else is kept, and so is all that came before it.
    pub fn push(&mut self, update: Update, mark: Option<Mark>) {
        let at = self.updates.len();
        match mark {
            Some(mark) => {
                if !self.waiting.contains_key(&update.key) {
                    self.waiting.insert(update.key.clone(), [None; 2]);
                }
                let known = self.waiting.get_mut(&update.key);
                let Some(known) = known.map(|known| &mut known[usize::from(mark.is_incident)])
                else {
                    return;
                };
                if let Some((before, older)) = *known {
                    self.overtaken += 1;
                    if mark.at < older.at {
                        return;
                    }
                    self.updates[before] = None;
                }
                *known = Some((at, mark));
            }
            None if matches!(update.topic, FeedTopic::Located | FeedTopic::Unplaced) => {
                self.waiting.remove(&update.key);
            }
            None => {}
        }
        self.updates.push(Some(update));
    }

    /// How many have come, overtaken or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.updates.len()
    }

    /// Whether nothing has come.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.updates.is_empty()
    }

    /// What is worth reading, in order of arrival; then nothing is left.
    pub fn take(&mut self) -> impl Iterator<Item = Update> + '_ {
        self.waiting.clear();
        self.updates.drain(..).flatten()
    }

    /// How many were overtaken since this was asked last.
    pub fn take_overtaken(&mut self) -> u64 {
        std::mem::take(&mut self.overtaken)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::position::Position;
    use crate::domain::served::{Channel, Served, What};
    use crate::domain::time::Timestamp;
    use crate::serve::{Bounds, ReadModel};

    /// A report of a resource or an incident or the end of both; an incident without a place, or that it
    /// has one.
    #[derive(Clone, Debug)]
    struct Came {
        key: u8,
        what: u8,
        at: i64,
    }

    fn update(offset: usize, came: &Came) -> (Update, Option<Mark>, Option<Served>) {
        let at = Timestamp::from_millis(came.at).unwrap();
        let is_incident = came.what % 2 == 1;
        let topic = match came.what {
            4 | 6 => FeedTopic::Unplaced,
            _ => FeedTopic::Located,
        };
        let key = format!("S{}", came.key);
        let what = if is_incident || came.what == 4 {
            What::Incident {
                category: None,
                is_closed: false,
            }
        } else {
            What::Resource { class: None }
        };
        let is_report = came.what < 5;
        let served = is_report.then(|| Served {
            id: key.as_str().into(),
            at: Some(at),
            position: Position::new(51.5, 0.0).ok().filter(|_| came.what != 4),
            fences: Vec::new(),
            what,
            data: offset.to_string().into(),
        });
        let mark = (is_report && came.what != 4).then_some(Mark { at, is_incident });
        let update = Update {
            topic,
            partition: 0,
            offset: i64::try_from(offset).unwrap(),
            key,
            value: is_report.then(|| Arc::from(&b"{}"[..])),
            received: at,
            at: None,
        };
        (update, mark, served)
    }

    /// What is shown in the end, when records are taken in `look` at a time.
    fn shown(story: &[Came], look: usize) -> Vec<Arc<Served>> {
        let all = story.iter().enumerate();
        let all: Vec<_> = all.map(|(offset, came)| update(offset, came)).collect();
        let mut model = ReadModel::new(Bounds::default(), "s");
        let mut newest = Newest::default();
        for turn in all.chunks(look) {
            for (update, mark, _) in turn {
                newest.push(update.clone(), *mark);
            }
            for update in newest.take() {
                let served = all[usize::try_from(update.offset).unwrap()].2.clone();
                model.apply(&update, served);
            }
        }
        let channels = [Channel::Positions, Channel::Incidents].into_iter();
        channels
            .flat_map(|channel| model.now(channel).cloned().collect::<Vec<_>>())
            .collect()
    }

    proptest! {
        #[test]
        fn what_is_overtaken_makes_no_difference_in_the_end(
            story in prop::collection::vec((0u8..4, 0u8..7, 0i64..20), 0..120),
            look in 1usize..130,
        ) {
            let story: Vec<_> =
                story.into_iter().map(|(key, what, at)| Came { key, what, at }).collect();
            prop_assert_eq!(shown(&story, look), shown(&story, 1));
        }
    }

    #[test]
    fn of_many_reports_of_a_subject_the_newest_is_left() {
        let mut newest = Newest::default();
        for (offset, (what, at)) in [(0, 1), (0, 3), (1, 2), (0, 2), (5, 0), (0, 4)]
            .iter()
            .enumerate()
        {
            let came = Came {
                key: 1,
                what: *what,
                at: *at,
            };
            let (update, mark, _) = update(offset, &came);
            newest.push(update, mark);
        }
        let left: Vec<_> = newest.take().map(|update| update.offset).collect();
        assert_eq!(left, [1, 2, 4, 5]);
        assert_eq!((newest.take_overtaken(), newest.len()), (2, 0));
    }
}

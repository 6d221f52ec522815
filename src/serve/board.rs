//! The newest record of each subject, in the order in which they changed: whoever reads from a revision
//! on gets every subject once, as it is now. So a reader that falls behind queues nothing.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::domain::report::Text;
use crate::domain::served::Served;

/// Subjects that are gone are told of for so many of them. Who reads slower has to begin again.
const MOST_GONE: usize = 65_536;

/// Subjects as they are now.
#[derive(Debug, Default)]
pub struct Board {
    subjects: BTreeMap<Text, (u64, Option<Arc<Served>>)>,
    changed: BTreeMap<u64, Text>,
    gone: VecDeque<u64>,
    /// Everything after it is told of.
    floor: u64,
    head: u64,
    living: usize,
}

/// One subject that changed.
#[derive(Clone, Debug, PartialEq)]
pub struct News {
    /// When, in the order of the board.
    pub revision: u64,
    /// Its id.
    pub id: Text,
    /// As it is now; `None` where it is gone.
    pub now: Option<Arc<Served>>,
}

impl Board {
    /// The subject `id`, unless it is gone or was never there.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<Served>> {
        self.subjects.get(id)?.1.as_ref()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.living
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.living == 0
    }

    /// All that are there, in order of id.
    pub fn values(&self) -> impl Iterator<Item = &Arc<Served>> {
        self.subjects.values().filter_map(|(_, now)| now.as_ref())
    }

    /// The revision of the last change; 0 before the first.
    #[must_use]
    pub fn head(&self) -> u64 {
        self.head
    }

    /// Puts up the newest record of a subject.
    pub fn put(&mut self, served: &Arc<Served>) {
        self.set(&served.id, Some(Arc::clone(served)));
    }

    /// Takes a subject off; gives what was there.
    pub fn remove(&mut self, id: &str) -> Option<Arc<Served>> {
        let before = Arc::clone(self.get(id)?);
        self.set(&before.id, None);
        self.gone.push_back(self.head);
        if self.gone.len() > MOST_GONE
            && let Some(revision) = self.gone.pop_front()
        {
            self.forget(revision);
        }
        Some(before)
    }

    /// Subjects that changed after `revision`, the longest ago first; `None` where some of them are
    /// forgotten.
    #[must_use]
    pub fn after(&self, revision: u64) -> Option<impl Iterator<Item = News> + '_> {
        let changed = self.changed.range(revision.saturating_add(1)..);
        let news = changed.filter_map(|(&revision, id)| {
            let (_, now) = self.subjects.get(id)?;
            Some(News {
                revision,
                id: Arc::clone(id),
                now: now.clone(),
            })
        });
        (revision >= self.floor).then_some(news)
    }

    fn set(&mut self, id: &Text, now: Option<Arc<Served>>) {
        self.head += 1;
        self.living += usize::from(now.is_some());
        if let Some((revision, before)) = self.subjects.insert(Arc::clone(id), (self.head, now)) {
            self.living -= usize::from(before.is_some());
            self.changed.remove(&revision);
        }
        self.changed.insert(self.head, Arc::clone(id));
    }

    /// The subject that went at `revision`, unless it came back.
    fn forget(&mut self, revision: u64) {
        if let Some(id) = self.changed.remove(&revision) {
            self.subjects.remove(&id);
            self.floor = revision;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::served::What;

    fn vehicle(id: &str) -> Arc<Served> {
        Arc::new(Served {
            id: id.into(),
            at: None,
            position: None,
            fences: Vec::new(),
            what: What::Resource { class: None },
            data: "{}".into(),
        })
    }

    fn told(board: &Board, after: u64) -> Option<Vec<(u64, String, bool)>> {
        let news = board.after(after)?;
        let told = news.map(|news| (news.revision, news.id.to_string(), news.now.is_some()));
        Some(told.collect())
    }

    #[test]
    fn a_reader_gets_each_subject_once_as_it_is_now() {
        let mut board = Board::default();
        for id in ["A", "B", "A"] {
            board.put(&vehicle(id));
        }
        assert_eq!(
            told(&board, 0).unwrap(),
            [(2, "B".into(), true), (3, "A".into(), true)]
        );
        assert!(board.remove("B").is_some() && board.remove("B").is_none());
        assert_eq!(told(&board, 3).unwrap(), [(4, "B".into(), false)]);
        assert_eq!((board.len(), board.head()), (1, 4));
        board.put(&vehicle("B"));
        assert_eq!(told(&board, 4).unwrap(), [(5, "B".into(), true)]);
    }

    #[test]
    fn who_is_too_far_behind_to_hear_of_all_that_went_is_told_so() {
        let mut board = Board::default();
        for number in 0..=MOST_GONE {
            let id = format!("V{number}");
            board.put(&vehicle(&id));
            board.remove(&id);
        }
        assert!(told(&board, 0).is_none());
        assert_eq!(told(&board, 2).unwrap().len(), MOST_GONE);
    }
}

//! The newest record of each subject, in the order in which they changed: whoever reads from a revision
//! on gets every subject once, as it is now. So a reader that falls behind queues nothing.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::domain::report::Text;
use crate::domain::served::Served;
use crate::serve::filter::Filter;
use crate::serve::tiles::{Tile, Tiles};

/// That a subject is gone, or has gone from a tile, is told for so many of them. Who reads slower has to
/// begin again.
const MOST_GONE: usize = 65_536;

/// Subjects as they are now.
#[derive(Debug, Default)]
pub struct Board {
    subjects: BTreeMap<Text, Subject>,
    /// As it is now, so that a reader looks nothing up.
    changed: BTreeMap<u64, (Text, Option<Arc<Served>>)>,
    tiles: Tiles,
    /// What is told for a while only: the revision, and the tile that was left, or none by who is gone.
    gone: VecDeque<(u64, Option<Tile>)>,
    /// Everything after it is told of.
    floor: u64,
    head: u64,
    living: usize,
}

#[derive(Debug)]
struct Subject {
    revision: u64,
    now: Option<Arc<Served>>,
    tile: Tile,
    /// Tiles that it left, and when: they still say so.
    left: Vec<(Tile, u64)>,
}

/// One subject that changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct News<'b> {
    /// When, in the order of the board.
    pub revision: u64,
    /// Its id.
    pub id: &'b Text,
    /// As it is now; `None` where it is gone.
    pub now: Option<&'b Arc<Served>>,
}

impl Board {
    /// The subject `id`, unless it is gone or was never there.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<Served>> {
        self.subjects.get(id)?.now.as_ref()
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
        self.subjects
            .values()
            .filter_map(|subject| subject.now.as_ref())
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
        self.gone.push_back((self.head, None));
        self.forget_some();
        Some(before)
    }

    /// Subjects that changed after `revision`, the longest ago first; `None` where some of them are
    /// forgotten.
    #[must_use]
    pub fn after(&self, revision: u64) -> Option<impl Iterator<Item = News<'_>> + '_> {
        let changed = self.changed.range(revision.saturating_add(1)..);
        let news = changed.map(|(&revision, (id, now))| News {
            revision,
            id,
            now: now.as_ref(),
        });
        (revision >= self.floor).then_some(news)
    }

    /// Those of them that `filter` may let through, or did before: by the part of the map that it is
    /// about, where that is small.
    #[must_use]
    pub fn near(
        &self,
        revision: u64,
        filter: &Filter,
    ) -> Option<Box<dyn Iterator<Item = News<'_>> + '_>> {
        let whole = self.after(revision)?;
        let near = filter
            .view()
            .and_then(|view| self.tiles.after(revision, view));
        Some(match near {
            Some(near) => Box::new(near),
            None => Box::new(whole),
        })
    }

    fn set(&mut self, id: &Text, now: Option<Arc<Served>>) {
        self.head += 1;
        self.living += usize::from(now.is_some());
        let place = now.as_ref().map(|now| Tile::of(now.position));
        let (head, shown) = (self.head, now.as_ref());
        let Some(subject) = self.subjects.get_mut(id) else {
            let tile = place.unwrap_or_else(|| Tile::of(None));
            self.tiles.insert(tile, head, id, shown);
            self.changed.insert(head, (id.clone(), now.clone()));
            let subject = Subject {
                revision: head,
                now,
                tile,
                left: Vec::new(),
            };
            self.subjects.insert(id.clone(), subject);
            return;
        };
        let tile = place.unwrap_or(subject.tile);
        self.living -= usize::from(subject.now.is_some());
        self.changed.remove(&subject.revision);
        self.tiles.remove(subject.tile, subject.revision);
        if tile != subject.tile {
            let back = subject.left.iter().position(|(left, _)| *left == tile);
            if let Some((tile, revision)) = back.map(|index| subject.left.swap_remove(index)) {
                self.tiles.remove(tile, revision);
            }
            self.tiles.insert(subject.tile, head, id, shown);
            subject.left.push((subject.tile, head));
            self.gone.push_back((head, Some(subject.tile)));
        }
        self.tiles.insert(tile, head, id, shown);
        self.changed.insert(head, (id.clone(), now.clone()));
        (subject.revision, subject.tile, subject.now) = (head, tile, now);
        self.forget_some();
    }

    fn forget_some(&mut self) {
        while self.gone.len() > MOST_GONE {
            let Some((revision, left)) = self.gone.pop_front() else {
                return;
            };
            match left {
                Some(tile) => self.forget_leaving(revision, tile),
                None => self.forget(revision),
            }
        }
    }

    /// That a subject left `tile` at `revision`, unless it came back.
    fn forget_leaving(&mut self, revision: u64, tile: Tile) {
        let Some(id) = self.tiles.remove(tile, revision) else {
            return;
        };
        self.floor = self.floor.max(revision);
        if let Some(subject) = self.subjects.get_mut(&id) {
            subject.left.retain(|(_, left)| *left != revision);
        }
    }

    /// The subject that went at `revision`, unless it came back.
    fn forget(&mut self, revision: u64) {
        let Some((id, _)) = self.changed.remove(&revision) else {
            return;
        };
        self.floor = self.floor.max(revision);
        if let Some(subject) = self.subjects.remove(&id) {
            self.tiles.remove(subject.tile, revision);
            for (tile, revision) in subject.left {
                self.tiles.remove(tile, revision);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::position::Position;
    use crate::domain::served::{Wants, What};
    use crate::serve::FenceTags;

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

    proptest! {
        /// Whoever looks at a part of the map has the same on its screen by the tiles as by the whole.
        #[test]
        fn a_view_is_the_same_by_the_tiles_as_by_the_whole(
            walk in prop::collection::vec((0u8..6, -3i32..9, -3i32..9, 0u8..8), 1..150),
            looks in 1usize..20,
        ) {
            let filter = Filter::new(Wants {
                bbox: Some(vec![0.0, 51.5, 0.055, 51.535]),
                ..Wants::default()
            }).unwrap();
            let mut board = Board::default();
            let mut screens = [BTreeMap::new(), BTreeMap::new()];
            let mut after = [0, 0];
            for (number, (who, north, east, what)) in walk.into_iter().enumerate() {
                let id = format!("V{who}");
                let (lat, lng) = (51.5 + 0.01 * f64::from(north), 0.01 * f64::from(east));
                match what {
                    0 => { board.remove(&id); }
                    1 => board.put(&vehicle(&id)),
                    _ => {
                        let here = Position::new(lat, lng).ok();
                        let served = Served { position: here, ..(*vehicle(&id)).clone() };
                        board.put(&Arc::new(served));
                    }
                }
                if number % looks != 0 {
                    continue;
                }
                let news: [Vec<News>; 2] = [
                    board.after(after[0]).unwrap().collect(),
                    board.near(after[1], &filter).unwrap().collect(),
                ];
                for (screen, news) in screens.iter_mut().zip(&news) {
                    for one in news {
                        match one.now.filter(|now| filter.allows(now, &FenceTags::default())) {
                            Some(now) => screen.insert(one.id.clone(), now.position),
                            None => screen.remove(one.id),
                        };
                    }
                }
                after = [board.head(); 2];
                prop_assert_eq!(&screens[0], &screens[1]);
            }
        }
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

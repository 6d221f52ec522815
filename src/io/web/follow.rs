//! Subjects that a client follows. Nothing waits for it: it reads the board from where it was, so that
//! who falls behind gets the newest of each subject, and costs the others nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;

use crate::domain::report::Text;
use crate::domain::served::{Channel, Served};
use crate::io::web::hub::Picture;
use crate::io::wire::live::frames;
use crate::serve::{Board, Filter, News, ReadModel};

/// Records of one frame of positions.
const POSITIONS_A_FRAME: usize = 500;
/// Frames about incidents that are taken at a time.
const INCIDENTS_A_TURN: usize = 100;
/// Bytes of records of one frame.
const FRAME_BYTES: usize = 256 * 1024;
/// Changes that are looked at in one turn, so that the picture is not held for long.
const LOOKED_AT: usize = 4096;

/// What one subscription follows.
pub(super) struct Followed {
    filter: Arc<Filter>,
    positions: Option<Cursor>,
    incidents: Option<Cursor>,
}

/// How far a subscription has read one board.
struct Cursor {
    after: u64,
    /// What is on the client's screen; `None` where the filter keeps nothing off it.
    shown: Option<BTreeSet<Text>>,
}

impl Followed {
    /// Nothing yet, through `filter`.
    pub(super) fn new(filter: Arc<Filter>) -> Self {
        Self {
            filter,
            positions: None,
            incidents: None,
        }
    }

    /// Follow `channel` of `model`, from now on; `records` are on the screen. Other channels than those
    /// of subjects are not followed.
    pub(super) fn channel(&mut self, channel: Channel, model: &ReadModel, records: &[Arc<Served>]) {
        let ids = || records.iter().map(|record| Arc::clone(&record.id));
        let cursor = |board: &Board| Cursor {
            after: board.head(),
            shown: (!self.filter.is_open()).then(|| ids().collect()),
        };
        match channel {
            Channel::Positions => self.positions = Some(cursor(model.resources())),
            Channel::Incidents => self.incidents = Some(cursor(model.incidents())),
            Channel::Alerts | Channel::Transitions | Channel::Cells => {}
        }
    }

    /// Whether it follows anything.
    pub(super) fn is_needed(&self) -> bool {
        self.positions.is_some() || self.incidents.is_some()
    }
}

/// The client reads so slowly that it cannot be told of all that went.
pub(super) struct Lost;

/// What one turn gave.
#[derive(Default)]
pub(super) struct Turn {
    pub(super) frames: Vec<Utf8Bytes>,
    /// There is more to be had at once.
    pub(super) is_more: bool,
}

/// All that one client follows.
#[derive(Default)]
pub(super) struct Following {
    subs: BTreeMap<Text, Followed>,
    /// A frame of positions was sent and not acknowledged.
    is_owed: bool,
    /// The subscription whose positions went out last.
    last: Option<Text>,
}

impl Following {
    pub(super) fn follow(&mut self, sub: Text, followed: Followed) {
        self.subs.insert(sub, followed);
    }

    pub(super) fn unfollow(&mut self, sub: &str) {
        self.subs.remove(sub);
    }

    /// The client has applied the last frame of positions.
    pub(super) fn credit(&mut self) {
        self.is_owed = false;
    }

    /// What is new in `picture`: some incidents of each subscription, and one frame of positions of the
    /// subscription whose turn it is, if none is owed.
    pub(super) fn turn(&mut self, picture: &Picture) -> Result<Turn, Lost> {
        let mut turn = Turn::default();
        for (sub, followed) in &mut self.subs {
            let Some(cursor) = &mut followed.incidents else {
                continue;
            };
            let filter = &followed.filter;
            let found = cursor.read(picture.read().incidents(), filter, INCIDENTS_A_TURN)?;
            turn.is_more |= found.is_more;
            for (id, now) in found.news {
                turn.frames.push(match now {
                    Some(now) => frames::record(Channel::Incidents, sub, None, &now.data).into(),
                    None => frames::removed(sub, &id).into(),
                });
            }
        }
        if !self.is_owed {
            self.positions(picture, &mut turn)?;
        }
        Ok(turn)
    }

    fn positions(&mut self, picture: &Picture, turn: &mut Turn) -> Result<(), Lost> {
        let after = |sub: &&Text| self.last.as_ref().is_none_or(|last| *sub > last);
        let later = self.subs.keys().filter(after);
        let order: Vec<Text> = later.chain(self.subs.keys()).cloned().collect();
        for sub in order.into_iter().take(self.subs.len()) {
            let Some(followed) = self.subs.get_mut(&sub) else {
                continue;
            };
            let Some(cursor) = &mut followed.positions else {
                continue;
            };
            let found = cursor.read(
                picture.read().resources(),
                &followed.filter,
                POSITIONS_A_FRAME,
            )?;
            let mut records = Vec::with_capacity(found.news.len());
            for (id, now) in found.news {
                match now {
                    Some(now) => records.push(now),
                    None => turn.frames.push(frames::removed(&sub, &id).into()),
                }
            }
            turn.is_more |= found.is_more && records.is_empty();
            if !records.is_empty() {
                turn.frames.push(frames::positions(&sub, &records).into());
                self.is_owed = true;
                self.last = Some(sub);
                return Ok(());
            }
        }
        Ok(())
    }
}

struct Found {
    /// Subjects as they are now; `None` where one is gone from the screen.
    news: Vec<(Text, Option<Arc<Served>>)>,
    is_more: bool,
}

impl Cursor {
    /// At most `most` subjects that are news for the client.
    fn read(&mut self, board: &Board, filter: &Filter, most: usize) -> Result<Found, Lost> {
        let mut found = Found {
            news: Vec::new(),
            is_more: false,
        };
        let mut bytes = 0;
        let changed = board.after(self.after).ok_or(Lost)?;
        for (looked_at, News { revision, id, now }) in changed.enumerate() {
            if looked_at >= LOOKED_AT || found.news.len() >= most || bytes >= FRAME_BYTES {
                found.is_more = true;
                break;
            }
            self.after = revision;
            let now = now.filter(|now| filter.allows(now));
            let is_news = match (&mut self.shown, &now) {
                (None, _) => true,
                (Some(shown), Some(_)) => {
                    shown.insert(Arc::clone(&id));
                    true
                }
                (Some(shown), None) => shown.remove(&id),
            };
            if is_news {
                bytes += now.as_ref().map_or(0, |now| now.data.len());
                found.news.push((id, now));
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::position::Position;
    use crate::domain::served::{Wants, What};

    fn vehicle(id: &str, lat: f64) -> Arc<Served> {
        Arc::new(Served {
            id: id.into(),
            at: None,
            position: Position::new(lat, 0.0).ok(),
            fences: Vec::new(),
            what: What::Resource { class: None },
            data: lat.to_string().into(),
        })
    }

    fn told(found: &Found) -> Vec<(String, Option<String>)> {
        let data = |now: &Arc<Served>| now.data.to_string();
        let told = found.news.iter();
        told.map(|(id, now)| (id.to_string(), now.as_ref().map(data)))
            .collect()
    }

    #[test]
    fn a_reader_is_told_the_newest_and_what_left_its_view() {
        let mut board = Board::default();
        let south = Filter::new(Wants {
            bbox: Some(vec![-1.0, 50.0, 1.0, 52.0]),
            ..Wants::default()
        });
        let south = south.unwrap();
        let mut cursor = Cursor {
            after: 0,
            shown: Some(BTreeSet::new()),
        };
        for (id, lat) in [("A", 51.0), ("B", 53.0), ("A", 51.5)] {
            board.put(&vehicle(id, lat));
        }
        let mut read = |board: &Board, most| {
            let found = cursor.read(board, &south, most).ok().unwrap();
            (told(&found), found.is_more)
        };
        let a = |data: &str| ("A".to_owned(), Some(data.to_owned()));
        assert_eq!(read(&board, 9), (vec![a("51.5")], false));
        board.put(&vehicle("A", 53.0));
        board.put(&vehicle("C", 51.0));
        assert_eq!(read(&board, 1), (vec![("A".to_owned(), None)], true));
        board.remove("B");
        board.remove("C");
        assert_eq!(read(&board, 9), (Vec::new(), false), "C was never shown");
    }
}

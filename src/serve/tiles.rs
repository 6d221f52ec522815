//! What changed on a board, by place: whoever looks at a part of the map passes over the rest of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::position::Position;
use crate::domain::report::Text;
use crate::domain::served::Served;
use crate::serve::board::News;
use crate::serve::filter::Box4;

/// Height and width of a tile, degrees: about 2.2 km each in Great Britain.
const HEIGHT: f64 = 0.02;
const WIDTH: f64 = 0.03;
/// Who looks at more tiles than these reads the whole board instead.
const MOST: i64 = 256;

/// A row and a column; subjects without a place have a tile of their own, which everybody looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tile(i32, i32);

const NOWHERE: Tile = Tile(i32::MIN, i32::MIN);

/// The changes of each tile, by revision.
#[derive(Debug, Default)]
pub(super) struct Tiles(BTreeMap<Tile, Log>);

type Log = BTreeMap<u64, (Text, Option<Arc<Served>>)>;

impl Tile {
    pub(super) fn of(position: Option<Position>) -> Self {
        position.map_or(NOWHERE, |position| {
            Self(
                number(position.lat(), HEIGHT),
                number(position.lng(), WIDTH),
            )
        })
    }
}

impl Tiles {
    pub(super) fn insert(
        &mut self,
        tile: Tile,
        revision: u64,
        id: &Text,
        now: Option<&Arc<Served>>,
    ) {
        let log = self.0.entry(tile).or_default();
        log.insert(revision, (id.clone(), now.cloned()));
    }

    /// Whose change that was, if it is still there.
    pub(super) fn remove(&mut self, tile: Tile, revision: u64) -> Option<Text> {
        let log = self.0.get_mut(&tile)?;
        let (id, _) = log.remove(&revision)?;
        if log.is_empty() {
            self.0.remove(&tile);
        }
        Some(id)
    }

    /// Changes after `revision` of subjects in `view`, or near it, or that have left it, in order;
    /// `None` where the view is so large that the whole board is as quick.
    pub(super) fn after(
        &self,
        revision: u64,
        view: Box4,
    ) -> Option<impl Iterator<Item = News<'_>>> {
        let rows = number(view.south, HEIGHT)..=number(view.north, HEIGHT);
        let columns = number(view.west, WIDTH)..=number(view.east, WIDTH);
        let span = |range: &std::ops::RangeInclusive<i32>| {
            i64::from(*range.end()) - i64::from(*range.start()) + 1
        };
        if span(&rows) * span(&columns) > MOST {
            return None;
        }
        let in_row = |row| {
            self.0
                .range(Tile(row, *columns.start())..=Tile(row, *columns.end()))
        };
        let tiles = rows.flat_map(in_row).map(|(_, log)| log);
        let logs = tiles.chain(self.0.get(&NOWHERE));
        let mut changed: Vec<_> = logs
            .flat_map(|log| log.range(revision.saturating_add(1)..))
            .map(|(&revision, (id, now))| News {
                revision,
                id,
                now: now.as_ref(),
            })
            .collect();
        // Who moved from one tile of the view to another stands in both.
        changed.sort_unstable_by_key(|news| news.revision);
        changed.dedup_by_key(|news| news.revision);
        Some(changed.into_iter())
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "degrees over some hundredths are small, and a cast saturates"
)]
fn number(degrees: f64, size: f64) -> i32 {
    (degrees / size).floor() as i32
}

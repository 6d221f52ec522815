//! What one cell knows of the fences that meet it, as one run of words, so that a query reads one
//! stretch of memory.
//!
//! `[n][slot × n][record]*`: first the fences that hold the whole cell, then a record for each polygon
//! with a border in it. A record is a head word (slot and flags), the part of the cell that the fence
//! reaches and, unless the fence must be asked itself, the pieces of that border: `[pieces][words][piece × pieces][vertex]*`, where a piece is its clip
//! box (two words) and its number of vertices, and a vertex an x and a y from the centre of the cell, in two
//! words, or in one where all of the record fit.
//! Vertices are whole, never cut at the cell, so nothing is ever rounded. The pieces stand before all
//! vertices, so that a place is tested against many clip boxes in few lines of cache.
//!
//! A place p is inside iff the parity at the centre c, flipped once for every edge that the way from c
//! to p crosses, is odd. A cell is convex, so that way stays in it, and edges that miss it cannot matter;
//! nor can a piece whose clip box the way misses. A place exactly on an edge is inside.

use crate::geofence::cells::place::{HALF, Local, Reach};
use crate::geofence::index::Slot;
use crate::prefetch::prefetch;

/// The centre of the cell is inside the polygon.
pub(super) const PARITY: u32 = 1 << 31;
/// A record of two words: ask the shape.
pub(super) const EXACT: u32 = 1 << 30;
/// Each vertex of the record is one word: x in the lower half, y in the upper.
pub(super) const NARROW: u32 = 1 << 29;
/// Slots are below this.
pub(super) const SLOTS: u32 = NARROW;

/// Words of a record before its pieces.
const HEADER: usize = 4;
/// Words of a piece.
const PIECE: usize = 3;

/// What one cell knows.
#[derive(Clone, Debug, Default)]
pub(super) struct Program {
    words: Vec<u32>,
}

impl Program {
    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Asks for its beginning: what follows in order the processor expects by itself.
    pub(super) fn prefetch(&self) {
        if let Some(first) = self.words.first() {
            prefetch(first);
        }
    }

    /// Appends the fences that hold the place, each once.
    pub(super) fn run(
        &self,
        place: Local,
        covers: &mut impl FnMut(Slot) -> bool,
        holding: &mut Vec<Slot>,
    ) {
        let Some((&full, rest)) = self.words.split_first() else {
            return;
        };
        let (full, mut rest) = rest.split_at(full as usize);
        holding.extend_from_slice(full);
        while let [head, reach, ..] = rest {
            let record;
            (record, rest) = rest.split_at(length(rest));
            if !Reach::of_word(*reach).holds(place) {
                continue;
            }
            let slot = slot(*head);
            let inside = if head & EXACT == 0 {
                is_in_polygon(record, place)
            } else {
                covers(slot)
            };
            // Polygons of one fence stand side by side and may overlap.
            if inside && holding.last() != Some(&slot) {
                holding.push(slot);
            }
        }
    }

    /// Adds a fence that holds the whole cell.
    pub(super) fn add_full(&mut self, slot: Slot) {
        self.make_room(2);
        if self.words.is_empty() {
            self.words.push(0);
        }
        self.words[0] += 1;
        self.words.insert(self.words[0] as usize, slot);
    }

    /// Adds a record of a fence; all records of one are added together.
    pub(super) fn add_record(&mut self, head: u32, reach: Reach, rest: &[u32]) {
        self.make_room(rest.len() + 3);
        if self.words.is_empty() {
            self.words.push(0);
        }
        self.words.extend([head, reach.word()]);
        self.words.extend_from_slice(rest);
    }

    /// The part of the cell outside which no fence holds a place.
    pub(super) fn reach(&self) -> Reach {
        let full = self.words.first().map_or(0, |full| *full as usize);
        if full > 0 {
            return Reach::ALL;
        }
        let mut all: Option<Reach> = None;
        let mut at = 1;
        while let Some([_, reach, ..]) = self.words.get(at..) {
            let reach = Reach::of_word(*reach);
            all = Some(all.map_or(reach, |all| all.and(reach)));
            at += length(&self.words[at..]);
        }
        all.unwrap_or(Reach::ALL)
    }

    /// Takes all of a fence out.
    pub(super) fn remove(&mut self, slot: Slot) {
        let Some((&full, rest)) = self.words.split_first() else {
            return;
        };
        let full = full as usize;
        if let Some(place) = rest[..full].iter().position(|held| *held == slot) {
            self.words.remove(1 + place);
            self.words[0] -= 1;
        } else {
            self.remove_records(full + 1, slot);
        }
        if self.words.len() == 1 {
            self.words = Vec::new();
        }
    }

    fn remove_records(&mut self, mut at: usize, slot: Slot) {
        // The records of one fence stand side by side.
        while at < self.words.len() && self::slot(self.words[at]) != slot {
            at += length(&self.words[at..]);
        }
        let first = at;
        while at < self.words.len() && self::slot(self.words[at]) == slot {
            at += length(&self.words[at..]);
        }
        self.words.drain(first..at);
    }

    /// An eighth at a time: there are many cells, and memory counts.
    fn make_room(&mut self, more: usize) {
        let (length, capacity) = (self.words.len(), self.words.capacity());
        if length + more > capacity {
            self.words.reserve_exact(more.max(length / 8));
        }
    }

    /// Bytes that it takes beside itself.
    pub(super) fn heap_bytes(&self) -> usize {
        self.words.capacity() * size_of::<u32>()
    }
}

fn slot(head: u32) -> Slot {
    head & (SLOTS - 1)
}

fn length(record: &[u32]) -> usize {
    if record[0] & EXACT == 0 {
        record[3] as usize
    } else {
        2
    }
}

fn is_in_polygon(record: &[u32], place: Local) -> bool {
    let mut inside = record[0] & PARITY != 0;
    let (pieces, mut vertices) = record[HEADER..].split_at(PIECE * record[2] as usize);
    let is_narrow = record[0] & NARROW != 0;
    for &[across, along, count] in pieces.as_chunks::<PIECE>().0 {
        let words = count as usize * if is_narrow { 1 } else { 2 };
        let (piece, others) = vertices.split_at(words);
        vertices = others;
        if !place.way_meets(across, along) {
            continue;
        }
        let crossed = if is_narrow {
            is_crossed(piece.iter().map(|word| narrow(*word)), place)
        } else {
            let (pairs, _) = piece.as_chunks::<2>();
            let wide = |[x, y]: &[u32; 2]| (x.cast_signed().into(), y.cast_signed().into());
            is_crossed(pairs.iter().map(wide), place)
        };
        match crossed {
            Some(crossed) => inside ^= crossed,
            None => return true,
        }
    }
    inside
}

fn narrow(word: u32) -> (i64, i64) {
    let [a, b, c, d] = word.to_le_bytes();
    (
        i16::from_le_bytes([a, b]).into(),
        i16::from_le_bytes([c, d]).into(),
    )
}

/// Appends vertices; gives the flag that says how.
pub(super) fn write_vertices(
    vertices: impl Iterator<Item = (i64, i64)> + Clone,
    words: &mut Vec<u32>,
) -> u32 {
    let start = words.len();
    for (x, y) in vertices.clone() {
        let (Ok(x), Ok(y)) = (i16::try_from(x), i16::try_from(y)) else {
            words.truncate(start);
            let wide = |units: i64| i32::try_from(units).unwrap_or(0).cast_unsigned();
            words.extend(vertices.flat_map(|(x, y)| [wide(x), wide(y)]));
            return 0;
        };
        let (low, high) = (x.cast_unsigned(), y.cast_unsigned());
        words.push(u32::from(low) | u32::from(high) << 16);
    }
    NARROW
}

/// Whether the way from the centre to the place crosses an odd number of the edges between the vertices;
/// `None` where the place is on one of them.
///
/// A vertex exactly on the way counts as to its right, for both edges that end there. Neither the centre
/// nor, past the test for it, the place lies on an edge, so that is the same as moving the way a hair.
#[inline]
fn is_crossed(mut vertices: impl Iterator<Item = (i64, i64)>, place: Local) -> Option<bool> {
    let (x, y) = (i64::from(place.x), i64::from(place.y));
    let (mut x1, mut y1) = vertices.next()?;
    let mut side1 = x * y1 - y * x1;
    let mut is_odd = false;
    for (x2, y2) in vertices {
        let side2 = x * y2 - y * x2;
        let straddles = (side1 > 0) != (side2 > 0);
        if straddles || side1 == 0 || side2 == 0 {
            let (east, north) = (x2 - x1, y2 - y1);
            let place_side = east * (y - y1) - north * (x - x1);
            let within = |a: i64, b: i64, at: i64| a.min(b) <= at && at <= a.max(b);
            if place_side == 0 && within(x1, x2, x) && within(y1, y2, y) {
                return None;
            }
            is_odd ^= straddles && (north * x1 - east * y1 > 0) != (place_side > 0);
        }
        (x1, y1, side1) = (x2, y2, side2);
    }
    Some(is_odd)
}

/// The words of a record's clip box.
pub(super) fn clip_words((west, east): (u16, u16), (south, north): (u16, u16)) -> [u32; 2] {
    let pack = |low: u16, high: u16| u32::from(low) | u32::from(high) << 16;
    [pack(west, east), pack(south, north)]
}

impl Local {
    /// Whether the box of the way from the centre to here meets the clip box.
    fn way_meets(self, across: u32, along: u32) -> bool {
        let meets = |clip: u32, here: u32| {
            let (low, high) = (clip & 0xFFFF, clip >> 16);
            low <= here.max(HALF) && high >= here.min(HALF)
        };
        meets(across, self.fine_x) && meets(along, self.fine_y)
    }
}

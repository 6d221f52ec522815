//! The cells of a polygon: those that its border meets, with the pieces of it, and those within.

use crate::geofence::cells::place::{LEVELS, Rect};
use crate::geofence::cells::plan::{Content, Plan};
use crate::geofence::cells::program::{PARITY, clip_words, write_vertices};
use crate::geofence::shape::Polygon;

/// Most edges in a piece: a longer run of them is cut, so that each piece has a small clip box.
const MOST_EDGES: usize = 32;
const NONE: u32 = u32::MAX;

/// x and y, units of 1e-7 degree.
type Vertex = (i64, i64);

/// What is known of a cell while the border is walked.
#[derive(Clone, Copy)]
struct Mark {
    /// The newest piece of the border in it.
    piece: u32,
    /// An odd number of edges cross the centre line of its row between the centre before and its own.
    toggles: bool,
    /// An edge runs exactly through its centre, so that the centre has no parity.
    is_exact: bool,
}

/// Consecutive vertices of a ring whose edges meet a cell.
struct Piece {
    ring: usize,
    first: usize,
    last: usize,
    /// The piece of the same cell before it.
    before: u32,
}

struct Walk {
    rect: Rect,
    marks: Vec<Mark>,
    pieces: Vec<Piece>,
}

pub(super) fn plan(polygon: &Polygon, turn: i64, rect: Rect, plan: &mut Plan) {
    let turned = |(x, y): Vertex| (x + turn, y);
    let rings = polygon.rings();
    let rings: Vec<Vec<_>> = rings
        .map(|ring| ring.vertices().map(turned).collect())
        .collect();
    let mark = Mark {
        piece: NONE,
        toggles: false,
        is_exact: false,
    };
    let mut walk = Walk {
        rect,
        marks: vec![mark; rect.len()],
        pieces: Vec::new(),
    };
    for (number, ring) in rings.iter().enumerate() {
        for (first, edge) in ring.windows(2).enumerate() {
            walk.take(number, first, edge[0], edge[1]);
        }
    }
    walk.write(&rings, plan);
}

impl Walk {
    fn take(&mut self, ring: usize, first: usize, from: Vertex, to: Vertex) {
        let low = (from.0.min(to.0), from.1.min(to.1));
        let high = (from.0.max(to.0), from.1.max(to.1));
        if let Some((column, row)) = self.rect.only_cell(low, high) {
            // As nearly all edges are that people draw.
            self.put(row * self.rect.columns as usize + column, ring, first);
            let centre = self.rect.south_of(row) + self.rect.side() / 2;
            if centre < low.1 || centre > high.1 {
                return;
            }
        } else {
            self.hang(ring, first, from, to);
        }
        self.cross_centre_lines(from, to);
    }

    /// Hangs an edge on every cell that it meets, and on those within a unit of it: one too many does no
    /// harm.
    fn hang(&mut self, ring: usize, first: usize, (x1, y1): Vertex, (x2, y2): Vertex) {
        let (south, north) = (y1.min(y2), y1.max(y2));
        let rows = self.rect.rows_of(south - 1, north + 1);
        let is_one_row = rows.len() == 1;
        for row in rows {
            let (west, east) = if is_one_row || y1 == y2 {
                (x1.min(x2), x1.max(x2))
            } else {
                let low = self.rect.south_of(row) - 1;
                let high = low + self.rect.side() + 1;
                let at = |y: i64| x1 + scaled(x2 - x1, y.clamp(south, north) - y1, y2 - y1);
                let (a, b) = (at(low), at(high));
                (a.min(b), a.max(b))
            };
            // Rounding moves x by less than one unit: two more keep the cells that the edge only touches.
            for column in self.rect.columns_of(west - 2, east + 2) {
                self.put(row * self.rect.columns as usize + column, ring, first);
            }
        }
    }

    fn put(&mut self, cell: usize, ring: usize, first: usize) {
        let before = self.marks[cell].piece;
        if let Some(piece) = self.pieces.get_mut(before as usize)
            && piece.ring == ring
            && piece.last == first
            && piece.last - piece.first < MOST_EDGES
        {
            piece.last += 1;
            return;
        }
        self.marks[cell].piece = u32::try_from(self.pieces.len()).unwrap_or(NONE);
        self.pieces.push(Piece {
            ring,
            first,
            last: first + 1,
            before,
        });
    }

    /// Notes where an edge crosses the line through the centres of each row, in whole numbers throughout.
    fn cross_centre_lines(&mut self, (x1, y1): Vertex, (x2, y2): Vertex) {
        let half = self.rect.side() / 2;
        let columns = self.rect.columns as usize;
        for row in self.rect.rows_of(y1.min(y2), y1.max(y2)) {
            let y = self.rect.south_of(row) + half;
            if y < y1.min(y2) || y > y1.max(y2) {
                continue;
            }
            if y1 == y2 {
                for column in self.rect.columns_of(x1.min(x2), x1.max(x2)) {
                    let centre = self.rect.west_of(column) + half;
                    let is_on = x1.min(x2) <= centre && centre <= x1.max(x2);
                    self.marks[row * columns + column].is_exact |= is_on;
                }
                continue;
            }
            let along = (x2 - x1) * (y - y1);
            let (whole, rest) = (along.div_euclid(y2 - y1), along.rem_euclid(y2 - y1));
            // Up to one unit too far west where the edge runs south; the rest tells.
            let west = x1 + whole;
            if rest == 0 {
                for column in self.rect.columns_of(west, west) {
                    self.marks[row * columns + column].is_exact |=
                        self.rect.west_of(column) + half == west;
                }
            }
            if (y1 > y) != (y2 > y) {
                // The first centre east of the crossing.
                let crossing = if y2 < y1 && rest != 0 { west - 1 } else { west };
                let column =
                    (crossing - half - self.rect.west_of(0)).div_euclid(self.rect.side()) + 1;
                let column = usize::try_from(column).unwrap_or(0);
                if column < columns {
                    self.marks[row * columns + column].toggles ^= true;
                }
            }
        }
    }

    fn write(&self, rings: &[Vec<Vertex>], plan: &mut Plan) {
        let mut is_odd = false;
        for (number, (cell, mark)) in self.rect.cells().zip(&self.marks).enumerate() {
            let column = number % self.rect.columns as usize;
            if column == 0 {
                is_odd = false;
            }
            is_odd ^= mark.toggles;
            if mark.is_exact {
                plan.put(cell, Content::Exact);
            } else if mark.piece != NONE {
                let row = number / self.rect.columns as usize;
                let corner = (self.rect.west_of(column), self.rect.south_of(row));
                plan.put_records(cell, |words| {
                    self.write_record(mark.piece, rings, corner, is_odd, words);
                });
            } else if is_odd {
                plan.put(cell, Content::Full);
            }
        }
    }

    fn write_record(
        &self,
        newest: u32,
        rings: &[Vec<Vertex>],
        corner: Vertex,
        is_odd: bool,
        words: &mut Vec<u32>,
    ) {
        let start = words.len();
        words.extend([if is_odd { PARITY } else { 0 }, 0, 0]);
        for piece in self.pieces_from(newest) {
            let vertices = piece.vertices(rings);
            words.extend(self.clip(vertices, corner));
            words.push(count(vertices.len()));
            words[start + 1] += 1;
        }
        let half = self.rect.side() / 2;
        let vertices = self.pieces_from(newest).flat_map(|piece| {
            let vertices = piece.vertices(rings).iter();
            vertices.map(|(x, y)| (x - corner.0 - half, y - corner.1 - half))
        });
        let form = write_vertices(vertices, words);
        words[start] |= form;
        // The program adds a word to it.
        words[start + 2] = count(words.len() + 1 - start);
    }

    /// The pieces of a cell, newest first.
    fn pieces_from(&self, newest: u32) -> impl Iterator<Item = &Piece> + Clone {
        let at = |number: u32| self.pieces.get(number as usize);
        std::iter::successors(at(newest), move |piece| at(piece.before))
    }

    /// The box of some edges, cut to the cell.
    fn clip(&self, vertices: &[Vertex], (west, south): Vertex) -> [u32; 2] {
        let shift = self.rect.level - LEVELS[0];
        let fine = |units: i64| {
            let last = (1i64 << LEVELS[0]) - 1;
            u16::try_from((units >> shift).clamp(0, last)).unwrap_or(0)
        };
        let range = |units: &dyn Fn(&Vertex) -> i64| {
            let low = vertices.iter().map(units).min().unwrap_or(0);
            let high = vertices.iter().map(units).max().unwrap_or(0);
            (fine(low), fine(high))
        };
        clip_words(
            range(&|vertex| vertex.0 - west),
            range(&|vertex| vertex.1 - south),
        )
    }
}

impl Piece {
    fn vertices<'r>(&self, rings: &'r [Vec<Vertex>]) -> &'r [Vertex] {
        &rings[self.ring][self.first..=self.last]
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(0) // a ring of 2^32 words is no fence: 8 MiB are the most
}

/// `length · part / whole`, rounded.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "the numbers are below 2^53, and the caller allows for a unit"
)]
fn scaled(length: i64, part: i64, whole: i64) -> i64 {
    (length as f64 * (part as f64 / whole as f64)).round() as i64
}

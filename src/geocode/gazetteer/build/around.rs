//! What lies in each cell, and where the lines of streets meet.

use crate::domain::position::Position;
use crate::geocode::gazetteer::around::What;
use crate::geocode::gazetteer::cells;
use crate::geocode::gazetteer::layout::count;

/// Rows of the table of cells: cell, what, point of a street.
type InCells = Vec<(u32, u32, u32)>;

/// Everything that has a place, as it is read.
#[derive(Debug, Default)]
pub(super) struct Around {
    in_cells: InCells,
    vertices: Vec<(Position, u32)>,
}

impl Around {
    /// A point of a street, and its row.
    pub(super) fn point(&mut self, position: Position, street: u32, row: u32) {
        self.put(cells::cell(position), What::Point(street), row);
    }

    /// A piece of a street's line, and the row of its first vertex.
    pub(super) fn piece(&mut self, piece: &[Position], street: u32, first: u32) {
        for (step, ends) in (first..).zip(piece.windows(2)) {
            if let [from, to] = ends {
                for cell in cells::of_stretch(*from, *to) {
                    self.put(cell, What::Stretch(street), step);
                }
            }
        }
    }

    /// A piece of the line of a street that is no numbered road: those run along other streets.
    pub(super) fn may_meet(&mut self, piece: &[Position], street: u32) {
        let vertices = piece.iter().map(|vertex| (*vertex, street));
        self.vertices.extend(vertices);
    }

    /// Something that is no street and no area.
    pub(super) fn thing(&mut self, position: Position, number: u32) {
        self.put(cells::cell(position), What::Thing(number), 0);
    }

    /// A postcode that exists.
    pub(super) fn postcode(&mut self, position: Position, row: u32) {
        self.put(cells::cell(position), What::Postcode(row), 0);
    }

    fn put(&mut self, cell: u32, what: What, at: u32) {
        self.in_cells.push((cell, what.number(), at));
    }

    /// What lies in each cell, and the vertices that lines of two or more streets share.
    pub(super) fn sorted(mut self) -> (InCells, Vec<(Position, u32)>) {
        self.vertices.sort_unstable();
        self.vertices.dedup();
        let mut meetings: Vec<(Position, u32)> = Vec::new();
        let vertices = std::mem::take(&mut self.vertices);
        for of_one in vertices.chunk_by(|one, other| one.0 == other.0) {
            if let [(position, _), _, ..] = of_one {
                let first = count(meetings.len());
                self.put(cells::cell(*position), What::Meeting(first), 0);
                meetings.extend_from_slice(of_one);
            }
        }
        self.in_cells.sort_unstable();
        self.in_cells.dedup();
        (self.in_cells, meetings)
    }
}

/// South, west, north and east of the box around positions, units of 1e-7 degree; `None` around none.
pub(super) fn bounds<'a>(
    positions: impl Iterator<Item = &'a Position> + Clone,
) -> Option<[i32; 4]> {
    let lats = positions.clone().map(|position| position.lat_e7());
    let lngs = positions.map(|position| position.lng_e7());
    Some([
        lats.clone().min()?,
        lngs.clone().min()?,
        lats.max()?,
        lngs.max()?,
    ])
}

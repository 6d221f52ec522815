//! Points of a grid of hexagons, and the coarser grids that are it divided by a number.

/// Points of a hexagonal grid are Eisenstein integers, `a` + `b` ω with ω a third of a turn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct GridPoint {
    pub(super) a: i32,
    pub(super) b: i32,
}

/// Which child of its parent a cell is: 0 to 5 in sixths of a turn from the first axis, or `MIDDLE`.
type Child = usize;

const MIDDLE: Child = 6;

/// The way from a parent's middle to each child.
const STEPS: [(i32, i32); 7] = [(1, 0), (1, 1), (0, 1), (-1, 0), (-1, -1), (0, -1), (0, 0)];

/// The digits of H3 for these directions, twice round, so that a turn of up to five sixths can be added.
const DIGITS: [u8; 12] = [4, 6, 2, 3, 1, 5, 4, 6, 2, 3, 1, 5];

/// The digit of a child where the axes of the base cell are turned by `turns` sixths against the face's.
pub(super) fn digit(child: Child, turns: usize) -> u8 {
    if child == MIDDLE {
        0
    } else {
        DIGITS[child + turns]
    }
}

impl GridPoint {
    /// The point whose hexagon holds (x, y), in widths of one, and how far its edge is from there: from 0 on
    /// it to 1/2 in the middle.
    pub(super) fn holding(x: f64, y: f64) -> (Self, f64) {
        let b = y * (2.0 / 3f64.sqrt());
        let a = x + b / 2.0;
        // Along the three directions across a hexagon, which add up to 0: the nearest whole numbers, of
        // which the one that is farthest off gives way.
        let exact = [a - b, b, -a];
        let mut whole = exact.map(f64::round_ties_even);
        let mut off = [0, 1, 2].map(|axis| whole[axis] - exact[axis]);
        let size = off.map(f64::abs);
        let farthest = if size[0] >= size[1] && size[0] >= size[2] {
            0
        } else if size[1] >= size[2] {
            1
        } else {
            2
        };
        let sum: f64 = whole.iter().sum();
        whole[farthest] -= sum;
        off[farthest] -= sum;
        let apart = [off[0] - off[1], off[1] - off[2], off[2] - off[0]];
        let to_edge = 0.5 - apart.map(f64::abs).into_iter().fold(0.0, f64::max) / 2.0;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a face is 7^8 hexagons wide at most"
        )]
        let point = Self {
            a: -whole[2] as i32,
            b: whole[1] as i32,
        };
        (point, to_edge)
    }

    /// The point of the next coarser grid, and which child of it this is. An odd resolution is its parent's
    /// times 2 - ω, an even one times 3 + ω; both have norm 7, and the seven children differ by their
    /// residue.
    pub(super) fn parent(self, resolution: usize) -> (Self, Child) {
        let (omega, by_residue): (i32, [Child; 7]) = if resolution % 2 == 1 {
            (2, [MIDDLE, 0, 2, 1, 4, 5, 3])
        } else {
            (4, [MIDDLE, 0, 4, 5, 2, 1, 3])
        };
        let child = by_residue[residue(self.a + omega * self.b)];
        let (a, b) = (self.a - STEPS[child].0, self.b - STEPS[child].1);
        // Times the conjugate, by the norm.
        let (a, b) = if resolution % 2 == 1 {
            (3 * a - b, a + 2 * b)
        } else {
            (2 * a + b, 3 * b - a)
        };
        (Self { a: a / 7, b: b / 7 }, child)
    }
}

/// The residue of division by 7, from 0 to 6.
fn residue(number: i32) -> usize {
    divided(number).1
}

/// Divided by 7, downwards, and the residue from 0 to 6.
fn divided(number: i32) -> (i32, usize) {
    // Above 0, where no case has to be told apart; a point is less than this away from the middle.
    const SEVENTH: i32 = 7_i32.pow(9);
    let above = number.wrapping_add(7 * SEVENTH).cast_unsigned();
    let (whole, residue) = (above / 7, above % 7);
    (whole.cast_signed().wrapping_sub(SEVENTH), residue as usize)
}

/// Two parents up from an even resolution at once: (2 - ω)(3 + ω) is 7, so what comes out depends on the two
/// residues alone.
#[derive(Debug)]
pub(super) struct Grandparents([Pair; 49]);

#[derive(Debug)]
struct Pair {
    /// The grandparent of the residues themselves.
    step: (i32, i32),
    /// The six bits of both digits, by turns of the base cell.
    digits: [u8; 6],
}

/// The two children between a point and its grandparent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Between(usize);

impl Grandparents {
    pub(super) fn new() -> Self {
        Self(std::array::from_fn(|residues| {
            let whole = |number| i32::try_from(number).unwrap_or(0);
            let point = GridPoint {
                a: whole(residues / 7),
                b: whole(residues % 7),
            };
            let (point, fine) = point.parent(2);
            let (point, coarse) = point.parent(1);
            Pair {
                step: (point.a, point.b),
                digits: std::array::from_fn(|turns| digit(coarse, turns) << 3 | digit(fine, turns)),
            }
        }))
    }

    pub(super) fn of(&self, point: GridPoint) -> (GridPoint, Between) {
        let ((a, a_residue), (b, b_residue)) = (divided(point.a), divided(point.b));
        let residues = a_residue * 7 + b_residue;
        let step = self.0[residues].step;
        let grandparent = GridPoint {
            a: a + step.0,
            b: b + step.1,
        };
        (grandparent, Between(residues))
    }

    /// The digits of both, the coarser one first, as six bits.
    pub(super) fn digits(&self, between: Between, turns: usize) -> u8 {
        self.0[between.0].digits[turns]
    }
}

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
    /// The point whose hexagon holds these coordinates, and how far its edge is from there: from 0 on it to 1/2 in the
    /// middle. Three points around, a triangle, come into question: the nearest is that with the greatest weight where
    /// weights of the three have their middle there, and half its lead is how far the edge is.
    pub(super) fn holding(a: f64, b: f64) -> (Self, f64) {
        let ((whole_a, a), (whole_b, b)) = (split(a), split(b));
        // Beside the point itself, 1 + ω and that of 1 and ω which lies on this side.
        let (high, low) = if a > b { (a, b) } else { (b, a) };
        let weights = [1.0 - high, high - low, low];
        let greater = |a: f64, b: f64| if a > b { a } else { b };
        let smaller = |a: f64, b: f64| if a < b { a } else { b };
        let greatest = greater(greater(weights[0], weights[1]), weights[2]);
        let least = smaller(smaller(weights[0], weights[1]), weights[2]);
        // What is between these is what they leave of 1.
        let to_edge = greatest + (least - 1.0) / 2.0;
        let (is_far, is_both) = (weights[0] < greatest, low >= greatest);
        let point = Self {
            a: whole_a + i32::from(is_far && (is_both || a > b)),
            b: whole_b + i32::from(is_far && (is_both || a <= b)),
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
    // Above 0, where no case has to be told apart; a point is less than this away from the middle.
    let above = number.wrapping_add(7_i32.pow(10)).cast_unsigned();
    (above % 7) as usize
}

/// A number from 0 to 1, and the whole number that makes it this one together with it.
fn split(number: f64) -> (i32, f64) {
    // From here on a float holds whole numbers and no more, in its lowest bits.
    const WHOLE: f64 = 1.5 * 4_503_599_627_370_496.0; // 2^52
    let sum = number - 0.5 + WHOLE;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a face is 7^8 hexagons wide at most"
    )]
    let whole = sum.to_bits() as i32;
    (whole, number - (sum - WHOLE))
}

/// Four parents up from an even resolution at once: two of them are 7, which is (2 - ω)(3 + ω), and four 49, so what
/// comes out depends on the two residues alone. By these what is to be added to the quotients, in one bit each from
/// `STEPS_UP` on, below four digits.
#[derive(Debug)]
pub(super) struct FourUp([u16; 49 * 49]);

const STEPS_UP: u32 = 12;

/// What makes no point negative: three times the width of a hexagon of resolution 0, in which a face has two to each
/// side, by how often four levels are gone up from there.
const ABOVE: [i32; 5] = [
    3,
    3 * 49,
    3 * 49_i32.pow(2),
    3 * 49_i32.pow(3),
    3 * 49_i32.pow(4),
];

impl FourUp {
    pub(super) fn new() -> Self {
        let whole = |number| i32::try_from(number).unwrap_or(0);
        Self(std::array::from_fn(|residues| {
            let mut point = GridPoint {
                a: whole(residues / 49),
                b: whole(residues % 49),
            };
            let mut entry = 0;
            for (place, resolution) in [2, 1, 2, 1].into_iter().enumerate() {
                let (parent, child) = point.parent(resolution);
                entry |= u16::from(digit(child, 0)) << (3 * place);
                point = parent;
            }
            // Both from 0 to 1: the nearest of the points around.
            let step = |number: i32| u16::try_from(number).unwrap_or(0);
            entry | step(point.a) << STEPS_UP | step(point.b) << (STEPS_UP + 1)
        }))
    }

    /// The point of resolution 0 so many parents up, an even number of at most 16, and the digits from there down to
    /// here.
    #[inline(always)]
    pub(super) fn climb(&self, point: GridPoint, levels: usize) -> (GridPoint, u64) {
        let fours = levels.div_ceil(4);
        let above = ABOVE[fours];
        // Two levels that are wanting are made, in the middle of the point.
        let (times, made) = if levels.is_multiple_of(4) {
            (1, 0)
        } else {
            (7, 6)
        };
        let [mut a, mut b] =
            [point.a, point.b].map(|along| (along * times + above).cast_unsigned());
        let mut digits = 0;
        for four in 0..fours {
            let entry = self.0[(a % 49 * 49 + b % 49) as usize];
            let entry = u32::from(entry);
            digits |= u64::from(entry % (1 << STEPS_UP)) << (12 * four);
            a = a / 49 + (entry >> STEPS_UP & 1);
            b = b / 49 + (entry >> (STEPS_UP + 1));
        }
        let point = GridPoint {
            a: a.cast_signed() - ABOVE[0],
            b: b.cast_signed() - ABOVE[0],
        };
        (point, digits >> made)
    }
}

/// By how many sixths the axes of a base cell are turned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Turn {
    /// The digits of cells, in three bits each, are bits of three axes: turned by a third those are exchanged in turn.
    thirds: u32,
    /// The bits that this moves down; the others go up.
    down: u64,
    /// Turned by half a turn all are inverted: all bits or none.
    half: u64,
}

impl Turn {
    pub(super) fn of(sixths: usize) -> Self {
        const LOWEST: u64 = ALL / 7;
        // Half a turn is three sixths, so an odd number is one with so many thirds.
        let (thirds, half) = [(0, 0), (2, ALL), (1, 0), (0, ALL), (2, 0), (1, ALL)][sixths % 6];
        let down = [ALL, 3 * LOWEST, LOWEST][thirds as usize];
        Self { thirds, down, half }
    }

    /// The digits where the axes are turned so, of those where they are not.
    pub(super) fn turned(self, digits: u64) -> u64 {
        let up = digits << (3 - self.thirds) & !self.down & ALL;
        let digits = digits >> self.thirds & self.down | up;
        // 0, in the middle, stays.
        let not_middle = (digits | digits >> 1 | digits >> 2) & (ALL / 7);
        digits ^ ((7 * not_middle) & self.half)
    }
}

/// The bits of fifteen digits.
const ALL: u64 = (1 << 45) - 1;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn four_levels_at_once_are_as_one_by_one(
            a in -2 * 7_i32.pow(7)..=2 * 7_i32.pow(7),
            b in -2 * 7_i32.pow(7)..=2 * 7_i32.pow(7),
            pairs in 0..=7_usize,
            turns in 0..6_usize,
        ) {
            let levels = 2 * pairs;
            let scale = 7_i32.pow(7 - u32::try_from(pairs).unwrap());
            let from = GridPoint { a: a / scale, b: b / scale };
            let (mut point, mut told) = (from, 0);
            for level in 0..levels {
                let (parent, child) = point.parent(levels - level);
                told |= u64::from(digit(child, turns)) << (3 * level);
                point = parent;
            }
            let (climbed, digits) = FourUp::new().climb(from, levels);
            prop_assert_eq!((climbed, Turn::of(turns).turned(digits)), (point, told));
        }

        /// The obvious way: of all points around the one that is nearest.
        #[test]
        fn the_point_that_holds_a_place_is_the_nearest(
            a in prop_oneof![-1e6..1e6, -1.5..1.5, Just(0.5), Just(1.0 / 3.0)],
            b in prop_oneof![-1e6..1e6, -1.5..1.5, Just(-0.5), Just(2.0 / 3.0)],
        ) {
            let (point, to_edge) = GridPoint::holding(a, b);
            let square = |at: GridPoint| {
                let (a, b) = (a - f64::from(at.a), b - f64::from(at.b));
                a * a - a * b + b * b
            };
            // The edge to a neighbour, at unit distance, is this far off.
            let nearest = STEPS[..6].iter().map(|step| {
                let neighbour = GridPoint { a: point.a + step.0, b: point.b + step.1 };
                (square(neighbour) - square(point)) / 2.0
            });
            let nearest = nearest.fold(f64::MAX, f64::min);
            prop_assert!(nearest > -1e-9 && (nearest - to_edge).abs() < 1e-9, "{nearest} {to_edge}");
        }
    }

    #[test]
    fn every_step_of_four_levels_is_0_or_1() {
        for (a, b) in (0..49).flat_map(|a| (0..49).map(move |b| (a, b))) {
            let mut point = GridPoint { a, b };
            for resolution in [2, 1, 2, 1] {
                point = point.parent(resolution).0;
            }
            assert!(
                (0..=1).contains(&point.a) && (0..=1).contains(&point.b),
                "{a} {b}: {point:?}"
            );
        }
    }
}

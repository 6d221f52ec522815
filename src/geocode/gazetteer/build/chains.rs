//! Which points of one name are one street: those that a chain of short steps joins.

use std::collections::BTreeMap;

use crate::domain::position::Position;
use crate::geocode::distance;

/// Points of one name so near to each other are of one street, metres. Mid-points of the stretches of a
/// long street stand up to half a kilometre apart, and two streets of one name rarely so near.
const STEP_M: f64 = 700.0;

/// Parts of a long street stand up to so far apart, metres, where points between are missing.
const PART_M: f64 = 2000.0;

/// As far as streets of the same name are counted, metres, and how many make the name a common one.
const AROUND_M: f64 = 6000.0;
const MOST_AROUND: usize = 3;

/// Of a name with more chains than these no parts are joined.
const MOST_PARTS: usize = 60;

/// Side of the cells that points are sorted into, degrees of latitude and of longitude. In Britain
/// neither is shorter than the step, so that neighbours in a chain are in neighbouring cells.
const CELL_DEGREES: (f64, f64) = (0.0064, 0.0128);

/// For each point the number of its street, from 0 in the order of first points.
pub(super) fn chains(points: &[Position]) -> Vec<usize> {
    let mut sets = Sets::new(points.len());
    let mut cells: BTreeMap<(i64, i64), Vec<usize>> = BTreeMap::new();
    for (at, point) in points.iter().enumerate() {
        cells.entry(cell(*point)).or_default().push(at);
    }
    for (&(row, column), members) in &cells {
        // Ahead only: who is behind has looked here already.
        for neighbour in [(0, 0), (0, 1), (1, -1), (1, 0), (1, 1)] {
            let Some(others) = cells.get(&(row + neighbour.0, column + neighbour.1)) else {
                continue;
            };
            join_near(points, members, others, &mut sets);
        }
    }
    join_parts(points, &mut sets);
    let mut numbers = BTreeMap::new();
    (0..points.len())
        .map(|at| {
            let next = numbers.len();
            *numbers.entry(sets.root(at)).or_insert(next)
        })
        .collect()
}

/// Joins the parts of a long street between which points are missing: parts not far apart, where no more
/// than a few streets of the name are around. `High Street` in one town is not that of the next.
fn join_parts(points: &[Position], sets: &mut Sets) {
    let mut parts: BTreeMap<usize, Vec<Position>> = BTreeMap::new();
    for (at, point) in points.iter().enumerate() {
        parts.entry(sets.root(at)).or_default().push(*point);
    }
    // A name of so many streets is no long one's alone.
    if parts.len() > MOST_PARTS {
        return;
    }
    let parts: Vec<(usize, Vec<Position>)> = parts.into_iter().collect();
    let is_near = |one: &[Position], other: &[Position], metres| {
        one.iter().any(|from| {
            other
                .iter()
                .any(|to| distance::between(*from, *to) <= metres)
        })
    };
    for (at, (root, one)) in parts.iter().enumerate() {
        let around = parts
            .iter()
            .filter(|(_, other)| is_near(one, other, AROUND_M))
            .count();
        for (other_root, other) in parts.iter().skip(at + 1) {
            if around <= MOST_AROUND && is_near(one, other, PART_M) {
                sets.join(*root, *other_root);
            }
        }
    }
}

fn join_near(points: &[Position], members: &[usize], others: &[usize], sets: &mut Sets) {
    for &one in members {
        for &other in others {
            if sets.root(one) == sets.root(other) {
                continue;
            }
            if let (Some(from), Some(to)) = (points.get(one), points.get(other))
                && distance::between(*from, *to) <= STEP_M
            {
                sets.join(one, other);
            }
        }
    }
}

fn cell(point: Position) -> (i64, i64) {
    #[expect(clippy::cast_possible_truncation, reason = "at most 30,000 cells")]
    let cell = |degrees: f64, side: f64| (degrees / side).floor() as i64;
    (
        cell(point.lat(), CELL_DEGREES.0),
        cell(point.lng(), CELL_DEGREES.1),
    )
}

/// Sets that are joined, each known by its lowest member.
struct Sets {
    parents: Vec<usize>,
}

impl Sets {
    fn new(members: usize) -> Self {
        Self {
            parents: (0..members).collect(),
        }
    }

    fn root(&mut self, mut at: usize) -> usize {
        while let Some(&parent) = self.parents.get(at)
            && parent != at
        {
            let above = self.parents.get(parent).copied().unwrap_or(parent);
            if let Some(slot) = self.parents.get_mut(at) {
                *slot = above;
            }
            at = above;
        }
        at
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        if let Some(slot) = self.parents.get_mut(one.max(other)) {
            *slot = one.min(other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_of_short_steps_is_one_street() {
        let at = |north_m: f64| Position::new(51.5 + north_m / 111_320.0, -0.1).unwrap();
        let points = [at(0.0), at(5000.0), at(600.0), at(1200.0), at(5100.0)];
        assert_eq!(chains(&points), [0, 1, 0, 0, 1]);
        assert!(chains(&[]).is_empty());
    }
}

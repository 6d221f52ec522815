//! The programs of sixteen by sixteen cells of the finest size, most of which know no fence: a bit for
//! each tells, and the programs of the others stand close together.

use crate::geofence::cells::place::{Local, Reach};
use crate::geofence::cells::program::Program;
use crate::prefetch::{Look, prefetch};

#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    occupied: [u64; 4],
    /// For each program the part of its cell outside which it tells nothing: apart from the programs, since
    /// it is all that most places need, and all of them fit into a cache.
    reaches: Vec<Reach>,
    programs: Vec<Program>,
}

impl Block {
    /// The program of a cell, if it may tell something about the place in it.
    #[inline(always)]
    pub(super) fn get(&self, index: usize, place: Local) -> Option<&Program> {
        if !self.is_occupied(index) {
            return None;
        }
        let rank = self.rank(index);
        self.reaches[rank]
            .holds(place)
            .then(|| &self.programs[rank])
    }

    /// Asks for what `get` will read, at the second look for what the program will that it gives.
    pub(super) fn prefetch(&self, index: usize, place: Local, look: Look) {
        if !self.is_occupied(index) {
            return;
        }
        let rank = self.rank(index);
        match look {
            Look::First => {
                prefetch(&self.reaches[rank]);
                prefetch(&self.programs[rank]);
            }
            Look::Second if self.reaches[rank].holds(place) => self.programs[rank].prefetch(),
            Look::Second => {}
        }
    }

    /// Changes the program of a cell; where there is none, an empty one if `make`.
    pub(super) fn change(&mut self, index: usize, make: bool, change: impl FnOnce(&mut Program)) {
        let (rank, bit) = (self.rank(index), 1 << (index % 64));
        if !self.is_occupied(index) {
            if !make {
                return;
            }
            self.occupied[index / 64] |= bit;
            self.programs.insert(rank, Program::default());
            self.reaches.insert(rank, Reach::ALL);
        }
        change(&mut self.programs[rank]);
        if self.programs[rank].is_empty() {
            self.programs.remove(rank);
            self.reaches.remove(rank);
            self.occupied[index / 64] &= !bit;
        } else {
            self.reaches[rank] = self.programs[rank].reach();
        }
    }

    fn is_occupied(&self, index: usize) -> bool {
        self.occupied[index / 64] & (1 << (index % 64)) != 0
    }

    /// How many cells before this one have a program.
    fn rank(&self, index: usize) -> usize {
        let whole = self.occupied[..index / 64].iter();
        let before = self.occupied[index / 64] & ((1 << (index % 64)) - 1);
        (whole.map(|word| word.count_ones()).sum::<u32>() + before.count_ones()) as usize
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.programs.capacity() * size_of::<Program>()
            + self.reaches.capacity() * size_of::<Reach>()
            + self.programs.iter().map(Program::heap_bytes).sum::<usize>()
    }
}

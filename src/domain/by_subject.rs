//! What is kept of each subject, in one place after another.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::domain::ids::Subject;

/// Something of each subject. It stands apart from the table that finds it, which is small: so `expect` says where it is
/// without waiting for it.
#[derive(Debug)]
pub struct BySubject<T> {
    /// By the hash of each subject, its place in `kept`.
    places: HashTable<usize>,
    kept: Vec<(Subject, T)>,
}

impl<T> Default for BySubject<T> {
    fn default() -> Self {
        Self {
            places: HashTable::new(),
            kept: Vec::new(),
        }
    }
}

impl<T> BySubject<T> {
    /// What is kept of `subject`.
    #[must_use]
    pub fn get(&self, subject: &Subject) -> Option<&T> {
        self.place(subject).map(|place| &self.kept[place].1)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, subject: &Subject) -> Option<&mut T> {
        self.place(subject).map(|place| self.in_place(place))
    }

    /// Where that stands, until the next one is removed.
    #[must_use]
    #[inline(always)]
    pub fn place(&self, subject: &Subject) -> Option<usize> {
        let is_it = |place: &usize| self.kept[*place].0 == *subject;
        self.places.find(hash(subject), is_it).copied()
    }

    /// What stands in `place`, as `place` gave it.
    pub fn in_place(&mut self, place: usize) -> &mut T {
        &mut self.kept[place].1
    }

    /// What is kept of a subject whose hash is `hash`, or once in a while of another one: good for a hint. Not read.
    #[must_use]
    pub fn expect(&self, hash: u64) -> Option<&(Subject, T)> {
        let place = self.places.find(hash, |_| true)?;
        self.kept.get(*place)
    }

    /// Keeps `value` of `subject`, of whom nothing was kept, and gives it.
    pub fn insert(&mut self, subject: Subject, value: T) -> &mut T {
        let kept = &self.kept;
        let of_place = |place: &usize| hash(&kept[*place].0);
        self.places
            .insert_unique(hash(&subject), kept.len(), of_place);
        &mut self.kept.push_mut((subject, value)).1
    }

    /// Forgets `subject`; gives what was kept of it.
    pub fn remove(&mut self, subject: &Subject) -> Option<T> {
        let kept = &self.kept;
        let is_it = |place: &usize| kept[*place].0 == *subject;
        let entry = self.places.find_entry(hash(subject), is_it).ok()?;
        let (place, _) = entry.remove();
        // The last comes into its place.
        let last = self.kept.len() - 1;
        if let Some((moved, _)) = self.kept.last()
            && let Some(of_last) = self.places.find_mut(hash(moved), |other| *other == last)
        {
            *of_last = place;
        }
        Some(self.kept.swap_remove(place).1)
    }

    /// All, in no particular order.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Subject, &mut T)> {
        self.kept
            .iter_mut()
            .map(|(subject, kept)| (&*subject, kept))
    }
}

/// The hash of a subject, the same in every room.
#[must_use]
pub fn hash(subject: &Subject) -> u64 {
    FixedState::default().hash_one(subject)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn it_keeps_what_a_map_keeps(steps in prop::collection::vec((0_u8..12, any::<bool>()), 0..200)) {
            let (mut kept, mut map) = (BySubject::default(), BTreeMap::new());
            for (step, (name, comes)) in steps.into_iter().enumerate() {
                let subject = Subject::resource(&name.to_string());
                prop_assert_eq!(kept.get(&subject), map.get(&subject));
                prop_assert!(kept.get(&subject).is_none() || kept.expect(hash(&subject)).is_some());
                if !comes {
                    prop_assert_eq!(kept.remove(&subject), map.remove(&subject));
                } else if let Some(known) = kept.get_mut(&subject) {
                    *known = step;
                    map.insert(subject, step);
                } else {
                    kept.insert(subject.clone(), step);
                    map.insert(subject, step);
                }
                let all: BTreeMap<_, _> = kept.iter_mut().map(|(subject, at)| (subject.clone(), *at)).collect();
                prop_assert_eq!(&all, &map);
            }
        }
    }
}

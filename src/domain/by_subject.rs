//! What is kept of each subject, in one place after another.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::domain::ids::Subject;

/// Something of each subject. Beside the places in the list stand hashes alone, so that where something is can be told
/// without waiting for it: `expect` says it before it is needed.
#[derive(Debug)]
pub struct BySubject<T> {
    /// The hash of each subject and its place in `kept`.
    places: HashTable<(u64, usize)>,
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
    pub fn place(&self, subject: &Subject) -> Option<usize> {
        let hash = hash(subject);
        let is_it =
            |(other, place): &(u64, usize)| *other == hash && self.kept[*place].0 == *subject;
        self.places.find(hash, is_it).map(|(_, place)| *place)
    }

    /// What stands in `place`, as `place` gave it.
    pub fn in_place(&mut self, place: usize) -> &mut T {
        &mut self.kept[place].1
    }

    /// What is kept of a subject whose hash is `hash`: nearly surely of the only one. Does not read it.
    #[must_use]
    pub fn expect(&self, hash: u64) -> Option<&(Subject, T)> {
        let (_, place) = self.places.find(hash, |(other, _)| *other == hash)?;
        self.kept.get(*place)
    }

    /// Keeps `value` of `subject`, of whom nothing was kept, and gives it.
    pub fn insert(&mut self, subject: Subject, value: T) -> &mut T {
        let (hash, place) = (hash(&subject), self.kept.len());
        self.places
            .insert_unique(hash, (hash, place), |(hash, _)| *hash);
        &mut self.kept.push_mut((subject, value)).1
    }

    /// Forgets `subject`; gives what was kept of it.
    pub fn remove(&mut self, subject: &Subject) -> Option<T> {
        let kept = &self.kept;
        let is_it = |(_, place): &(u64, usize)| kept[*place].0 == *subject;
        let (_, place) = self
            .places
            .find_entry(hash(subject), is_it)
            .ok()?
            .remove()
            .0;
        // The last comes into its place.
        let last = self.kept.len() - 1;
        if let Some((moved, _)) = self.kept.last() {
            let is_last = |(_, place): &(u64, usize)| *place == last;
            if let Some((_, of_last)) = self.places.find_mut(hash(moved), is_last) {
                *of_last = place;
            }
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
                prop_assert_eq!(kept.expect(hash(&subject)).map(|(_, at)| at), map.get(&subject));
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

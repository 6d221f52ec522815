//! Names and what bears them, before they have numbers.

use std::collections::BTreeMap;

use super::drafts;
use crate::geocode::gazetteer::layout::count;

/// A name and what bears it.
#[derive(Debug, Default)]
pub(super) struct Name {
    pub spaced: String,
    pub bearers: Vec<u32>,
}

#[derive(Debug, Default)]
pub(super) struct Names {
    pub by_key: BTreeMap<String, Name>,
}

impl Names {
    pub(super) fn add(&mut self, title: &str, key: &str, bearer: Option<u32>) {
        let spaced = drafts::key_and_spaced(title).map(|(_, spaced)| spaced);
        let name = self.by_key.entry(key.to_owned()).or_default();
        if let Some(spaced) = spaced
            && spaced.len() > name.spaced.len()
        {
            name.spaced = spaced;
        }
        name.bearers.extend(bearer);
    }

    pub(super) fn add_name(&mut self, title: &str, bearer: u32) {
        if let Some((key, _)) = drafts::key_and_spaced(title) {
            self.add(title, &key, Some(bearer));
        }
    }

    pub(super) fn ids(&self) -> BTreeMap<&str, u32> {
        self.by_key
            .keys()
            .enumerate()
            .map(|(at, key)| (key.as_str(), count(at)))
            .collect()
    }
}

//! The labels of the fences in force, for filters that are about them.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::FenceId;
use crate::domain::report::Text;

/// Labels by fence. Fences without one are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FenceTags(BTreeMap<FenceId, BTreeSet<Text>>);

impl FenceTags {
    /// The fence `id` has these labels now.
    pub fn set(&mut self, id: &str, tags: &[Text]) {
        if tags.is_empty() {
            self.0.remove(&FenceId::from(id));
        } else {
            self.0.insert(id.into(), tags.iter().cloned().collect());
        }
    }

    /// Whether the fence `id` has one of `wanted`.
    #[must_use]
    pub fn has_any(&self, id: &FenceId, wanted: &BTreeSet<String>) -> bool {
        let tags = self.0.get(id);
        tags.is_some_and(|tags| tags.iter().any(|tag| wanted.contains(&**tag)))
    }
}

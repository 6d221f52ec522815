//! Fences in and out: `GeoJSON` Features, alone or in a collection.
//!
//! What can be told from one Feature's types and words is judged here, all of it at once; whether a
//! geometry is a shape (rings that cross themselves, too few vertices) is judged where it is compiled.

mod collection;
mod detected;
mod encode;
mod feature;
mod geometry;
mod plain;

use std::fmt;

use serde_json::Value;

use crate::domain::fence::FenceEdit;
use crate::domain::reject::{Reason, Reject};

pub use collection::{Feature, Features, NoFeatures, Wrong, features};
pub use encode::encode;
pub use plain::plain;

/// Most bytes of a fence.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// One thing that is wrong with a file of fences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FenceProblem {
    /// Which Feature of the collection, counted from 1; `None` where it is the file.
    pub feature: Option<usize>,
    /// Its id, as far as it has one.
    pub id: Option<String>,
    /// The property, or the vertex such as `geometry.coordinates[0][17]`; empty where it is the whole.
    pub place: String,
    /// What is wrong, and the fix.
    pub problem: String,
}

impl fmt::Display for FenceProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(feature) = self.feature {
            write!(f, "feature {feature}")?;
            if let Some(id) = &self.id {
                write!(f, " (\"{id}\")")?;
            }
            f.write_str(": ")?;
        }
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(&self.problem)
    }
}

/// Reads one Feature, or a deletion: `{"id","at","deleted":true}`, also with `subject` for `id`.
///
/// `at` is as the record says it; where it says nothing, the edit holds before all data, and the caller
/// puts the Kafka timestamp in its place.
///
/// # Errors
/// `too_large` over 8 MiB, `malformed` where it is not JSON, else `invalid_fence` with all problems.
pub fn decode(bytes: &[u8]) -> Result<FenceEdit, Reject> {
    if bytes.len() > MAX_BYTES {
        return Err(Reject::new(
            Reason::TooLarge,
            format!("{} bytes, at most {MAX_BYTES}", bytes.len()),
        ));
    }
    let feature: Value = serde_json::from_slice(bytes)
        .map_err(|error| Reject::new(Reason::Malformed, format!("not JSON: {error}")))?;
    feature::read(&feature).map_err(|problems| {
        let id = feature::id_of(&feature);
        let text: Vec<_> = problems
            .into_iter()
            .map(|problem| problem.at_feature(None, id.clone()).to_string())
            .collect();
        let name = id.map(|id| format!("\"{id}\": ")).unwrap_or_default();
        Reject::new(Reason::InvalidFence, format!("{name}{}", text.join("; ")))
    })
}

/// Reads a file: a `FeatureCollection`, or a single Feature.
///
/// # Errors
/// All problems of all Features, and ids that stand twice.
pub fn read_collection(text: &str) -> Result<Vec<FenceEdit>, Vec<FenceProblem>> {
    let features = features(text).map_err(|none| vec![none.into()])?;
    let (mut edits, mut problems) = (Vec::new(), Vec::new());
    for feature in features {
        match feature.edit {
            Ok(edit) => edits.push(edit),
            Err(wrong) => problems.extend(wrong.problems),
        }
    }
    if problems.is_empty() {
        Ok(edits)
    } else {
        Err(problems)
    }
}

/// A problem of one Feature.
struct Problem {
    place: String,
    text: String,
}

impl Problem {
    fn new(place: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            text: text.into(),
        }
    }

    fn at_feature(self, feature: Option<usize>, id: Option<String>) -> FenceProblem {
        FenceProblem {
            feature,
            id,
            place: self.place,
            problem: self.text,
        }
    }
}

#[cfg(test)]
mod tests;

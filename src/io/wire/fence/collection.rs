//! A file of fences, cut into its Features in one pass: only one of them is ever held as a tree.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::domain::fence::{FenceEdit, Geometry};
use crate::io::wire::fence::{FenceProblem, Problem, feature};

/// The Features of a file, in its order; each is read when it is asked for.
pub struct Features<'t> {
    left: std::vec::IntoIter<&'t str>,
    is_list: bool,
    number: usize,
    first_of: BTreeMap<String, usize>,
}

/// One Feature of a file.
pub struct Feature<'t> {
    /// Its number in the collection, from 1.
    pub number: usize,
    /// The slice of the file that it is; `None` where it is the file.
    pub text: Option<&'t str>,
    /// What it says.
    pub edit: Result<FenceEdit, Wrong>,
}

/// A Feature that is no fence.
pub struct Wrong {
    /// Its id, as far as it has one.
    pub id: Option<String>,
    /// All that is wrong with it.
    pub problems: Vec<FenceProblem>,
    /// Its geometry, as far as it has one: so that what is wrong with that is told in the same run.
    pub geometry: Option<Geometry>,
}

/// Why a file has no Features.
pub enum NoFeatures {
    /// It is not JSON.
    NotJson(serde_json::Error),
    /// It is JSON of another kind.
    Other(FenceProblem),
}

/// Cuts a file into its Features: a `FeatureCollection`, or a single Feature.
///
/// # Errors
/// When it is neither.
pub fn features(text: &str) -> Result<Features<'_>, NoFeatures> {
    let whole = serde_json::from_str::<Whole<'_>>(text).or_else(|error| {
        if !error.is_data() {
            return Err(NoFeatures::NotJson(error));
        }
        // Not an object, or not with a list: whether it is JSON shows only at its end.
        let tree: Value = serde_json::from_str(text).map_err(NoFeatures::NotJson)?;
        let kind = tree.get("type").and_then(Value::as_str);
        Ok(Whole {
            kind: kind.map(str::to_owned),
            features: None,
        })
    })?;
    let (left, is_list) = match (whole.kind.as_deref(), whole.features) {
        (Some("Feature"), _) => (vec![text], false),
        (Some("FeatureCollection"), Some(features)) => {
            (features.into_iter().map(RawValue::get).collect(), true)
        }
        (Some("FeatureCollection"), None) => {
            return Err(other("features", "missing: give a list of Features"));
        }
        _ => {
            let problem =
                "expected \"FeatureCollection\" or \"Feature\"; a bare geometry has no id";
            return Err(other("type", problem));
        }
    };
    Ok(Features {
        left: left.into_iter(),
        is_list,
        number: 0,
        first_of: BTreeMap::new(),
    })
}

fn other(place: &str, problem: &str) -> NoFeatures {
    NoFeatures::Other(Problem::new(place, problem).at_feature(None, None))
}

impl<'t> Iterator for Features<'t> {
    type Item = Feature<'t>;

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.left.next()?;
        self.number += 1;
        Some(Feature {
            number: self.number,
            text: self.is_list.then_some(text),
            edit: self.read(text),
        })
    }
}

impl Features<'_> {
    fn read(&mut self, text: &str) -> Result<FenceEdit, Wrong> {
        let tree: Value = serde_json::from_str(text).map_err(|error| {
            let place = "counted from the start of the Feature";
            self.wrong(
                None,
                vec![Problem::new("", format!("not JSON: {error}, {place}"))],
                None,
            )
        })?;
        let id = feature::id_of(&tree);
        let read = feature::read(&tree);
        let again = id.as_ref().and_then(|id| self.first_of.get(id).copied());
        if let (Some(id), None) = (&id, again) {
            self.first_of.insert(id.clone(), self.number);
        }
        let again = again.map(|first| {
            let text = format!("feature {first} has this id too: give each fence its own");
            Problem::new("id", text)
        });
        let mut problems = match (read, &again) {
            (Ok(edit), None) => return Ok(edit),
            (Ok(_), Some(_)) => Vec::new(),
            (Err(problems), _) => problems,
        };
        problems.extend(again);
        Err(self.wrong(id, problems, feature::geometry_of(&tree)))
    }

    fn wrong(
        &self,
        id: Option<String>,
        problems: Vec<Problem>,
        geometry: Option<Geometry>,
    ) -> Wrong {
        let problems = problems.into_iter();
        let placed = problems.map(|problem| problem.at_feature(Some(self.number), id.clone()));
        Wrong {
            problems: placed.collect(),
            id,
            geometry,
        }
    }
}

impl From<NoFeatures> for FenceProblem {
    fn from(none: NoFeatures) -> Self {
        match none {
            NoFeatures::Other(problem) => problem,
            NoFeatures::NotJson(error) => {
                let place = format!("line {} column {}", error.line(), error.column());
                Problem::new(place, format!("not JSON: {error}")).at_feature(None, None)
            }
        }
    }
}

/// What tells a collection from a Feature.
#[derive(Default)]
pub(super) struct Whole<'t> {
    pub(super) kind: Option<String>,
    pub(super) features: Option<Vec<&'t RawValue>>,
}

impl<'de> Deserialize<'de> for Whole<'de> {
    fn deserialize<D: Deserializer<'de>>(file: D) -> Result<Self, D::Error> {
        file.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Whole<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut whole = Whole::default();
        while let Some(name) = members.next_key::<String>()? {
            match name.as_str() {
                "type" => {
                    let kind = members.next_value::<Value>()?;
                    whole.kind = kind.as_str().map(str::to_owned);
                }
                "features" => whole.features = members.next_value()?,
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(whole)
    }
}

//! Fence files: which places their problems have. What a fence may say is `io::wire::fence`'s.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::config::problem::{Lines, Notes, Place, Problems};
use crate::config::reader::Placed;
use crate::config::{read_file, read_named};
use crate::domain::fence::{FenceEdit, Geometry};
use crate::domain::ids::FenceId;
use crate::geofence::shape::Shape;
use crate::io::wire::fence::{FenceProblem, geometries, read_collection};

/// The fences of `files`; no id is in two of them.
///
/// # Errors
/// Every problem of every file.
pub fn load(files: &[PathBuf]) -> Result<Vec<FenceEdit>, Problems> {
    let notes = Notes::default();
    let mut fences = Reading::new(&notes);
    for file in files {
        if let Some(text) = read_file(file, &notes) {
            fences.read(file, &text);
        }
    }
    let edits = fences.edits;
    notes.settle(edits)
}

/// The fences of the files that a config names.
pub(super) fn read_files(files: &[Placed<PathBuf>], notes: &Notes) -> Vec<FenceEdit> {
    let mut fences = Reading::new(notes);
    for file in files {
        if let Some(text) = read_named(file, notes) {
            fences.read(&file.value, &text);
        }
    }
    fences.edits
}

/// Fence files on their way to one list.
pub(super) struct Reading<'n> {
    notes: &'n Notes,
    edits: Vec<FenceEdit>,
    first_of: BTreeMap<FenceId, PathBuf>,
}

impl<'n> Reading<'n> {
    pub(super) fn new(notes: &'n Notes) -> Self {
        Self {
            notes,
            edits: Vec::new(),
            first_of: BTreeMap::new(),
        }
    }

    pub(super) fn read(&mut self, file: &Path, text: &str) {
        if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
            self.not_json(file, &error);
            return;
        }
        let places = &Places::new(file, text);
        match read_collection(text) {
            Ok(edits) => {
                for (number, edit) in (1..).zip(edits) {
                    self.add(file, places, number, edit);
                }
            }
            Err(problems) => {
                for problem in problems {
                    note(&problem, places, self.notes);
                }
                for (number, id, geometry) in geometries(text) {
                    let key = id.map_or_else(
                        || format!("feature {number}"),
                        |id| format!("fence \"{id}\""),
                    );
                    self.check_shape(places, number, &key, &geometry);
                }
            }
        }
    }

    fn not_json(&self, file: &Path, error: &serde_json::Error) {
        let place = Place::Character {
            file: file.into(),
            line: error.line(),
            column: error.column(),
        };
        let reason = error.to_string();
        let reason = reason.split(" at line ").next().unwrap_or_default();
        let what = format!("it is not JSON: {reason}");
        self.notes.add(&place, "", what, "mend the JSON there");
    }

    fn check_shape(&self, places: &Places<'_>, number: usize, key: &str, geometry: &Geometry) {
        if let Err(invalid) = Shape::compile(geometry) {
            let text = invalid.to_string();
            let (what, fix) = text.split_once(": ").unwrap_or((&text, "draw it again"));
            let place = places.feature(Some(number));
            self.notes
                .add(&place, &format!("{key} geometry"), what, fix);
        }
    }

    fn add(&mut self, file: &Path, places: &Places<'_>, number: usize, edit: FenceEdit) {
        let key = format!("fence \"{}\"", edit.id);
        if let Some(fence) = &edit.fence {
            self.check_shape(places, number, &key, &fence.geometry);
        }
        if let Some(first) = self.first_of.get(&edit.id) {
            let what = format!("{} has a fence of this id too", first.display());
            let fix = "give each fence an id of its own";
            self.notes
                .add(&places.feature(Some(number)), &key, what, fix);
        } else {
            self.first_of.insert(edit.id.clone(), file.to_owned());
        }
        self.edits.push(edit);
    }
}

fn note(problem: &FenceProblem, places: &Places<'_>, notes: &Notes) {
    let (what, fix) = problem
        .problem
        .split_once(": ")
        .unwrap_or((&problem.problem, "mend it"));
    let key = match (&problem.id, problem.feature) {
        (Some(id), _) => format!("fence \"{id}\" {}", problem.place),
        (None, Some(feature)) => format!("feature {feature} {}", problem.place),
        (None, None) => problem.place.clone(),
    };
    notes.add(&places.feature(problem.feature), key.trim_end(), what, fix);
}

/// Where each Feature of a collection begins.
struct Places<'t> {
    file: Place,
    lines: Lines<'t>,
    features: Vec<&'t str>,
}

#[derive(Deserialize)]
struct Collection<'t> {
    #[serde(borrow, default)]
    features: Vec<&'t RawValue>,
}

impl<'t> Places<'t> {
    fn new(file: &Path, text: &'t str) -> Self {
        // Without a list of Features its problem is about the file.
        let collection = serde_json::from_str::<Collection<'_>>(text);
        let features = collection.map(|collection| collection.features);
        let features = features.unwrap_or_default();
        Self {
            features: features.into_iter().map(RawValue::get).collect(),
            lines: Lines::new(file, text),
            file: Place::File(file.into()),
        }
    }

    /// Of the Feature of this number, from 1; of the file for none.
    fn feature(&self, number: Option<usize>) -> Place {
        let feature = number.and_then(|number| self.features.get(number - 1));
        // A raw value is a slice of the text that it was read from.
        feature.map_or_else(|| self.file.clone(), |feature| self.lines.place_of(feature))
    }
}

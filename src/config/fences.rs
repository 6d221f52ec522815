//! Fence files: which places their problems have. What a fence may say is `io::wire::fence`'s.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::problem::{Notes, Place, Problems, Walk};
use crate::config::reader::Placed;
use crate::config::{read_file, read_named};
use crate::domain::fence::{FenceEdit, Geometry};
use crate::domain::ids::FenceId;
use crate::geofence::shape::Shape;
use crate::io::wire::fence::{FenceProblem, NoFeatures, features, plain};

/// The fences of `files`; no id is in two of them.
///
/// # Errors
/// Every problem of every file.
pub fn load(files: &[PathBuf]) -> Result<Vec<FenceEdit>, Problems> {
    let notes = Notes::default();
    let mut fences = Reading::new(&notes);
    for file in files {
        if !fences.read_plain(file)
            && let Some(text) = read_file(file, &notes)
        {
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
        if !fences.read_plain(&file.value)
            && let Some(text) = read_named(file, notes)
        {
            fences.read(&file.value, &text);
        }
    }
    fences.edits
}

/// Fence files on their way to one list.
pub(super) struct Reading<'n> {
    notes: &'n Notes,
    edits: Vec<FenceEdit>,
    first_of: BTreeMap<FenceId, Arc<Path>>,
}

impl<'n> Reading<'n> {
    pub(super) fn new(notes: &'n Notes) -> Self {
        Self {
            notes,
            edits: Vec::new(),
            first_of: BTreeMap::new(),
        }
    }

    /// Reads a plain file in which nothing is wrong, as nearly every large one is; false of any other, which
    /// is then read as a text that has places.
    fn read_plain(&mut self, file: &Path) -> bool {
        // What is no file can be read only once.
        let opened = File::open(file).ok();
        let opened = opened.filter(|file| file.metadata().is_ok_and(|found| found.is_file()));
        let Some(edits) = opened.and_then(|file| plain(file).ok().flatten()) else {
            return false;
        };
        let is_right = |edit: &FenceEdit| {
            let fence = edit.fence.as_ref();
            !self.first_of.contains_key(&edit.id)
                && fence.is_none_or(|fence| Shape::compile(&fence.geometry).is_ok())
        };
        if !edits.iter().all(is_right) {
            return false;
        }
        let file: Arc<Path> = file.into();
        let ids = edits.iter().map(|edit| edit.id.clone());
        self.first_of.extend(ids.map(|id| (id, Arc::clone(&file))));
        self.edits.extend(edits);
        true
    }

    pub(super) fn read(&mut self, file: &Path, text: &str) {
        let features = match features(text) {
            Ok(features) => features,
            Err(NoFeatures::NotJson(error)) => return self.not_json(file, &error),
            Err(NoFeatures::Other(problem)) => {
                return note(&problem, &Place::File(file.into()), self.notes);
            }
        };
        let walk = Walk::new(file, text);
        for feature in features {
            let place = || match feature.text {
                Some(text) => walk.place_of(text),
                None => Place::File(file.into()),
            };
            match feature.edit {
                Ok(edit) => self.add(file, &place, edit),
                Err(wrong) => {
                    for problem in &wrong.problems {
                        note(problem, &place(), self.notes);
                    }
                    let key = match &wrong.id {
                        Some(id) => format!("fence \"{id}\""),
                        None => format!("feature {}", feature.number),
                    };
                    if let Some(geometry) = &wrong.geometry {
                        self.check_shape(geometry, &place, &key);
                    }
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

    fn check_shape(&self, geometry: &Geometry, place: &impl Fn() -> Place, key: &str) {
        if let Err(invalid) = Shape::compile(geometry) {
            let text = invalid.to_string();
            let (what, fix) = text.split_once(": ").unwrap_or((&text, "draw it again"));
            let key = format!("{key} geometry");
            self.notes.add(&place(), &key, what, fix);
        }
    }

    fn add(&mut self, file: &Path, place: &impl Fn() -> Place, edit: FenceEdit) {
        let key = format!("fence \"{}\"", edit.id);
        if let Some(fence) = &edit.fence {
            self.check_shape(&fence.geometry, place, &key);
        }
        if let Some(first) = self.first_of.get(&edit.id) {
            let what = format!("{} has a fence of this id too", first.display());
            let fix = "give each fence an id of its own";
            self.notes.add(&place(), &key, what, fix);
        } else {
            self.first_of.insert(edit.id.clone(), file.into());
        }
        self.edits.push(edit);
    }
}

fn note(problem: &FenceProblem, place: &Place, notes: &Notes) {
    let (what, fix) = problem
        .problem
        .split_once(": ")
        .unwrap_or((&problem.problem, "mend it"));
    let key = match (&problem.id, problem.feature) {
        (Some(id), _) => format!("fence \"{id}\" {}", problem.place),
        (None, Some(feature)) => format!("feature {feature} {}", problem.place),
        (None, None) => problem.place.clone(),
    };
    notes.add(place, key.trim_end(), what, fix);
}

//! Fence files: every problem of every file, with the feature, its id and the vertex.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::domain::fence::FenceEdit;
use crate::domain::ids::FenceId;
use crate::geofence::shape::Shape;
use crate::io::wire;

/// Reads fence files. What each holds is checked down to its shape.
///
/// # Errors
/// Every problem, one a line: a file that cannot be opened, a feature that is no fence, a ring that
/// crosses itself, one id in two places.
pub fn load(files: &[PathBuf]) -> Result<Vec<FenceEdit>, Vec<String>> {
    let mut edits: Vec<FenceEdit> = Vec::new();
    let mut problems = Vec::new();
    let mut first_in: BTreeMap<FenceId, usize> = BTreeMap::new();
    for (number, file) in files.iter().enumerate() {
        let name = file.display();
        let read = std::fs::read_to_string(file).map_err(|error| vec![format!("{name}: {error}")]);
        let read = read.and_then(|text| {
            read_text(&text).map_err(|found| {
                found
                    .into_iter()
                    .map(|problem| format!("{name}: {problem}"))
                    .collect()
            })
        });
        match read {
            Err(found) => problems.extend(found),
            Ok(read) => {
                for edit in read {
                    let first = *first_in.entry(edit.id.clone()).or_insert(number);
                    if first != number {
                        let other = files[first].display();
                        problems.push(format!(
                            "{name}: fence \"{}\" is in {other} too; give one of them another id",
                            edit.id
                        ));
                    }
                    edits.push(edit);
                }
            }
        }
    }
    if problems.is_empty() {
        Ok(edits)
    } else {
        Err(problems)
    }
}

/// Reads the text of one fence file.
///
/// # Errors
/// Every problem, one a line.
pub fn read_text(text: &str) -> Result<Vec<FenceEdit>, Vec<String>> {
    let edits = wire::fence::read_collection(text)
        .map_err(|found| found.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    let problems: Vec<_> = edits.iter().filter_map(shape_problem).collect();
    if problems.is_empty() {
        Ok(edits)
    } else {
        Err(problems)
    }
}

fn shape_problem(edit: &FenceEdit) -> Option<String> {
    let invalid = Shape::compile(&edit.fence.as_ref()?.geometry).err()?;
    Some(format!("fence \"{}\": {invalid}", edit.id))
}

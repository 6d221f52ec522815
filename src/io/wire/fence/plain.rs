//! Plain files of fences, read in one pass: a `FeatureCollection` without an escape, in each of whose Features
//! `coordinates` stands once, with numbers that a float holds as they are written. Coordinates are nearly all
//! of such a file and go straight into a geometry; `serde_json` reads the little around them. Of the file only
//! a stretch is ever held.
//!
//! What is not plain, be it right or wrong, is left to `features`; a property test holds both to the same
//! answer.

pub(super) mod coordinates;
mod stretch;

use std::collections::BTreeSet;
use std::io::{self, Read};

use serde_json::Value;

use crate::domain::fence::FenceEdit;
use crate::io::wire::fence::collection::Whole;
use crate::io::wire::fence::feature;
use crate::io::wire::fence::plain::coordinates::{Coordinates, Scan};
use crate::io::wire::fence::plain::stretch::Stretch;

const FEATURES: &[u8] = b"\"features\"";

/// The fences of a plain file in which nothing is wrong, in its order; `None` of any other. Whether their
/// geometries are shapes is judged where they are compiled.
///
/// # Errors
/// When it cannot be read.
pub fn plain(file: impl Read) -> io::Result<Option<Vec<FenceEdit>>> {
    let mut file = Stretch::of(file);
    let Some(mut around) = file.pass(head)? else {
        return Ok(None);
    };
    let (mut edits, mut ids) = (Vec::new(), BTreeSet::new());
    let (mut rest, mut vertices) = (Vec::new(), Vec::new());
    let mut goes_on = file.pass(is_not_empty)? == Some(true);
    while goes_on {
        let cut = file.pass(|bytes| {
            rest.clear();
            cut(Scan::of(bytes, &mut vertices), &mut rest)
        })?;
        let edit = cut.and_then(|cut| read(&rest, cut));
        let Some((edit, follows)) = edit.zip(file.pass(goes_on_behind)?) else {
            return Ok(None);
        };
        if !ids.insert(edit.id.clone()) {
            return Ok(None);
        }
        edits.push(edit);
        goes_on = follows;
    }
    let Some(tail) = file.rest()? else {
        return Ok(None);
    };
    let is_twice = tail.windows(FEATURES.len()).any(|text| text == FEATURES);
    around.extend(tail);
    Ok((!is_twice && is_collection(&around)).then_some(edits))
}

/// What stands before the first Feature, with the bracket.
fn head(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let name = bytes
        .windows(FEATURES.len())
        .position(|text| text == FEATURES)?;
    let mut none = Vec::new();
    let mut scan = Scan::of(bytes, &mut none);
    scan.at = name + FEATURES.len();
    scan.take(b':')?;
    scan.take(b'[')?;
    Some((bytes.get(..scan.at)?.to_vec(), scan.at))
}

/// Whether a Feature is next; not past the bracket that closes their list.
fn is_not_empty(bytes: &[u8]) -> Option<(bool, usize)> {
    let mut none = Vec::new();
    let mut scan = Scan::of(bytes, &mut none);
    let next = scan.next()?;
    Some((next != b']', scan.at))
}

/// Passes the comma behind a Feature, if there is one: whether another follows.
fn goes_on_behind(bytes: &[u8]) -> Option<(bool, usize)> {
    let mut none = Vec::new();
    let mut scan = Scan::of(bytes, &mut none);
    let goes_on = scan.next()? == b',';
    scan.at += usize::from(goes_on);
    Some((goes_on, scan.at))
}

/// Passes a Feature: its coordinates, where it has some, and in `rest` its text with `null` in their place.
fn cut(mut scan: Scan<'_>, rest: &mut Vec<u8>) -> Option<(Option<Coordinates>, usize)> {
    let (mut found, mut depth, mut copied) = (None, 0_usize, scan.at);
    loop {
        match scan.next()? {
            b'"' => {
                let is_coordinates = scan.text()? == b"coordinates";
                if is_coordinates && found.is_some() {
                    return None;
                }
                if is_coordinates {
                    scan.take(b':')?;
                    rest.extend(scan.bytes.get(copied..scan.at)?);
                    found = Some(scan.coordinates()?);
                    rest.extend(b"null");
                    copied = scan.at;
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        scan.at += 1;
        if depth == 0 {
            rest.extend(scan.bytes.get(copied..scan.at)?);
            return Some((found, scan.at));
        }
    }
}

/// What a Feature says whose coordinates were cut out of its text.
fn read(rest: &[u8], coordinates: Option<Coordinates>) -> Option<FenceEdit> {
    let tree: Value = serde_json::from_str(std::str::from_utf8(rest).ok()?).ok()?;
    let place = tree
        .get("geometry")
        .and_then(|geometry| geometry.get("coordinates"));
    // Nowhere else, since they stand once.
    if place.is_some() != coordinates.is_some() {
        return None;
    }
    feature::read_with(&tree, coordinates).ok()
}

/// Whether a file without its Features is a `FeatureCollection`.
fn is_collection(around: &[u8]) -> bool {
    let text = std::str::from_utf8(around).ok();
    let text = text.filter(|text| !text.contains('\\'));
    let whole: Option<Whole<'_>> = text.and_then(|text| serde_json::from_str(text).ok());
    whole.is_some_and(|whole| {
        let is_empty = whole.features.is_some_and(|features| features.is_empty());
        whole.kind.as_deref() == Some("FeatureCollection") && is_empty
    })
}

#[cfg(test)]
mod tests;

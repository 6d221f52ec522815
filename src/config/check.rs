//! `cordon check`: files of any kind that Cordon reads, each told by what is in it.

use std::path::{Path, PathBuf};

use crate::config::problem::{Notes, Problem};
use crate::config::tree::Document;
use crate::config::{Config, feeds, fences, manifest, read_file, rules};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileKind {
    Config,
    Feeds,
    Rules,
    Fences,
    Manifest,
}

/// Checks each of `files` and all that a config among them names. Rules are checked against the codes
/// of the first sound config among the files, else against the packaged ones; the environment has no part
/// in it. What is wrong stands in the order of the files, and then by place.
#[must_use]
pub fn check(files: &[PathBuf]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let texts: Vec<_> = files
        .iter()
        .map(|path| {
            let notes = Notes::default();
            let text = read_file(path, &notes);
            (path, text, notes)
        })
        .collect();
    let config = texts
        .iter()
        .filter_map(|(path, text, _)| Some((path.as_path(), text.as_deref()?)))
        .filter(|(path, text)| kind_of(path, text) == FileKind::Config)
        .find_map(|file| {
            let notes = Notes::default();
            let config = Config::read(Some(file), [], &notes);
            notes.settle(config).ok()
        })
        .unwrap_or_default();
    for (path, text, notes) in texts {
        if let Some(text) = text {
            check_file(path, &text, &config, &notes);
        }
        for problem in notes.into_problems() {
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
    }
    problems
}

fn check_file(path: &Path, text: &str, config: &Config, notes: &Notes) {
    match kind_of(path, text) {
        FileKind::Config => {
            Config::read(Some((path, text)), [], notes);
        }
        FileKind::Feeds => feeds::read_file(path, text, config.lateness, &mut Vec::new(), notes),
        FileKind::Rules => {
            let codes = rules::Codes {
                vocabulary: &config.vocabulary,
                groups: &config.status_groups,
                complete: true,
            };
            rules::Reading::new(codes, notes).read(path, text);
        }
        FileKind::Fences => fences::Reading::new(notes).read(path, text),
        FileKind::Manifest => {
            manifest::read(path, text, notes);
        }
    }
}

fn kind_of(path: &Path, text: &str) -> FileKind {
    let extension = path.extension().and_then(|extension| extension.to_str());
    if matches!(extension, Some("json" | "geojson")) || text.trim_start().starts_with('{') {
        return FileKind::Fences;
    }
    let unseen = Notes::default();
    let Document { entries, .. } = Document::parse(path, text, &unseen);
    let has = |key: &str| entries.contains_key(key);
    if has("source") {
        FileKind::Manifest
    } else if has("rule") || has("version") {
        FileKind::Rules
    } else if has("feed") && entries.len() == 1 {
        FileKind::Feeds
    } else {
        FileKind::Config
    }
}

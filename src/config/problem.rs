//! What is wrong with what somebody wrote: where, what, and how to mend it.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What stands for a key that is not there. A file that could not be parsed whole may lack a key
/// because of that, so these are not reported then.
pub(super) const MISSING: &str = "missing";

/// Where something was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A file as a whole.
    File(Arc<Path>),
    /// A character of a file.
    Character {
        /// The file, as it was named.
        file: Arc<Path>,
        /// Line, from 1.
        line: usize,
        /// Character of that line, from 1.
        column: usize,
    },
    /// An environment variable.
    Variable(Arc<str>),
    /// A record of a topic, in words.
    Record(Arc<str>),
}

impl Place {
    /// `path` as meant by whoever wrote it here: in a file, from the folder of that file.
    #[must_use]
    pub fn resolve(&self, path: &str) -> PathBuf {
        match self {
            Self::File(file) | Self::Character { file, .. } => {
                file.parent().unwrap_or(Path::new("")).join(path)
            }
            Self::Variable(_) | Self::Record(_) => PathBuf::from(path),
        }
    }

    fn line(&self) -> Option<(&Path, usize)> {
        match self {
            Self::Character { file, line, .. } => Some((file, *line)),
            Self::File(_) | Self::Variable(_) | Self::Record(_) => None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => write!(f, "{}", file.display()),
            Self::Character { file, line, column } => {
                write!(f, "{}:{line}:{column}", file.display())
            }
            Self::Variable(name) | Self::Record(name) => f.write_str(name),
        }
    }
}

/// A text with its places.
pub(super) struct Lines<'t> {
    file: Arc<Path>,
    text: &'t str,
    /// The byte at which each line begins.
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    /// `text`, which is what `file` holds.
    pub(super) fn new(file: &Path, text: &'t str) -> Self {
        let newlines = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            file: file.into(),
            text,
            starts: std::iter::once(0).chain(newlines).collect(),
        }
    }

    /// Of the character at the byte `offset`.
    pub(super) fn place(&self, offset: usize) -> Place {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        let before = self.text.get(start..offset).unwrap_or_default();
        Place::Character {
            file: Arc::clone(&self.file),
            line,
            column: before.chars().count() + 1,
        }
    }
}

/// Tells the places of a text in their order: each stretch of it is counted once, since a file of ten
/// thousand Features may be one line.
pub(super) struct Walk<'t> {
    file: Arc<Path>,
    text: &'t str,
    /// Bytes passed, and the line and the column there.
    reached: Cell<(usize, usize, usize)>,
}

impl<'t> Walk<'t> {
    pub(super) fn new(file: &Path, text: &'t str) -> Self {
        Self {
            file: file.into(),
            text,
            reached: Cell::new((0, 1, 1)),
        }
    }

    /// Of `part`, which is a slice of the text, not before the last one that was asked for.
    pub(super) fn place_of(&self, part: &str) -> Place {
        let (from, mut line, mut column) = self.reached.get();
        let offset = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let passed = self.text.get(from..offset).unwrap_or_default();
        let mut lines = passed.split('\n');
        column += lines.next().unwrap_or_default().chars().count();
        for begun in lines {
            line += 1;
            column = 1 + begun.chars().count();
        }
        self.reached.set((offset, line, column));
        Place::Character {
            file: Arc::clone(&self.file),
            line,
            column,
        }
    }
}

/// One thing that is wrong. As text, in one line: `PLACE: KEY: WHAT; FIX`, without `KEY: ` where it is
/// about no key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// The key with its tables, such as `window[2].width` (counted from 1); empty where it is about
    /// no key.
    pub key: String,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub fix: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        write!(f, "{}; {}", self.what, self.fix)
    }
}

/// Everything that was found, by place. Never empty where it stands as an error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Problems(pub Vec<Problem>);

/// Gathers problems while reading goes on.
#[derive(Debug, Default)]
pub(super) struct Notes {
    problems: RefCell<Vec<Problem>>,
    syntax: RefCell<Vec<Problem>>,
}

impl Notes {
    pub(super) fn add(
        &self,
        place: &Place,
        key: &str,
        what: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.problems.borrow_mut().push(Problem {
            place: place.clone(),
            key: key.to_owned(),
            what: what.into(),
            fix: fix.into(),
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.problems.borrow().is_empty() && self.syntax.borrow().is_empty()
    }

    /// TOML that is not well-formed at `place`.
    pub(super) fn add_syntax(&self, place: Place, what: &str) {
        self.syntax.borrow_mut().push(Problem {
            place,
            key: String::new(),
            what: what.to_owned(),
            fix: "mend the TOML there".to_owned(),
        });
    }

    /// `value` when nothing was noted, else everything that was.
    pub(super) fn settle<T>(self, value: T) -> Result<T, Problems> {
        let problems = self.into_problems();
        if problems.is_empty() {
            Ok(value)
        } else {
            Err(Problems(problems))
        }
    }

    /// By place, without what follows only from a syntax error.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        let mut syntax = self.syntax.into_inner();
        let mut problems = self.problems.into_inner();
        problems.retain(|problem| !syntax.iter().any(|error| follows(problem, &error.place)));
        problems.append(&mut syntax);
        problems.sort();
        problems.dedup();
        problems
    }
}

fn follows(problem: &Problem, error: &Place) -> bool {
    match (problem.place.line(), error.line()) {
        (Some((file, line)), Some((broken, at))) if file == broken => {
            line == at || problem.what == MISSING
        }
        _ => false,
    }
}

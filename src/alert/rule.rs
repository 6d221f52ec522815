//! Rules: what a control room wants to be told, as data.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use crate::domain::alert::Severity;
use crate::domain::fence::Fence;
use crate::domain::ids::{FenceId, RuleId};
use crate::domain::profile::{PairFilter, SubjectFilter};
use crate::domain::report::Text;
use crate::domain::transition::TransitionKind;

/// A checked set of rules.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleSet {
    /// Name of this version, carried by every alert.
    pub version: Text,
    /// In the order of the file; ids are unique.
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its name; part of every alert's id.
    pub id: RuleId,
    /// One line for people.
    pub title: Title,
    /// Severity of its alerts, unless the fence they are about has one of its own.
    pub severity: Severity,
    /// An alert that nobody acknowledged stays open when its condition ends.
    pub hold: bool,
    /// An alert without a natural end closes after this long without another trigger.
    pub close_after: Option<Duration>,
    /// When it opens.
    pub condition: Condition,
    /// Name of its version where it came alone; else that of its set holds.
    pub version: Option<Text>,
}

/// A rule is another from now on, or is no more.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleEdit {
    /// Which.
    pub id: RuleId,
    /// What it says now; `None` takes it away.
    pub rule: Option<Rule>,
}

/// What an edit did to a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edited {
    /// Number of the rule.
    pub number: usize,
    /// In a word, for what it closes; `None` where what holds, holds as before.
    pub ends: Option<&'static str>,
}

impl RuleSet {
    /// Makes `edit` hold. A rule keeps its number, also through its end and another beginning; `None`
    /// where it takes away what was never there.
    pub fn edit(&mut self, edit: &RuleEdit) -> Option<Edited> {
        let found = self.rules.iter().position(|rule| rule.id == edit.id);
        let (number, ends) = match (found, &edit.rule) {
            (None, None) => return None,
            (None, Some(rule)) => {
                self.rules.push(rule.clone());
                (self.rules.len() - 1, None)
            }
            (Some(number), Some(rule)) => {
                let old = std::mem::replace(&mut self.rules[number], rule.clone());
                let is_other = old.condition != rule.condition;
                (number, is_other.then_some("rule_changed"))
            }
            (Some(number), None) => {
                self.rules[number].condition = Condition::Never;
                (number, Some("rule_deleted"))
            }
        };
        Some(Edited { number, ends })
    }

    /// The rules that can still open an alert.
    pub fn in_force(&self) -> impl Iterator<Item = &Rule> {
        let rules = self.rules.iter();
        rules.filter(|rule| rule.condition != Condition::Never)
    }

    /// The pairs that rules are about, each with the number of its rule.
    pub fn pairs(&self) -> impl Iterator<Item = (usize, &PairFilter)> {
        let rules = self.rules.iter().enumerate();
        rules.filter_map(|(number, rule)| match &rule.condition {
            Condition::Approach(pair) => Some((number, pair)),
            Condition::Transition { .. }
            | Condition::Members { .. }
            | Condition::Status { .. }
            | Condition::Unplaced { .. }
            | Condition::Occupancy { .. }
            | Condition::Never => None,
        })
    }
}

/// When a rule opens an alert, and by that when it closes it.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// A subject and a fence. Opened by enter, inside, dwell or speed it closes at the exit; opened by
    /// exit or outside, at the enter; opened by cross, after `close_after`. Absent and restored are about
    /// the fence alone and end each other.
    Transition {
        /// The transitions that open it.
        kinds: BTreeSet<TransitionKind>,
        /// Of which fences.
        fences: FenceFilter,
        /// By whom.
        who: SubjectFilter,
        /// But not by these.
        except: Option<SubjectFilter>,
        /// Only where the edge is further away than the fix may be wrong.
        certain: bool,
        /// Also by whom a new fence finds in it.
        existing: bool,
    },
    /// Two subjects that are near each other; closes when they part.
    Approach(PairFilter),
    /// A fence comes into force with somebody in it: one alert that lists them. Closes when the fence
    /// goes, or after `close_after`.
    Members {
        /// Of which fences.
        fences: FenceFilter,
        /// Who is listed.
        who: SubjectFilter,
    },
    /// A subject's profile matches; closes when it no longer does.
    Status {
        /// What it has to match; statuses are listed.
        who: SubjectFilter,
    },
    /// An incident without a place; closes when it gets one.
    Unplaced {
        /// Which incidents.
        who: SubjectFilter,
    },
    /// How many are in a fence; closes when the bound holds no longer.
    Occupancy {
        /// Of which fences.
        fences: FenceFilter,
        /// Who counts.
        who: SubjectFilter,
        /// What is counted.
        measure: Measure,
        /// When it is too few or too many.
        bound: Bound,
        /// For how long without a break.
        lasting: Duration,
    },
    /// The rule was taken away. What it holds open waits for somebody.
    Never,
}

/// What an occupancy counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Subjects.
    Subjects,
    /// Officers.
    Strength,
}

/// When an occupancy is worth an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Fewer than this.
    Below(u32),
    /// More than this.
    Above(u32),
}

impl Bound {
    /// Whether `count` is worth an alert.
    #[must_use]
    pub fn is_broken_by(self, count: u32) -> bool {
        match self {
            Self::Below(limit) => count < limit,
            Self::Above(limit) => count > limit,
        }
    }
}

/// Which fences are meant; every list that is not empty must match.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct FenceFilter {
    /// Only these.
    pub ids: BTreeSet<FenceId>,
    /// Only of these classes.
    pub classes: BTreeSet<Text>,
    /// Only with one of these tags.
    pub tags: BTreeSet<Text>,
}

impl FenceFilter {
    /// Whether `fence` is meant.
    #[must_use]
    pub fn matches(&self, fence: &Fence) -> bool {
        let class = fence.class.as_ref();
        (self.ids.is_empty() || self.ids.contains(&fence.id))
            && (self.classes.is_empty() || class.is_some_and(|class| self.classes.contains(class)))
            && (self.tags.is_empty() || !self.tags.is_disjoint(&fence.tags))
    }
}

/// A title with places to fill in, such as `{subject} entered {fence}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Title(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Words(String),
    Field(Field),
}

/// What can stand in a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The subject's call sign, or its id where it has none.
    Subject,
    /// The fence's name.
    Fence,
    /// Class of the resource or category of the incident.
    Class,
    /// Status code of the resource or state of the incident.
    Status,
    /// Grade of the incident.
    Grade,
    /// What was counted.
    Count,
    /// The other subject of a pair, as `Subject`.
    Other,
    /// Distance of a pair, metres.
    Distance,
    /// ` at ` and what the gazetteer calls the subject's place, or the middle of the fence where no subject is
    /// told of, or ` near ` it; nothing where nobody knows.
    Place,
}

/// A title that cannot be filled in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTitle {
    /// A name in braces that is none of the fields.
    #[error(
        "{{{0}}} is not a field of a title; it may hold {{subject}}, {{fence}}, {{class}}, {{status}}, {{grade}}, {{count}}, {{other}}, {{distance}}, {{place}}"
    )]
    UnknownField(String),
    /// A brace without its pair.
    #[error("a {{ without its }}")]
    Unclosed,
}

impl Field {
    const ALL: [(&'static str, Self); 9] = [
        ("subject", Self::Subject),
        ("fence", Self::Fence),
        ("class", Self::Class),
        ("status", Self::Status),
        ("grade", Self::Grade),
        ("count", Self::Count),
        ("other", Self::Other),
        ("distance", Self::Distance),
        ("place", Self::Place),
    ];
}

impl Title {
    /// Reads a title.
    ///
    /// # Errors
    /// When a field in braces is not known or a brace is not closed.
    pub fn parse(text: &str) -> Result<Self, InvalidTitle> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((words, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or(InvalidTitle::Unclosed)?;
            let (_, field) = Field::ALL
                .into_iter()
                .find(|(known, _)| *known == name)
                .ok_or_else(|| InvalidTitle::UnknownField(name.to_owned()))?;
            pieces.push(Piece::Words(words.to_owned()));
            pieces.push(Piece::Field(field));
            rest = after;
        }
        pieces.push(Piece::Words(rest.to_owned()));
        Ok(Self(pieces))
    }

    /// The title with each field's `value` filled in.
    pub fn fill(&self, value: impl Fn(Field) -> String) -> String {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Words(words) => words.clone(),
                Piece::Field(field) => value(*field),
            })
            .collect()
    }
}

/// As it was written.
impl fmt::Display for Title {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.0 {
            match piece {
                Piece::Words(words) => f.write_str(words)?,
                Piece::Field(field) => {
                    let named = Field::ALL.iter().find(|(_, known)| known == field);
                    write!(f, "{{{}}}", named.map_or("", |(name, _)| name))?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_filled_in_or_refused() {
        let title = Title::parse("{subject} entered {fence}").unwrap();
        let filled = title.fill(|field| format!("<{field:?}>"));
        assert_eq!(filled, "<Subject> entered <Fence>");
        assert_eq!(title.to_string(), "{subject} entered {fence}");
        assert_eq!(
            Title::parse("{who} entered"),
            Err(InvalidTitle::UnknownField("who".into()))
        );
        assert_eq!(Title::parse("{subject"), Err(InvalidTitle::Unclosed));
    }

    #[test]
    fn a_bound_is_broken_beyond_it_not_at_it() {
        assert!(Bound::Below(2).is_broken_by(1));
        assert!(!Bound::Below(2).is_broken_by(2));
        assert!(!Bound::Above(2).is_broken_by(2));
        assert!(Bound::Above(2).is_broken_by(3));
    }
}

//! Which records a subscription is about.

use std::collections::BTreeSet;

use crate::domain::alert::Severity;
use crate::domain::position::Position;
use crate::domain::served::{Served, Wants, What};

/// A filter that was checked. Each part narrows the records that it can be asked of; a part that a
/// record has no word on (the class of an alert) lets it pass.
///
/// An alert or an incident without a place passes every bounding box: whoever needs help and is on no
/// map must not fall out of every room's view.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Filter {
    bbox: Option<Box4>,
    fences: BTreeSet<String>,
    classes: BTreeSet<String>,
    categories: BTreeSet<String>,
    least: Option<Severity>,
    region: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Box4 {
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

/// Why a filter is none: what was given and what is expected.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FilterProblem {
    /// Not four numbers, not in order, or not on the earth.
    #[error(
        "filter.bbox is [west, south, east, north] in degrees, west below east, south below north; this one is {0:?}"
    )]
    Box(Vec<f64>),
    /// Not one of the five words.
    #[error("filter.min_severity is critical, high, medium, low or info; this one is \"{0}\"")]
    Severity(String),
    /// More names than are worth looking through.
    #[error("filter.{0} has more than {MOST_NAMES} names: leave it out and choose at the screen")]
    TooMany(&'static str),
    /// A part of the contract that this version cannot do.
    #[error("filter.tags is not available yet: leave it out")]
    Tags,
}

/// A list of a filter may be this long.
pub const MOST_NAMES: usize = 1000;

impl Filter {
    /// The filter that `wants` asks for.
    ///
    /// # Errors
    /// A bounding box that is none, a word that is no severity, a list of more than a thousand names,
    /// any tags.
    pub fn new(wants: Wants) -> Result<Self, FilterProblem> {
        if !wants.tags.is_empty() {
            return Err(FilterProblem::Tags);
        }
        let least = match wants.min_severity {
            None => None,
            Some(word) => {
                let known = Severity::ALL.into_iter().find(|is| is.label() == word);
                Some(known.ok_or(FilterProblem::Severity(word))?)
            }
        };
        Ok(Self {
            bbox: wants.bbox.map(Box4::new).transpose()?,
            fences: names("fences", wants.fences)?,
            classes: names("classes", wants.classes)?,
            categories: names("categories", wants.categories)?,
            least,
            region: wants.region,
        })
    }

    /// Whether it keeps nothing off.
    #[must_use]
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a subscription with this filter gets `record`.
    #[must_use]
    pub fn allows(&self, record: &Served) -> bool {
        self.is_near(record) && self.is_in_fences(record) && self.is_of_kind(&record.what)
    }

    fn is_near(&self, record: &Served) -> bool {
        match (self.bbox, record.position) {
            (Some(bbox), Some(position)) => bbox.holds(position),
            _ => true,
        }
    }

    fn is_in_fences(&self, record: &Served) -> bool {
        let is_about_none = matches!(record.what, What::Cell { .. } | What::Fence);
        let named = || {
            let mut fences = record.fences.iter();
            fences.any(|fence| self.fences.contains(fence.as_str()))
        };
        self.fences.is_empty() || is_about_none || named()
    }

    fn is_of_kind(&self, what: &What) -> bool {
        let among = |names: &BTreeSet<String>, name: Option<&str>| {
            names.is_empty() || name.is_some_and(|name| names.contains(name))
        };
        match what {
            What::Resource { class } => among(&self.classes, class.as_deref()),
            What::Incident { category, .. } => among(&self.categories, category.as_deref()),
            What::Cell { category, .. } => among(&self.categories, Some(&**category)),
            What::Alert {
                severity, region, ..
            } => {
                // The worst severity is the least.
                self.least.is_none_or(|least| *severity <= least)
                    && self
                        .region
                        .as_ref()
                        .is_none_or(|own| own == region.as_str())
            }
            What::Transition | What::Fence => true,
        }
    }
}

fn names(part: &'static str, given: Vec<String>) -> Result<BTreeSet<String>, FilterProblem> {
    if given.len() > MOST_NAMES {
        return Err(FilterProblem::TooMany(part));
    }
    Ok(given.into_iter().collect())
}

impl Box4 {
    fn new(given: Vec<f64>) -> Result<Self, FilterProblem> {
        if let [west, south, east, north] = *given
            && (-180.0..east).contains(&west)
            && east <= 180.0
            && (-90.0..north).contains(&south)
            && north <= 90.0
        {
            return Ok(Self {
                west,
                south,
                east,
                north,
            });
        }
        Err(FilterProblem::Box(given))
    }

    /// The edges belong to it.
    fn holds(self, position: Position) -> bool {
        (self.west..=self.east).contains(&position.lng())
            && (self.south..=self.north).contains(&position.lat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alert::AlertState;

    fn alert(position: Option<Position>, severity: Severity) -> Served {
        Served {
            id: "a".into(),
            at: None,
            position,
            fences: vec!["f1".into()],
            what: What::Alert {
                severity,
                region: "north".into(),
                state: AlertState::Open,
                sequence: 1,
            },
            data: "{}".into(),
        }
    }

    #[test]
    fn a_filter_narrows_and_an_alert_without_a_place_passes_every_box() {
        let filter = Filter::new(Wants {
            bbox: Some(vec![-0.2, 51.4, 0.0, 51.6]),
            fences: vec!["f1".into()],
            classes: vec!["air".into()],
            min_severity: Some("high".into()),
            region: Some("north".into()),
            ..Wants::default()
        })
        .unwrap();
        let near = Position::new(51.6, -0.2).unwrap();
        let far = Position::new(53.0, -0.1).unwrap();
        assert!(filter.allows(&alert(Some(near), Severity::High)));
        assert!(filter.allows(&alert(None, Severity::Critical)));
        assert!(!filter.allows(&alert(Some(far), Severity::Critical)));
        assert!(!filter.allows(&alert(Some(near), Severity::Medium)));
    }

    #[test]
    fn a_box_that_is_none_is_refused() {
        for bbox in [
            vec![],
            vec![1.0, 2.0, 3.0],
            vec![1.0, 0.0, 1.0, 5.0],
            vec![f64::NAN, 0.0, 1.0, 5.0],
            vec![0.0, 0.0, 181.0, 5.0],
        ] {
            let wants = Wants {
                bbox: Some(bbox),
                ..Wants::default()
            };
            assert!(Filter::new(wants).is_err());
        }
    }
}

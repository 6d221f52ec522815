//! Which records a subscription is about.

use std::collections::BTreeSet;

use crate::domain::alert::Severity;
use crate::domain::ids::FenceId;
use crate::domain::position::Position;
use crate::domain::served::{Served, Wants, What};
use crate::serve::tags::FenceTags;

/// A filter that was checked. Each part narrows the records that it can be asked of; a part that a
/// record has no word on (the class of an alert) lets it pass.
///
/// An alert or an incident without a place passes every bounding box: whoever needs help and is on no
/// map must not fall out of every room's view. So does an alert about no fence every region: it is none's.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Filter {
    bbox: Option<Box4>,
    fences: BTreeSet<String>,
    tags: BTreeSet<String>,
    classes: BTreeSet<String>,
    categories: BTreeSet<String>,
    least: Option<Severity>,
    region: Option<String>,
}

/// Degrees; the edges belong to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Box4 {
    pub(super) west: f64,
    pub(super) south: f64,
    pub(super) east: f64,
    pub(super) north: f64,
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
}

/// A list of a filter may be this long.
pub const MOST_NAMES: usize = 1000;

impl Filter {
    /// The filter that `wants` asks for.
    ///
    /// # Errors
    /// A bounding box that is none, a word that is no severity, a list of more than a thousand names.
    pub fn new(wants: Wants) -> Result<Self, FilterProblem> {
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
            tags: names("tags", wants.tags)?,
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

    /// The part of the map that it is about.
    pub(super) fn view(&self) -> Option<Box4> {
        self.bbox
    }

    /// Whether a subscription with this filter gets `record`, while fences have these `tags`.
    #[must_use]
    pub fn allows(&self, record: &Served, tags: &FenceTags) -> bool {
        self.is_near(record) && self.is_in_fences(record, tags) && self.is_of_kind(record)
    }

    fn is_near(&self, record: &Served) -> bool {
        match (self.bbox, record.position) {
            (Some(bbox), Some(position)) => bbox.holds(position),
            _ => true,
        }
    }

    /// Of a list that is not empty, one of its fences has to be there, and one that has such a label.
    fn is_in_fences(&self, record: &Served, tags: &FenceTags) -> bool {
        let is_about_none = matches!(record.what, What::Cell { .. } | What::Fence { .. });
        let any = |is: &dyn Fn(&FenceId) -> bool| record.fences.iter().any(is);
        let named = || any(&|fence| self.fences.contains(fence.as_str()));
        let tagged = || any(&|fence| tags.has_any(fence, &self.tags));
        is_about_none || (self.fences.is_empty() || named()) && (self.tags.is_empty() || tagged())
    }

    fn is_of_kind(&self, record: &Served) -> bool {
        let among = |names: &BTreeSet<String>, name: Option<&str>| {
            names.is_empty() || name.is_some_and(|name| names.contains(name))
        };
        match &record.what {
            What::Resource { class } => among(&self.classes, class.as_deref()),
            What::Incident { category, .. } => among(&self.categories, category.as_deref()),
            What::Cell { category, .. } => among(&self.categories, Some(&**category)),
            What::Alert {
                severity, region, ..
            } => {
                // The worst severity is the least.
                let is_of_region =
                    |own: &String| own == region.as_str() || record.fences.is_empty();
                self.least.is_none_or(|least| *severity <= least)
                    && self.region.as_ref().is_none_or(is_of_region)
            }
            What::Transition | What::Fence { .. } => true,
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

    fn allows(filter: &Filter, record: &Served) -> bool {
        let mut tags = FenceTags::default();
        tags.set("f1", &["vip".into()]);
        filter.allows(record, &tags)
    }

    #[test]
    fn labels_are_those_of_the_fences_that_a_record_is_about() {
        let tagged = |tags: &[&str]| {
            let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
            Filter::new(Wants {
                tags,
                ..Wants::default()
            })
            .unwrap()
        };
        let about = alert(None, Severity::Low);
        assert!(allows(&tagged(&["march", "vip"]), &about));
        assert!(!allows(&tagged(&["march"]), &about));
        let about_none = Served {
            fences: Vec::new(),
            ..about
        };
        assert!(!allows(&tagged(&["vip"]), &about_none));
        let what = What::Fence { tags: Vec::new() };
        assert!(allows(&tagged(&["vip"]), &Served { what, ..about_none }));
    }

    #[test]
    fn an_alert_about_no_fence_is_every_regions() {
        let south = Wants {
            region: Some("south".into()),
            ..Wants::default()
        };
        let south = Filter::new(south).unwrap();
        let of_north = alert(None, Severity::Low);
        assert!(!allows(&south, &of_north));
        assert!(allows(
            &south,
            &Served {
                fences: Vec::new(),
                ..of_north
            }
        ));
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
        assert!(allows(&filter, &alert(Some(near), Severity::High)));
        assert!(allows(&filter, &alert(None, Severity::Critical)));
        assert!(!allows(&filter, &alert(Some(far), Severity::Critical)));
        assert!(!allows(&filter, &alert(Some(near), Severity::Medium)));
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

//! What is around a position, in names, and what a text that is being typed may become.

use crate::domain::feature::FeatureKind;
use crate::domain::position::Position;
use crate::domain::report::Text;

/// Something with a name, and how far it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Near {
    /// Its name, as people are shown it; a junction's has its streets with ` / ` between.
    pub title: Text,
    /// Its nearest point.
    pub position: Position,
    /// Length of the geodesic to that point, metres.
    pub distance_m: f64,
}

/// What is around a position. What is not there is beyond the reach that `geocode::reverse` states.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Surroundings {
    /// The nearest street that has a name.
    pub street: Option<Near>,
    /// The nearest street of another name.
    pub other_street: Option<Near>,
    /// The nearest road known by its number, such as A23.
    pub road: Option<Near>,
    /// The nearest place where the lines of two streets meet.
    pub junction: Option<Near>,
    /// The nearest postcode that exists.
    pub postcode: Option<Near>,
    /// The nearest station, venue, place or marker, and what it is.
    pub place: Option<(FeatureKind, Near)>,
    /// Areas whose boundary holds the position, the smallest first.
    pub areas: Vec<Text>,
    /// The area whose boundary is nearest, where none holds the position.
    pub nearest_area: Option<Near>,
    /// One short sentence for people, such as `Brixton Road near Coldharbour Lane, Lambeth`.
    pub sentence: Option<Text>,
}

/// Who knows what people call a place.
pub trait PlaceNames: std::fmt::Debug + Send + Sync {
    /// One short sentence for `position`; `None` where nothing is known around it.
    fn sentence(&self, position: Position) -> Option<Text>;
}

impl dyn PlaceNames + '_ {
    /// What follows the words of a title: ` at ` and what `position` is called, or ` near ` it; nothing
    /// where that is not known.
    #[must_use]
    pub fn in_a_title(&self, position: Option<Position>) -> String {
        match position.and_then(|position| self.sentence(position)) {
            Some(sentence) if sentence.starts_with("near ") => format!(" {sentence}"),
            Some(sentence) => format!(" at {sentence}"),
            None => String::new(),
        }
    }
}

/// What a text that is being typed may become.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// Its name, as people are shown it.
    pub title: Text,
    /// The area that tells it from others of its name.
    pub area: Option<Text>,
    /// What it is.
    pub kind: SuggestionKind,
    /// Where it is.
    pub position: Position,
    /// How far from there it reaches, metres.
    pub radius_m: f64,
}

/// What a suggestion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SuggestionKind {
    /// Coordinates or a grid reference, as they were typed.
    Reference,
    /// A postcode, a sector or an outcode.
    Postcode,
    /// Something that a gazetteer knows by name.
    Named(FeatureKind),
    /// What the geocoder makes of the whole text.
    Text,
}

impl SuggestionKind {
    /// The word for it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Postcode => "postcode",
            Self::Named(kind) => kind.label(),
            Self::Text => "text",
        }
    }
}

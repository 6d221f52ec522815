//! What a gazetteer knows, one thing at a time: the border between the sources that are read and the
//! geocoder that looks things up.

use crate::domain::position::Position;

/// One thing that a gazetteer knows.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// What it is.
    pub kind: FeatureKind,
    /// Its name, as its source spells it: of a postcode, premises or UPRN the postcode, the building's
    /// name (may be empty) or the number itself.
    pub name: Box<str>,
    /// Other names of the same thing.
    pub also: Vec<Box<str>>,
    /// House number or range, as written; of premises only.
    pub number: Option<Box<str>>,
    /// The street that it is on.
    pub street: Option<Box<str>>,
    /// Its postcode, whole or an outcode.
    pub postcode: Option<Box<str>>,
    /// Names of what it lies in: borough, ward, locality, district.
    pub areas: Vec<Box<str>>,
    /// Where it is; of something long, a point on it.
    pub position: Position,
    /// Geometry of a street, one list a piece, or every ring of an area; may be empty.
    pub line: Vec<Vec<Position>>,
    /// Its identifier: UPRN, USRN, or the source's own.
    pub id: Option<Box<str>>,
    /// How often something happens there, as its source counts it; 1 where nobody says.
    pub weight: u32,
    /// It exists no more, such as a terminated postcode; old text still names it.
    pub ended: bool,
}

/// What a feature is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FeatureKind {
    /// A named street, or a part of one.
    Street,
    /// A postcode unit.
    Postcode,
    /// A building or a part of one, with an address.
    Premises,
    /// A shop, public house, school and the like.
    Venue,
    /// A railway, underground or bus station.
    Station,
    /// A locality, park or landmark.
    Place,
    /// A borough, ward or other area with a boundary.
    Area,
    /// A numbered road, such as A23.
    Road,
    /// A marker post or numbered junction of a road.
    Marker,
    /// A UPRN without an address.
    Uprn,
}

impl FeatureKind {
    /// The word of a manifest.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Street => "street",
            Self::Postcode => "postcode",
            Self::Premises => "premises",
            Self::Venue => "venue",
            Self::Station => "station",
            Self::Place => "place",
            Self::Area => "area",
            Self::Road => "road",
            Self::Marker => "marker",
            Self::Uprn => "uprn",
        }
    }
}

impl Feature {
    /// A feature of which nothing else is known.
    #[must_use]
    pub fn named(kind: FeatureKind, name: &str, position: Position) -> Self {
        Self {
            kind,
            name: name.into(),
            also: Vec::new(),
            number: None,
            street: None,
            postcode: None,
            areas: Vec::new(),
            position,
            line: Vec::new(),
            id: None,
            weight: 1,
            ended: false,
        }
    }
}

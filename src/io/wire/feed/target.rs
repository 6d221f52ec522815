//! The fields of our reports that a feed can fill.

use crate::domain::ids::Kind;

macro_rules! targets {
    ($($name:ident $label:literal $kinds:ident),* $(,)?) => {
        /// A field of our report, named as in the contract; a resource's `text`, `grid`, `postcode`
        /// and `uprn` do not exist, since its place is a fix.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Target {
            $(#[doc = concat!("`", $label, "`")] $name),*
        }

        impl Target {
            /// Every field.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The key in `[feed.fields]`.
            #[must_use]
            pub fn label(self) -> &'static str {
                match self {
                    $(Self::$name => $label),*
                }
            }

            /// Whether a report of `kind` has this field.
            #[must_use]
            pub fn is_of(self, kind: Kind) -> bool {
                match self {
                    $(Self::$name => Kinds::$kinds.hold(kind)),*
                }
            }
        }
    };
}

targets! {
    Subject "subject" Both,
    At "at" Both,
    Lat "lat" Both,
    Lon "lon" Both,
    Easting "easting" Both,
    Northing "northing" Both,
    Grid "grid" Incident,
    Postcode "postcode" Incident,
    Uprn "uprn" Incident,
    Text "text" Incident,
    AccuracyM "accuracy_m" Resource,
    SpeedMps "speed_mps" Resource,
    HeadingDeg "heading_deg" Resource,
    Class "class" Resource,
    Status "status" Resource,
    Callsign "callsign" Resource,
    Agency "agency" Both,
    Unit "unit" Resource,
    Parent "parent" Resource,
    Strength "strength" Resource,
    Assigned "assigned" Both,
    DestinationFence "destination.fence" Resource,
    Category "category" Incident,
    Codes "codes" Incident,
    Grade "grade" Incident,
    State "state" Incident,
    AttendedAt "attended_at" Incident,
    Linked "linked" Incident,
    Operation "operation" Incident,
    RvpLat "rvp.lat" Incident,
    RvpLon "rvp.lon" Incident,
    Source "source" Both,
    Id "id" Both,
}

enum Kinds {
    Both,
    Resource,
    Incident,
}

impl Kinds {
    fn hold(&self, kind: Kind) -> bool {
        match self {
            Self::Both => true,
            Self::Resource => kind == Kind::Resource,
            Self::Incident => kind == Kind::Incident,
        }
    }
}

impl Target {
    /// Fields that stand together or not at all.
    pub(super) const PAIRS: [(Self, Self); 3] = [
        (Self::Lat, Self::Lon),
        (Self::Easting, Self::Northing),
        (Self::RvpLat, Self::RvpLon),
    ];
    /// Fields that say where an incident is.
    pub(super) const LOCATION: [Self; 6] = [
        Self::Lat,
        Self::Easting,
        Self::Grid,
        Self::Postcode,
        Self::Uprn,
        Self::Text,
    ];

    /// The field of this name.
    #[must_use]
    pub fn parse(label: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|target| target.label() == label)
    }

    pub(super) fn is_number(self) -> bool {
        const NUMBERS: [Target; 10] = [
            Target::Lat,
            Target::Lon,
            Target::Easting,
            Target::Northing,
            Target::AccuracyM,
            Target::SpeedMps,
            Target::HeadingDeg,
            Target::Strength,
            Target::RvpLat,
            Target::RvpLon,
        ];
        NUMBERS.contains(&self)
    }

    pub(super) fn is_time(self) -> bool {
        matches!(self, Self::At | Self::AttendedAt)
    }
}

//! Why a geometry is no area.

/// Why a geometry is no area, with the place to mend.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum InvalidShape {
    /// A polygon without a ring, or a list without a polygon.
    #[error("it has no ring: a polygon needs an outer ring of at least 3 different vertices")]
    Empty,
    /// Fewer than three different vertices.
    #[error("{ring} has {vertices} different vertices; a ring needs at least 3")]
    TooFewVertices {
        /// Which ring.
        ring: RingName,
        /// Different vertices that it has.
        vertices: usize,
    },
    /// A vertex that is no place. Longitudes beyond ±180 are a way to draw across the antimeridian.
    #[error(
        "vertex {vertex} of {ring} is lat {lat}, lon {lng}: latitude goes to ±90, longitude to ±180 degrees, to ±360 across the antimeridian (GeoJSON writes longitude first)"
    )]
    VertexOutOfRange {
        /// Of what it is a vertex.
        ring: LineName,
        /// Its number from 0.
        vertex: usize,
        /// Degrees north.
        lat: f64,
        /// Degrees east.
        lng: f64,
    },
    /// Two edges of a ring cross.
    #[error(
        "{ring} crosses itself at lat {lat:.7}, lon {lng:.7} (the edges after vertices {first} and {second}): reorder its vertices, or split it there into two polygons"
    )]
    CrossesItself {
        /// Which ring.
        ring: RingName,
        /// Number of the vertex that starts the one edge.
        first: usize,
        /// Number of the vertex that starts the other.
        second: usize,
        /// Place of the crossing, degrees north.
        lat: f64,
        /// Place of the crossing, degrees east.
        lng: f64,
    },
    /// An edge of one ring crosses an edge of another of the same polygon.
    #[error(
        "{first} crosses {second} at lat {lat:.7}, lon {lng:.7}: keep a hole within its outer ring and apart from other holes"
    )]
    RingsCross {
        /// The one ring.
        first: RingName,
        /// The other.
        second: RingName,
        /// Place of the crossing, degrees north.
        lat: f64,
        /// Place of the crossing, degrees east.
        lng: f64,
    },
    /// A hole in nothing.
    #[error("{ring} lies outside the outer ring: delete it, or make it a polygon of its own")]
    HoleOutside {
        /// Which ring.
        ring: RingName,
    },
    /// More than once round, or round a pole.
    #[error(
        "{ring} goes all round the earth (the edge after vertex {vertex} crosses the antimeridian and none comes back): split it into polygons of at most 180 degrees of longitude"
    )]
    GoesRound {
        /// Which ring.
        ring: RingName,
        /// Number of the vertex that starts an edge across the antimeridian.
        vertex: usize,
    },
    /// All vertices on one line.
    #[error("{ring} has no area, its vertices lie on one line: draw it around an area")]
    NoArea {
        /// Which ring.
        ring: RingName,
    },
    /// A circle around no place.
    #[error("the centre is no place: {0}")]
    Centre(#[from] crate::domain::position::InvalidPosition),
    /// A radius that is none.
    #[error("radius_m is {0}: a circle needs a radius above 0 metres")]
    Radius(f64),
    /// A width that is none.
    #[error("width_m is {0}: a corridor needs a whole width above 0 metres")]
    Width(f64),
    /// A line without a length.
    #[error("the line has fewer than 2 different vertices: a corridor needs at least 2")]
    TooShort,
    /// A section of no stretch of the line.
    #[error(
        "a section goes from vertex {first} to vertex {last}: the line has vertices 0 to {end}, and a section ends after it begins", end = vertices.saturating_sub(1)
    )]
    Section {
        /// Where it begins.
        first: usize,
        /// Where it ends.
        last: usize,
        /// Vertices of the line.
        vertices: usize,
    },
}

/// A ring of a geometry, as people count them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RingName {
    /// Number of the polygon from 0.
    pub polygon: usize,
    /// Number of the ring in it: 0 is the outer one.
    pub ring: usize,
}

impl std::fmt::Display for RingName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.ring {
            0 => write!(f, "the outer ring of polygon {}", self.polygon),
            hole => write!(f, "hole {hole} of polygon {}", self.polygon),
        }
    }
}

/// A line of a geometry, as people count them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineName {
    /// A ring of a polygon.
    Ring(RingName),
    /// The line of a corridor.
    Line,
}

impl std::fmt::Display for LineName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ring(ring) => ring.fmt(f),
            Self::Line => f.write_str("the line"),
        }
    }
}

//! Identifiers: cheap to clone, ordered as text.

use std::fmt;
use std::hash::{Hash, Hasher};

use smol_str::SmolStr;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(SmolStr);

        impl $name {
            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// A fence: the id of its `GeoJSON` feature.
    FenceId
);
id!(
    /// A rule, as named in its file.
    RuleId
);
id!(
    /// One alert through its whole life.
    AlertId
);
id!(
    /// One stay of a subject in a fence: joins an exit to its enter.
    VisitId
);
id!(
    /// An area of command.
    Region
);

impl Default for Region {
    fn default() -> Self {
        Self::from("default")
    }
}

/// The two kinds of subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A unit, vehicle, officer or camera.
    Resource,
    /// A job: something that happens somewhere.
    Incident,
}

impl Kind {
    /// The word of the contract.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Resource => "resource",
            Self::Incident => "incident",
        }
    }
}

/// Who or what a report is about. Resource A1 and incident A1 are two subjects.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// The id within its kind; subjects are ordered by it first.
    pub id: SmolStr,
    /// Resource or incident.
    pub kind: Kind,
}

impl Subject {
    /// The resource `id`.
    #[must_use]
    pub fn resource(id: &str) -> Self {
        Self {
            id: id.into(),
            kind: Kind::Resource,
        }
    }

    /// The incident `id`.
    #[must_use]
    pub fn incident(id: &str) -> Self {
        Self {
            id: id.into(),
            kind: Kind::Incident,
        }
    }
}

/// In two writes: it is looked up for every report, in every room that remembers something of it.
impl Hash for Subject {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(self.id.as_bytes());
        state.write_u8(self.kind as u8);
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)
    }
}

/// A 128-bit name of `parts`, as 32 hex digits: the start of their SHA-256, each part ended by a NUL
/// so that ("ab", "c") and ("a", "bc") differ. Fixed for ever: ids in files and topics rest on it.
#[must_use]
pub fn digest(parts: &[&str]) -> String {
    use sha2::{Digest, Sha256};

    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hex(&hash.finalize()[..16])
}

/// Bytes as lower-case hex digits, two each.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digit = |digit: u8| char::from_digit(u32::from(digit), 16).unwrap_or('0');
    let digits = |byte: &u8| [digit(byte >> 4), digit(byte & 15)];
    bytes.iter().flat_map(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_fixed_and_keeps_its_parts_apart() {
        assert_eq!(digest(&["a", "bc"]), "aa795aa4bbb6117911ef062e271bcb05");
        assert_ne!(digest(&["a", "bc"]), digest(&["ab", "c"]));
    }
}

//! How long a subject may be silent before its position is stale, and before it is forgotten.

use std::time::Duration;

use crate::domain::ids::Kind;
use crate::domain::profile::Profile;
use crate::domain::vocabulary::Vocabulary;

/// Silence of a resource whose class is not listed, nor the default class. The configuration check
/// refuses a default class that is not listed, so this only bounds memory.
const DEFAULT_PATIENCE: Duration = Duration::from_mins(30);

/// How long a subject may be silent. An incident stays where it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Then its position is stale.
    pub(super) stale_after: Duration,
    /// Then it is forgotten.
    pub(super) expire_after: Duration,
}

impl Patience {
    pub(super) fn with(profile: &Profile, vocabulary: &Vocabulary) -> Self {
        match profile.kind {
            Kind::Incident => Self {
                stale_after: vocabulary.incident_expires_after,
                expire_after: vocabulary.incident_expires_after,
            },
            Kind::Resource => {
                let class = vocabulary.classes.get(&profile.class);
                Self {
                    stale_after: class.map_or(DEFAULT_PATIENCE, |class| class.stale_after),
                    expire_after: class.map_or(DEFAULT_PATIENCE, |class| class.expire_after),
                }
            }
        }
    }
}

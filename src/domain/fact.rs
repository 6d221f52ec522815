//! What the picture needs to know of a subject: the only thing that passes from track to picture.

use std::sync::Arc;

use crate::domain::ids::{FenceId, Subject};
use crate::domain::position::Position;
use crate::domain::profile::Profile;
use crate::domain::time::Timestamp;
use crate::domain::transition::Cause;

/// Something that became true of a subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// Event time.
    pub at: Timestamp,
    /// Of whom.
    pub subject: Subject,
    /// What.
    pub change: Change,
}

/// What became true.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// It is in this fence.
    Entered(FenceId, Arc<Profile>),
    /// It is no longer in this fence.
    Left(FenceId),
    /// Its status, class, grade or state is another.
    Became(Arc<Profile>),
    /// It was here at that time: its first position, another cell, or what a late report says.
    At(Position, Arc<Profile>),
    /// It has moved here: told more finely than `At`, for who is near whom, and never late.
    Moved(Position, Arc<Profile>),
    /// It is no more, and why: deleted, or silent for too long.
    Gone(Cause),
}

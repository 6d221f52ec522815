//! What a fence saw of a subject.

use crate::domain::ids::{FenceId, Subject, VisitId};
use crate::domain::position::Position;
use crate::domain::time::Timestamp;

/// One line of `transitions`.
#[derive(Clone, Debug, PartialEq)]
pub struct Transition {
    /// Event time.
    pub at: Timestamp,
    /// Who moved; `None` where it is about the fence.
    pub subject: Option<Subject>,
    /// The fence; `None` between two subjects.
    pub fence: Option<FenceId>,
    /// What happened.
    pub kind: TransitionKind,
    /// Where the subject was.
    pub position: Option<Position>,
    /// What made it happen.
    pub cause: Cause,
    /// Joins an exit to its enter.
    pub visit: Option<VisitId>,
    /// The other subject of a pair.
    pub other: Option<Subject>,
    /// Distance of a pair, metres.
    pub distance_m: Option<f64>,
    /// The edge was nearer than the report's accuracy.
    pub uncertain: bool,
    /// The fence asks for this kind: it is recorded. An enter or exit that is not goes to the picture
    /// alone.
    pub detected: bool,
}

/// The kinds of transition, in the order in which one report's go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TransitionKind {
    /// Both ends of a move outside, the way through it.
    Cross,
    /// Was in, is out.
    Exit,
    /// A fix outside.
    Outside,
    /// Was out, is in.
    Enter,
    /// A fix inside.
    Inside,
    /// Has stayed for the fence's dwell time.
    Dwell,
    /// Above the speed limit for its minimum time.
    Speed,
    /// Nobody of a kind is left in the fence.
    Absent,
    /// Somebody of that kind is back.
    Restored,
    /// Two subjects have come near.
    Approach,
    /// Two subjects have parted.
    Recede,
}

/// Some kinds of transition, in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransitionKinds(u16);

impl TransitionKinds {
    /// Whether `kind` is among them.
    #[must_use]
    pub fn contains(self, kind: TransitionKind) -> bool {
        self.0 & (1 << kind as u16) != 0
    }

    /// Those kinds, in order.
    pub fn iter(self) -> impl Iterator<Item = TransitionKind> {
        let all = TransitionKind::ALL.into_iter();
        all.filter(move |kind| self.contains(*kind))
    }
}

impl FromIterator<TransitionKind> for TransitionKinds {
    fn from_iter<I: IntoIterator<Item = TransitionKind>>(kinds: I) -> Self {
        let bits = kinds.into_iter().map(|kind| 1 << kind as u16);
        Self(bits.fold(0, |all, bit| all | bit))
    }
}

impl<const N: usize> From<[TransitionKind; N]> for TransitionKinds {
    fn from(kinds: [TransitionKind; N]) -> Self {
        kinds.into_iter().collect()
    }
}

impl TransitionKind {
    /// Every kind, in order.
    pub const ALL: [Self; 11] = [
        Self::Cross,
        Self::Exit,
        Self::Outside,
        Self::Enter,
        Self::Inside,
        Self::Dwell,
        Self::Speed,
        Self::Absent,
        Self::Restored,
        Self::Approach,
        Self::Recede,
    ];

    /// The word of the contract.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Cross => "cross",
            Self::Exit => "exit",
            Self::Outside => "outside",
            Self::Enter => "enter",
            Self::Inside => "inside",
            Self::Dwell => "dwell",
            Self::Speed => "speed",
            Self::Absent => "absent",
            Self::Restored => "restored",
            Self::Approach => "approach",
            Self::Recede => "recede",
        }
    }
}

/// What made a transition happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// The subject moved.
    Report,
    /// An attribute changed, so that the fence is, or is no longer, about the subject.
    Condition,
    /// The fence came into force.
    FenceCreated,
    /// The fence was edited.
    FenceChanged,
    /// The fence is no longer in force.
    FenceExpired,
    /// The fence was deleted.
    FenceDeleted,
    /// The incident was closed.
    SubjectClosed,
    /// The subject was deleted.
    SubjectDeleted,
    /// The subject fell silent.
    SubjectExpired,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 9] = [
        Self::Report,
        Self::Condition,
        Self::FenceCreated,
        Self::FenceChanged,
        Self::FenceExpired,
        Self::FenceDeleted,
        Self::SubjectClosed,
        Self::SubjectDeleted,
        Self::SubjectExpired,
    ];

    /// The word of the contract.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Condition => "condition",
            Self::FenceCreated => "fence_created",
            Self::FenceChanged => "fence_changed",
            Self::FenceExpired => "fence_expired",
            Self::FenceDeleted => "fence_deleted",
            Self::SubjectClosed => "subject_closed",
            Self::SubjectDeleted => "subject_deleted",
            Self::SubjectExpired => "subject_expired",
        }
    }
}

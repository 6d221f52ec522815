//! Geofences: which fences hold a position, and what changes when a subject or a fence does.
//!
//! State is membership, a visit for each (fence, subject), never "the previous position": so a fence
//! drawn around a parked car sees it enter, and a fence that is deleted lets everybody out.

pub mod index;
pub mod membership;
pub mod pairs;
pub mod presence;
pub mod shape;
pub mod table;

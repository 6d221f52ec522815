//! Recorded files through the same two stages: as fast as they can be read, with the same answers
//! whatever the number of threads.
//!
//! The heads of the files are merged by event time into batches. Each shard takes the reports of its
//! own subjects and every edit and command; the picture is told what they found at the end of each
//! batch. Batches are cut by number of records, so that the cut is the same for one thread and many.

pub mod input;
pub mod output;
pub mod sorted;

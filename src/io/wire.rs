//! Every byte layout that Cordon answers for, one file each. Nothing else decides one.
//!
//! Everything here maps bytes to and from the words of `domain`; it decides what a record *says*, never
//! what it means.

mod fields;
mod value;

pub mod feed;
pub mod report;
pub mod time;

//! Every byte layout that Cordon answers for, one file each. Nothing else decides one.
//!
//! Everything here maps bytes to and from the words of `domain`; it decides what a record *says*, never
//! what it means.

mod decimal;
mod digits;
mod eights;
mod fields;
mod json;
mod short;
mod text;
mod value;

pub mod alert;
pub mod answer;
pub mod audit;
pub mod cell;
pub mod command;
pub mod fact;
pub mod feed;
pub mod fence;
pub mod live;
pub mod located;
pub mod nearby;
pub mod reject;
pub mod report;
pub mod served;
pub mod time;
pub mod transition;
pub mod truth;

#[cfg(test)]
mod tests;

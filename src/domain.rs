//! The words of the control room as types: who reports, where, when, and what became of it.
//!
//! Pure: no clock, no I/O, no serialisation. Every value that can be invalid is checked once, where it
//! is made.

pub mod alert;
pub mod by_subject;
pub mod cell;
pub mod command;
pub mod fact;
pub mod feature;
pub mod fence;
pub mod ids;
pub mod located;
pub mod nearby;
pub mod position;
pub mod profile;
pub mod reject;
pub mod report;
pub mod served;
pub mod time;
pub mod transition;
pub mod vocabulary;
pub mod window;

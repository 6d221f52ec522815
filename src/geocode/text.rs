//! The understanding of text, before any gazetteer is asked: words, abbreviations, and what each word
//! may be.

pub(super) mod abbreviations;
pub(super) mod reading;
pub(super) mod words;

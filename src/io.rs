//! The edges: where bytes come in and go out.

pub mod web;
pub mod wire;

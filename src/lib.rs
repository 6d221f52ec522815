//! Cordon: live location intelligence for police control rooms.
//!
//! Read `track` first: the path of one report; then `picture`: the path of one fact. ARCHITECTURE.md
//! names the rooms.

pub mod alert;
pub mod config;
pub mod domain;
pub mod io;
pub mod window;

//! Cordon: live location intelligence for police control rooms.
//!
//! Read `track` first: the path of one report; then `picture`: the path of one fact. ARCHITECTURE.md
//! names the rooms.

pub mod alert;
pub mod cli;
pub mod config;
pub mod cpu;
pub mod domain;
pub mod gazetteer;
pub mod geocode;
pub mod geofence;
pub mod io;
pub mod picture;
pub mod prefetch;
pub mod query;
pub mod replay;
pub mod runtime;
pub mod serve;
pub mod simulate;
pub mod telemetry;
pub mod track;
pub mod window;

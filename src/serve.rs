//! The read model behind socket and REST: rebuilt from topics at any time, holds no truth.

pub mod update;

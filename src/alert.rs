//! Rules over what happens and what holds, and the life of the alerts that they raise.
//!
//! One alert a condition: a condition that holds on is one alert that is updated, never a second one.

pub mod judge;
pub mod life;
pub mod occupancy;
pub mod rule;
pub mod scene;

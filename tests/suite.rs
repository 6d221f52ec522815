//! The one integration binary: linking is paid once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test stops at the first thing that is not as it must be, and says what it saw"
)]

mod architecture;
mod conformance;
mod gazetteer;
mod live;
mod live_socket;
mod pbf;
mod scenarios;
mod schema;
mod secure;
mod truth;

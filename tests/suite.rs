//! The one integration binary: linking is paid once.

mod architecture;
mod scenarios;
mod schema;

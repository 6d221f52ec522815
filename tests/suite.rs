//! The one integration binary: linking is paid once.

//! The command line of Cordon; nothing else.

fn main() {}

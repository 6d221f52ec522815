//! Load generator and socket swarm for Cordon.

fn main() {}

//! Load on Cordon: positions at a steady rate, a swarm of clients on the live socket, and replays as fast as they go.

mod clock;
mod generator;
mod random;
mod replay;
mod seen;
mod swarm;

use clap::{Parser, Subcommand};

/// Load on Cordon
///
///   load-tests generator --rate 1000 --brokers 127.0.0.1:9092      # and beside it
///   load-tests swarm --clients 1000
///   load-tests replay --binary target/release/cordon
#[derive(Parser)]
#[command(version, verbatim_doc_comment)]
struct Arguments {
    #[command(subcommand)]
    load: Load,
}

#[derive(Subcommand)]
enum Load {
    /// Positions at a steady rate, to Kafka or as lines of key, tab and record on standard output
    Generator(generator::Arguments),
    /// Replays of positions among fences on one thread: how many a second
    Replay(replay::Arguments),
    /// Many clients on the live socket: what reached them a second, and how late
    Swarm(swarm::Arguments),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().load {
        Load::Generator(asked) => generator::run(&asked),
        Load::Replay(asked) => replay::run(&asked),
        Load::Swarm(asked) => swarm::run(&asked),
    }
}

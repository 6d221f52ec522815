//! Load on Cordon: positions at a steady rate, and a swarm of clients on the live socket.

mod clock;
mod generator;
mod seen;
mod swarm;

use clap::{Parser, Subcommand};

/// Load on Cordon
///
///   load-tests generator --rate 1000 --brokers 127.0.0.1:9092      # and beside it
///   load-tests swarm --clients 1000
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
    /// Many clients on the live socket: what reached them a second, and how late
    Swarm(swarm::Arguments),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().load {
        Load::Generator(asked) => generator::run(&asked),
        Load::Swarm(asked) => swarm::run(&asked),
    }
}

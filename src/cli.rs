//! What can be typed: the commands of the contract, their options, their exit codes.

mod check;
mod demo;
mod exit;
mod feed;
mod gazetteer;
mod geocode;
mod progress;
mod replay;
mod run;
mod simulate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Live location intelligence for police control rooms.
///
/// Cordon places incidents and resources on the map, checks them against every geofence, counts them by
/// H3 cell and hour, and raises one alert a condition.
///
/// See it move:
///   cordon demo
///
/// Or start with recorded data:
///   cordon simulate --scenario routine --out day
///   cordon replay --positions day/positions.ndjson --incidents day/incidents.ndjson \
///                 --fences day/fences.geojson --out answers
#[derive(Debug, Parser)]
#[command(
    name = "cordon",
    version,
    verbatim_doc_comment,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Args),
    Run(run::Args),
    Replay(replay::Args),
    Check(check::Args),
    Simulate(simulate::Args),
    Geocode(geocode::Args),
    Gazetteer(gazetteer::Args),
    Feed(feed::Args),
}

/// Reads the command line and does what it says.
#[must_use]
pub fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Demo(args) => demo::run(&args),
        Command::Run(args) => run::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Geocode(args) => geocode::run(&args),
        Command::Gazetteer(args) => gazetteer::run(&args),
        Command::Feed(args) => feed::run(&args),
    };
    exit::code(done)
}

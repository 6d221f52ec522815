//! `cordon run`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;

use super::exit::Stopped;
use super::gazetteer;
use crate::config::{self, Config};
use crate::runtime::live::{Live, Role};

/// Follows live records from Kafka and raises alerts, until it is stopped.
///
/// Without `[kafka] brokers` it starts a broker of its own on this machine, whose address is printed, so
/// that any Kafka program can write to it. Standard output has `kafka HOST:PORT` and `listening
/// http://ADDR`, one a line, when ready; everything else goes to standard error. It uses every core,
/// unless `[track] threads` says less.
///
///   cordon run --config force.toml
///   cordon run --config force.toml --role track,picture     # and `--role serve` elsewhere
#[derive(Debug, Parser)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Settings; what it leaves out is as in the packaged config/cordon.toml
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the map is, instead of `listen` of the config; port 0 is a free one
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Which of the stages this process runs
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Role::Track, Role::Picture, Role::Serve])]
    role: Vec<Role>,
}

pub(super) fn run(args: &Args) -> Result<(), Stopped> {
    let mut config = Config::load(args.config.as_deref(), config::environment())
        .map_err(|found| Stopped::Input(found.0.iter().map(ToString::to_string).collect()))?;
    if let Some(listen) = args.listen {
        config.web.listen = listen;
    }
    let geocoder = gazetteer::geocoder(&config.gazetteers).map_err(Stopped::Input)?;
    let live = Live {
        config,
        geocoder,
        roles: args.role.clone(),
        story: None,
    };
    match live.run()? {
        Some(signal) => Err(Stopped::Signal(signal)),
        None => Ok(()),
    }
}

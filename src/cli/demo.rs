//! `cordon demo`.

use std::net::SocketAddr;

use anyhow::Context;
use clap::Parser;

use std::sync::Arc;

use super::exit::Stopped;
use crate::config::{self, Config};
use crate::geocode::Geocoder;
use crate::geocode::gazetteer::{Gazetteer, build};
use crate::runtime::live::{Live, Role, StoryPlan};
use crate::simulate::known;
use crate::simulate::story::DEFAULT_RESOURCES;

/// Shows London moving: a ten-minute story in a loop, with nothing to install.
///
/// A broker and a map of its own start on this machine; the page names the chapter: a march, a sterile
/// zone breached, an officer who needs help, a sector left empty, disorder, a feed that freezes.
///
///   cordon demo
///   cordon demo --listen 127.0.0.1:9000 --resources 500
#[derive(Debug, Parser)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Another number tells the same story of other units
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Units that move
    #[arg(long, value_name = "N", default_value_t = DEFAULT_RESOURCES)]
    resources: usize,
    /// Where the map is; port 0 is a free one
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

pub(super) fn run(args: &Args) -> Result<(), Stopped> {
    let mut config = Config::load(None, config::environment())
        .map_err(|found| Stopped::Input(found.0.iter().map(ToString::to_string).collect()))?;
    config.kafka.brokers = None;
    // Enough for two workers; the broker inside looks through every batch of a partition, and fewer hold more.
    config.kafka.partitions = 2;
    "Op TRELLIS (demo)".clone_into(&mut config.web.operation);
    // Where the story happens.
    (config.web.centre, config.web.zoom) = ((51.5085, -0.1215), 13.0);
    if let Some(listen) = args.listen {
        config.web.listen = listen;
    }
    let live = Live {
        config,
        geocoder: geocoder()?,
        roles: vec![Role::Track, Role::Picture, Role::Serve],
        story: Some(StoryPlan {
            seed: args.seed,
            resources: args.resources,
        }),
    };
    match live.run()? {
        Some(signal) => Err(Stopped::Signal(signal)),
        None => Ok(()),
    }
}

/// Of what the simulator knows of London.
fn geocoder() -> Result<Geocoder, Stopped> {
    let bytes = build(known::features().into_iter());
    let gazetteer = Gazetteer::open(Arc::new(bytes)).context("building the demo's gazetteer")?;
    Ok(Geocoder::with(vec![gazetteer]))
}

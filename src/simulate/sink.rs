//! Where a simulated world is told: files of a replay, or topics.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::domain::fence::FenceEdit;
use crate::domain::time::Timestamp;
use crate::io::kafka::outbox::Outbox;
use crate::io::kafka::topics;
use crate::io::wire;
use crate::simulate::FenceFeature;

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// A resource report.
    Positions,
    /// An incident report.
    Incidents,
    /// What is true of the others.
    Truth,
}

/// Takes records as the world tells them.
pub trait Sink {
    /// The fences of the world, before everything else.
    ///
    /// # Errors
    /// When they cannot be written.
    fn fences(&mut self, fences: &[FenceFeature]) -> anyhow::Result<()>;

    /// One record about `subject`, without an end of line.
    ///
    /// # Errors
    /// When it cannot be written.
    fn record(&mut self, stream: Stream, subject: &str, record: &[u8]) -> anyhow::Result<()>;
}

/// `positions.ndjson`, `incidents.ndjson`, `fences.geojson` and `truth.ndjson` of one folder.
pub struct Files {
    folder: PathBuf,
    positions: BufWriter<File>,
    incidents: BufWriter<File>,
    truth: BufWriter<File>,
}

impl Files {
    /// Begins the files of `folder`, which is made where it is missing.
    ///
    /// # Errors
    /// When a file cannot be made.
    pub fn create(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        let lines = |name: &str| {
            let path = folder.join(format!("{name}.ndjson"));
            let file = File::create(&path).with_context(|| path.display().to_string())?;
            anyhow::Ok(BufWriter::new(file))
        };
        Ok(Self {
            positions: lines("positions")?,
            incidents: lines("incidents")?,
            truth: lines("truth")?,
            folder: folder.to_owned(),
        })
    }

    /// Writes what is still held back.
    ///
    /// # Errors
    /// When that fails.
    pub fn finish(mut self) -> anyhow::Result<()> {
        for file in [&mut self.positions, &mut self.incidents, &mut self.truth] {
            file.flush().context("writing the world")?;
        }
        Ok(())
    }
}

impl Sink for Files {
    fn fences(&mut self, fences: &[FenceFeature]) -> anyhow::Result<()> {
        let features: Vec<_> = fences.iter().map(|fence| fence.json.clone()).collect();
        let path = self.folder.join("fences.geojson");
        std::fs::write(&path, collection(&features)).with_context(|| path.display().to_string())
    }

    fn record(&mut self, stream: Stream, _: &str, record: &[u8]) -> anyhow::Result<()> {
        let file = match stream {
            Stream::Positions => &mut self.positions,
            Stream::Incidents => &mut self.incidents,
            Stream::Truth => &mut self.truth,
        };
        let written = file.write_all(record).and_then(|()| file.write_all(b"\n"));
        written.context("writing the world")
    }
}

/// Features as the one file that holds them.
pub(super) fn collection(features: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"{\"type\":\"FeatureCollection\",\"features\":[\n".to_vec();
    file.extend(features.join(&b",\n"[..]));
    file.extend_from_slice(b"\n]}\n");
    file
}

/// The topics that Cordon reads. The truth goes to none.
pub struct Topics {
    /// The way there.
    pub outbox: Outbox,
    /// When the world begins: its fences hold from then on.
    pub start: Timestamp,
}

impl Sink for Topics {
    fn fences(&mut self, fences: &[FenceFeature]) -> anyhow::Result<()> {
        for fence in fences {
            let edit = wire::fence::decode(&fence.json).map_err(anyhow::Error::msg)?;
            let dated = FenceEdit {
                at: Some(self.start),
                ..edit
            };
            let mut line = Vec::new();
            wire::fence::encode(&dated, &mut line);
            self.outbox
                .send(topics::FENCES, fence.id, Some(line.trim_ascii_end()))?;
        }
        Ok(())
    }

    fn record(&mut self, stream: Stream, subject: &str, record: &[u8]) -> anyhow::Result<()> {
        let topic = match stream {
            Stream::Positions => topics::POSITIONS,
            Stream::Incidents => topics::INCIDENTS,
            Stream::Truth => return Ok(()),
        };
        self.outbox.send(topic, subject, Some(record))?;
        self.outbox.poll();
        Ok(())
    }
}

/// The one and the other.
pub struct Both<'s>(pub &'s mut dyn Sink, pub &'s mut dyn Sink);

impl Sink for Both<'_> {
    fn fences(&mut self, fences: &[FenceFeature]) -> anyhow::Result<()> {
        self.0.fences(fences)?;
        self.1.fences(fences)
    }

    fn record(&mut self, stream: Stream, subject: &str, record: &[u8]) -> anyhow::Result<()> {
        self.0.record(stream, subject, record)?;
        self.1.record(stream, subject, record)
    }
}

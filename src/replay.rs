//! Recorded files or topics through the same two stages: as fast as they can be read, with the same answers
//! whatever the number of threads.
//!
//! The heads of the files are merged by event time into batches. Each shard takes the reports of its
//! own subjects and every edit and command; the picture is told what they found at the end of each
//! batch. Batches are cut by number of records, so that the cut is the same for one thread and many.

pub mod input;
pub mod output;
pub mod shard;
pub mod sorted;
pub mod summary;
pub mod topics;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::alert::rule::{RuleEdit, RuleSet};
use crate::domain::by_subject;
use crate::domain::fence::FenceEdit;
use crate::domain::ids::Subject;
use crate::domain::nearby::PlaceNames;
use crate::domain::reject::Reject;
use crate::domain::time::Timestamp;
use crate::geocode::Geocoder;
use crate::picture::{self, Picture};
use crate::replay::input::{Entry, Line, Merge, Source};
use crate::replay::output::{Origin, Output, Tally};
use crate::replay::shard::{Event, Shard, Stamped};
use crate::track::{self, Track};
use crate::window::in_order::InOrder;

/// Records between two looks of the picture. Large enough that threads have work, small enough that a
/// batch stays in the nearer cache between reading and writing it (512 was a twentieth slower, 4,096 a fifth).
const BATCH: usize = 128;

/// What is to be replayed, and how.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The files, or partitions of topics.
    pub sources: Vec<Source>,
    /// Edits of fences; those without a time hold before all data.
    pub fences: Vec<FenceEdit>,
    /// The rules to begin with.
    pub rules: RuleSet,
    /// Edits of rules, each with the moment from which on it holds.
    pub rule_edits: Vec<(Timestamp, RuleEdit)>,
    /// How the track reads reports.
    pub track: track::Config,
    /// What places reports.
    pub geocoder: Geocoder,
    /// What the picture keeps.
    pub picture: picture::Config,
    /// Sort each file by (time, line) first.
    pub sort: bool,
    /// How long reports are held to put them in order; zero: not at all.
    pub reorder: Duration,
    /// Stands for the arrival of every record that has none of its own, and bounds the future.
    pub now: Timestamp,
    /// Whether it stands also for the arrival of records of topics, which have one of their own.
    pub is_now: bool,
    /// Shards, each on a thread of its own.
    pub threads: usize,
    /// Event time a second of real time; `None`: as fast as possible.
    pub speed: Option<f64>,
}

/// What a replay came to.
#[derive(Clone, Debug)]
pub struct Report {
    /// Lines read.
    pub records: u64,
    /// What was written.
    pub tally: Tally,
    /// Earliest and newest event time.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Facts that came too late for the windows.
    pub late_for_windows: u64,
}

/// Why a replay could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// Files that cannot be read or used, each in one line.
    #[error("{}", .0.join("\n"))]
    Input(Vec<String>),
    /// While running.
    #[error("while replaying: {0}")]
    Io(#[from] io::Error),
}

/// Replays `plan` into `folder`, telling `progress` what was read so far.
///
/// # Errors
/// When an input cannot be opened, or reading or writing fails.
pub fn run(
    mut plan: Plan,
    folder: &Path,
    mut progress: impl FnMut(input::HowMuch),
) -> Result<Report, Failed> {
    let sources = std::mem::take(&mut plan.sources);
    let merge = Merge::open(
        &sources,
        plan.now,
        plan.is_now,
        plan.track.future_skew,
        plan.sort,
    )
    .map_err(Failed::Input)?;
    let names = sources.iter().map(|source| source.place.name()).collect();
    let mut replay = Replay::new(plan, names, merge, folder);
    while replay.fill_batch()? {
        replay.run_batch()?;
        progress(replay.merge.read_so_far());
    }
    let report = replay.finish(folder)?;
    Ok(report)
}

struct Replay<'s> {
    merge: Merge<'s>,
    names: Arc<[String]>,
    /// Edits still to come, the latest first.
    edits: Vec<(Timestamp, Edit)>,
    held: InOrder<Subject, Stamped>,
    reorder: Duration,
    pace: Option<Pace>,
    /// The batch by shard.
    parts: Vec<Vec<Stamped>>,
    /// Events in the batch; those that every shard hears count once.
    batched: usize,
    shards: Vec<Shard>,
    picture: Picture,
    /// What the reader and the picture write.
    output: Output,
    clock: Timestamp,
    first: Option<Timestamp>,
    now: Timestamp,
    records: u64,
}

impl<'s> Replay<'s> {
    fn new(plan: Plan, names: Vec<String>, merge: Merge<'s>, folder: &Path) -> Self {
        let names: Arc<[String]> = names.into();
        let shard = |_| {
            let track = Track::new(
                plan.track.clone(),
                plan.geocoder.clone(),
                plan.rules.clone(),
            );
            Shard::new(track, Arc::clone(&names), folder)
        };
        let fences = plan.fences.into_iter().map(|edit| {
            let at = edit.at.unwrap_or(Timestamp::MIN);
            (at, Edit::Fence(Arc::new(edit)))
        });
        let rules = plan.rule_edits.into_iter();
        let rules = rules.map(|(at, edit)| (at, Edit::Rule(Arc::new(edit))));
        // Popped from the end: of several at one time the first of them has to be the last here.
        let mut edits: Vec<_> = rules.chain(fences).collect();
        edits.reverse();
        edits.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        let places: Arc<dyn PlaceNames> = Arc::new(plan.geocoder.clone());
        Self {
            shards: (0..plan.threads.max(1)).map(shard).collect(),
            picture: Picture::new(&plan.picture, plan.rules.clone(), &places),
            pace: plan.speed.map(Pace::new),
            merge,
            names: Arc::clone(&names),
            edits,
            held: InOrder::default(),
            reorder: plan.reorder,
            parts: (0..plan.threads.max(1)).map(|_| Vec::new()).collect(),
            batched: 0,
            output: Output::new(folder),
            clock: Timestamp::MIN,
            first: None,
            now: plan.now,
            records: 0,
        }
    }

    /// Reads until the batch is full; false when the input has ended and nothing is left.
    fn fill_batch(&mut self) -> io::Result<bool> {
        while self.batched < BATCH {
            let Some(line) = self.merge.next_line()? else {
                self.release(Timestamp::MAX);
                self.edit(self.clock);
                break;
            };
            self.records += 1;
            self.take(line)?;
        }
        Ok(self.batched > 0)
    }

    #[inline(always)]
    fn take(&mut self, line: Line) -> io::Result<()> {
        if let Some(at) = line.at {
            self.clock = self.clock.max(at);
            self.first.get_or_insert(at);
            if let Some(pace) = &mut self.pace {
                pace.wait_for(self.clock);
            }
        }
        let event = match line.entry {
            Err(reject) => return self.reject(&reject, line.origin, &line.raw),
            Ok(Entry::Command(command)) => {
                self.picture.command((*command).clone());
                Event::Command(Arc::new(*command))
            }
            Ok(Entry::Report(mut report)) => {
                report.arrival.delay = report.at.map_or(Duration::ZERO, |at| self.clock.since(at));
                Event::Report(report)
            }
            Ok(Entry::Deleted(subject, at)) => Event::Deleted(subject, at.unwrap_or(self.clock)),
        };
        let stamped = Stamped {
            clock: self.clock,
            origin: line.origin,
            raw: line.raw,
            event,
        };
        match (line.at, stamped.event.subject()) {
            (Some(at), Some(subject)) if self.reorder > Duration::ZERO => {
                self.held.push(at, subject.clone(), stamped);
                self.release(self.clock - self.reorder);
            }
            _ => {
                self.edit(stamped.clock);
                self.put(stamped);
            }
        }
        Ok(())
    }

    /// Puts an event into the part of the shard that owns its subject; of everybody's, into all of them.
    #[inline(always)]
    fn put(&mut self, stamped: Stamped) {
        self.batched += 1;
        if let [part] = self.parts.as_mut_slice() {
            part.push(stamped);
        } else if let Some(subject) = stamped.event.subject() {
            let number = shard_of(subject, self.parts.len());
            self.parts[number].push(stamped);
        } else {
            for part in &mut self.parts {
                part.push(stamped.clone());
            }
        }
    }

    /// Lets the reports go that have been held long enough.
    fn release(&mut self, watermark: Timestamp) {
        while let Some((at, stamped)) = self.held.pop(watermark) {
            self.edit(at);
            self.put(stamped);
        }
    }

    /// Puts the edits into the batch that hold by `to`. Those from before all data hold from the first
    /// event time on.
    fn edit(&mut self, to: Timestamp) {
        while let Some((at, edit)) = self.edits.pop_if(|(at, _)| *at <= to) {
            let start = self.first.unwrap_or(self.now);
            let at = if at == Timestamp::MIN { start } else { at };
            let event = match edit {
                Edit::Fence(edit) => {
                    self.picture.edit_fence(at, (*edit).clone());
                    Event::Fence(at, edit)
                }
                Edit::Rule(edit) => {
                    self.picture.edit_rule(at, (*edit).clone());
                    Event::Rule(at, edit)
                }
            };
            self.put(Stamped {
                clock: at,
                origin: Origin::NOWHERE,
                raw: Vec::new(),
                event,
            });
        }
    }

    /// Lets every shard run its part of the batch, and gives the picture what they found.
    fn run_batch(&mut self) -> io::Result<()> {
        self.batched = 0;
        let clock = self.clock;
        let facts = if let [shard] = self.shards.as_mut_slice() {
            shard.run(&mut self.parts[0], clock)?
        } else {
            std::thread::scope(|scope| {
                let threads: Vec<_> = self
                    .shards
                    .iter_mut()
                    .zip(&mut self.parts)
                    .map(|(shard, part)| scope.spawn(move || shard.run(part, clock)))
                    .collect();
                let mut facts = Vec::new();
                for thread in threads {
                    let found = thread
                        .join()
                        .map_err(|_| io::Error::other("a shard panicked"))?;
                    facts.extend(found?);
                }
                Ok::<_, io::Error>(facts)
            })?
        };
        for fact in facts {
            self.picture.process(fact);
        }
        let effects = self.picture.advance(clock);
        self.write(&effects)
    }

    /// The input has ended, and with it time: what is due by now fires, every window is final.
    fn finish(mut self, folder: &Path) -> io::Result<Report> {
        let effects = self.picture.finish(self.clock);
        self.write(&effects)?;
        let late_for_windows = self.picture.late();
        let mut outputs = vec![self.output];
        outputs.extend(self.shards.into_iter().map(Shard::into_output));
        Ok(Report {
            records: self.records,
            tally: output::write(outputs, folder)?,
            span: self.first.map(|first| (first, self.clock)),
            late_for_windows,
        })
    }

    fn write(&mut self, effects: &picture::Effects) -> io::Result<()> {
        self.output
            .happened(&effects.transitions, &effects.alerts)?;
        for cell in &effects.cells {
            self.output.cell(cell)?;
        }
        Ok(())
    }

    fn reject(&mut self, reject: &Reject, origin: Origin, raw: &[u8]) -> io::Result<()> {
        self.output
            .reject(reject, &self.names[origin.source], origin, raw)
    }
}

/// Something that every shard has to hear at its time.
enum Edit {
    Fence(Arc<FenceEdit>),
    Rule(Arc<RuleEdit>),
}

/// The shard that owns `subject`. Its number reaches no output.
fn shard_of(subject: &Subject, shards: usize) -> usize {
    usize::try_from(by_subject::hash(subject) % shards as u64).unwrap_or(0)
}

/// Holds a replay to a multiple of real time.
struct Pace {
    speed: f64,
    start: Option<(Timestamp, std::time::Instant)>,
}

impl Pace {
    fn new(speed: f64) -> Self {
        Self { speed, start: None }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a pace is about real time; it decides no result"
    )]
    fn wait_for(&mut self, at: Timestamp) {
        let (first, began) = *self
            .start
            .get_or_insert_with(|| (at, std::time::Instant::now()));
        let due = at.since(first).div_f64(self.speed.max(f64::MIN_POSITIVE));
        std::thread::sleep(due.saturating_sub(began.elapsed()));
    }
}

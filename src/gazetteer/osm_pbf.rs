//! `OpenStreetMap` extracts: streets with their geometry, numbered roads and their junctions, addresses,
//! venues, stations, places. Boundaries are read from elsewhere.
//!
//! The file is read twice: ways are wanted first, to know whose points to keep, and stand last.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use osmpbf::{BlobDecode, BlobReader, Element};

use crate::domain::feature::{Feature, FeatureKind};
use crate::domain::position::Position;
use crate::gazetteer::Broken;
use crate::gazetteer::intake::{Intake, Skipped};
use crate::gazetteer::osm_streets::{Piece, join};
use crate::gazetteer::osm_tags::{Draft, Tags, is_way, other_names, tag};

/// What a reader has to understand to read a file.
const UNDERSTOOD: [&str; 2] = ["OsmSchema-V0.6", "DenseNodes"];

/// Reads `file` into `intake`.
///
/// # Errors
/// When the file cannot be read to its end, is cut off, or needs what this reader does not understand.
pub fn read(file: &Path, intake: &mut Intake<'_>) -> Result<(), Broken> {
    let mut ways = Ways::default();
    each(file, |element, bytes| {
        // The whole file is read twice.
        intake.at_byte(bytes / 2);
        if let Element::Way(way) = element {
            ways.keep(&way);
        }
    })?;
    ways.points.settle();
    let half = std::fs::metadata(file).map_or(0, |of| of.len()) / 2;
    each(file, |element, bytes| {
        intake.at_byte(half + bytes / 2);
        match element {
            Element::Node(node) => {
                let at = Position::new(node.lat(), node.lon()).ok();
                ways.node(node.id(), at, node.tags(), intake);
            }
            Element::DenseNode(node) => {
                let at = Position::new(node.lat(), node.lon()).ok();
                ways.node(node.id(), at, node.tags(), intake);
            }
            Element::Way(_) | Element::Relation(_) => {}
        }
    })?;
    ways.finish(intake);
    Ok(())
}

/// Gives every element of `file` to `take`, with the bytes that were read so far.
fn each(file: &Path, mut take: impl FnMut(Element<'_>, u64)) -> Result<(), Broken> {
    let broken = |what: &dyn std::fmt::Display| Broken::new(file, what);
    let opened = File::open(file).map_err(|error| broken(&error))?;
    let bytes = Arc::new(AtomicU64::new(0));
    let counting = Counting {
        file: BufReader::with_capacity(1 << 20, opened),
        bytes: Arc::clone(&bytes),
    };
    for blob in BlobReader::new(counting) {
        let blob = blob.map_err(|error| broken(&error))?;
        match blob.decode().map_err(|error| broken(&error))? {
            BlobDecode::OsmHeader(header) => {
                let mut needed = header.required_features().iter();
                if let Some(needed) = needed.find(|need| !UNDERSTOOD.contains(&need.as_str())) {
                    return Err(broken(&format!("needs {needed}, which is not understood")));
                }
            }
            BlobDecode::OsmData(block) => {
                for element in block.elements() {
                    take(element, bytes.load(Ordering::Relaxed));
                }
            }
            BlobDecode::Unknown(_) => {}
        }
    }
    Ok(())
}

/// Counts what is read.
struct Counting<R> {
    file: R,
    bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Ways that are wanted, until their points are known.
#[derive(Default)]
struct Ways {
    roads: Vec<RoadWay>,
    things: Vec<(i64, Draft, Vec<i64>)>,
    points: Points,
    /// Numbered roads by the nodes of their numbered junctions, which are few.
    numbers: BTreeMap<i64, BTreeSet<Box<str>>>,
}

struct RoadWay {
    id: i64,
    name: Option<Box<str>>,
    also: Vec<Box<str>>,
    numbers: Vec<Box<str>>,
    nodes: Vec<i64>,
}

impl Ways {
    fn keep(&mut self, way: &osmpbf::Way<'_>) {
        let tags: Tags<'_> = way.tags().collect();
        let nodes: Vec<i64> = way.refs().collect();
        if tags.get("highway").is_some_and(|highway| is_way(highway)) {
            let numbers = tags.get("ref").into_iter().flat_map(|text| text.split(';'));
            let numbers: Vec<Box<str>> = numbers
                .map(|number| number.replace(' ', ""))
                .filter(|number| is_road_number(number))
                .map(String::into_boxed_str)
                .collect();
            let name = tag(&tags, "name");
            if name.is_none() && numbers.is_empty() {
                return;
            }
            self.points.want(&nodes);
            for node in tags
                .get("highway")
                .filter(|highway| is_fast(highway))
                .map_or(&[][..], |_| &nodes)
            {
                self.numbers
                    .entry(*node)
                    .or_default()
                    .extend(numbers.iter().cloned());
            }
            self.roads.push(RoadWay {
                id: way.id(),
                name,
                also: other_names(&tags),
                numbers,
                nodes,
            });
        } else if let Some(draft) = Draft::of(&tags) {
            self.points.want(&nodes);
            self.things.push((way.id(), draft, nodes));
        }
    }

    fn node<'t>(
        &mut self,
        id: i64,
        at: Option<Position>,
        tags: impl Iterator<Item = (&'t str, &'t str)>,
        intake: &mut Intake<'_>,
    ) {
        if let Some(position) = at {
            self.points.found(id, position);
        }
        let tags: Tags<'_> = tags.collect();
        let whole = format!("node/{id}");
        if let Some(draft) = Draft::of(&tags) {
            intake.row(at.ok_or(Skipped::OutOfRange).map(|at| draft.at(at, &whole)));
        }
        if tags.get("highway") == Some(&"motorway_junction")
            && let (Some(number), Some(at)) = (tag(&tags, "ref"), at)
        {
            for road in self.numbers.get(&id).into_iter().flatten() {
                let name = format!("{road} J{number}");
                let mut marker = Feature::named(FeatureKind::Marker, &name, at);
                marker.also = tag(&tags, "name").into_iter().collect();
                marker.id = Some(whole.as_str().into());
                intake.row(Ok(marker));
            }
        }
    }

    fn finish(self, intake: &mut Intake<'_>) {
        let points = self.points;
        for (id, draft, nodes) in self.things {
            let middle = middle(&points.line(&nodes)).ok_or(Skipped::NoGeometry);
            intake.row(middle.map(|at| draft.at(at, &format!("way/{id}"))));
        }
        let mut named: BTreeMap<(FeatureKind, Box<str>), Vec<Piece>> = BTreeMap::new();
        for road in self.roads {
            intake.rows(1);
            let piece = Piece {
                way: road.id,
                also: road.also,
                line: points.line(&road.nodes),
            };
            if piece.line.is_empty() {
                intake.skip(Skipped::NoGeometry);
                continue;
            }
            for number in road.numbers {
                let numbered = Piece {
                    also: Vec::new(),
                    ..piece.clone()
                };
                let key = (FeatureKind::Road, number);
                named.entry(key).or_default().push(numbered);
            }
            if let Some(name) = road.name {
                named
                    .entry((FeatureKind::Street, name))
                    .or_default()
                    .push(piece);
            }
        }
        for ((kind, name), pieces) in named {
            for street in join(kind, &name, pieces) {
                intake.feature(street);
            }
        }
    }
}

/// `A23`, `M25`, `B2034`, `A1(M)`: not the numbers of paths and slip roads to places.
fn is_road_number(number: &str) -> bool {
    let digits = number.strip_prefix(['A', 'B', 'M']).unwrap_or_default();
    let digits = digits.strip_suffix("(M)").unwrap_or(digits);
    (1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_fast(highway: &str) -> bool {
    matches!(highway, "motorway" | "trunk")
}

/// The middle of the box around a line.
fn middle(line: &[Position]) -> Option<Position> {
    let lats = || line.iter().map(|position| position.lat());
    let lons = || line.iter().map(|position| position.lng());
    let first = line.first()?;
    let between = |values: &mut dyn Iterator<Item = f64>, from: f64| {
        let (low, high) = values.fold((from, from), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        low.midpoint(high)
    };
    let lat = between(&mut lats(), first.lat());
    let lon = between(&mut lons(), first.lng());
    Position::new(lat, lon).ok()
}

/// Positions of the nodes that ways want.
#[derive(Default)]
struct Points {
    /// Sorted once all are wanted.
    wanted: Vec<i64>,
    positions: Vec<Option<Position>>,
}

impl Points {
    fn want(&mut self, nodes: &[i64]) {
        self.wanted.extend_from_slice(nodes);
    }

    fn settle(&mut self) {
        self.wanted.sort_unstable();
        self.wanted.dedup();
        self.positions = vec![None; self.wanted.len()];
    }

    fn found(&mut self, node: i64, position: Position) {
        if let Ok(place) = self.wanted.binary_search(&node)
            && let Some(slot) = self.positions.get_mut(place)
        {
            *slot = Some(position);
        }
    }

    /// Those of `nodes` that are in the file.
    fn line(&self, nodes: &[i64]) -> Vec<Position> {
        let places = nodes
            .iter()
            .filter_map(|node| self.wanted.binary_search(node).ok());
        places
            .filter_map(|place| self.positions.get(place).copied().flatten())
            .collect()
    }
}

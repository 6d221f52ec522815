//! Writes `OpenStreetMap` extracts (PBF), so that tests need no file of anybody.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

type Tags = Vec<(&'static str, &'static str)>;

/// A map to be written.
#[derive(Default)]
pub(crate) struct Map {
    /// Id, latitude and longitude in 1e-7 degree, tags.
    pub nodes: Vec<(i64, i64, i64, Tags)>,
    pub ways: Vec<Way>,
    /// What a reader has to understand beside the usual.
    pub needs: Vec<&'static str>,
}

pub(crate) struct Way {
    pub id: i64,
    pub nodes: Vec<i64>,
    pub tags: Tags,
}

impl Map {
    /// The bytes of a file: a header, a block of dense nodes (compressed) and one of ways (plain).
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut header = Vec::new();
        for feature in ["OsmSchema-V0.6", "DenseNodes"].iter().chain(&self.needs) {
            bytes(&mut header, 4, feature.as_bytes());
        }
        let mut file = Vec::new();
        blob(&mut file, "OSMHeader", &header, false);
        blob(&mut file, "OSMData", &self.node_block(), true);
        blob(&mut file, "OSMData", &self.way_block(), false);
        file
    }

    fn node_block(&self) -> Vec<u8> {
        let mut strings = Strings::default();
        let (mut ids, mut lats, mut lons, mut tags) = (vec![], vec![], vec![], vec![]);
        let mut last = (0, 0, 0);
        for (id, lat, lon, own) in &self.nodes {
            varint(&mut ids, zigzag(id - last.0));
            varint(&mut lats, zigzag(lat - last.1));
            varint(&mut lons, zigzag(lon - last.2));
            last = (*id, *lat, *lon);
            for (key, value) in own {
                varint(&mut tags, strings.of(key));
                varint(&mut tags, strings.of(value));
            }
            varint(&mut tags, 0);
        }
        let mut dense = Vec::new();
        for (field, packed) in [(1, ids), (8, lats), (9, lons), (10, tags)] {
            bytes(&mut dense, field, &packed);
        }
        let mut group = Vec::new();
        bytes(&mut group, 2, &dense);
        block(&strings, &group)
    }

    fn way_block(&self) -> Vec<u8> {
        let mut strings = Strings::default();
        let mut group = Vec::new();
        for way in &self.ways {
            let (mut keys, mut values, mut refs, mut last) = (vec![], vec![], vec![], 0);
            for (key, value) in &way.tags {
                varint(&mut keys, strings.of(key));
                varint(&mut values, strings.of(value));
            }
            for node in &way.nodes {
                varint(&mut refs, zigzag(node - last));
                last = *node;
            }
            let mut written = Vec::new();
            varint(&mut written, 1 << 3);
            varint(&mut written, u64::try_from(way.id).unwrap());
            for (field, packed) in [(2, keys), (3, values), (8, refs)] {
                bytes(&mut written, field, &packed);
            }
            bytes(&mut group, 3, &written);
        }
        block(&strings, &group)
    }
}

/// Texts of a block; the first one is empty, as the format wants.
#[derive(Default)]
struct Strings(Vec<String>);

impl Strings {
    fn of(&mut self, text: &str) -> u64 {
        let known = self.0.iter().position(|known| known == text);
        let at = known.unwrap_or_else(|| {
            self.0.push(text.to_owned());
            self.0.len() - 1
        });
        at as u64 + 1
    }
}

fn block(strings: &Strings, group: &[u8]) -> Vec<u8> {
    let mut table = Vec::new();
    bytes(&mut table, 1, b"");
    for text in &strings.0 {
        bytes(&mut table, 1, text.as_bytes());
    }
    let mut block = Vec::new();
    bytes(&mut block, 1, &table);
    bytes(&mut block, 2, group);
    block
}

fn blob(file: &mut Vec<u8>, of: &str, content: &[u8], compressed: bool) {
    let mut blob = Vec::new();
    if compressed {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).unwrap();
        varint(&mut blob, 2 << 3);
        varint(&mut blob, content.len() as u64);
        bytes(&mut blob, 3, &encoder.finish().unwrap());
    } else {
        bytes(&mut blob, 1, content);
    }
    let mut header = Vec::new();
    bytes(&mut header, 1, of.as_bytes());
    varint(&mut header, 3 << 3);
    varint(&mut header, blob.len() as u64);
    file.extend(u32::try_from(header.len()).unwrap().to_be_bytes());
    file.extend(header);
    file.extend(blob);
}

/// Field `number` with bytes in it.
fn bytes(to: &mut Vec<u8>, number: u64, content: &[u8]) {
    varint(to, number << 3 | 2);
    varint(to, content.len() as u64);
    to.extend(content);
}

fn varint(to: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        to.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    to.push((value & 0x7f) as u8);
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

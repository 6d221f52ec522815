//! The bytes of a gazetteer: a header, then tables of rows of one width, used where they lie.
//!
//! All numbers are little-endian. The header is 8 bytes of magic, the version, the number of tables,
//! the SHA-256 of all that follows, and for each table its start and its length.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use sha2::{Digest, Sha256};

/// Version of the layout; also to be raised when names are made into keys in another way.
pub const VERSION: u32 = 3;

const MAGIC: [u8; 8] = *b"CORDONGZ";
const HEADER: usize = 8 + 4 + 4 + 32;

/// No row.
pub(super) const NONE: u32 = u32::MAX;

/// The tables, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    /// Texts: two bytes of length and the bytes, each.
    Texts,
    /// Names in the order of their keys: key, spaced, first posting, postings.
    Names,
    /// A hash table of names.
    NameSlots,
    /// Hashes of keys with one sign less, sorted: hash, name.
    Deletes,
    /// Where each beginning of a hash starts in `Deletes`.
    DeleteStarts,
    /// The keys as an fst.
    Keys,
    /// Hashes of the initials of names, sorted: hash, name.
    Initials,
    /// What bears a name.
    Postings,
    /// Streets.
    Streets,
    /// Points of streets.
    Points,
    /// Pieces of the lines of streets: first point, points.
    Pieces,
    /// House numbers.
    Numbers,
    /// Whatever is no street and no postcode.
    Things,
    /// Names of areas, by their name.
    Areas,
    /// Postcodes.
    Postcodes,
    /// Outcodes and sectors.
    Sectors,
    /// UPRNs.
    Uprns,
    /// USRNs: number, street.
    Usrns,
    /// What lies in each cell, sorted: cell, what, point of a street.
    Cells,
    /// Where the lines of streets meet, sorted: position, street; one row for each street.
    Meetings,
    /// Boundaries of areas: thing, first piece, pieces, and the box around them.
    Outlines,
}

pub(super) const TABLES: usize = Table::Outlines as usize + 1;

/// Why bytes are no gazetteer that this version can use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidGazetteer {
    /// Something else altogether.
    #[error(
        "this is no gazetteer: it does not begin with CORDONGZ; build one with cordon gazetteer build"
    )]
    Foreign,
    /// Built by another version.
    #[error(
        "the gazetteer has layout {found} and this version reads {VERSION}: build it again with cordon gazetteer build"
    )]
    OtherVersion {
        /// The layout found.
        found: u32,
    },
    /// Not all of it is there, or something was changed.
    #[error(
        "the gazetteer is cut short or damaged ({what}): build it again with cordon gazetteer build"
    )]
    Damaged {
        /// What does not fit.
        what: &'static str,
    },
}

/// Bytes held by somebody: a vector, or a file mapped into memory.
pub type Bytes = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// The tables of a gazetteer whose header has been checked.
#[derive(Clone)]
pub(super) struct Tables {
    bytes: Bytes,
    places: [Range<usize>; TABLES],
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tables")
            .field("places", &self.places)
            .finish_non_exhaustive()
    }
}

impl Tables {
    pub(super) fn open(bytes: Bytes) -> Result<Self, InvalidGazetteer> {
        let damaged = |what| InvalidGazetteer::Damaged { what };
        let all: &[u8] = (*bytes).as_ref();
        if !all.starts_with(&MAGIC) {
            return Err(InvalidGazetteer::Foreign);
        }
        let header = Row(all);
        let found = header.u32(8);
        if all.len() >= 12 && found != VERSION {
            return Err(InvalidGazetteer::OtherVersion { found });
        }
        let body = all.get(HEADER..).ok_or(damaged("header"))?;
        if header.u32(12) as usize != TABLES {
            return Err(damaged("number of tables"));
        }
        let sum = all.get(16..HEADER).ok_or(damaged("header"))?;
        if Sha256::digest(body).as_slice() != sum {
            return Err(damaged("checksum"));
        }
        let mut places = [const { 0..0 }; TABLES];
        for (at, place) in places.iter_mut().enumerate() {
            let row = Row(all.get(HEADER + at * 16..).unwrap_or_default());
            let bounds = || {
                let start = usize::try_from(row.u64(0)).ok()?;
                let end = start.checked_add(usize::try_from(row.u64(8)).ok()?)?;
                (end <= all.len()).then_some(start..end)
            };
            *place = bounds().ok_or(damaged("table"))?;
        }
        Ok(Self { bytes, places })
    }

    pub(super) fn table(&self, table: Table) -> &[u8] {
        let all: &[u8] = (*self.bytes).as_ref();
        let place = self.places.get(table as usize).cloned().unwrap_or_default();
        all.get(place).unwrap_or_default()
    }

    /// Row `at` of rows that are `width` bytes wide; one of zeros beyond the last.
    pub(super) fn row(&self, table: Table, width: usize, at: u32) -> Row<'_> {
        let start = at as usize * width;
        Row(self
            .table(table)
            .get(start..start + width)
            .unwrap_or_default())
    }

    /// How many rows that are `width` bytes wide.
    pub(super) fn rows(&self, table: Table, width: usize) -> u32 {
        u32::try_from(self.table(table).len() / width).unwrap_or(u32::MAX)
    }

    /// The text at `at`.
    pub(super) fn text(&self, at: u32) -> &str {
        str::from_utf8(self.letters(at)).unwrap_or_default()
    }

    /// The bytes of the text at `at`: enough to compare it.
    pub(super) fn letters(&self, at: u32) -> &[u8] {
        let texts = self.table(Table::Texts);
        let read = || {
            let at = at as usize;
            let len = usize::from(u16::from_le_bytes(texts.get(at..at + 2)?.try_into().ok()?));
            texts.get(at + 2..at + 2 + len)
        };
        read().unwrap_or_default()
    }

    /// First row from `0..rows` whose `u64` at its start is not below `key`.
    pub(super) fn first_from(&self, table: Table, width: usize, key: u64) -> u32 {
        let (mut low, mut high) = (0, self.rows(table, width));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.row(table, width, middle).u64(0) < key {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// A row: numbers at places in bytes. What lies beyond the end is zero.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a>(pub(super) &'a [u8]);

impl Row<'_> {
    pub(super) fn u32(self, at: usize) -> u32 {
        let bytes = self
            .0
            .get(at..at + 4)
            .and_then(|bytes| bytes.try_into().ok());
        u32::from_le_bytes(bytes.unwrap_or_default())
    }

    pub(super) fn i32(self, at: usize) -> i32 {
        self.u32(at).cast_signed()
    }

    pub(super) fn u64(self, at: usize) -> u64 {
        let bytes = self
            .0
            .get(at..at + 8)
            .and_then(|bytes| bytes.try_into().ok());
        u64::from_le_bytes(bytes.unwrap_or_default())
    }
}

/// Writes the header and the tables one after the other.
pub(super) fn assemble(tables: &[Vec<u8>; TABLES]) -> Vec<u8> {
    let mut body = Vec::new();
    let mut start = HEADER + TABLES * 16;
    for table in tables {
        body.extend_from_slice(&(start as u64).to_le_bytes());
        body.extend_from_slice(&(table.len() as u64).to_le_bytes());
        start += table.len();
    }
    for table in tables {
        body.extend_from_slice(table);
    }
    let mut all = Vec::with_capacity(HEADER + body.len());
    all.extend_from_slice(&MAGIC);
    all.extend_from_slice(&VERSION.to_le_bytes());
    all.extend_from_slice(&count(TABLES).to_le_bytes());
    all.extend_from_slice(Sha256::digest(&body).as_slice());
    all.extend_from_slice(&body);
    all
}

/// A length as rows hold it; what is longer than 4 billion has no gazetteer.
pub(super) fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// FNV-1a, 64 bits: the same on every machine and in every version, and it goes on from a hash of the
/// beginning.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hash(u64);

impl Default for Hash {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hash {
    pub(super) fn and(self, bytes: &[u8]) -> Self {
        Self(bytes.iter().fold(self.0, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        }))
    }

    pub(super) fn of(bytes: &[u8]) -> Self {
        Self::default().and(bytes)
    }

    /// The hash with its bits mixed, so that any of them may be taken.
    pub(super) fn value(self) -> u64 {
        let mixed = (self.0 ^ (self.0 >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ (mixed >> 29)
    }
}

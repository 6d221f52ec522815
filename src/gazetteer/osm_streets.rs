//! Streets out of the ways of a map: pieces of one name that hang together are one street, so that two
//! streets cross where they share a point.

use std::collections::BTreeMap;

use crate::domain::feature::{Feature, FeatureKind};
use crate::domain::position::Position;

/// Pieces nearer than about this, in units of 1e-7 degree (110 m north, 70 m east in London), are of one
/// street: the two sides of a dual carriageway, the ends at a roundabout. Beyond it a second High Street
/// begins.
const REACH: i32 = 10_000;

/// One way, as a piece of something with a name.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) way: i64,
    pub(super) also: Vec<Box<str>>,
    pub(super) line: Vec<Position>,
}

/// The streets that `pieces` of one `name` make, each with all of its pieces.
pub(super) fn join(kind: FeatureKind, name: &str, mut pieces: Vec<Piece>) -> Vec<Feature> {
    pieces.retain(|piece| !piece.line.is_empty());
    pieces.sort_by_key(|piece| piece.way);
    let groups = groups(&pieces);
    let mut streets: BTreeMap<usize, Vec<Piece>> = BTreeMap::new();
    for (piece, group) in pieces.into_iter().zip(groups) {
        streets.entry(group).or_default().push(piece);
    }
    let streets = streets.into_values();
    streets
        .filter_map(|pieces| street(kind, name, pieces))
        .collect()
}

fn street(kind: FeatureKind, name: &str, pieces: Vec<Piece>) -> Option<Feature> {
    let longest = pieces.iter().max_by_key(|piece| piece.line.len())?;
    let position = longest.line.get(longest.line.len() / 2)?;
    let mut feature = Feature::named(kind, name, *position);
    feature.id = pieces
        .first()
        .map(|piece| format!("way/{}", piece.way).into());
    for piece in pieces {
        for other in piece.also {
            if !feature.also.contains(&other) {
                feature.also.push(other);
            }
        }
        feature.line.push(piece.line);
    }
    Some(feature)
}

/// The number of the first piece of each piece's group.
fn groups(pieces: &[Piece]) -> Vec<usize> {
    let mut group: Vec<usize> = (0..pieces.len()).collect();
    let mut squares: BTreeMap<(i32, i32), usize> = BTreeMap::new();
    for (number, piece) in pieces.iter().enumerate() {
        for square in piece.line.iter().map(|position| square(*position)) {
            squares.entry(square).or_insert(number);
        }
    }
    for (number, piece) in pieces.iter().enumerate() {
        for (north, east) in piece.line.iter().map(|position| square(*position)) {
            let around = (-1..=1).flat_map(|dn| (-1..=1).map(move |de| (north + dn, east + de)));
            for other in around.filter_map(|square| squares.get(&square)) {
                unite(&mut group, number, *other);
            }
        }
    }
    (0..pieces.len()).map(|piece| root(&group, piece)).collect()
}

fn square(position: Position) -> (i32, i32) {
    (
        position.lat_e7().div_euclid(REACH),
        position.lng_e7().div_euclid(REACH),
    )
}

fn unite(group: &mut [usize], one: usize, other: usize) {
    let (one, other) = (root(group, one), root(group, other));
    if let Some(parent) = group.get_mut(one.max(other)) {
        *parent = one.min(other);
    }
}

fn root(group: &[usize], mut piece: usize) -> usize {
    while let Some(parent) = group.get(piece).copied().filter(|parent| *parent != piece) {
        piece = parent;
    }
    piece
}

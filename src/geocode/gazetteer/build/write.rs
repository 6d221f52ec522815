//! Drafts into tables.

use std::collections::BTreeMap;

use super::Gathered;
use super::around::{self, Around};
use super::drafts::{self, House, circle, whole};
use super::names::Names;
use super::streets::{Street, join_streets, nearest_street};
use crate::domain::feature::FeatureKind;
use crate::domain::position::Position;
use crate::geocode::distance;
use crate::geocode::gazetteer::layout::{Hash, NONE, TABLES, Table, assemble, count};
use crate::geocode::gazetteer::names::{THING, ends_in_kind, initials, slot_of};
use crate::geocode::gazetteer::postcodes::Code;
use crate::geocode::gazetteer::spelling_mistakes::{self, deletions};
use crate::geocode::gazetteer::things::{NUMBER_ROW, POINT_ROW, ROUGH, Weight, kind_number};
use crate::geocode::street::middle_of;

/// An area wider than this is everywhere, and tells nothing, metres.
const WIDEST_AREA_M: u32 = 25_000;

/// An area that features name must have so many members; fewer are more often a slip in an address.
const FEWEST_MEMBERS: usize = 3;

pub(super) fn write(gathered: &Gathered) -> Vec<u8> {
    let mut writer = Writer::default();
    let areas = known_areas(gathered);
    let mut names = Names::default();
    for (key, (title, ..)) in &areas {
        names.add(title, key, None);
    }
    let streets = join_streets(gathered);
    let mut street_numbers: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (at, street) in streets.iter().enumerate() {
        names.add(&street.title, street.key, Some(count(at)));
        street_numbers
            .entry(street.key)
            .or_default()
            .push(count(at));
    }
    for (at, thing) in gathered.things.iter().enumerate() {
        for name in &thing.names {
            names.add_name(name, count(at) | THING);
        }
    }
    for (at, (key, (title, ..))) in areas.iter().enumerate() {
        names.add(title, key, Some(count(gathered.things.len() + at) | THING));
    }
    let ids = names.ids();
    writer.streets(&streets, &ids);
    for thing in &gathered.things {
        let street = thing
            .street
            .as_deref()
            .and_then(|key| street_numbers.get(key));
        let street = street.and_then(|numbers| nearest_street(&streets, numbers, thing.position));
        writer.thing(thing, street, &ids);
    }
    for (key, (title, centre, radius_m)) in &areas {
        writer.area(title, *centre, *radius_m, ids.get(key.as_str()).copied());
    }
    writer.names(&names);
    writer.postcodes(gathered, &ids);
    writer.cells();
    assemble(&writer.tables)
}

type Ids<'a> = BTreeMap<&'a str, u32>;

/// Areas that features name and no area feature describes: title, middle, radius.
fn known_areas(gathered: &Gathered) -> BTreeMap<String, (Box<str>, Position, u32)> {
    let mut areas = BTreeMap::new();
    for (key, area) in &gathered.areas {
        if area.members.len() < FEWEST_MEMBERS {
            continue;
        }
        if let Some((centre, radius_m)) = circle(&area.members)
            && radius_m <= WIDEST_AREA_M
            && let Some(title) = area.titles.first()
        {
            areas.insert(key.clone(), (title.clone(), centre, radius_m.max(200)));
        }
    }
    areas
}

struct Writer {
    tables: [Vec<u8>; TABLES],
    texts: BTreeMap<Box<str>, u32>,
    area_lists: BTreeMap<Vec<u32>, (u32, u32)>,
    around: Around,
    usrns: BTreeMap<u64, u32>,
}

impl Default for Writer {
    fn default() -> Self {
        Self {
            tables: [const { Vec::new() }; TABLES],
            texts: BTreeMap::new(),
            area_lists: BTreeMap::new(),
            around: Around::default(),
            usrns: BTreeMap::new(),
        }
    }
}

impl Writer {
    fn put(&mut self, table: Table, numbers: &[u32]) {
        if let Some(bytes) = self.tables.get_mut(table as usize) {
            for number in numbers {
                bytes.extend_from_slice(&number.to_le_bytes());
            }
        }
    }

    fn put_long(&mut self, table: Table, number: u64) {
        if let Some(bytes) = self.tables.get_mut(table as usize) {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
    }

    fn rows(&self, table: Table, width: usize) -> u32 {
        self.tables
            .get(table as usize)
            .map_or(0, |bytes| count(bytes.len() / width))
    }

    fn text(&mut self, text: &str) -> u32 {
        if let Some(at) = self.texts.get(text) {
            return *at;
        }
        let Some(bytes) = self.tables.get_mut(Table::Texts as usize) else {
            return NONE;
        };
        let at = count(bytes.len());
        let end = (0..=text.len().min(1000))
            .rev()
            .find(|end| text.is_char_boundary(*end))
            .unwrap_or(0);
        let kept = text.get(..end).unwrap_or_default();
        let length = u16::try_from(kept.len()).unwrap_or(u16::MAX);
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(kept.as_bytes());
        self.texts.insert(text.into(), at);
        at
    }

    fn areas<'a>(&mut self, keys: impl Iterator<Item = &'a String>, ids: &Ids<'_>) -> (u32, u32) {
        let mut list: Vec<u32> = keys
            .filter_map(|key| ids.get(key.as_str()).copied())
            .collect();
        list.sort_unstable();
        list.dedup();
        if let Some(known) = self.area_lists.get(&list) {
            return *known;
        }
        let place = (self.rows(Table::Areas, 4), count(list.len()));
        self.put(Table::Areas, &list);
        self.area_lists.insert(list, place);
        place
    }

    fn streets(&mut self, streets: &[Street<'_>], ids: &Ids<'_>) {
        for (at, street) in streets.iter().enumerate() {
            let Some((centre, reach)) = circle(&street.points) else {
                continue;
            };
            let lines = street.parts.iter().flat_map(|part| &part.line);
            // A street may have a long line and one point.
            let vertices = lines.clone().flatten();
            let reach = vertices
                .map(|vertex| whole(distance::between(centre, *vertex)))
                .fold(reach, u32::max);
            let (first_piece, first_point) = (
                self.rows(Table::Pieces, 8),
                self.rows(Table::Points, POINT_ROW),
            );
            let weights: Vec<Weight> = street.weights.iter().copied().map(Weight::of).collect();
            let of_points = street.areas.iter().zip(&weights);
            for (point, (areas, weight)) in street.points.iter().zip(of_points) {
                let (first, areas) = self.areas(areas.iter(), ids);
                let row = self.rows(Table::Points, POINT_ROW);
                let [lat, lng] = position(*point);
                self.put(Table::Points, &[lat, lng, first, weight.beside(areas)]);
                self.around.point(*point, count(at), row);
            }
            let points = count(street.points.len());
            for piece in lines {
                let start = self.rows(Table::Points, POINT_ROW);
                self.piece(piece);
                self.around.piece(piece, count(at), start);
                if !drafts::is_road_number(street.key) {
                    self.around.may_meet(piece, count(at));
                }
            }
            let pieces = self.rows(Table::Pieces, 8) - first_piece;
            let (first_number, numbers) = self.numbers(&street.houses, ids);
            let keys = street.parts.iter().flat_map(|part| &part.areas);
            let (first_area, areas) = self.areas(
                keys.chain(street.houses.iter().flat_map(|house| &house.areas)),
                ids,
            );
            let id = street.parts.iter().find_map(|part| part.id.as_deref());
            for usrn in street
                .parts
                .iter()
                .filter_map(|part| part.id.as_ref()?.parse().ok())
            {
                self.usrns.entry(usrn).or_insert(count(at));
            }
            let id = id.map_or(NONE, |id| self.text(id));
            let title = self.text(&street.title);
            let name = ids.get(street.key).copied().unwrap_or(NONE);
            let vertices = street
                .parts
                .iter()
                .flat_map(|part| part.line.iter().flatten());
            let houses = street.houses.iter().map(|house| house.position);
            // Vertices stand where a line bends, not where people are.
            let vertices = vertices.take(if street.points.len() < 2 {
                usize::MAX
            } else {
                0
            });
            let weights = weights
                .iter()
                .copied()
                .chain(std::iter::repeat(Weight::of(1)));
            let known = street.points.iter().chain(vertices).copied().zip(weights);
            let known = known.map(|(point, weight)| (point, weight.value()));
            let Some(middle) = middle_of(known, houses) else {
                continue;
            };
            let [middle_lat, middle_lng] = position(middle.spot.position);
            let [lat, lng] = position(centre);
            self.put(
                Table::Streets,
                &[
                    name,
                    title,
                    lat,
                    lng,
                    reach,
                    first_point,
                    points,
                    first_piece,
                    pieces,
                    first_number,
                    numbers,
                    first_area,
                    areas,
                    id,
                    middle_lat,
                    middle_lng,
                    whole(middle.spot.radius_m),
                    whole(middle.density * 10.0),
                ],
            );
        }
    }

    /// Numbers in order, those without one left out.
    fn numbers(&mut self, houses: &[&House], ids: &Ids<'_>) -> (u32, u32) {
        let first = self.rows(Table::Numbers, NUMBER_ROW);
        for house in houses.iter().filter(|house| house.low > 0) {
            let (first_area, areas) = self.areas(house.areas.iter(), ids);
            let [lat, lng] = position(house.position);
            let areas = areas | if house.is_rough { ROUGH } else { 0 };
            self.put(
                Table::Numbers,
                &[house.low, house.high, lat, lng, first_area, areas],
            );
        }
        (first, self.rows(Table::Numbers, NUMBER_ROW) - first)
    }

    fn thing(&mut self, thing: &drafts::Thing, street: Option<u32>, ids: &Ids<'_>) {
        let title = self.text(&thing.title);
        let id = thing.id.as_deref().map_or(NONE, |id| self.text(id));
        let (first_area, areas) = self.areas(thing.areas.iter(), ids);
        let name = drafts::key_and_spaced(&thing.title)
            .and_then(|(key, _)| ids.get(key.as_str()).copied());
        let [lat, lng] = position(thing.position);
        let kind = kind_number(thing.kind);
        let number = self.rows(Table::Things, 48);
        if thing.kind != FeatureKind::Area {
            self.around.thing(thing.position, number);
        }
        self.outline(number, &thing.outline);
        self.put(
            Table::Things,
            &[
                kind,
                name.unwrap_or(NONE),
                title,
                lat,
                lng,
                thing.radius_m,
                street.unwrap_or(NONE),
            ],
        );
        self.put_long(Table::Things, thing.code);
        self.put(Table::Things, &[first_area, areas, id]);
    }

    fn area(&mut self, title: &str, centre: Position, radius_m: u32, name: Option<u32>) {
        let title = self.text(title);
        let [lat, lng] = position(centre);
        let kind = kind_number(FeatureKind::Area);
        self.put(
            Table::Things,
            &[kind, name.unwrap_or(NONE), title, lat, lng, radius_m, NONE],
        );
        self.put_long(Table::Things, 0);
        self.put(Table::Things, &[0, 0, NONE]);
    }

    fn names(&mut self, names: &Names) {
        let mut slots = vec![0_u32; (names.by_key.len() * 2).next_power_of_two().max(2)];
        let (mut deletes, mut starts) = (Vec::new(), Vec::new());
        let mut keys = fst::MapBuilder::memory();
        for (at, (key, name)) in names.by_key.iter().enumerate() {
            let id = count(at);
            let hash = Hash::of(key.as_bytes()).value();
            let mut slot = slot_of(hash, slots.len());
            while slots.get(slot).is_some_and(|taken| *taken != 0) {
                slot = (slot + 1) % slots.len();
            }
            if let Some(free) = slots.get_mut(slot) {
                *free = id + 1;
            }
            deletions(key, |hash| deletes.push((hash, id)));
            let words: Vec<&str> = name.spaced.split(' ').collect();
            starts.extend(initials(&words, false).map(|hash| (hash, id)));
            if ends_in_kind(&words) {
                starts.extend(initials(&words, true).map(|hash| (hash, id)));
            }
            // Keys come in order and once, which is all that an fst asks for.
            let _ = keys.insert(key, u64::from(id));
            let (key, spaced) = (self.text(key), self.text(&name.spaced));
            let mut bearers = name.bearers.clone();
            bearers.sort_unstable();
            bearers.dedup();
            let first = self.rows(Table::Postings, 4);
            self.put(Table::Names, &[key, spaced, first, count(bearers.len())]);
            self.put(Table::Postings, &bearers);
        }
        self.put(Table::NameSlots, &slots);
        deletes.sort_unstable();
        deletes.dedup();
        for start in spelling_mistakes::starts(&deletes) {
            self.put(Table::DeleteStarts, &[start]);
        }
        for (hash, id) in deletes {
            self.put(Table::Deletes, &[hash, id]);
        }
        starts.sort_unstable();
        for (hash, id) in starts {
            self.put(Table::Initials, &[hash, id]);
        }
        if let Some(table) = self.tables.get_mut(Table::Keys as usize) {
            *table = keys.into_inner().unwrap_or_default();
        }
    }

    fn postcodes(&mut self, gathered: &Gathered, ids: &Ids<'_>) {
        let mut circles: BTreeMap<u64, Vec<Position>> = BTreeMap::new();
        for (code, postcode) in &gathered.postcodes {
            let (first_area, areas) = self.areas(postcode.areas.iter(), ids);
            let [lat, lng] = position(postcode.position);
            self.put_long(Table::Postcodes, *code);
            self.put(
                Table::Postcodes,
                &[lat, lng, u32::from(postcode.ended), first_area, areas, 0],
            );
            if !postcode.ended {
                let row = self.rows(Table::Postcodes, 32) - 1;
                self.around.postcode(postcode.position, row);
            }
            let code = Code::of_number(*code);
            for wider in [code.sector(), code.outcode()] {
                circles
                    .entry(wider.number())
                    .or_default()
                    .push(postcode.position);
            }
        }
        for (code, members) in circles {
            if let Some((centre, radius_m)) = circle(&members) {
                let [lat, lng] = position(centre);
                self.put_long(Table::Sectors, code);
                self.put(
                    Table::Sectors,
                    &[lat, lng, radius_m.max(100), count(members.len())],
                );
            }
        }
        for (uprn, at) in &gathered.uprns {
            self.put_long(Table::Uprns, *uprn);
            self.put(Table::Uprns, &position(*at));
        }
        for (usrn, street) in std::mem::take(&mut self.usrns) {
            self.put_long(Table::Usrns, usrn);
            self.put(Table::Usrns, &[street, 0]);
        }
    }

    fn piece(&mut self, piece: &[Position]) {
        let start = self.rows(Table::Points, POINT_ROW);
        for vertex in piece {
            let [lat, lng] = position(*vertex);
            self.put(Table::Points, &[lat, lng, 0, 0]);
        }
        self.put(Table::Pieces, &[start, count(piece.len())]);
    }

    fn outline(&mut self, thing: u32, rings: &[Vec<Position>]) {
        let closed = rings.iter().filter(|ring| ring.first() == ring.last());
        let closed: Vec<_> = closed.filter(|ring| ring.len() > 3).collect();
        let Some(bounds) = around::bounds(closed.iter().copied().flatten()) else {
            return;
        };
        let first = self.rows(Table::Pieces, 8);
        for ring in &closed {
            self.piece(ring);
        }
        self.put(Table::Outlines, &[thing, first, count(closed.len())]);
        self.put(Table::Outlines, &bounds.map(i32::cast_unsigned));
    }

    fn cells(&mut self) {
        let (cells, meetings) = std::mem::take(&mut self.around).sorted();
        for (cell, what, at) in cells {
            self.put(Table::Cells, &[cell, what, at]);
        }
        for (meeting, street) in meetings {
            let [lat, lng] = position(meeting);
            self.put(Table::Meetings, &[lat, lng, street]);
        }
    }
}

fn position(position: Position) -> [u32; 2] {
    [
        position.lat_e7().cast_unsigned(),
        position.lng_e7().cast_unsigned(),
    ]
}

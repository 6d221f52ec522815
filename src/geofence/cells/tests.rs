use proptest::prelude::*;

use crate::domain::fence::Geometry;
use crate::domain::position::Position;
use crate::geofence::index::{FenceIndex, Slot};
use crate::geofence::shape::Shape;

/// 1e-7 degree.
const UNIT: f64 = 1e-7;

/// Fences by slot, and the index over them.
#[derive(Default)]
struct Fences {
    shapes: Vec<Option<Shape>>,
    index: FenceIndex,
}

impl Fences {
    fn insert(&mut self, shape: Shape) {
        let slot = Slot::try_from(self.shapes.len()).unwrap();
        self.index.insert(slot, &shape);
        self.shapes.push(Some(shape));
    }

    fn remove(&mut self, slot: usize) {
        if let Some(shape) = self.shapes[slot].take() {
            self.index.remove(Slot::try_from(slot).unwrap(), &shape);
        }
    }

    fn covers(&self, slot: Slot, position: Position) -> bool {
        let shape = self.shapes[slot as usize].as_ref();
        shape.is_some_and(|shape| shape.covers(position))
    }

    fn by_cells(&self, position: Position) -> Vec<Slot> {
        let mut holding = Vec::new();
        let covers = |slot| self.covers(slot, position);
        self.index.containing(position, covers, &mut holding);
        holding.sort_unstable();
        holding
    }

    fn by_tree(&self, position: Position) -> Vec<Slot> {
        let candidates = self.index.candidates(position);
        let mut holding: Vec<_> = candidates
            .filter(|slot| self.covers(*slot, position))
            .collect();
        holding.sort_unstable();
        holding.dedup();
        holding
    }

    fn by_asking_each(&self, position: Position) -> Vec<Slot> {
        let all = 0..Slot::try_from(self.shapes.len()).unwrap();
        all.filter(|slot| self.covers(*slot, position)).collect()
    }
}

/// A ring round a place: a star, so that it never crosses itself.
fn star((lat, lng): (f64, f64), size: f64, arms: &[f64]) -> Vec<(f64, f64)> {
    let count = f64::from(u32::try_from(arms.len()).unwrap());
    let angles = (0u32..).map(|arm| std::f64::consts::TAU * f64::from(arm) / count);
    let vertex = |(arm, angle): (&f64, f64)| {
        let reach = size * arm;
        (lat + reach * angle.sin(), lng + reach * angle.cos())
    };
    arms.iter().zip(angles).map(vertex).collect()
}

fn geometry() -> impl Strategy<Value = Geometry> {
    // The Thames, the antimeridian and a pole; a size from a doorstep to a country.
    let place = (
        prop_oneof![
            Just((51.5, -0.12)),
            Just((-17.0, 179.99)),
            Just((89.5, 20.0))
        ],
        -0.02f64..0.02,
        -0.02f64..0.02,
    )
        .prop_map(|((lat, lng), north, east): ((f64, f64), f64, f64)| (lat + north, lng + east));
    let size = (-5.0f64..0.5).prop_map(|power: f64| 10f64.powf(power));
    let arms = prop::collection::vec(0.3f64..1.0, 3..60);
    let polygon = (place.clone(), size.clone(), arms).prop_map(|(place, size, arms)| {
        let outer = star(place, size, &arms);
        let hole = star(place, size * 0.2, &[1.0, 0.7, 1.0, 0.9, 0.8]);
        // A second one over the first: the two are one area.
        let other = star((place.0, place.1 + size * 0.4), size * 0.5, &arms);
        match arms.len() % 3 {
            0 => Geometry::Polygons(vec![vec![outer]]),
            1 => Geometry::Polygons(vec![vec![outer, hole]]),
            _ => Geometry::Polygons(vec![vec![outer], vec![other]]),
        }
    });
    let circle = (place.clone(), size.clone()).prop_map(|(centre, size)| Geometry::Circle {
        centre,
        radius_m: size * 111_000.0,
    });
    let corridor = (place, size, 2usize..9).prop_map(|((lat, lng), size, vertices)| {
        let line = star((lat, lng), size, &vec![1.0; vertices]);
        Geometry::Corridor {
            line,
            width_m: size * 20_000.0,
            sections: Vec::new(),
        }
    });
    prop_oneof![3 => polygon, 1 => circle, 1 => corridor]
}

/// Places that a mistake would show at: vertices, points of edges, and a unit beside each.
fn places_of(
    geometry: &Geometry,
    edges: &[prop::sample::Index],
    nudge: (f64, f64),
) -> Vec<Position> {
    let ring = match geometry {
        Geometry::Polygons(polygons) => polygons.last().unwrap().last().unwrap().clone(),
        Geometry::Circle { centre, radius_m } => {
            let reach = radius_m / 111_300.0;
            vec![
                (centre.0 + reach, centre.1),
                *centre,
                (centre.0, centre.1 + reach),
            ]
        }
        Geometry::Corridor { line, .. } => line.clone(),
    };
    let mut places = Vec::new();
    for edge in edges {
        let from = edge.index(ring.len());
        let (start, end) = (ring[from], ring[(from + 1) % ring.len()]);
        for part in [0.0, 0.25, 0.5, 1.3] {
            let (lat, lng) = (
                start.0 + part * (end.0 - start.0),
                start.1 + part * (end.1 - start.1),
            );
            let turned = |lng: f64| if lng > 180.0 { lng - 360.0 } else { lng };
            for (north, east) in [(0.0, 0.0), nudge] {
                places.extend(Position::new(lat + north * UNIT, turned(lng + east * UNIT)));
            }
        }
    }
    places
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    #[test]
    fn cells_tree_and_every_fence_agree_through_edits(
        geometries in prop::collection::vec(geometry(), 1..12),
        removed in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        edges in prop::collection::vec(any::<prop::sample::Index>(), 8),
        nudge in (-1i8..=1, -1i8..=1),
        anywhere in prop::collection::vec((51.4f64..51.6, -0.3f64..0.1), 20),
    ) {
        let mut fences = Fences::default();
        for geometry in &geometries {
            if let Ok(shape) = Shape::compile(geometry) {
                fences.insert(shape);
            }
        }
        let nudge = (f64::from(nudge.0), f64::from(nudge.1));
        let places = geometries.iter().flat_map(|geometry| places_of(geometry, &edges, nudge));
        let anywhere = anywhere.into_iter().filter_map(|(lat, lng)| Position::new(lat, lng).ok());
        let places: Vec<_> = places.chain(anywhere).collect();
        let check = |fences: &Fences| {
            for place in &places {
                let expected = fences.by_asking_each(*place);
                prop_assert_eq!(fences.by_cells(*place), &*expected, "cells, {:?}", place);
                prop_assert_eq!(fences.by_tree(*place), &*expected, "tree, {:?}", place);
            }
            Ok(())
        };
        check(&fences)?;
        for slot in removed {
            if !fences.shapes.is_empty() {
                fences.remove(slot.index(fences.shapes.len()));
            }
        }
        check(&fences)?;
    }

    /// Every point of a small lattice that lies over the corner of four cells and over their centres.
    #[test]
    fn each_point_of_a_lattice_is_answered(
        ring in prop::collection::vec((-4i32..=4, -4i32..=4), 3..8),
        corner in prop_oneof![Just(0i32), Just(1 << 13)],
    ) {
        let degrees = |units: i32| f64::from(units) * UNIT;
        let (lat, lng) = ((514_000_000 >> 14 << 14) + corner, (-2_000_000 >> 14 << 14) + corner);
        let vertices = ring.iter().map(|(north, east)| (degrees(lat + north), degrees(lng + east)));
        let geometry = Geometry::Polygons(vec![vec![vertices.collect()]]);
        let mut fences = Fences::default();
        let Ok(shape) = Shape::compile(&geometry) else { return Ok(()) };
        fences.insert(shape);
        for north in -5..=5 {
            for east in -5..=5 {
                let place = Position::new(degrees(lat + north), degrees(lng + east)).unwrap();
                prop_assert_eq!(fences.by_cells(place), fences.by_asking_each(place), "{:?}", (north, east));
            }
        }
    }
}

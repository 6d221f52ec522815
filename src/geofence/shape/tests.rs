use super::*;
use proptest::prelude::*;

fn polygon(ring: &[(f64, f64)]) -> Result<Shape, InvalidShape> {
    Shape::compile(&Geometry::Polygons(vec![vec![ring.to_vec()]]))
}

fn at(lat: f64, lng: f64) -> Position {
    Position::new(lat, lng).unwrap()
}

#[test]
fn the_boundary_is_inside_and_a_hole_is_not() {
    let outer = vec![
        (51.49, -0.14),
        (51.49, -0.10),
        (51.51, -0.10),
        (51.51, -0.14),
    ];
    let hole = vec![
        (51.495, -0.13),
        (51.495, -0.11),
        (51.505, -0.11),
        (51.505, -0.13),
    ];
    let shape = Shape::compile(&Geometry::Polygons(vec![vec![outer, hole]])).unwrap();
    assert!(shape.covers(at(51.5, -0.14)), "edge");
    assert!(shape.covers(at(51.49, -0.14)), "vertex");
    assert!(shape.covers(at(51.508, -0.12)));
    assert!(!shape.covers(at(51.5, -0.12)), "in the hole");
    assert!(shape.covers(at(51.5, -0.13)), "edge of the hole");
    assert!(
        !shape.covers(at(51.5, -0.140_000_1)),
        "a centimetre outside"
    );
}

#[test]
fn a_circle_ends_at_its_radius() {
    let centre = at(51.5, -0.12);
    let edge = at(51.504, -0.126);
    let radius_m = centre.distance_m(edge);
    let circle = |radius_m| {
        Shape::compile(&Geometry::Circle {
            centre: (51.5, -0.12),
            radius_m,
        })
    };
    assert!(circle(radius_m).unwrap().covers(edge));
    assert!(!circle(radius_m - 0.001).unwrap().covers(edge));
    assert!(circle(30_000_000.0).unwrap().covers(at(-51.5, 179.9)));
    assert_eq!(circle(0.0), Err(InvalidShape::Radius(0.0)));
}

#[test]
fn a_ring_that_crosses_itself_is_refused_with_the_place() {
    let error = polygon(&[(0.0, 1.0), (2.0, 3.0), (2.0, 1.0), (0.0, 3.0)]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the outer ring of polygon 0 crosses itself at lat 1.0000000, lon 2.0000000 (the edges after \
         vertices 0 and 2): reorder its vertices, or split it there into two polygons"
    );
}

#[test]
fn what_is_plainly_meant_is_taken_and_what_is_no_area_is_not() {
    let open = [(1.0, 1.0), (1.0, 2.0), (2.0, 2.0)];
    let closed = [(1.0, 1.0), (1.0, 2.0), (1.0, 2.0), (2.0, 2.0), (1.0, 1.0)];
    assert_eq!(polygon(&open), polygon(&closed));
    assert!(matches!(
        polygon(&[(1.0, 1.0), (1.0, 2.0)]),
        Err(InvalidShape::TooFewVertices { vertices: 2, .. })
    ));
    assert!(matches!(
        polygon(&[(1.0, 1.0), (2.0, 2.0), (3.0, 3.0)]),
        Err(InvalidShape::NoArea { .. })
    ));
    assert!(matches!(
        polygon(&[(1.0, 1.0), (91.0, 2.0), (3.0, 3.0)]),
        Err(InvalidShape::VertexOutOfRange { vertex: 1, .. })
    ));
    assert_eq!(
        Shape::compile(&Geometry::Polygons(vec![])),
        Err(InvalidShape::Empty)
    );
}

/// Whether the point lies on the edge, ends included.
fn on_edge((lat1, lng1): (i64, i64), (lat2, lng2): (i64, i64), (lat, lng): (i64, i64)) -> bool {
    let cross = (lng2 - lng1) * (lat - lat1) - (lat2 - lat1) * (lng - lng1);
    let within = |a: i64, b: i64, x: i64| a.min(b) <= x && x <= a.max(b);
    cross == 0 && within(lat1, lat2, lat) && within(lng1, lng2, lng)
}

/// Whether a vertex lies on an edge that it does not end: there winding and parity may disagree.
fn touches_itself(ring: &[(i64, i64)]) -> bool {
    let n = ring.len();
    (0..n).any(|vertex| {
        (0..n).any(|edge| {
            edge != vertex
                && (edge + 1) % n != vertex
                && on_edge(ring[edge], ring[(edge + 1) % n], ring[vertex])
        })
    })
}

fn degrees(lattice: i64) -> f64 {
    f64::from(i32::try_from(lattice).unwrap())
}

/// Even-odd by integers, with the edge as inside: slow and obviously right.
fn oracle(ring: &[(i64, i64)], (lat, lng): (i64, i64)) -> bool {
    let mut inside = false;
    for (index, &(lat1, lng1)) in ring.iter().enumerate() {
        let (lat2, lng2) = ring[(index + 1) % ring.len()];
        let cross = (lng2 - lng1) * (lat - lat1) - (lat2 - lat1) * (lng - lng1);
        if on_edge((lat1, lng1), (lat2, lng2), (lat, lng)) {
            return true;
        }
        if (lat1 > lat) != (lat2 > lat) && (cross > 0) == (lat2 > lat1) {
            inside = !inside;
        }
    }
    inside
}

/// Whether two edges cross or run over each other, by whole numbers.
fn crosses(ring: &[(i64, i64)]) -> bool {
    let n = ring.len();
    let edge = |at: usize| (ring[at], ring[(at + 1) % n]);
    let side = |(a, b): ((i64, i64), (i64, i64)), c: (i64, i64)| {
        ((b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0)).signum()
    };
    let shared = |a: (i64, i64), b: (i64, i64)| a.1.min(b.1) - a.0.max(b.0);
    let span = |a: i64, b: i64| (a.min(b), a.max(b));
    (0..n).any(|first| {
        (0..first).any(|second| {
            let (a, b) = (edge(first), edge(second));
            let sides = (side(a, b.0), side(a, b.1), side(b, a.0), side(b, a.1));
            let lats = shared(span(a.0.0, a.1.0), span(b.0.0, b.1.0));
            let lngs = shared(span(a.0.1, a.1.1), span(b.0.1, b.1.1));
            sides.0 * sides.1 == -1 && sides.2 * sides.3 == -1
                || sides == (0, 0, 0, 0) && lats >= 0 && lngs >= 0 && lats + lngs > 0
        })
    })
}

proptest! {
    /// Out to the east and back: stretches that run one way and stretches that turn.
    #[test]
    fn a_ring_is_refused_exactly_where_two_of_its_edges_cross(
        out in prop::collection::vec((3i64..9, 1i64..3), 2..60),
        back in prop::collection::vec((1i64..6, -2i64..3), 2..60),
        (touches, is_turned) in any::<(bool, bool)>(),
    ) {
        let mut lng = 0;
        let mut ring = Vec::new();
        for (lat, step) in out {
            lng += step;
            ring.push((lat, lng));
        }
        for (lat, step) in back {
            ring.push((if touches { lat } else { lat.min(2) }, lng));
            lng -= if touches { step } else { step.abs() };
        }
        ring.dedup();
        let vertices: Vec<_> = ring
            .iter()
            .map(|&(lat, lng)| (degrees(lat) / 10.0, degrees(lng) / 10.0))
            .map(|(lat, lng)| if is_turned { (lng, lat) } else { (lat, lng) })
            .collect();
        match polygon(&vertices) {
            Ok(_) => prop_assert!(!crosses(&ring), "{ring:?}"),
            Err(InvalidShape::CrossesItself { .. }) => prop_assert!(crosses(&ring), "{ring:?}"),
            Err(InvalidShape::NoArea { .. } | InvalidShape::TooFewVertices { .. }) => {}
            Err(other) => prop_assert!(false, "{other}"),
        }
    }

    /// Small lattices meet every edge and vertex.
    #[test]
    fn covers_equals_even_odd_on_a_lattice(ring in prop::collection::vec((1i64..8, 1i64..8), 3..7)) {
        prop_assume!(!touches_itself(&ring));
        let vertices: Vec<_> = ring.iter().map(|&(lat, lng)| (degrees(lat), degrees(lng))).collect();
        if let Ok(shape) = polygon(&vertices) {
            for lat in 1..8i64 {
                for lng in 1..8i64 {
                    prop_assert_eq!(
                        shape.covers(at(degrees(lat), degrees(lng))),
                        oracle(&ring, (lat, lng)),
                        "{:?} {:?}", ring, (lat, lng)
                    );
                }
            }
        }
    }

    #[test]
    fn an_envelope_holds_its_circle(
        lat in -89.9f64..89.9, lng in -179.9f64..179.9, radius_m in 1.0f64..3_000_000.0,
        d_lat in -30.0f64..30.0, d_lng in -60.0f64..60.0,
    ) {
        let Ok(shape) = Shape::compile(&Geometry::Circle { centre: (lat, lng), radius_m }) else { return Ok(()) };
        let Ok(position) = Position::new(lat + d_lat, lng + d_lng) else { return Ok(()) };
        if shape.covers(position) {
            let plane = position.plane();
            prop_assert!(shape.envelope().contains_point(&[plane.x, plane.y]));
        }
    }
}

use super::*;
use h3o::Resolution;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::time::Duration;

const MINUTE: i64 = 60_000;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms).unwrap()
}

fn bucket(place: u8) -> Bucket {
    let lng = -0.1 - f64::from(place) * 0.05;
    let position = crate::domain::position::Position::new(51.5, lng).unwrap();
    (position.cell(Resolution::Nine), "x".into())
}

fn window(kind: Kind) -> Rolling {
    let slide = Duration::from_mins(1);
    let spec = WindowSpec {
        width: Duration::from_mins(5),
        slide: Some(slide),
        resolution: Resolution::Nine,
    };
    Rolling::new(spec, slide, kind)
}

/// (end minute, place, count) of rows.
fn spell(rows: &[CellCount]) -> BTreeSet<(i64, u8, u32)> {
    let place = |cell| (0..9).find(|place| bucket(*place).0 == cell).unwrap();
    rows.iter()
        .map(|row| (row.end.millis() / MINUTE, place(row.cell), row.count))
        .collect()
}

#[test]
fn an_incident_counts_for_one_width_and_follows_its_place() {
    let mut window = window(Kind::Incident);
    let job = Subject::incident("CAD 1");
    window.observe(at(10), &job, bucket(1));
    let mut rows = window.observe(at(MINUTE + 1), &job, bucket(2));
    rows.extend(window.advance(at(20 * MINUTE)));
    let expected = [(1, 1, 1), (2, 2, 1), (3, 2, 1), (4, 2, 1), (5, 2, 1)];
    assert_eq!(spell(&rows), expected.into());
}

proptest! {
    #[test]
    fn rolling_equals_a_recount(steps in prop::collection::vec((0i64..7, 0u8..3, 0u8..4), 1..60)) {
        let mut window = window(Kind::Resource);
        let mut rows = Vec::new();
        let mut time = 0;
        let mut story: Vec<(i64, u8, u8)> = Vec::new();
        for (wait, who, place) in steps {
            time += wait * MINUTE / 4; // quarters meet every boundary
            story.push((time, who, place));
            let subject = Subject::resource(&who.to_string());
            rows.extend(window.observe(at(time), &subject, bucket(place)));
        }
        let last = time / MINUTE;
        rows.extend(window.advance(at(last * MINUTE)));

        let mut expected: BTreeSet<(i64, u8, u32)> = BTreeSet::new();
        for end in story[0].0 / MINUTE + 1..=last {
            for place in 0..4 {
                let (from, to) = ((end - 5) * MINUTE, end * MINUTE);
                let there = (0u8..3).filter(|who| {
                    let moves: Vec<_> = story.iter().filter(|(_, other, _)| other == who).collect();
                    moves.iter().enumerate().any(|(index, (since, _, where_))| {
                        let until = moves.get(index + 1).map_or(i64::MAX, |(next, _, _)| *next);
                        let touched = (from..to).contains(since);
                        *where_ == place && (touched || (*since < to && until > from))
                    })
                });
                let count = u32::try_from(there.count()).unwrap();
                if count > 0 {
                    expected.insert((end, place, count));
                }
            }
        }
        prop_assert_eq!(spell(&rows), expected);
    }
}

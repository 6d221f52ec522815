use super::*;
use h3o::Resolution;
use proptest::prelude::*;
use std::time::Duration;

const HOUR: i64 = 3_600_000;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms).unwrap()
}

fn bucket(place: u8) -> Bucket {
    let lng = -0.1 - f64::from(place) * 0.05;
    let position = crate::domain::position::Position::new(51.5, lng).unwrap();
    (position.cell(Resolution::Nine), "x".into())
}

fn window(kind: Kind) -> Tumbling {
    let spec = WindowSpec {
        width: Duration::from_hours(1),
        slide: None,
        resolution: Resolution::Nine,
    };
    Tumbling::new(spec, kind)
}

/// (hour, place, count) of rows.
fn spell(rows: &[CellCount]) -> BTreeSet<(i64, u8, u32)> {
    let place = |cell| (0..9).find(|place| bucket(*place).0 == cell).unwrap();
    rows.iter()
        .map(|row| (row.start.millis() / HOUR, place(row.cell), row.count))
        .collect()
}

#[test]
fn a_resource_counts_in_every_hour_until_it_leaves() {
    let mut window = window(Kind::Resource);
    let car = Subject::resource("car");
    let mut rows = window.observe(at(10), &car, bucket(1));
    rows.extend(window.leave(at(2 * HOUR + 5), &car));
    rows.extend(window.finish());
    assert_eq!(spell(&rows), [(0, 1, 1), (1, 1, 1), (2, 1, 1)].into());
}

#[test]
fn an_incident_counts_once_at_its_latest_place() {
    let mut window = window(Kind::Incident);
    let job = Subject::incident("CAD 1");
    let mut rows = window.observe(at(10), &job, bucket(1));
    rows.extend(window.observe(at(20), &job, bucket(2)));
    rows.extend(window.observe(at(HOUR + 20), &job, bucket(3)));
    rows.extend(window.finish());
    assert_eq!(spell(&rows), [(0, 2, 1)].into());
}

proptest! {
    /// Presence hour by hour, recounted from the whole story.
    #[test]
    fn resources_equal_a_recount(steps in prop::collection::vec((0i64..7, 0u8..3, 0u8..4), 1..60)) {
        let mut window = window(Kind::Resource);
        let mut rows = Vec::new();
        let mut time = 0;
        let mut story: Vec<(i64, u8, u8)> = Vec::new();
        for (wait, who, place) in steps {
            time += wait * HOUR / 4; // quarters meet every boundary
            story.push((time, who, place));
            let subject = Subject::resource(&who.to_string());
            rows.extend(window.observe(at(time), &subject, bucket(place)));
        }
        rows.extend(window.finish());

        let mut expected: BTreeSet<(i64, u8, u32)> = BTreeSet::new();
        for hour in 0..=time / HOUR {
            for place in 0..4 {
                let there = (0u8..3).filter(|who| {
                    let moves: Vec<_> = story.iter().filter(|(_, other, _)| other == who).collect();
                    moves.iter().enumerate().any(|(index, (from, _, where_))| {
                        let until = moves.get(index + 1).map_or(i64::MAX, |(next, _, _)| *next);
                        // A report that is overtaken at the same moment was there all the same.
                        let stayed = *from < (hour + 1) * HOUR && until > hour * HOUR;
                        *where_ == place && (stayed || from / HOUR == hour)
                    })
                });
                let count = u32::try_from(there.count()).unwrap();
                if count > 0 && story[0].0 / HOUR <= hour {
                    expected.insert((hour, place, count));
                }
            }
        }
        prop_assert_eq!(spell(&rows), expected);
    }
}

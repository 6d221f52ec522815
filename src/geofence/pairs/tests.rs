use proptest::prelude::*;

use super::*;
use crate::domain::ids::Kind;
use crate::domain::profile::SubjectFilter;

fn profile(kind: Kind, status: &str) -> Arc<Profile> {
    Arc::new(Profile {
        kind,
        class: "vehicle".into(),
        status: Some(status.into()),
        strength: 2,
        callsign: None,
        agency: None,
        grade: None,
        state: (kind == Kind::Incident).then_some(IncidentState::Open),
    })
}

fn all_of(kind: Kind) -> SubjectFilter {
    SubjectFilter {
        kind: Some(kind),
        ..SubjectFilter::default()
    }
}

fn filter(of: Kind, to: Kind, near_m: f64, far_m: f64) -> PairFilter {
    PairFilter {
        of: all_of(of),
        to: all_of(to),
        near_m,
        far_m,
    }
}

struct Story {
    pairs: Pairs,
    clock: i64,
}

impl Story {
    fn of(filter: PairFilter) -> Self {
        Self {
            pairs: Pairs::new([(0, filter)]),
            clock: 0,
        }
    }

    fn step(&mut self, subject: &Subject, change: Change) -> Vec<String> {
        self.clock += 10_000;
        let at = Timestamp::from_millis(self.clock).unwrap();
        let fact = Fact {
            at,
            subject: subject.clone(),
            change,
        };
        let told = self.pairs.observe(&fact);
        told.iter()
            .map(|meeting| spell(&meeting.transition))
            .collect()
    }

    fn at(&mut self, subject: &Subject, (lat, lng): (f64, f64)) -> Vec<String> {
        let here = Position::new(lat, lng).unwrap();
        self.step(subject, Change::Moved(here, profile(subject.kind, "2")))
    }
}

fn spell(transition: &Transition) -> String {
    let name = |subject: &Option<Subject>| subject.as_ref().unwrap().id.to_string();
    let cause = if transition.cause == Cause::Report {
        String::new()
    } else {
        format!(" {}", transition.cause.label())
    };
    format!(
        "{} {} {} {:.0}{cause}",
        transition.kind.label(),
        name(&transition.subject),
        name(&transition.other),
        transition.distance_m.unwrap()
    )
}

const M: (f64, f64) = (51.5, -0.12);

#[test]
fn c05c_two_cars_that_pass_each_other_meet_once_and_part_once() {
    let mut story = Story::of(filter(Kind::Resource, Kind::Resource, 1000.0, 1000.0));
    let (car1, car2) = (Subject::resource("car1"), Subject::resource("car2"));
    let rounds = [
        (-111.936_693_191_528_32, -111.897_468_566_894_53),
        (-111.930_513_381_958_01, -111.905_193_328_857_42),
        (-111.924_161_911_010_74, -111.911_544_799_804_67),
        (-111.917_896_270_751_95, -111.917_810_440_063_46),
        (-111.911_115_646_362_3, -111.924_161_911_010_74),
        (-111.905_107_498_168_95, -111.930_599_212_646_48),
        (-111.897_468_566_894_53, -111.936_607_360_839_84),
    ];
    let mut told = Vec::new();
    for (round, (one, other)) in (1..).zip(rounds) {
        for (car, lng) in [(&car1, one), (&car2, other)] {
            let said = story.at(car, (33.414_750_027_566_235, lng));
            told.extend(said.into_iter().map(|said| (round, said)));
        }
    }
    // On the sphere 589.512 and 1,210.890 m; on the ellipsoid 0.2 % more.
    assert_eq!(
        told,
        [
            (4, "approach car1 car2 591".to_owned()),
            (5, "recede car1 car2 1213".to_owned())
        ]
    );
}

#[test]
fn c19_near_is_a_distance_and_no_box() {
    let mut story = Story::of(filter(Kind::Resource, Kind::Resource, 1000.0, 1000.0));
    assert!(
        story
            .at(&Subject::resource("a"), (51.508_544, -0.106_276))
            .is_empty()
    );
    assert!(story.at(&Subject::resource("b"), M).is_empty());
}

#[test]
fn c20_an_incident_that_opens_beside_a_parked_unit_is_near_it_also_under_its_name() {
    for unit in ["U1", "I1"] {
        let mut story = Story::of(filter(Kind::Resource, Kind::Incident, 1000.0, 1000.0));
        assert!(story.at(&Subject::resource(unit), M).is_empty());
        let told = story.at(&Subject::incident("I1"), (51.502, -0.12));
        assert_eq!(told, [format!("approach {unit} I1 223")]);
    }
}

#[test]
fn c21_whoever_ends_parts_and_says_why() {
    for cause in [Cause::SubjectDeleted, Cause::SubjectExpired] {
        let mut story = Story::of(filter(Kind::Resource, Kind::Resource, 1000.0, 1000.0));
        let (u1, u2) = (Subject::resource("U1"), Subject::resource("U2"));
        story.at(&u1, M);
        assert_eq!(story.at(&u2, (51.502, -0.12)).len(), 1);
        let told = story.step(&u2, Change::Gone(cause));
        assert_eq!(told, [format!("recede U1 U2 223 {}", cause.label())]);
        assert!(story.step(&u1, Change::Gone(cause)).is_empty());
    }
    let mut story = Story::of(filter(Kind::Resource, Kind::Incident, 1000.0, 1000.0));
    let job = Subject::incident("J");
    story.at(&Subject::resource("U1"), M);
    story.at(&job, M);
    let closed = Profile {
        state: Some(IncidentState::Closed),
        ..(*profile(Kind::Incident, "2")).clone()
    };
    let told = story.step(&job, Change::Became(closed.into()));
    assert_eq!(told, ["recede U1 J 0 subject_closed"]);
}

#[test]
fn a_status_that_lets_in_or_out_of_the_filter_meets_and_parts() {
    let mut on_duty = filter(Kind::Resource, Kind::Incident, 1000.0, 1000.0);
    on_duty.of.statuses = ["2".into()].into();
    let mut story = Story::of(on_duty);
    let unit = Subject::resource("U1");
    story.at(&Subject::incident("J"), M);
    assert_eq!(story.at(&unit, M), ["approach U1 J 0"]);
    let become_ = |status| Change::Became(profile(Kind::Resource, status));
    assert_eq!(story.step(&unit, become_("8")), ["recede U1 J 0 condition"]);
    assert!(story.step(&unit, become_("9")).is_empty());
    assert_eq!(
        story.step(&unit, become_("2")),
        ["approach U1 J 0 condition"]
    );
}

#[test]
fn c22_several_meet_by_distance_then_by_id() {
    let watched = SubjectFilter {
        classes: ["watched".into()].into(),
        ..SubjectFilter::default()
    };
    let mut story = Story::of(PairFilter {
        of: watched,
        to: all_of(Kind::Incident),
        near_m: 1000.0,
        far_m: 1000.0,
    });
    for (id, lat) in [
        ("a", 51.5027),
        ("b", 51.5018),
        ("d", 51.502_25),
        ("c", 51.502_25),
    ] {
        assert!(story.at(&Subject::incident(id), (lat, -0.12)).is_empty());
    }
    let object = Subject::resource("object");
    let moved = |(lat, lng): (f64, f64)| {
        let class = Profile {
            class: "watched".into(),
            ..(*profile(Kind::Resource, "2")).clone()
        };
        Change::Moved(Position::new(lat, lng).unwrap(), class.into())
    };
    let told = story.step(&object, moved(M));
    let others: Vec<_> = told
        .iter()
        .map(|told| told.split(' ').nth(2).unwrap())
        .collect();
    assert_eq!(others, ["b", "c", "d", "a"]);
    let told = story.step(&object, moved((51.5, -0.08)));
    assert_eq!(told.len(), 4);
    assert!(told.iter().all(|told| told.starts_with("recede object ")));
    assert!(
        told[0].contains(" 278"),
        "measured to the new place: {told:?}"
    );
}

#[test]
fn c30_between_near_and_far_a_pair_stays_as_it_was() {
    let incident = Subject::incident("I");
    let unit = Subject::resource("U");
    for (walk, told) in [
        (
            [-0.117_69, -0.118_70, -0.118_27, -0.117_69],
            ["", "approach", "", "recede"],
        ),
        (
            [-0.117_69, -0.118_70, -0.118_27, -0.118_70],
            ["", "approach", "", ""],
        ),
    ] {
        let mut story = Story::of(filter(Kind::Resource, Kind::Incident, 100.0, 150.0));
        story.at(&incident, M);
        for (lng, told) in walk.into_iter().zip(told) {
            let said = story.at(&unit, (51.5, lng));
            let said = said
                .first()
                .map_or("", |said| said.split(' ').next().unwrap());
            assert_eq!(said, told, "{lng}");
        }
    }
}

proptest! {
    /// The neighbourhood and both directions against asking everybody about everybody, also across the
    /// antimeridian and beside a pole.
    #[test]
    fn pairs_equal_brute_force(
        near_m in 20.0..40_000.0f64,
        wider in 1.0..2.0f64,
        origin in prop::sample::select(vec![(51.5, -0.12), (0.1, 179.9), (-89.8, 20.0), (70.0, -179.95)]),
        steps in prop::collection::vec((0u8..7, -5i32..5, -5i32..5, 0u8..12), 1..80),
    ) {
        let filter = filter(Kind::Resource, Kind::Resource, near_m, near_m * wider);
        let mut story = Story::of(filter.clone());
        let mut places: BTreeMap<u8, Position> = BTreeMap::new();
        let mut near: BTreeSet<(u8, u8)> = BTreeSet::new();
        for (who, north, east, what) in steps {
            let name = |who: u8| Subject::resource(&format!("U{who}"));
            let mut expected = Vec::new();
            if what == 0 {
                places.remove(&who);
            } else {
                let lat: f64 = origin.0 + f64::from(north) * 0.03;
                let lng = origin.1 + f64::from(east) * 0.03;
                let lng = if lng > 180.0 { lng - 360.0 } else if lng < -180.0 { lng + 360.0 } else { lng };
                places.insert(who, Position::new(lat.clamp(-90.0, 90.0), lng).unwrap());
            }
            for other in 0..7u8 {
                let pair = (who.min(other), who.max(other));
                let distance = places.get(&pair.0).zip(places.get(&pair.1)).map(|(a, b)| a.distance_m(*b));
                let was = near.contains(&pair);
                let is = who != other && distance.is_some_and(|metres| {
                    metres <= if was { filter.far_m } else { filter.near_m }
                });
                match (was, is) {
                    (false, true) => {
                        near.insert(pair);
                        expected.push(format!("approach {} {}", name(pair.0), name(pair.1)));
                    }
                    (true, false) => {
                        near.remove(&pair);
                        expected.push(format!("recede {} {}", name(pair.0), name(pair.1)));
                    }
                    _ => {}
                }
            }
            let told = match places.get(&who) {
                Some(here) => story.step(&name(who), Change::Moved(*here, profile(Kind::Resource, "2"))),
                None => story.step(&name(who), Change::Gone(Cause::SubjectDeleted)),
            };
            let mut told: Vec<_> = told
                .iter()
                .map(|told| told.splitn(4, ' ').take(3).collect::<Vec<_>>().join(" "))
                .collect();
            told.sort();
            expected.sort();
            prop_assert_eq!(told, expected);
        }
    }
}

mod cases;
mod life;
mod long_way;
mod time;

use super::*;
use crate::domain::fence::Geometry;
use crate::domain::ids::{Kind, Region};
use crate::domain::profile::SubjectFilter;
use crate::domain::transition::TransitionKind;
use proptest::prelude::*;

/// B of the conformance cases: lat 51.49 to 51.51, lon -0.14 to -0.10.
fn square(id: &str, west: f64, east: f64) -> Fence {
    let ring = vec![(51.49, west), (51.49, east), (51.51, east), (51.51, west)];
    Fence {
        id: id.into(),
        name: id.into(),
        class: None,
        tags: BTreeSet::new(),
        severity: None,
        geometry: Geometry::Polygons(vec![vec![ring]]),
        detect: TransitionKind::ALL.into(),
        valid_from: None,
        valid_until: None,
        applies_to: SubjectFilter::default(),
        region: Region::default(),
        approved: true,
        dwell: None,
        min_inside: std::time::Duration::ZERO,
        exit_margin_m: 0.0,
        speed_limit: None,
        absent_after: Fence::ABSENT_AFTER,
    }
}

const M: (f64, f64) = (51.5, -0.12);
const W: (f64, f64) = (51.5, -0.16);

/// The one whom the fences look at.
struct Car {
    subject: Subject,
    member: Member,
}

impl Members for Car {
    fn member(&mut self, subject: &Subject) -> Option<&mut Member> {
        (self.subject == *subject).then_some(&mut self.member)
    }

    fn members(&mut self) -> impl Iterator<Item = (&Subject, &mut Member)> {
        std::iter::once((&self.subject, &mut self.member))
    }
}

struct Story {
    fences: Geofences,
    car: Car,
    clock: i64,
    profile: Arc<Profile>,
    accuracy_m: Option<f64>,
    speed_mps: Option<f64>,
}

impl Story {
    fn new() -> Self {
        let profile = Arc::new(Profile {
            kind: Kind::Resource,
            class: "vehicle".into(),
            status: None,
            strength: 2,
            callsign: None,
            agency: None,
            grade: None,
            state: None,
        });
        Self {
            fences: Geofences::default(),
            car: Car {
                subject: Subject::resource("car"),
                member: Member::new(&profile),
            },
            clock: 0,
            profile,
            accuracy_m: None,
            speed_mps: None,
        }
    }

    /// With one fence.
    fn of(fence: Fence) -> Self {
        let mut story = Self::new();
        story.put(fence);
        story
    }

    /// A fix at a time, after all that is due by then.
    fn fix_at(&mut self, seconds: i64, place: (f64, f64)) -> String {
        let due = self.wait_until(seconds);
        self.clock = seconds * 1000 - 10_000;
        let seen = self.fix(place);
        [due, seen]
            .into_iter()
            .filter(|told| !told.is_empty())
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// What timers do by then.
    fn wait_until(&mut self, seconds: i64) -> String {
        let to = Timestamp::from_millis(seconds * 1000).unwrap();
        let mut fired = Vec::new();
        while let Some(at) = self.fences.next_due().filter(|at| *at <= to) {
            for transition in self.fences.fire_next(&mut self.car) {
                assert_eq!(transition.at, at);
                fired.push(transition);
            }
        }
        spell(&fired)
    }

    fn tick(&mut self) -> Timestamp {
        self.clock += 10_000;
        Timestamp::from_millis(self.clock).unwrap()
    }

    fn put(&mut self, fence: Fence) -> String {
        let at = self.tick();
        let edit = FenceEdit {
            id: fence.id.clone(),
            at: None,
            fence: Some(fence.into()),
        };
        spell(&self.fences.edit(at, &edit, &mut self.car).unwrap())
    }

    fn delete(&mut self, id: &str) -> String {
        let at = self.tick();
        let edit = FenceEdit {
            id: id.into(),
            at: None,
            fence: None,
        };
        spell(&self.fences.edit(at, &edit, &mut self.car).unwrap())
    }

    fn fix(&mut self, (lat, lng): (f64, f64)) -> String {
        self.see(Some(Position::new(lat, lng).unwrap()))
    }

    fn status(&mut self, status: &str) -> String {
        self.say(status);
        self.see(None)
    }

    fn say(&mut self, status: &str) {
        self.profile = Profile {
            status: Some(status.into()),
            ..(*self.profile).clone()
        }
        .into();
    }

    fn see(&mut self, position: Option<Position>) -> String {
        let at = self.tick();
        let profile = Arc::clone(&self.profile);
        let sighting = Sighting {
            subject: &self.car.subject,
            at,
            fix: position.map(|position| Fix {
                position,
                accuracy_m: self.accuracy_m,
                speed_mps: self.speed_mps,
            }),
            profile: &profile,
            stale_after: Duration::from_mins(2),
        };
        let (happened, visited) = self.fences.observe(&mut self.car.member, &sighting);
        assert_eq!(visited, self.visited());
        self.check_slots();
        spell(&happened)
    }

    fn dismiss(&mut self, cause: Cause) -> String {
        let at = self.tick();
        let Car { subject, member } = &mut self.car;
        spell(&self.fences.dismiss(member, subject, at, cause))
    }

    fn fire_next(&mut self) -> String {
        spell(&self.fences.fire_next(&mut self.car))
    }

    fn visited(&self) -> Vec<FenceId> {
        self.car.member.visited().cloned().collect()
    }

    /// Whether each visit knows the slot of its fence.
    fn check_slots(&self) {
        let slot = |id| self.fences.table.get(id).expect("visited").slot();
        let expected: Vec<_> = self.car.member.visited().map(slot).collect();
        assert_eq!(self.car.member.visited_slots(), expected);
    }
}

fn spell(happened: &[Transition]) -> String {
    let words = happened.iter().map(|transition| {
        let cause = if transition.cause == Cause::Report {
            String::new()
        } else {
            format!(" {}", transition.cause.label())
        };
        let doubt = if transition.uncertain { "?" } else { "" };
        let kind = transition.kind.label();
        let told = format!(
            "{kind} {}{cause}{doubt}",
            transition.fence.as_ref().unwrap()
        );
        if transition.detected {
            told
        } else {
            format!("({told})")
        }
    });
    words.collect::<Vec<_>>().join(", ")
}

#[test]
fn c07_a_fence_drawn_around_a_parked_car_sees_it_enter_and_leave() {
    let mut story = Story::new();
    assert_eq!(story.fix(M), "");
    assert_eq!(
        story.put(square("B", -0.14, -0.10)),
        "enter B fence_created, inside B fence_created"
    );
    assert_eq!(story.fix((51.504, -0.126)), "inside B");
    assert_eq!(story.fix(W), "exit B, outside B");
}

#[test]
fn c08_a_first_fix_outside_is_outside_and_no_exit() {
    let mut story = Story::new();
    story.put(square("B", -0.14, -0.10));
    assert_eq!(story.fix(W), "outside B");
}

#[test]
fn c10_an_attribute_can_enter_and_exit_and_level_events_come_with_fixes_only() {
    let mut story = Story::new();
    let mut fence = square("B", -0.14, -0.10);
    fence.applies_to.statuses = ["2".into()].into();
    story.put(fence);
    story.say("8");
    assert_eq!(story.fix(M), "outside B");
    assert_eq!(story.status("8"), "");
    assert_eq!(story.status("2"), "enter B condition");
    assert_eq!(story.status("8"), "exit B condition");
    story.say("2");
    assert_eq!(story.fix(M), "enter B condition, inside B");
}

#[test]
fn c16_c17_an_edit_keeps_those_in_both_versions_and_lets_out_the_others() {
    let mut story = Story::new();
    story.put(square("B", -0.14, -0.10));
    assert_eq!(story.fix(M), "enter B, inside B");
    assert_eq!(story.put(square("B", -0.14, -0.10)), "");
    assert_eq!(story.put(square("B", -0.10, -0.06)), "exit B fence_changed");
    assert_eq!(story.fix(M), "outside B");
}

#[test]
fn a_deleted_fence_lets_everybody_out() {
    let mut story = Story::new();
    story.put(square("B", -0.14, -0.10));
    story.fix(M);
    assert_eq!(story.delete("B"), "exit B fence_deleted");
    assert_eq!(story.fix(M), "");
}

#[test]
fn c27_exit_comes_before_enter_when_one_report_leaves_one_for_another() {
    let mut story = Story::new();
    story.put(square("Z", -0.14, -0.12));
    story.put(square("A", -0.119, -0.10));
    assert_eq!(story.fix((51.5, -0.13)), "outside A, enter Z, inside Z");
    assert_eq!(
        story.fix((51.5, -0.11)),
        "exit Z, outside Z, enter A, inside A"
    );
}

#[test]
fn n01_a_scheduled_fence_fires_at_its_own_times() {
    let mut story = Story::new();
    let at = |seconds: i64| Timestamp::from_millis(seconds * 1000).unwrap();
    let mut fence = square("B", -0.14, -0.10);
    (fence.valid_from, fence.valid_until) = (Some(at(100)), Some(at(130)));
    story.put(fence);
    assert_eq!(story.fix(M), "");
    assert_eq!(story.fences.next_due(), Some(at(100)));
    assert_eq!(
        story.fire_next(),
        "enter B fence_created, inside B fence_created"
    );
    assert_eq!(story.fences.next_due(), Some(at(130)));
    assert_eq!(story.fire_next(), "exit B fence_expired");
    assert_eq!(story.fences.next_due(), None);
}

#[test]
fn a_proposed_fence_never_fires() {
    let mut story = Story::new();
    let fence = Fence {
        approved: false,
        ..square("B", -0.14, -0.10)
    };
    assert_eq!(story.put(fence), "");
    assert_eq!(story.fix(M), "");
}

#[test]
fn the_last_good_version_stays_when_an_edit_is_no_shape() {
    let mut story = Story::new();
    story.put(square("B", -0.14, -0.10));
    story.fix(M);
    let broken = Fence {
        geometry: Geometry::Polygons(vec![]),
        ..square("B", -0.14, -0.10)
    };
    let edit = FenceEdit {
        id: "B".into(),
        at: None,
        fence: Some(broken.into()),
    };
    let at = story.tick();
    assert_eq!(
        story.fences.edit(at, &edit, &mut story.car),
        Err(InvalidShape::Empty)
    );
    assert_eq!(story.fix(W), "exit B, outside B");
}

proptest! {
    /// The index and membership against asking every fence at every fix.
    #[test]
    fn membership_equals_brute_force(
        fences in prop::collection::vec((-20i32..20, 1i32..10), 1..12),
        steps in prop::collection::vec((-25i32..25, 0usize..40), 1..60),
    ) {
        let mut story = Story::new();
        let mut drawn: Vec<(String, f64, f64)> = Vec::new();
        for (lng, choice) in steps {
            if let Some((west, width)) = fences.get(choice) {
                let id = format!("F{}", choice % 4);
                let (west, east) = (f64::from(*west), f64::from(west + width));
                story.put(square(&id, west, east));
                drawn.retain(|(other, _, _)| *other != id);
                drawn.push((id, west, east));
            }
            let lng = f64::from(lng);
            story.fix((51.5, lng));
            let inside = drawn
                .iter()
                .filter(|(_, west, east)| (*west..=*east).contains(&lng))
                .map(|(id, _, _)| id.clone())
                .collect();
            let visited = story.visited();
            let visited: BTreeSet<_> = visited.iter().map(ToString::to_string).collect();
            prop_assert_eq!(&visited, &inside);
        }
    }
}

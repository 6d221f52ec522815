//! What happens when: the orders of each scenario and of the story.

use crate::simulate::{Scenario, as_f64};

/// Something that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// The march sets off.
    March,
    /// The march is over: its stewards are driven back to where it began.
    Disperse,
    /// Somebody goes into the sterile zone, and
    Breach,
    /// out of it.
    Withdraw,
    /// A post on the cordon is left, and
    LeavePost,
    /// taken again.
    RetakePost,
    /// Somebody comes to the rendezvous point, and
    Meet,
    /// leaves it.
    Part,
    /// An officer presses the emergency button, and
    Press,
    /// is well.
    Calm,
    /// An immediate incident whose caller is lost.
    LostCall,
    /// An incident told in words that the demo's gazetteer knows.
    ToldCall,
    /// A sector's units are called away, and
    CallAway,
    /// come back.
    ComeBack,
    /// Disorder breaks out, and
    Outbreak,
    /// ends.
    Settle,
    /// The feed of positions stops, and
    Freeze,
    /// goes on.
    Thaw,
}

/// A world's orders.
#[derive(Clone, Debug)]
pub(super) struct Script {
    /// By second.
    pub(super) orders: Vec<(u64, Order)>,
    /// Seconds after which it begins again.
    pub(super) period_s: Option<u64>,
    /// How far along the route the march's head is at first, metres; `None` without a march.
    pub(super) march_m: Option<f64>,
    /// How many of the patrols roam from sector to sector.
    pub(super) roaming: f64,
    /// Roads closed.
    pub(super) closed_roads: bool,
    /// Seconds between incidents.
    pub(super) job_every_s: f64,
}

/// Names of the story's chapters, and the second at which each begins.
pub(super) const CHAPTERS: [(u64, &str); 7] = [
    (0, "A quiet afternoon"),
    (45, "A march sets off along Piccadilly"),
    (150, "Somebody enters the sterile zone"),
    (210, "An officer calls for help"),
    (270, "The City is left empty"),
    (420, "Disorder in Soho"),
    (540, "A feed freezes"),
];
/// Seconds of the story.
pub(super) const STORY_S: u64 = 600;

/// The story. The City's units leave in the march's chapter, so that a rule that waits five minutes
/// for an empty sector rings in the chapter named for it. Fewer `resources` have fewer incidents to see to.
pub(super) fn story(resources: usize) -> Script {
    Script {
        orders: vec![
            (1, Order::LeavePost),
            (1, Order::Meet),
            (8, Order::ToldCall),
            (20, Order::LostCall),
            (35, Order::RetakePost),
            (45, Order::March),
            (60, Order::CallAway),
            (155, Order::Breach),
            (200, Order::Withdraw),
            (215, Order::Press),
            (260, Order::Calm),
            (300, Order::Part),
            (410, Order::ComeBack),
            (420, Order::Outbreak),
            (525, Order::Settle),
            (525, Order::Disperse),
            (545, Order::Freeze),
            (590, Order::Thaw),
        ],
        period_s: Some(STORY_S),
        march_m: Some(850.0),
        roaming: 0.0,
        closed_roads: true,
        job_every_s: (1200.0 / as_f64(resources as u64)).max(4.0),
    }
}

impl Script {
    /// The orders of `scenario`, spread over `length_s` seconds, with about one record in twenty of
    /// `rate` a second about an incident.
    pub(super) fn of(scenario: Scenario, length_s: u64, rate: f64) -> Self {
        let (orders, march_m): (&[(u64, Order)], _) = match scenario {
            Scenario::Routine => (
                &[
                    (10, Order::Meet),
                    (20, Order::LeavePost),
                    (30, Order::RetakePost),
                    (40, Order::LostCall),
                    (55, Order::Press),
                    (65, Order::Calm),
                    (80, Order::Part),
                ],
                None,
            ),
            Scenario::Event => (
                &[
                    (5, Order::March),
                    (15, Order::Meet),
                    (35, Order::LeavePost),
                    (50, Order::Breach),
                    (60, Order::Withdraw),
                    (65, Order::RetakePost),
                    (70, Order::Press),
                    (80, Order::Calm),
                    (85, Order::Part),
                    (90, Order::Disperse),
                ],
                Some(300.0),
            ),
            Scenario::Disorder => (
                &[
                    (10, Order::CallAway),
                    (15, Order::Outbreak),
                    (25, Order::Meet),
                    (30, Order::LeavePost),
                    (40, Order::Press),
                    (50, Order::Calm),
                    (60, Order::LostCall),
                    (80, Order::Settle),
                    (90, Order::ComeBack),
                ],
                None,
            ),
        };
        Self {
            orders: orders
                .iter()
                .map(|(percent, order)| (percent * length_s / 100, *order))
                .collect(),
            period_s: None,
            march_m,
            roaming: if scenario == Scenario::Routine {
                0.3
            } else {
                0.0
            },
            closed_roads: scenario == Scenario::Event,
            job_every_s: (100.0 / rate).max(0.2),
        }
    }
}

//! One incident: reported, regraded, moved, attended, closed.

use crate::domain::ids::Subject;
use crate::domain::report::{Body, Incident, IncidentState, Location, Report, Text};
use crate::domain::time::Timestamp;
use crate::simulate::ground::{CLEARANCE_M, Spot, Zone, clear_of};
use crate::simulate::places::{CATEGORIES, DISORDER, NOWHERE, POSTCODES, SOHO, TOLD};
use crate::simulate::random::Random;
use crate::simulate::unit::{incident_id, report};

/// How far an incident keeps from every edge where its place is rounded to a grid, metres: the fit of
/// the grid, ten metres of rounding, and a reader's choice of corner or middle of a square.
const GRID_CLEARANCE_M: f64 = 40.0;
/// Seconds after which an incident that nobody can place is closed.
const GIVEN_UP_S: u64 = 240;

const GRADES: [&str; 10] = ["I", "I", "S", "S", "S", "E", "E", "E", "R", "R"];

/// How the control room writes where it is.
#[derive(Clone, Copy, Debug)]
enum Form {
    Degrees,
    EastingNorthing,
    GridReference,
    Postcode(&'static str),
    Text(&'static str),
}

/// An incident of the world.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) number: usize,
    pub(super) sector: usize,
    pub(super) spot: Spot,
    pub(super) state: IncidentState,
    /// Who is assigned, by number, and as a name.
    pub(super) unit: Option<(usize, Text)>,
    /// When the work there is done.
    pub(super) done_s: Option<u64>,
    form: Form,
    category: &'static str,
    grade: &'static str,
    opened_s: u64,
    regraded_s: Option<u64>,
    moved_s: Option<u64>,
    placed_s: Option<u64>,
    attended_at: Option<Timestamp>,
}

impl Job {
    /// An ordinary one in `sector`, about `spot`.
    pub(super) fn new(
        number: usize,
        sector: usize,
        spot: Spot,
        second: u64,
        random: &mut Random,
    ) -> Self {
        let form = match random.below(20) {
            0..=11 => Form::Degrees,
            12 | 13 => Form::EastingNorthing,
            14 | 15 => Form::GridReference,
            16 | 17 => Form::Postcode(random.pick(&POSTCODES)),
            _ => Form::Text(random.pick(&NOWHERE)),
        };
        let later = |chance, low, high, random: &mut Random| {
            let after = [low, u64::midpoint(low, high), high];
            random.happens(chance).then(|| second + random.pick(&after))
        };
        Self {
            number,
            sector,
            spot,
            state: IncidentState::Open,
            unit: None,
            done_s: None,
            form,
            category: random.pick(&CATEGORIES),
            grade: random.pick(&GRADES),
            opened_s: second,
            regraded_s: later(0.2, 15, 60, random),
            moved_s: later(0.1, 20, 80, random),
            placed_s: later(0.6, 25, 45, random),
            attended_at: None,
        }
    }

    /// One of a disorder, at a known place.
    pub(super) fn disorder(
        number: usize,
        sector: usize,
        spot: Spot,
        second: u64,
        random: &mut Random,
    ) -> Self {
        Self {
            form: Form::Degrees,
            category: random.pick(&DISORDER),
            grade: random.pick(&["I", "I", "S"]),
            ..Self::new(number, sector, spot, second, random)
        }
    }

    /// One that cannot wait and that nobody can find.
    pub(super) fn lost(
        number: usize,
        sector: usize,
        spot: Spot,
        second: u64,
        random: &mut Random,
    ) -> Self {
        Self {
            form: Form::Text(NOWHERE[3]),
            category: "violence.knife",
            grade: "I",
            placed_s: Some(second + 90),
            ..Self::new(number, sector, spot, second, random)
        }
    }

    /// One whose caller says where it is in words; the crew says later what the coordinates are.
    pub(super) fn told(number: usize, second: u64, random: &mut Random) -> Self {
        let (words, spot) = TOLD;
        Self {
            form: Form::Text(words),
            category: "violence.assault",
            grade: "S",
            placed_s: Some(second + 60),
            ..Self::new(number, SOHO, spot, second, random)
        }
    }

    pub(super) fn is_new(&self, second: u64) -> bool {
        self.opened_s == second
    }

    /// Whether those sent know where to go.
    pub(super) fn is_placed(&self) -> bool {
        !matches!(self.form, Form::Postcode(_) | Form::Text(_))
    }

    /// What the caller or the control room learns of it by `second`; true where that is something.
    pub(super) fn learn(&mut self, second: u64, random: &mut Random) -> bool {
        let due = |moment: &mut Option<u64>| moment.take_if(|moment| *moment <= second).is_some();
        if !self.is_placed() {
            let placed = due(&mut self.placed_s);
            if placed {
                self.form = Form::Degrees;
            }
            return placed;
        }
        let regraded = due(&mut self.regraded_s);
        if regraded {
            self.grade = match self.grade {
                "R" => "E",
                "S" => "I",
                _ => "S",
            };
        }
        let moved = due(&mut self.moved_s);
        if moved {
            self.form = Form::Degrees;
            self.spot = self
                .spot
                .moved(random.between(-200.0, 200.0), random.between(-200.0, 200.0));
        }
        regraded || moved
    }

    /// Somebody is there; the work takes a while.
    pub(super) fn attend(&mut self, second: u64, at: Timestamp, random: &mut Random) {
        self.state = IncidentState::Attended;
        self.attended_at = Some(at);
        self.done_s = Some(second + random.pick(&[40, 55, 70, 90, 120]));
    }

    pub(super) fn is_given_up(&self, second: u64) -> bool {
        !self.is_placed() && second >= self.opened_s + GIVEN_UP_S
    }

    /// What the control room writes at `at`.
    pub(super) fn report(&self, at: Timestamp, zones: &[Zone]) -> Report {
        let incident = Incident {
            category: Some(self.category.into()),
            grade: Some(self.grade.into()),
            state: Some(self.state),
            agency: Some("MPS".into()),
            assigned: self.unit.iter().map(|(_, name)| name.clone()).collect(),
            attended_at: self.attended_at,
            source: Some("cad".into()),
            ..Incident::default()
        };
        let subject = Subject::incident(&incident_id(self.number));
        report(
            subject,
            at,
            Some(self.location(zones)),
            Body::Incident(incident),
        )
    }

    /// Where a report puts it, where its words say so.
    pub(super) fn written_spot(&self, zones: &[Zone]) -> Option<Spot> {
        match self.form {
            Form::Degrees => Some(clear_of(zones, self.spot, CLEARANCE_M)),
            Form::EastingNorthing | Form::GridReference => {
                Some(clear_of(zones, self.spot, GRID_CLEARANCE_M))
            }
            Form::Postcode(_) | Form::Text(_) => None,
        }
    }

    fn location(&self, zones: &[Zone]) -> Location {
        let spot = self.written_spot(zones).unwrap_or(self.spot);
        let (easting, northing) = spot.grid();
        // To the ten metres that eight figures give.
        let tens = |metres: f64| (metres / 10.0).floor();
        match self.form {
            Form::Degrees => Location::Degrees {
                lat: spot.lat,
                lng: spot.lng,
            },
            Form::EastingNorthing => Location::EastingNorthing {
                easting: tens(easting) * 10.0,
                northing: tens(northing) * 10.0,
            },
            // All of inner London is in the square TQ, whose corner is (500 km, 100 km).
            Form::GridReference => {
                let (east, north) = (tens(easting) - 50_000.0, tens(northing) - 10_000.0);
                Location::GridReference(format!("TQ {east:04.0} {north:04.0}").into())
            }
            Form::Postcode(code) => Location::Postcode(code.into()),
            Form::Text(text) => Location::Text(text.into()),
        }
    }
}

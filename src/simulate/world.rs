//! The world: its units and incidents, and the orders of its script as they fall due.

use crate::domain::report::{IncidentState, Report};
use crate::domain::time::Timestamp;
use crate::simulate::ground::{Spot, Zone};
use crate::simulate::job::Job;
use crate::simulate::places::{
    BREACH, CITY, MEETING, NEAR_SOHO, OUTBREAK, POST, ROAMING, ROUTE, SECTORS, SOHO, SUPPORT, zones,
};
use crate::simulate::random::Random;
use crate::simulate::script::{Order, Script};
use crate::simulate::unit::{
    AT_SCENE, CYCLE, EMERGENCY, EN_ROUTE, FOOT, MOUNTED, Then, Unit, VEHICLE, corner_in,
};

/// Those with a part of their own stand first.
const INTRUDER: usize = 0;
const SENTRY: usize = 1;
const VISITOR: usize = 2;
const FIRST_POST: usize = 3;
/// Metres of a march from its head to its end.
const MARCH_LENGTH_M: f64 = 300.0;
/// Walking speed of a march, metres a second.
const MARCH_MPS: f64 = 1.3;
/// Seconds between two waves of units sent to a disorder.
const WAVE_S: u64 = 20;
/// How fast disorder spreads, metres a second, and how far.
const SPREAD: (f64, f64) = (1.5, 350.0);

/// Everything that moves.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) zones: Vec<Zone>,
    pub(super) units: Vec<Unit>,
    /// Whether the feed of positions stands still.
    pub(super) frozen: bool,
    /// Incidents so far.
    pub(super) opened: usize,
    random: Random,
    script: Script,
    march: std::ops::Range<usize>,
    jobs: Vec<Job>,
    next_job_s: f64,
    /// Since when there is disorder, and when its next incident is.
    outbreak: Option<(u64, f64)>,
    pressed: Option<usize>,
    called_away: Vec<usize>,
    converged: Vec<usize>,
}

/// What is reported by the second, beside positions.
#[derive(Debug, Default)]
pub(super) struct Tick {
    /// Status reports without a position.
    pub(super) statuses: Vec<Report>,
    /// With where each is, as far as it is written.
    pub(super) incidents: Vec<(Report, Option<Spot>)>,
}

impl World {
    /// A world of `resources` units.
    pub(super) fn new(seed: u64, resources: usize, script: Script) -> Self {
        let mut world = Self {
            zones: zones(script.closed_roads),
            units: Vec::with_capacity(resources),
            frozen: false,
            opened: 0,
            random: Random::new(seed),
            script,
            march: 0..0,
            jobs: Vec::new(),
            next_job_s: 0.0,
            outbreak: None,
            pressed: None,
            called_away: Vec::new(),
            converged: Vec::new(),
        };
        world.next_job_s = world.random.between(0.0, world.script.job_every_s);
        world.cast(resources);
        world
    }

    fn cast(&mut self, resources: usize) {
        let stay = Then::Stay(AT_SCENE);
        self.units
            .push(Unit::new("KX01", CYCLE, "Response", BREACH.0, stay));
        self.units
            .push(Unit::new("KX02", CYCLE, "Cordon", POST.0, stay));
        self.units
            .push(Unit::new("KX03", VEHICLE, "Response", MEETING.0, stay));
        for post in 0..=(resources / 500).min(3) {
            let east = [-50.0, 50.0, -25.0, 25.0][post];
            let callsign = format!("KX{:02}", FIRST_POST + post + 1);
            let home = POST.0.moved(east, 50.0);
            self.units
                .push(Unit::new(&callsign, FOOT, "Cordon", home, stay));
        }
        let first = self.units.len();
        if let Some(head_m) = self.script.march_m {
            let serials = (resources / 20).clamp(4, 60);
            let gap = MARCH_LENGTH_M / f64::from(u32::try_from(serials).unwrap_or(u32::MAX));
            let mut along_m = head_m;
            for serial in 1..=serials {
                let (spot, _) = along_route(along_m);
                let aside = self.random.between(-6.0, 6.0);
                let callsign = format!("SR{serial:02}");
                let home = spot.moved(aside, aside);
                self.units
                    .push(Unit::new(&callsign, FOOT, "March serials", home, stay));
                along_m -= gap;
            }
        }
        self.march = first..self.units.len();
        for number in 0..resources.saturating_sub(self.units.len()) {
            let unit = self.patrol(number);
            self.units.push(unit);
        }
    }

    fn patrol(&mut self, number: usize) -> Unit {
        let sector = number % SECTORS.len();
        let roams = sector < ROAMING && self.random.happens(self.script.roaming);
        let beat = (!roams).then_some(sector);
        let home = corner_in(beat, &mut self.random);
        let class = self
            .random
            .pick(&[VEHICLE, VEHICLE, VEHICLE, FOOT, FOOT, CYCLE, MOUNTED]);
        let callsign = format!(
            "{}{:02}",
            SECTORS[sector].prefix,
            number / SECTORS.len() + 1
        );
        let group = SECTORS[sector].zone.name;
        let mut unit = Unit::new(&callsign, class, group, home, Then::Patrol);
        unit.beat = beat;
        unit
    }

    /// What the position of unit `number` is after `seconds` more, as it reports it at `at`.
    pub(super) fn position(&mut self, number: usize, seconds: f64, at: Timestamp) -> Report {
        self.units[number].step(seconds, &mut self.random);
        self.units[number].report(at, &self.zones, &mut self.random)
    }

    /// Lets happen what happens in `second`.
    pub(super) fn tick(&mut self, second: u64, at: Timestamp) -> Tick {
        let mut tick = Tick::default();
        let time = self
            .script
            .period_s
            .map_or(second, |period| second % period);
        let orders = self.script.orders.iter();
        let due: Vec<_> = orders
            .filter(|(due, _)| *due == time)
            .map(|(_, order)| *order)
            .collect();
        for order in due {
            let status = self.obey(order, second, at);
            tick.statuses.extend(status);
        }
        self.send_waves(second);
        self.work(second, at, &mut tick);
        self.open_jobs(second, at, &mut tick);
        tick
    }

    fn obey(&mut self, order: Order, second: u64, at: Timestamp) -> Option<Report> {
        let stay = Then::Stay(AT_SCENE);
        match order {
            Order::March => self.set_off(),
            Order::Disperse => {
                for steward in &mut self.units[self.march.clone()] {
                    let home = steward.home;
                    steward.follow([home], 12.0, stay);
                }
            }
            Order::Breach => self.units[INTRUDER].go(BREACH.1, AT_SCENE, stay),
            Order::Withdraw => self.units[INTRUDER].go(BREACH.0, AT_SCENE, stay),
            Order::LeavePost => self.units[SENTRY].follow([POST.1], 15.0, stay),
            Order::RetakePost => self.units[SENTRY].go(POST.0, AT_SCENE, stay),
            Order::Meet => self.units[VISITOR].follow([MEETING.1], 15.0, stay),
            Order::Part => self.units[VISITOR].go(MEETING.0, AT_SCENE, stay),
            Order::Press => return self.press(at),
            Order::Calm => {
                if let Some(number) = self.pressed.take() {
                    self.units[number].patrol();
                }
            }
            Order::LostCall => {
                let (sector, spot) = self.somewhere();
                let job = Job::lost(self.opened, sector, spot, second, &mut self.random);
                self.open(job);
            }
            Order::ToldCall => {
                let job = Job::told(self.opened, second, &mut self.random);
                self.open(job);
            }
            Order::CallAway => self.call_away(),
            Order::ComeBack => {
                for number in std::mem::take(&mut self.called_away) {
                    let home = self.units[number].home;
                    self.units[number].ride(home, Then::Patrol);
                }
            }
            Order::Outbreak => self.outbreak = Some((second, 0.0)),
            Order::Settle => {
                self.outbreak = None;
                for number in std::mem::take(&mut self.converged) {
                    self.units[number].patrol();
                }
            }
            Order::Freeze => self.frozen = true,
            Order::Thaw => self.frozen = false,
        }
        None
    }

    fn set_off(&mut self) {
        for steward in &mut self.units[self.march.clone()] {
            let Some((_, next)) = (0..ROUTE.len() - 1)
                .map(|leg| (leg, leg + 1))
                .min_by(|a, b| {
                    let off = |leg: usize| {
                        let (from, to) = (ROUTE[leg], ROUTE[leg + 1]);
                        steward.spot.distance(from) + steward.spot.distance(to) - from.distance(to)
                    };
                    off(a.0).total_cmp(&off(b.0))
                })
            else {
                continue;
            };
            let aside = self.random.between(-6.0, 6.0);
            let way = ROUTE[next..].iter().map(|spot| spot.moved(aside, aside));
            steward.follow(way, MARCH_MPS, Then::Stay(AT_SCENE));
        }
    }

    fn press(&mut self, at: Timestamp) -> Option<Report> {
        let free: Vec<_> = self.free_in(|beat| beat != Some(CITY)).collect();
        let patrols = self.march.end..self.units.len();
        let number = if free.is_empty() {
            patrols.last()?
        } else {
            self.random.pick(&free)
        };
        let unit = &mut self.units[number];
        unit.job = None;
        unit.stay(EMERGENCY);
        self.pressed = Some(number);
        Some(unit.status_report(at))
    }

    fn call_away(&mut self) {
        for number in self.march.end..self.units.len() {
            if self.units[number].beat == Some(CITY) && self.pressed != Some(number) {
                let aside = (
                    self.random.between(-40.0, 40.0),
                    self.random.between(-40.0, 40.0),
                );
                let unit = &mut self.units[number];
                unit.job = None;
                unit.home = unit.spot;
                unit.ride(SUPPORT.moved(aside.0, aside.1), Then::Stay(AT_SCENE));
                self.called_away.push(number);
            }
        }
    }

    /// While there is disorder, the nearest free units go there.
    fn send_waves(&mut self, second: u64) {
        let Some((since, _)) = self.outbreak else {
            return;
        };
        if !(second - since).is_multiple_of(WAVE_S) {
            return;
        }
        let near = |beat: Option<usize>| beat.is_some_and(|beat| NEAR_SOHO.contains(&beat));
        let mut free: Vec<_> = self.free_in(near).collect();
        free.sort_by(|a, b| {
            let distance = |number: usize| self.units[number].spot.distance(OUTBREAK);
            distance(*a).total_cmp(&distance(*b))
        });
        free.truncate(self.units.len() / 60 + 1);
        for number in free {
            let aside = (
                self.random.between(-80.0, 80.0),
                self.random.between(-80.0, 80.0),
            );
            let to = OUTBREAK.moved(aside.0, aside.1);
            self.units[number].go(to, EN_ROUTE, Then::Stay(AT_SCENE));
            self.converged.push(number);
        }
    }

    fn free_in(&self, of: impl Fn(Option<usize>) -> bool) -> impl Iterator<Item = usize> {
        let patrols = self.units.iter().enumerate().skip(self.march.end);
        patrols
            .filter(move |(_, unit)| unit.is_free() && of(unit.beat))
            .map(|(number, _)| number)
    }

    fn somewhere(&mut self) -> (usize, Spot) {
        let sector = self.random.below(SECTORS.len());
        let corner = corner_in(Some(sector), &mut self.random);
        let spot = corner.moved(
            self.random.between(-40.0, 40.0),
            self.random.between(-40.0, 40.0),
        );
        (sector, spot)
    }

    fn open(&mut self, job: Job) {
        self.opened += 1;
        self.jobs.push(job);
    }

    fn open_jobs(&mut self, second: u64, at: Timestamp, tick: &mut Tick) {
        let end = f64::from(u32::try_from(second + 1).unwrap_or(u32::MAX));
        while self.next_job_s < end {
            self.next_job_s += self.script.job_every_s * self.random.between(0.5, 1.5);
            let (sector, spot) = self.somewhere();
            let job = Job::new(self.opened, sector, spot, second, &mut self.random);
            self.open(job);
        }
        if let Some((since, mut next_s)) = self.outbreak {
            next_s = next_s.max(end - 1.0);
            while next_s < end {
                next_s += (self.script.job_every_s / 3.0).max(0.5);
                let lasted = end - f64::from(u32::try_from(since).unwrap_or(u32::MAX));
                let reach = (60.0 + SPREAD.0 * lasted).min(SPREAD.1);
                let spot = OUTBREAK.moved(
                    self.random.between(-reach, reach),
                    self.random.between(-reach, reach),
                );
                let job = Job::disorder(self.opened, SOHO, spot, second, &mut self.random);
                self.open(job);
            }
            self.outbreak = Some((since, next_s));
        }
        for job in self.jobs.iter().filter(|job| job.is_new(second)) {
            tick.incidents
                .push((job.report(at, &self.zones), job.written_spot(&self.zones)));
        }
    }

    /// Takes every incident that is not new one step on.
    fn work(&mut self, second: u64, at: Timestamp, tick: &mut Tick) {
        let mut jobs = std::mem::take(&mut self.jobs);
        jobs.retain_mut(|job| {
            if job.is_new(second) {
                return true;
            }
            let learnt = job.learn(second, &mut self.random);
            if self.step(job, second, at) || learnt {
                tick.incidents
                    .push((job.report(at, &self.zones), job.written_spot(&self.zones)));
            }
            job.state != IncidentState::Closed
        });
        self.jobs = jobs;
    }

    /// Whether the work on `job` went on.
    fn step(&mut self, job: &mut Job, second: u64, at: Timestamp) -> bool {
        let unit = job.unit.as_ref().map(|(number, _)| *number);
        match unit {
            None if job.is_given_up(second) => job.state = IncidentState::Closed,
            None if !job.is_placed() => return false,
            None => {
                let Some(number) = self.nearest(job) else {
                    return false;
                };
                let unit = &mut self.units[number];
                unit.job = Some(job.number);
                unit.go(job.spot, EN_ROUTE, Then::Stay(AT_SCENE));
                job.unit = Some((number, unit.id().into()));
                job.state = IncidentState::Assigned;
            }
            Some(number) if self.units[number].job != Some(job.number) => {
                // Called to something else.
                job.unit = None;
                job.done_s = None;
                job.state = IncidentState::Open;
            }
            Some(number) => match job.done_s {
                None if self.units[number].has_arrived() => {
                    job.attend(second, at, &mut self.random);
                }
                Some(done) if done <= second => {
                    job.state = IncidentState::Closed;
                    self.units[number].patrol();
                }
                _ => return false,
            },
        }
        true
    }

    fn nearest(&self, job: &Job) -> Option<usize> {
        let serves =
            |beat: Option<usize>| beat.map_or(job.sector < ROAMING, |beat| beat == job.sector);
        let distance = |number: &usize| self.units[*number].spot.distance(job.spot);
        self.free_in(serves)
            .min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }
}

/// The spot so many metres along the march's route, and the number of the next vertex.
fn along_route(metres: f64) -> (Spot, usize) {
    let mut left = metres.max(0.0);
    for (number, leg) in (1..).zip(ROUTE.windows(2)) {
        let (east, north) = leg[0].to(leg[1]);
        let length = east.hypot(north);
        if left < length {
            return (
                leg[0].moved(east * left / length, north * left / length),
                number,
            );
        }
        left -= length;
    }
    (ROUTE[ROUTE.len() - 1], ROUTE.len())
}

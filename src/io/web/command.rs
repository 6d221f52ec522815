//! What operators do, on its way to the topic of commands; believed only when its effect comes back.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use crate::domain::alert::AlertState;
use crate::domain::command::{Action, Command};
use crate::domain::ids;
use crate::domain::position::Position;
use crate::domain::report::{Location, Text};
use crate::domain::served::{Served, What};
use crate::geocode::{Geocoder, Hints};
use crate::io::web::gate::{Access, Gate, Reader};
use crate::io::web::hub::Picture;
use crate::io::web::now;
use crate::io::wire::audit::Category;
use crate::io::wire::command;
use crate::io::wire::live::{LONGEST_ID, Refused, Wish};
use crate::serve::ReadModel;

/// One record for `cordon.commands`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandRecord {
    /// Its key: the target, so that the commands about one thing stay in order.
    pub key: String,
    /// The record.
    pub json: Vec<u8>,
}

/// Makes commands of wishes.
pub(super) struct Desk {
    commands: mpsc::Sender<CommandRecord>,
    picture: Picture,
    moved: watch::Receiver<()>,
    geocoder: Geocoder,
    writer: String,
    role: String,
    within: Duration,
    count: AtomicU64,
}

/// A command that was given, and what has to change for it to be done.
pub(super) struct Given {
    /// The id that it goes by.
    pub(super) id: String,
    /// The wisher's own id of it.
    pub(super) named: Option<String>,
    target: Text,
    effect: Effect,
}

enum Effect {
    /// Somebody has the alert, of which this was the version.
    Acknowledged(i64),
    /// The alert goes beyond this of its versions.
    AlertBeyond(i64),
    /// The incident is another.
    IncidentOther(Text),
}

impl Desk {
    pub(super) fn new(
        commands: mpsc::Sender<CommandRecord>,
        picture: Picture,
        moved: watch::Receiver<()>,
        geocoder: Geocoder,
        writer: String,
        role: String,
        within: Duration,
    ) -> Self {
        Self {
            commands,
            picture,
            moved,
            geocoder,
            writer,
            role,
            within,
            count: AtomicU64::new(0),
        }
    }

    /// Checks `wish` against the picture and hands it on. What comes of it shows on every screen.
    pub(super) fn give(&self, gate: &Gate, by: &Reader, wish: &Wish) -> Result<Given, Refused> {
        let refuse = |code, detail: String| Refused::new(code, detail, wish.id.clone());
        if wish.id.as_ref().is_some_and(|id| id.len() > LONGEST_ID) {
            let detail = format!("id is longer than {LONGEST_ID} bytes");
            return Err(Refused::new("bad_command", detail, None));
        }
        let count = self.count.fetch_add(1, Ordering::Relaxed).to_string();
        let own = ids::digest(&["command", &self.writer, &count]);
        let role = Some(&*self.role).filter(|role| !role.is_empty());
        let command = wish
            .command(&own, now(), by.who, role)
            .map_err(|reject| refuse("bad_command", reject.detail))?;
        let effect = expected(&self.picture.read(), &command)
            .map_err(|(code, detail)| refuse(code, detail))?;
        if let Action::Place(location) = &command.action {
            let there = self
                .check_place(location)
                .map_err(|detail| refuse("bad_command", detail))?;
            if there.is_some() && there == self.place_of(&command.target) {
                let detail = format!("incident \"{}\" is there already", command.target);
                return Err(refuse("already", detail));
            }
        }
        // Reserved before the audit says so: what is written there has happened.
        let slot = self.commands.try_reserve().map_err(|_| {
            let detail =
                "commands cannot be written at the moment: this one was not taken, try again";
            refuse("unavailable", detail.into())
        })?;
        let (kind, version) = match effect {
            Effect::Acknowledged(sequence) | Effect::AlertBeyond(sequence) => {
                ("alert", Some(sequence))
            }
            Effect::IncidentOther(_) => ("incident", None),
        };
        let permit = gate.pass(
            by,
            &Access {
                category: Category::Alteration,
                purpose: None,
                what: &format!("command {}", command.action.label()),
                subscription: None,
                individual: (kind, &command.target),
                version,
            },
        );
        permit
            .map_err(|refused| refuse(refused.code, refused.detail))?
            .spend();
        let mut json = Vec::new();
        command::encode(&command, &mut json);
        slot.send(CommandRecord {
            key: command.target.to_string(),
            json: json.trim_ascii_end().to_vec(),
        });
        Ok(Given {
            id: command.id.to_string(),
            named: wish.id.clone(),
            target: command.target,
            effect,
        })
    }

    /// Where an incident is.
    fn place_of(&self, incident: &str) -> Option<Position> {
        self.picture.read().incidents().get(incident)?.position
    }

    /// The place of a location. What is none is told at once, with what it may mean; a text that only the
    /// gazetteer of the track may know is let through.
    fn check_place(&self, location: &Location) -> Result<Option<Position>, String> {
        let refusal = match self.geocoder.answer(location, &Hints::default()) {
            Ok(found) => return Ok(Some(found.placed.position)),
            Err(refusal) if self.geocoder.has_gazetteer() || needs_none(location) => refusal,
            Err(_) => return Ok(None),
        };
        let meant = refusal.alternatives.iter();
        let meant: Vec<&str> = meant
            .filter_map(|placed| placed.matched.as_deref())
            .collect();
        let detail = format!(
            "location is no place ({}): {}",
            refusal.reject.reason.label(),
            refusal.reject.detail
        );
        Err(if meant.is_empty() {
            detail
        } else {
            format!("{detail}; it may mean {}", meant.join(", "))
        })
    }

    /// Waits for what comes of a command, and gives the record as it is then.
    pub(super) async fn effect(&self, given: &Given) -> Result<Text, Refused> {
        let mut moved = self.moved.clone();
        let waiting = async {
            loop {
                moved.mark_unchanged();
                if let Some(now) = given.effect_in(&self.picture.read()) {
                    return Some(Text::clone(&now.data));
                }
                moved.changed().await.ok()?;
            }
        };
        let done = timeout(self.within, waiting).await.ok().flatten();
        done.ok_or_else(|| {
            let detail = format!(
                "nothing came of it within {} s: look at it again, then try again",
                self.within.as_secs_f64()
            );
            let id = given.named.as_ref().unwrap_or(&given.id);
            Refused::new("no_effect", detail, Some(id.clone()))
        })
    }
}

impl Given {
    fn effect_in<'m>(&self, model: &'m ReadModel) -> Option<&'m Served> {
        match &self.effect {
            Effect::Acknowledged(_) => {
                let alert = model.alert(&self.target)?;
                let is_had = |state| matches!(state, AlertState::Acknowledged | AlertState::Closed);
                matches!(alert.what, What::Alert { state, .. } if is_had(state)).then_some(alert)
            }
            Effect::AlertBeyond(before) => {
                let alert = model.alert(&self.target)?;
                matches!(alert.what, What::Alert { sequence, .. } if sequence > *before)
                    .then_some(alert)
            }
            Effect::IncidentOther(before) => {
                let incident = model.incidents().get(&self.target)?;
                (incident.data != *before).then_some(incident)
            }
        }
    }
}

/// Whether a location is told by numbers that need no gazetteer.
fn needs_none(location: &Location) -> bool {
    match location {
        Location::Degrees { .. }
        | Location::EastingNorthing { .. }
        | Location::GridReference(_) => true,
        Location::Postcode(_) | Location::Uprn(_) | Location::Text(_) => false,
    }
}

/// What will be other than in `model` once `command` is done, or why it cannot be.
fn expected(model: &ReadModel, command: &Command) -> Result<Effect, (&'static str, String)> {
    let target: String = command.target.chars().take(100).collect();
    let unknown = |kind: &str| {
        let detail = format!("there is no {kind} \"{target}\", or no longer");
        ("unknown_target", detail)
    };
    match command.action {
        Action::Acknowledge | Action::Note => {
            let alert = model.alert(&command.target);
            let alert = alert.ok_or_else(|| unknown("alert"))?;
            let What::Alert {
                state, sequence, ..
            } = alert.what
            else {
                return Err(unknown("alert"));
            };
            let done = match (&command.action, state) {
                (Action::Acknowledge, AlertState::Acknowledged) => "acknowledged",
                (_, AlertState::Closed) => "closed",
                (Action::Acknowledge, _) => return Ok(Effect::Acknowledged(sequence)),
                (Action::Note | Action::Place(_), _) => return Ok(Effect::AlertBeyond(sequence)),
            };
            let detail = format!("alert \"{target}\" is {done} already");
            Err(("already", detail))
        }
        Action::Place(_) => {
            let incident = model.incidents().get(&command.target);
            let before = incident.ok_or_else(|| unknown("incident"))?;
            Ok(Effect::IncidentOther(Text::clone(&before.data)))
        }
    }
}

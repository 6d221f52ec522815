//! Where an operator placed an incident, for as long as the incident says nothing new of its place.

use crate::domain::command::Command;
use crate::domain::located::Placed;
use crate::domain::report::{Location, Text};
use crate::domain::time::Timestamp;

/// Where an operator placed an incident.
#[derive(Clone, Debug)]
pub struct Order {
    command: Text,
    at: Timestamp,
    /// `None` once the incident has said something else.
    placed: Option<Placed>,
    /// What the incident said itself.
    pub(super) instead_of: Option<Location>,
}

impl Order {
    /// The place that `command` gave, of an incident that said of it `instead_of`.
    #[must_use]
    pub fn new(command: &Command, placed: Placed, instead_of: Option<Location>) -> Self {
        Self {
            command: Text::clone(&command.id),
            at: command.at,
            placed: Some(placed),
            instead_of,
        }
    }

    /// Whether `command` is the one that was done, or older.
    pub(super) fn covers(&self, command: &Command) -> bool {
        self.command == command.id || command.at < self.at
    }

    /// The place of a report that says `location`; `None` where that is not what was overruled.
    pub(super) fn place_instead_of(&self, location: Option<&Location>) -> Option<&Placed> {
        let placed = self.placed.as_ref();
        placed.filter(|_| self.instead_of.as_ref() == location)
    }

    /// The incident says `location`: where that is something else, its own words count again.
    pub(super) fn hear(&mut self, location: Option<&Location>) {
        if self.instead_of.as_ref() != location {
            self.placed = None;
        }
    }
}

//! What a report says of its subject's standing attributes: what it leaves out stays as it was.

use std::sync::Arc;

use crate::domain::profile::Profile;
use crate::domain::report::{Incident, IncidentState, Resource, Text};
use crate::domain::vocabulary::Vocabulary;

/// The attributes of a subject while a report is taken in. What others hold of them stays as it is.
pub(super) struct Attributes<'p> {
    profile: &'p mut Arc<Profile>,
    are_others: bool,
}

impl<'p> Attributes<'p> {
    pub(super) fn of(profile: &'p mut Arc<Profile>) -> Self {
        Self {
            profile,
            are_others: false,
        }
    }

    /// Whether any of them was changed.
    pub(super) fn are_others(&self) -> bool {
        self.are_others
    }

    fn change(&mut self) -> &mut Profile {
        self.are_others = true;
        Arc::make_mut(self.profile)
    }

    /// The status that a resource says; gives whether it says one. A message code and a code that nobody knows say
    /// none.
    #[inline(always)]
    pub(super) fn take_status(&mut self, resource: &Resource, vocabulary: &Vocabulary) -> bool {
        let Some(status) = &resource.status else {
            return false;
        };
        if self.profile.status.as_ref() == Some(status) {
            return true;
        }
        let is_state = vocabulary.states.contains(status) || vocabulary.emergency.contains(status);
        if is_state {
            self.change().status = Some(status.clone());
        }
        is_state
    }

    /// What a resource says of itself beside its status.
    #[inline(always)]
    pub(super) fn take_resource(&mut self, resource: &Resource, vocabulary: &Vocabulary) {
        if let Some(class) = &resource.class
            && *class != self.profile.class
        {
            self.take_class(class, vocabulary);
        }
        if let Some(strength) = resource.strength
            && self.profile.strength != strength
        {
            self.change().strength = strength;
        }
        if is_new(resource.callsign.as_ref(), self.profile.callsign.as_ref()) {
            self.change().callsign.clone_from(&resource.callsign);
        }
        if is_new(resource.agency.as_ref(), self.profile.agency.as_ref()) {
            self.change().agency.clone_from(&resource.agency);
        }
    }

    fn take_class(&mut self, class: &Text, vocabulary: &Vocabulary) {
        let class = if vocabulary.classes.contains_key(class) {
            class
        } else {
            &vocabulary.default_class
        };
        if self.profile.class != *class {
            let profile = self.change();
            profile.class = class.clone();
            profile.strength = vocabulary
                .classes
                .get(class)
                .map_or(0, |class| class.strength);
        }
    }

    /// What is said of an incident.
    pub(super) fn take_incident(&mut self, incident: &Incident) {
        if let Some(category) = &incident.category
            && self.profile.class != *category
        {
            self.change().class = category.clone();
        }
        if is_new(incident.grade.as_ref(), self.profile.grade.as_ref()) {
            self.change().grade.clone_from(&incident.grade);
        }
        if is_new(incident.agency.as_ref(), self.profile.agency.as_ref()) {
            self.change().agency.clone_from(&incident.agency);
        }
        let state = incident
            .state
            .or(self.profile.state)
            .or(Some(IncidentState::Open));
        if self.profile.state != state {
            self.change().state = state;
        }
    }
}

/// Whether a report says something, and something else than what is known.
fn is_new(said: Option<&Text>, known: Option<&Text>) -> bool {
    said.is_some() && said != known
}

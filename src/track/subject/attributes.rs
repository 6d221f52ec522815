//! What a report says of its subject's standing attributes: what it leaves out stays as it was.

use std::sync::Arc;

use crate::domain::profile::Profile;
use crate::domain::report::{Incident, IncidentState, Resource, Text};
use crate::domain::vocabulary::Vocabulary;

/// What a resource says of itself.
pub(super) fn take_attributes(
    profile: &mut Arc<Profile>,
    resource: &Resource,
    vocabulary: &Vocabulary,
) {
    if let Some(class) = &resource.class
        && *class != profile.class
    {
        let listed = vocabulary.classes.contains_key(class);
        let class = if listed {
            class
        } else {
            &vocabulary.default_class
        };
        if profile.class != *class {
            let profile = Arc::make_mut(profile);
            profile.class = class.clone();
            profile.strength = vocabulary
                .classes
                .get(class)
                .map_or(0, |class| class.strength);
        }
    }
    if let Some(strength) = resource.strength
        && profile.strength != strength
    {
        Arc::make_mut(profile).strength = strength;
    }
    if is_new(resource.callsign.as_ref(), profile.callsign.as_ref()) {
        Arc::make_mut(profile)
            .callsign
            .clone_from(&resource.callsign);
    }
    if is_new(resource.agency.as_ref(), profile.agency.as_ref()) {
        Arc::make_mut(profile).agency.clone_from(&resource.agency);
    }
}

/// What is said of an incident.
pub(super) fn take_incident(profile: &mut Arc<Profile>, incident: &Incident) {
    if let Some(category) = &incident.category
        && profile.class != *category
    {
        Arc::make_mut(profile).class = category.clone();
    }
    if is_new(incident.grade.as_ref(), profile.grade.as_ref()) {
        Arc::make_mut(profile).grade.clone_from(&incident.grade);
    }
    if is_new(incident.agency.as_ref(), profile.agency.as_ref()) {
        Arc::make_mut(profile).agency.clone_from(&incident.agency);
    }
    let state = incident
        .state
        .or(profile.state)
        .or(Some(IncidentState::Open));
    if profile.state != state {
        Arc::make_mut(profile).state = state;
    }
}

/// Whether a report says something, and something else than what is known.
fn is_new(said: Option<&Text>, known: Option<&Text>) -> bool {
    said.is_some() && said != known
}

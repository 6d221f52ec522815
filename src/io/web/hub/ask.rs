//! What the hub shares with others, and what they want of it.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use crate::io::web::gate::Permit;
use crate::io::web::line::Line;
use crate::io::wire::live;
use crate::serve::{Bounds, Filter, ReadModel};

/// The picture. The hub alone writes it, and never while it talks to a client.
#[derive(Clone)]
pub(in crate::io::web) struct Picture(pub(super) Arc<RwLock<ReadModel>>);

impl Picture {
    /// Of the topics of `stream`.
    pub(in crate::io::web) fn new(stream: &str) -> Self {
        let model = ReadModel::new(Bounds::default(), stream);
        Self(Arc::new(RwLock::new(model)))
    }

    /// To be read, not for long.
    pub(in crate::io::web) fn read(&self) -> RwLockReadGuard<'_, ReadModel> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What clients want of the hub.
pub(in crate::io::web) enum Ask {
    /// A socket is there.
    Join { client: u64, line: Line },
    /// It is gone.
    Leave { client: u64 },
    /// It wants to follow something.
    Subscribe {
        client: u64,
        request: Box<live::Subscribe>,
        filter: Box<Filter>,
        permit: Permit,
    },
    /// It no longer does.
    Unsubscribe { client: u64, sub: String },
}

impl Ask {
    pub(super) fn client(&self) -> u64 {
        match self {
            Self::Join { client, .. }
            | Self::Leave { client }
            | Self::Subscribe { client, .. }
            | Self::Unsubscribe { client, .. } => *client,
        }
    }

    pub(super) fn is_for(&self, by: u64, sub: &str) -> bool {
        matches!(self, Self::Subscribe { client, request, .. } if *client == by && request.id == sub)
    }
}

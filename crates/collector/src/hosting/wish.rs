//! What is wanted of a source from outside, and what its task remembers of earlier wishes.

use std::sync::Arc;
use std::time::Duration;

use incydr_client::client::Client;

use super::hosted_source::{Backfill, HostedSource};

/// What is wanted of a source.
#[derive(Clone)]
pub(super) struct Wish {
    pub(super) source: Arc<HostedSource>,
    pub(super) backfills: Vec<Backfill>,
    /// How often it was updated.
    pub(super) updates: u64,
    /// How often it was restarted.
    pub(super) restarts: u64,
    pub(super) leaving: Option<Leaving>,
}

/// Why a source goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Leaving {
    /// It is deleted.
    Removed,
    /// The process ends, and the next one goes on.
    ProcessEnds,
}

/// What goes over from one life to the next.
pub(super) struct Memory {
    /// The client with its token, and the restart that it was made after.
    pub(super) client: Option<(Arc<Client>, Arc<HostedSource>, u64)>,
    /// Backfills that were wanted, and of which nobody has been told yet that they ended.
    pub(super) backfills: Vec<Backfill>,
    /// How long the first poll waits; nothing after the first life.
    pub(super) first_poll_after: Duration,
    /// Where the life before collected from.
    pub(super) origin: String,
}

impl Wish {
    /// That `source` runs.
    pub(super) fn new(source: HostedSource) -> Self {
        let backfills = source.backfills.clone();
        Self { source: Arc::new(source), backfills, updates: 0, restarts: 0, leaving: None }
    }
}

impl Memory {
    /// The memory before the first life.
    pub(super) fn of(wish: &Wish) -> Self {
        Self {
            client: None,
            backfills: wish.backfills.clone(),
            first_poll_after: wish.source.first_poll_after,
            origin: wish.source.origin(),
        }
    }
}

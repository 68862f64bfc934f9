//! What is wanted of a source from outside, and what its task remembers of earlier wishes.

use std::sync::Arc;
use std::time::Duration;

use incydr_client::client::Client;

use super::hosted_source::{Backfill, HostedSource};

/// What is wanted of a source.
#[derive(Clone)]
pub(super) struct Wish {
    pub(super) source: Arc<HostedSource>,
    /// Backfills that are wanted.
    pub(super) backfills: Vec<Backfill>,
    /// Numbers of backfills, wanted or not any more, of which nobody has been told yet that they ended.
    pub(super) unended: Vec<u64>,
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
    /// How long the first poll waits; nothing after the first life.
    pub(super) first_poll_after: Duration,
    /// Where the life before collected from.
    pub(super) origin: String,
}

impl Wish {
    /// Whether the backfill of this number is wanted.
    pub(super) fn wants(&self, number: u64) -> bool {
        self.backfills.iter().any(|backfill| backfill.number == number)
    }

    /// That `source` runs.
    pub(super) fn new(source: HostedSource) -> Self {
        let backfills = source.backfills.clone();
        let unended = backfills.iter().map(|backfill| backfill.number).collect();
        Self { source: Arc::new(source), backfills, unended, updates: 0, restarts: 0, leaving: None }
    }
}

impl Memory {
    /// The memory before the first life.
    pub(super) fn of(wish: &Wish) -> Self {
        Self { client: None, first_poll_after: wish.source.first_poll.after, origin: wish.source.origin() }
    }
}

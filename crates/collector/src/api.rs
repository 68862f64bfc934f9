//! What the operations of the API work with.

use std::sync::Arc;

use incydr_core::clock::Clock;
use incydr_store::{Author, Change, Store, StoreError, Vault};
use tokio::sync::Mutex;

use crate::allowed_origin::Origin;
use crate::hosting::Fleet;
use crate::metrics::ApiMeter;
use crate::resources::about::Installation;
use crate::resources::dead_letters::Settling;
use crate::resources::fields::Schema;
use crate::web::access::Access;
use crate::web::access_key::Caller;
use crate::web::live::LivePages;
use crate::web::rate_limit::RateLimit;
use crate::web::session::Sessions;

/// Whom the audit log names for what the collector does without anybody's asking.
pub const ITSELF: &str = "incydr-collector";

/// Everything that an operation may use. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    /// What is kept.
    pub store: Store,
    /// What seals the secrets in the store.
    pub vault: Arc<Vault>,
    /// What runs.
    pub fleet: Fleet,
    /// Which fields there are.
    pub schema: Schema,
    /// Who may ask.
    pub access: Arc<Access>,
    /// How often they may ask.
    pub rate_limit: RateLimit,
    /// Which people are signed in.
    pub sessions: Arc<Sessions>,
    /// Which pages they look at.
    pub live: LivePages,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// What runs, and where.
    pub installation: Arc<Installation>,
    /// What the operator allows.
    pub terms: Arc<Terms>,
    /// Counts the answers.
    pub meter: Arc<ApiMeter>,
    /// Which dead letters are being settled.
    pub settling: Settling,
    /// Held by whoever changes a configuration, so that of two changes made from the same state the second is stale.
    pub changing: Arc<Mutex<()>>,
    /// Held by whoever removes the rows of a source: of many deletions, one writes at a time beside the streams.
    pub removing: Arc<Mutex<()>>,
}

/// What the operator allows to the clients of the API.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Origins besides Incydr's own that a source may have.
    pub allowed_origins: Vec<Origin>,
    /// Collectors at most.
    pub max_collectors: u64,
    /// Sources of one collector at most.
    pub max_sources: u64,
    /// Custom fields at most.
    pub max_fields: u64,
    /// Whether `/metrics` needs no key. It tells names of sources and kinds of errors, but no payload.
    pub has_public_metrics: bool,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            allowed_origins: Vec::new(),
            max_collectors: 10_000,
            max_sources: 1_000,
            max_fields: 200,
            has_public_metrics: false,
        }
    }
}

impl Api {
    /// Whom the audit log names for what `caller` changes now.
    pub fn author<'a>(&self, caller: &'a Caller) -> Author<'a> {
        Author { name: &caller.access_id, at: self.clock.now() }
    }

    /// Whom it names for what nobody has asked for now.
    pub fn itself(&self) -> Author<'static> {
        Author { name: ITSELF, at: self.clock.now() }
    }

    /// Records in the audit log what `caller` has done to something that is not kept in the store; what is kept there
    /// is recorded there.
    pub async fn record(&self, caller: &Caller, action: &str, resource: &str) -> Result<(), StoreError> {
        self.store.append_audit(self.author(caller), &Change::of(action, resource)).await
    }
}

//! The hosted collector as one process: opens what is kept, starts what runs, and serves the API.

use std::sync::Arc;
use std::time::Duration;

use incydr_core::clock::Clock;
use incydr_core::secret::Secret;
use incydr_core::stop::Stop;
use incydr_core::timestamp::Timestamp;
use incydr_store::{AccessKey, KeyFile, Role, SqliteLedger, Store, StoreError, Vault};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use crate::api::Api;
use crate::assembly::holder;
use crate::chronicle::chronicle;
use crate::collecting::state_failure;
use crate::failure::Failure;
use crate::hosting::{FieldSchema, Fleet, FleetParts};
use crate::resources::{self, fields, sources};
use crate::settings::Settings;
use crate::web::access::Access;
use crate::web::access_key::NewKey;
use crate::web::listener::{self, Listener};
use crate::web::rate_limit::RateLimit;
use crate::web::router::Router;

/// When everything else has ended, what was told last is written down within this.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A hosted collector that is ready to serve.
pub struct Daemon {
    listener: Listener,
    router: Router,
    api: Api,
    chronicle: JoinHandle<()>,
    first_key: Option<FirstKey>,
}

/// The access key that was made because there was none. It is never shown again.
#[derive(Debug)]
pub struct FirstKey {
    /// Its access ID.
    pub access_id: String,
    /// The key.
    pub key: Secret,
}

impl Daemon {
    /// Opens the data folder, starts all sources and listens. Serves nothing yet.
    pub async fn start(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Self, Failure> {
        let listener = listen(settings).await?;
        let store = open_store(settings, clock.as_ref()).await?;
        let vault = open_vault(settings, &store).await?;
        let first_key = make_first_key(&store, clock.now()).await?;
        let (journal, chronicle) = chronicle(store.clone(), clock.clone());
        let fleet = Fleet::new(FleetParts {
            ledger: store.ledger(),
            clock: clock.clone(),
            journal,
            destinations: settings.destinations.clone(),
            compression: settings.compression,
            pace: settings.pace,
            fields: FieldSchema::everything(),
        })?;
        let access = Access::new(store.clone(), clock.clone()).map_err(Failure::ours)?;
        let api = Api {
            store,
            vault: Arc::new(vault),
            fleet,
            access: Arc::new(access),
            rate_limit: RateLimit::new(settings.request_limits),
            clock,
            terms: Arc::new(settings.terms.clone()),
            changing: Arc::new(Mutex::new(())),
        };
        let chronicle = tokio::spawn(chronicle.write());
        start_sources(&api).await.map_err(Failure::ours)?;
        let router = Router::new(resources::routes()).map_err(Failure::ours)?;
        Ok(Self { listener, router, api, chronicle, first_key })
    }

    /// Where the API is, as `http://127.0.0.1:8642`.
    pub fn url(&self) -> Result<String, Failure> {
        self.listener.url().map_err(|error| Failure::ours(format!("reading our own address: {error}")))
    }

    /// The access key that was made just now, if there was none.
    pub fn first_key(&self) -> Option<&FirstKey> {
        self.first_key.as_ref()
    }

    /// Serves until `stop` is asked for; then ends all sources, whose deliveries under way get eight seconds.
    pub async fn run(self, stop: Stop) {
        let Self { listener, router, api, chronicle, .. } = self;
        let fleet = api.fleet.clone();
        let ending = async {
            stop.requested().await;
            fleet.stop().await;
        };
        tokio::join!(listener.serve(router, api, stop.clone()), ending);
        drop(fleet);
        // Ends when the last source has let go of its journal.
        if tokio::time::timeout(LAST_WORDS, chronicle).await.is_err() {
            tracing::debug!("the chronicle had no time for its last words");
        }
    }
}

async fn listen(settings: &Settings) -> Result<Listener, Failure> {
    let tls = match &settings.tls {
        Some(files) => Some(listener::tls(&files.certificates, &files.key).map_err(Failure::mistake)?),
        None if settings.listen.ip().is_loopback() => None,
        None => {
            let sentence = format!(
                "listening on {} needs TLS, for it is no address of this machine alone",
                settings.listen
            );
            return Err(Failure::mistake(sentence)
                .with_hint("set `tls.certificates` and `tls.key`, or listen on a loopback address"));
        }
    };
    Listener::bind(settings.listen, tls)
        .await
        .map_err(|error| Failure::mistake(format!("listening on {}: {error}", settings.listen)))
}

async fn open_store(settings: &Settings, clock: &dyn Clock) -> Result<Store, Failure> {
    let holder = format!("{}, since {}", holder(), clock.now());
    let ledger = SqliteLedger::open(&settings.state_file(), &holder).await;
    ledger.map(Store::over).map_err(|error| state_failure(&error))
}

async fn open_vault(settings: &Settings, store: &Store) -> Result<Vault, Failure> {
    let file = KeyFile::at(settings.vault_key_file());
    store.open_vault(&file).await.map_err(|error| match error {
        StoreError::Vault(error) => Failure::mistake(error),
        error @ (StoreError::Storage(_) | StoreError::Refused(_)) => Failure::ours(error),
    })
}

/// Makes a key for whoever started us, unless there are keys.
async fn make_first_key(store: &Store, now: Timestamp) -> Result<Option<FirstKey>, Failure> {
    if !store.access_keys().await.map_err(Failure::ours)?.is_empty() {
        return Ok(None);
    }
    let new = NewKey::generate().map_err(Failure::ours)?;
    let kept = AccessKey {
        access_id: new.access_id.clone(),
        hash: new.hash,
        role: Role::Manage,
        label: "made on the first start".to_owned(),
        collector_id: None,
        created: now,
        expires: None,
        last_used: None,
    };
    store.create_access_key(&kept).await.map_err(Failure::ours)?;
    Ok(Some(FirstKey { access_id: new.access_id, key: new.key }))
}

async fn start_sources(api: &Api) -> Result<(), StoreError> {
    fields::apply(api).await?;
    sources::resume_removals(api).await?;
    let count = sources::start_all(api).await?;
    tracing::info!(sources = count, "started");
    Ok(())
}

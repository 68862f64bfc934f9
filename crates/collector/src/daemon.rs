//! The hosted collector as one process: opens what is kept, starts what runs, and serves the API.

use std::sync::Arc;
use std::time::Duration;

use incydr_core::clock::Clock;
use incydr_core::stop::Stop;
use incydr_core::timestamp::Timestamp;
use incydr_store::{Author, Store, StoreError};
use tokio::task::JoinHandle;

use crate::api::{Api, ITSELF};
use crate::assembly::{Door, shared_sumo};
use crate::chronicle::chronicle;
use crate::data_folder::{self, FreshKey};
use crate::failure::Failure;
use crate::hosting::{FieldSchema, Fleet, FleetParts};
use crate::pages;
use crate::resources::about::Installation;
use crate::resources::dead_letters::Settling;
use crate::resources::fields::{self, Schema};
use crate::resources::{self, sources};
use crate::settings::Settings;
use crate::sync::Sync;
use crate::system_events::SystemEvents;
use crate::traces::Traces;
use crate::web::access::Access;
use crate::web::listener::{self, Listener};
use crate::web::live::LivePages;
use crate::web::rate_limit::RateLimit;
use crate::web::router::Router;
use crate::web::session::Sessions;

/// When everything else has ended, what was told last is written down within this.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A hosted collector that is ready to serve.
pub struct Daemon {
    listener: Listener,
    router: Router,
    api: Api,
    chronicle: JoinHandle<()>,
    sync: Option<Sync>,
    first_key: Option<FreshKey>,
}

impl Daemon {
    /// Opens the data folder, starts all sources and listens. Serves nothing yet.
    pub async fn start(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Self, Failure> {
        let listener = listen(settings).await?;
        let store = data_folder::open_store(&settings.state_file(), clock.now()).await?;
        let vault = data_folder::open_vault(&settings.vault_key, &store).await?;
        let first_key = make_first_key(&store, clock.now()).await?;
        let system_events = system_events(settings, &store, &clock).await?;
        let (journal, chronicle) = chronicle(store.clone(), clock.clone(), system_events);
        let fleet = Fleet::new(FleetParts {
            ledger: store.ledger(),
            clock: clock.clone(),
            journal,
            destinations: settings.destinations.clone(),
            compression: settings.compression,
            pace: settings.pace,
            fields: FieldSchema::everything(),
            traces: traces(settings)?,
            keeps_tails: settings.keeps_tails,
        })?;
        let access = Access::new(store.clone(), clock.clone()).map_err(Failure::ours)?;
        let schema = match &settings.sumo_account {
            Some(account) => Schema::Sumo(account.clone(), store.clone()),
            None => Schema::Own(store.clone(), settings.terms.max_fields),
        };
        let installation = Installation::of(settings, url_of(&listener)?, clock.now());
        let sessions = Sessions::new(store.clone(), clock.clone(), settings.tls.is_some());
        let api = Api {
            schema,
            sessions: Arc::new(sessions),
            live: LivePages::default(),
            store,
            vault: Arc::new(vault),
            fleet,
            access: Arc::new(access),
            rate_limit: RateLimit::new(settings.request_limits),
            clock,
            installation: Arc::new(installation),
            terms: Arc::new(settings.terms.clone()),
            meter: Arc::default(),
            settling: Settling::default(),
            changing: Arc::default(),
            removing: Arc::default(),
        };
        let chronicle = tokio::spawn(chronicle.write());
        start_sources(&api).await.map_err(Failure::ours)?;
        let routes = [resources::routes(&api.terms), pages::routes(), resources::pages()].concat();
        let router = Router::new(routes, pages::problem_page).map_err(Failure::ours)?;
        let sync = settings.sync.clone().map(|folder| Sync::new(api.clone(), folder));
        Ok(Self { listener, router, api, chronicle, sync, first_key })
    }

    /// Where the API is, as `http://127.0.0.1:8642`.
    pub fn url(&self) -> Result<String, Failure> {
        url_of(&self.listener)
    }

    /// The access key that was made just now, if there was none.
    pub fn first_key(&self) -> Option<&FreshKey> {
        self.first_key.as_ref()
    }

    /// Serves until `stop` is asked for; then ends all sources, whose deliveries under way get eight seconds.
    pub async fn run(self, stop: Stop) {
        let Self { listener, router, api, chronicle, sync, .. } = self;
        let (fleet, live) = (api.fleet.clone(), api.live.clone());
        let following = tokio::spawn(fields::follow(api.clone()));
        let ending = async {
            stop.requested().await;
            following.abort();
            live.end();
            fleet.stop().await;
        };
        let keeping_in_step = async {
            if let Some(sync) = sync {
                sync.run(&stop).await;
            }
        };
        tokio::join!(listener.serve(router, api, stop.clone()), ending, keeping_in_step);
        drop(fleet);
        // Ends when the last source has let go of its journal.
        if tokio::time::timeout(LAST_WORDS, chronicle).await.is_err() {
            tracing::debug!("the chronicle had no time for its last words");
        }
    }
}

fn url_of(listener: &Listener) -> Result<String, Failure> {
    listener.url().map_err(|error| Failure::ours(format!("reading our own address: {error}")))
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

/// The way of health events to Sumo Logic, where that is wanted. Those that are open go first: an earlier process may
/// have had no time for them.
fn traces(settings: &Settings) -> Result<Traces, Failure> {
    settings
        .traces
        .as_ref()
        .map_or_else(|| Ok(Traces::off()), |endpoint| Traces::to(endpoint).map_err(Failure::ours))
}

async fn system_events(
    settings: &Settings,
    store: &Store,
    clock: &Arc<dyn Clock>,
) -> Result<SystemEvents, Failure> {
    if !settings.deliver_health_events {
        return Ok(SystemEvents::none());
    }
    let doors = Door::open_all(&settings.destinations, |url| shared_sumo(url, settings.compression))?;
    let events = SystemEvents::through(doors, clock)?;
    events.tell_open(store).await.map_err(Failure::ours)?;
    Ok(events)
}

/// Makes a key for whoever started us, unless there are keys.
async fn make_first_key(store: &Store, now: Timestamp) -> Result<Option<FreshKey>, Failure> {
    match store.access_keys().await.map_err(Failure::ours)?.is_empty() {
        true => {
            let by = Author { name: ITSELF, at: now };
            FreshKey::make(store, "made on the first start", by).await.map(Some)
        }
        false => Ok(None),
    }
}

async fn start_sources(api: &Api) -> Result<(), StoreError> {
    fields::apply_or_pass_all(api).await;
    sources::resume_removals(api).await?;
    let count = sources::start_all(api).await?;
    tracing::info!(sources = count, "started");
    Ok(())
}

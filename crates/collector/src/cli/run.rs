//! `run`: hosts collectors until the stop. `config`: prints what `run` would work by.

use std::io::{self, Write};
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;

use super::offline;
use super::options::{LogOptions, RunOptions};
use crate::configuration::{Configuration, DestinationEntry};
use crate::daemon::Daemon;
use crate::failure::Failure;
use crate::open_files;
use crate::printable::excerpt;
use crate::settings::SyncFolder;
use crate::signals::stop_on_signals;
use crate::system_clock::SystemClock;

/// A configuration file may have this many bytes.
const MAX_CONFIG_BYTES: u64 = 1024 * 1024;

/// Hosts collectors as the configuration says.
pub async fn run(configuration: Configuration) -> Result<(), Failure> {
    let settings = configuration.settings()?;
    if let Err(error) = open_files::allow_as_many_as_possible() {
        tracing::warn!(%error, "many connections at once may leave no room for other files");
    }
    let stop = stop_on_signals()?;
    let daemon = Daemon::start(&settings, Arc::new(SystemClock)).await?;
    announce(&daemon).map_err(|error| Failure::ours(format!("writing to standard output: {error}")))?;
    daemon.run(stop).await;
    Ok(())
}

/// Prints the configuration as a file that could be read again.
pub fn print(configuration: &Configuration) -> Result<(), Failure> {
    io::stdout()
        .lock()
        .write_all(configuration.to_toml().as_bytes())
        .map_err(|error| Failure::ours(format!("writing to standard output: {error}")))
}

/// Says where the API is, and shows the first key for the only time.
fn announce(daemon: &Daemon) -> io::Result<()> {
    if let Some(first) = daemon.first_key() {
        offline::show(first)?;
    }
    let mut out = io::stdout().lock();
    let url = daemon.url().map_err(io::Error::other)?;
    writeln!(out, "Listening on {url}")?;
    out.flush()
}

impl RunOptions {
    /// What the configuration file says, if there is one, with these options over it.
    pub fn configuration(self, log: LogOptions) -> Result<Configuration, Failure> {
        let mut configuration = match &self.config {
            Some(path) => read(path)?,
            None => Configuration::default(),
        };
        self.override_places(&mut configuration)?;
        configuration.compression = self.compression.unwrap_or(configuration.compression);
        configuration.allowed_base_urls.extend(self.allow_base_url);
        let pace = &mut configuration.pace;
        pace.per_minute = self.requests_per_minute.unwrap_or(pace.per_minute);
        pace.request_timeout = self.request_timeout.unwrap_or(pace.request_timeout);
        pace.stall_timeout = self.stall_timeout.unwrap_or(pace.stall_timeout);
        let limits = &mut configuration.request_limits;
        limits.per_second = self.api_requests_per_second.map_or(limits.per_second, NonZeroU32::get);
        limits.at_once = self.api_requests_at_once.map_or(limits.at_once, NonZeroU32::get);
        configuration.log = log.over(configuration.log);
        Ok(configuration)
    }

    fn override_places(&self, configuration: &mut Configuration) -> Result<(), Failure> {
        configuration.listen = self.listen.unwrap_or(configuration.listen);
        if self.data_dir.is_some() {
            configuration.data_dir.clone_from(&self.data_dir);
        }
        if !self.destinations.to.is_empty() {
            let entry = |to: &String| DestinationEntry { to: to.clone(), allow_plain_http: false };
            configuration.destinations = self.destinations.to.iter().map(entry).collect();
        }
        configuration
            .allowed_destination_urls
            .extend(self.destinations.allow_destination_url.iter().cloned());
        if let Some(dir) = &self.sync_sources {
            let known = configuration.sync.take().map(|sync| sync.collector);
            let collector = known.unwrap_or_else(|| SyncFolder::DEFAULT_COLLECTOR.to_owned());
            configuration.sync = Some(SyncFolder { dir: dir.clone(), collector });
        }
        match (&self.sync_collector, &mut configuration.sync) {
            (None, _) => Ok(()),
            (Some(name), Some(sync)) => {
                sync.collector.clone_from(name);
                Ok(())
            }
            (Some(_), None) => {
                Err(Failure::mistake("`--sync-collector` has no folder; pass `--sync-sources DIR` as well"))
            }
        }
    }
}

/// Reads a configuration file.
pub fn read(path: &Path) -> Result<Configuration, Failure> {
    let shown = excerpt(&path.to_string_lossy(), 200);
    let refused = |problem: &str| {
        let remedy = "name a TOML file such as the one that `incydr-collector config` prints";
        Failure::mistake(format!("`--config {shown}` {problem}; {remedy}"))
    };
    let size = std::fs::metadata(path)
        .map_err(|error| refused(&format!("cannot be read ({})", error.kind())))?
        .len();
    if size > MAX_CONFIG_BYTES {
        return Err(refused("is larger than 1 MiB"));
    }
    let text = std::fs::read_to_string(path)
        .map_err(|error| refused(&format!("cannot be read ({})", error.kind())))?;
    Configuration::read(&text).map_err(|error| Failure::mistake(format!("`--config {shown}`: {error}")))
}

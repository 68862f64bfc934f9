//! `run`: judges the operator's decisions, then hosts collectors until the stop.

use std::io::{self, Write};
use std::sync::Arc;

use super::options::RunOptions;
use crate::api::Terms;
use crate::collect_plan::RequestPace;
use crate::daemon::Daemon;
use crate::destination_address::DestinationAddress;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::signals::stop_on_signals;
use crate::state_address;
use crate::system_clock::SystemClock;
use crate::web::rate_limit::RequestLimits;

/// Hosts collectors as the options say.
pub async fn run(options: RunOptions) -> Result<(), Failure> {
    let settings = options.settings()?;
    let stop = stop_on_signals()?;
    let daemon = Daemon::start(&settings, Arc::new(SystemClock)).await?;
    announce(&daemon).map_err(|error| Failure::ours(format!("writing to standard output: {error}")))?;
    daemon.run(stop).await;
    Ok(())
}

/// Says where the API is, and shows the first key for the only time.
fn announce(daemon: &Daemon) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if let Some(first) = daemon.first_key() {
        writeln!(out, "Access ID:  {}", first.access_id)?;
        writeln!(out, "Access key: {}   (shown only this once)", first.key.reveal())?;
    }
    let url = daemon.url().map_err(io::Error::other)?;
    writeln!(out, "Listening on {url}")?;
    out.flush()
}

impl RunOptions {
    /// Judges the options; opens nothing.
    pub fn settings(self) -> Result<Settings, Failure> {
        let data_dir = match self.data_dir {
            Some(dir) => dir,
            None => state_address::data_dir().map_err(Failure::mistake)?,
        };
        let named = self.destinations.addresses()?;
        let destinations = match named.is_empty() {
            true => vec![DestinationAddress::Archive { dir: data_dir.join("archive") }],
            false => named,
        };
        let pace = &self.pace;
        Ok(Settings {
            listen: self.listen,
            tls: None,
            destinations,
            compression: self.compression,
            pace: RequestPace {
                per_minute: pace.requests_per_minute,
                request_timeout: pace.request_timeout,
                stall_timeout: pace.stall_timeout,
            },
            terms: Terms { allowed_origins: self.allow_base_url, ..Terms::default() },
            request_limits: RequestLimits {
                per_second: self.api.api_requests_per_second.get(),
                at_once: self.api.api_requests_at_once.get(),
            },
            data_dir,
        })
    }
}

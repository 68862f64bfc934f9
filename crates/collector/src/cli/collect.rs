//! `collect`: judges everything the operator wrote, then collects.

use std::path::Path;
use std::sync::Arc;

use incydr_core::clock::Clock;
use incydr_core::timestamp::Timestamp;

use super::options::{CollectOptions, DestinationOptions, PaceOptions, SourceOptions};
use crate::collect_plan::{CollectPlan, RequestPace};
use crate::collecting;
use crate::destination_address::DestinationAddress;
use crate::failure::Failure;
use crate::screen::Screen;
use crate::signals::stop_on_signals;
use crate::source_config::SourceConfig;
use crate::source_input::SourceInput;
use crate::state_address;
use crate::system_clock::SystemClock;
use crate::time_range::TimeRange;

/// Collects as the options say; everything in them is judged before anything is opened, written or sent.
pub async fn run(options: CollectOptions, screen: &Screen) -> Result<(), Failure> {
    let plan = options.plan(SystemClock.now())?;
    let stop = stop_on_signals()?;
    collecting::collect(&plan, Arc::new(SystemClock), &stop, screen).await.map(drop)
}

impl CollectOptions {
    /// Judges the options as seen at `now`; reads the source and its secrets, and nothing else.
    pub fn plan(self, now: Timestamp) -> Result<CollectPlan, Failure> {
        let destinations = self.destinations.addresses()?;
        if destinations.is_empty() {
            let sentence = "no `--to` says where events go; pass a Sumo Logic address, `file:DIR` or `-`";
            return Err(Failure::mistake(sentence));
        }
        let time_range =
            TimeRange::parse(self.since.as_deref(), self.until.as_deref(), now).map_err(Failure::mistake)?;
        let state_file = state_address::state_file(self.state.as_deref()).map_err(Failure::mistake)?;
        if let Some(path) = &self.summary_json {
            check_folder_of(path)?;
        }
        let source = self.source.read()?;
        Ok(CollectPlan {
            destinations,
            compression: self.compression,
            time_range,
            follow: self.follow,
            polling_interval: self.polling_interval.unwrap_or(source.polling_interval),
            pace: self.pace.pace(&source)?,
            source,
            state_file,
            wait: self.wait,
            summary_json: self.summary_json,
        })
    }
}

impl SourceOptions {
    /// Reads and judges the source JSON, and fetches the secrets that it refers to.
    pub fn read(&self) -> Result<SourceConfig, Failure> {
        let input = SourceInput::of(self.source.clone());
        let bytes = input.read().map_err(Failure::mistake)?;
        SourceConfig::parse(&bytes, &self.allow_base_url)
            .map_err(|error| Failure::mistake(format!("`--source {input}`: {error}")))
    }
}

impl DestinationOptions {
    /// Judges all `--to`.
    pub fn addresses(&self) -> Result<Vec<DestinationAddress>, Failure> {
        DestinationAddress::parse_all(&self.to, &self.allow_destination_url).map_err(Failure::mistake)
    }
}

impl PaceOptions {
    /// The pace that the options ask for, if `source` allows it.
    pub fn pace(&self, source: &SourceConfig) -> Result<RequestPace, Failure> {
        let per_minute = self.requests_per_minute;
        if per_minute.get() > RequestPace::VENDOR_LIMIT && source.is_at_incydr() {
            let sentence =
                format!("`--requests-per-minute {per_minute}` is more than Incydr allows; write 1 to 120");
            return Err(Failure::mistake(sentence));
        }
        let Self { request_timeout, stall_timeout, .. } = *self;
        Ok(RequestPace { per_minute, request_timeout, stall_timeout })
    }
}

/// A summary that cannot be written is better known before a long run than after it.
fn check_folder_of(path: &Path) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if folder.is_dir() && path.file_name().is_some() && !path.is_dir() {
        return Ok(());
    }
    let shown = path.display();
    Err(Failure::mistake(format!("`--summary-json {shown}` is no file in an existing folder; name one")))
}

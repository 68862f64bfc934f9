//! `pollingInterval`, `lookBack`, `settleTime` and `retention`: when collection happens, how late an event may turn up,
//! and how long it can be had.

use std::time::Duration;

use incydr_core::stream::Stream;

use crate::document::{ConfigError, Json, Object};

const DAY: u64 = 24 * 60 * 60;
const POLLING_INTERVAL_SECONDS: std::ops::RangeInclusive<u64> = 10..=DAY;
const LOOK_BACK_SECONDS: std::ops::RangeInclusive<u64> = 0..=31 * DAY;
/// What the vendor's own clients reach back at most.
const RETENTION: u64 = 90 * DAY;
const RETENTION_SECONDS: std::ops::RangeInclusive<u64> = DAY..=3_660 * DAY;
const SETTLE_TIME_SECONDS: std::ops::RangeInclusive<u64> = 0..=DAY;

/// How far each activation looks back behind the watermark, for events that turned up late.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LookBacks {
    /// For file events.
    pub file_events: Duration,
    /// For alerts; long, because sessions go on changing.
    pub alerts: Duration,
    /// For audit logs.
    pub audit_logs: Duration,
}

impl Default for LookBacks {
    fn default() -> Self {
        Self {
            file_events: Duration::from_secs(600),
            alerts: Duration::from_secs(DAY),
            audit_logs: Duration::from_secs(600),
        }
    }
}

impl LookBacks {
    /// The look-back of `stream`.
    pub fn of(&self, stream: Stream) -> Duration {
        match stream {
            Stream::FileEvents => self.file_events,
            Stream::Alerts => self.alerts,
            Stream::AuditLogs => self.audit_logs,
        }
    }

    /// `lookBack`: seconds for all streams, or an object with the seconds of some.
    pub(super) fn read(config: &Object<'_>) -> Result<Self, ConfigError> {
        const KEY: &str = "lookBack";
        let default = Self::default();
        let value = match config.get(KEY) {
            None => return Ok(default),
            Some(value) => value,
        };
        if !matches!(value, Json::Object(_)) {
            let seconds = config.seconds(KEY, LOOK_BACK_SECONDS)?.unwrap_or_default();
            let all = Duration::from_secs(seconds);
            return Ok(Self { file_events: all, alerts: all, audit_logs: all });
        }
        let object = config.required_object(KEY, "write an object of seconds")?;
        object.allow_only(&Stream::ALL.map(Stream::as_str))?;
        let of = |stream: Stream| {
            let seconds = object.seconds(stream.as_str(), LOOK_BACK_SECONDS)?;
            Ok(seconds.map_or_else(|| default.of(stream), Duration::from_secs))
        };
        Ok(Self {
            file_events: of(Stream::FileEvents)?,
            alerts: of(Stream::Alerts)?,
            audit_logs: of(Stream::AuditLogs)?,
        })
    }
}

pub(super) fn polling_interval(config: &Object<'_>) -> Result<Duration, ConfigError> {
    let seconds = config.seconds("pollingInterval", POLLING_INTERVAL_SECONDS)?;
    Ok(Duration::from_secs(seconds.unwrap_or(300)))
}

pub(super) fn settle_time(config: &Object<'_>) -> Result<Duration, ConfigError> {
    let seconds = config.seconds("settleTime", SETTLE_TIME_SECONDS)?;
    Ok(Duration::from_secs(seconds.unwrap_or(0)))
}

pub(super) fn retention(config: &Object<'_>) -> Result<Duration, ConfigError> {
    let seconds = config.seconds("retention", RETENTION_SECONDS)?;
    Ok(Duration::from_secs(seconds.unwrap_or(RETENTION)))
}

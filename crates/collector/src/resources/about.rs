//! About this installation: what runs, where it keeps and sends what, and who has changed what.

pub mod pages;

use incydr_core::timestamp::Timestamp;

use crate::settings::Settings;

/// What is decided before anything runs, for people. Holds no secret.
#[derive(Clone, Debug)]
pub struct Installation {
    /// Where pages and API are, as `http://127.0.0.1:8642`.
    pub url: String,
    /// Whether connections are secured by ourselves.
    pub is_secure: bool,
    /// The folder that keeps everything.
    pub data_dir: String,
    /// When the process began.
    pub started: Timestamp,
    /// Where events go, secrets masked.
    pub destinations: Vec<String>,
    /// Whether health events go to Sumo Logic as well.
    pub delivers_health_events: bool,
}

impl Installation {
    /// The one with these settings, which serves at `url` since `started`.
    pub fn of(settings: &Settings, url: String, started: Timestamp) -> Self {
        Self {
            url,
            is_secure: settings.tls.is_some(),
            data_dir: settings.data_dir.display().to_string(),
            started,
            destinations: settings.destinations.iter().map(|destination| destination.shown()).collect(),
            delivers_health_events: settings.deliver_health_events,
        }
    }
}

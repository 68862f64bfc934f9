//! What there is to collect in one run.

use std::time::Duration;

use clap::Args;

/// The largest page that the vendor serves.
pub(crate) const EVENTS_PER_PAGE: u64 = 10_000;

/// What there is to collect, and how slowly it is served.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Args)]
pub(crate) struct Load {
    /// File events.
    #[arg(long)]
    pub(crate) events: u64,
    /// Their mean size.
    #[arg(long)]
    pub(crate) event_bytes: usize,
    /// Size of one event more; 0 for none.
    #[arg(long, default_value_t = 0)]
    pub(crate) giant_bytes: usize,
    /// How long each page takes to begin.
    #[arg(long, default_value_t = 0)]
    pub(crate) latency_millis: u64,
    /// How many requests a minute the vendor grants; no limit without it.
    #[arg(long)]
    pub(crate) requests_per_minute: Option<u32>,
}

impl Load {
    /// Twenty pages of events as the vendor's samples are.
    pub(crate) const USUAL: Self = Self::pages(20, 3_100);

    /// So many full pages of events of this mean size.
    pub(crate) const fn pages(pages: u64, event_bytes: usize) -> Self {
        Self {
            events: pages * EVENTS_PER_PAGE,
            event_bytes,
            giant_bytes: 0,
            latency_millis: 0,
            requests_per_minute: None,
        }
    }

    /// The same, with one event of `bytes` more.
    pub(crate) const fn with_giant(self, bytes: usize) -> Self {
        Self { giant_bytes: bytes, ..self }
    }

    /// The same, with pages that take `millis` to begin.
    pub(crate) const fn with_latency_millis(self, millis: u64) -> Self {
        Self { latency_millis: millis, ..self }
    }

    /// The same, from a vendor who grants only so many requests a minute.
    pub(crate) const fn with_requests_per_minute(self, requests: u32) -> Self {
        Self { requests_per_minute: Some(requests), ..self }
    }

    pub(crate) fn latency(self) -> Duration {
        Duration::from_millis(self.latency_millis)
    }

    /// As arguments of the servers' process.
    pub(crate) fn to_arguments(self) -> Vec<String> {
        let limit = self.requests_per_minute.map(|requests| format!("--requests-per-minute={requests}"));
        let arguments = [
            "serve".to_owned(),
            format!("--events={}", self.events),
            format!("--event-bytes={}", self.event_bytes),
            format!("--giant-bytes={}", self.giant_bytes),
            format!("--latency-millis={}", self.latency_millis),
        ];
        arguments.into_iter().chain(limit).collect()
    }
}

//! How a simulated Sumo Logic is set up.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::faults::plan::FaultPlan;
use crate::http::tls::TlsOptions;

/// Everything about a simulated Sumo Logic.
#[derive(Clone, Debug)]
pub struct SumoOptions {
    /// Port on 127.0.0.1; 0 for any free one.
    pub port: u16,
    /// HTTPS, if wanted.
    pub tls: Option<TlsOptions>,
    /// What time it is.
    pub clock: Clock,
    /// The code at the end of the URL.
    pub code: String,
    /// What is remembered of each message.
    pub keep: Keep,
    /// Requests whose body is larger, before compression, are refused with 413; none for no limit.
    pub max_bytes: Option<u64>,
    /// Requests that take longer to arrive are answered 408, and what came is taken in.
    pub time_limit: Duration,
    /// How long every answer takes, besides what the fault plan adds.
    pub latency: Duration,
    /// What goes wrong.
    pub faults: FaultPlan,
}

impl Default for SumoOptions {
    fn default() -> Self {
        Self {
            port: 0,
            tls: None,
            clock: Clock::system(),
            code: "ZaVnC4dhaV1ZWEdhd2x0ZXI=".to_owned(),
            keep: Keep::default(),
            max_bytes: None,
            time_limit: Duration::from_secs(30),
            latency: Duration::ZERO,
            faults: FaultPlan::default(),
        }
    }
}

/// What is remembered of each message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// Nothing: messages and bytes are counted. For measurements.
    Counts,
    /// Which record it is, and the digest of its bytes.
    #[default]
    Digests,
    /// The same, but worked out when somebody asks; until then the bodies are kept as they came. For
    /// measurements that must be proven right afterwards.
    Later,
    /// The digests, and every message itself.
    Messages,
}

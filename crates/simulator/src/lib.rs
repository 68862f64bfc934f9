//! A simulated Incydr and a simulated Sumo Logic: HTTP servers on the loopback interface that behave as the
//! two vendors document, enforce every documented limit, and misbehave on request.
//!
//! Used by the commands `demo` and `simulate`, by tests and by benchmarks. This crate is an independent
//! witness: it shares no code with the collector, so that a mistake in the one is not repeated in the other.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use incydr_simulator::{DataOptions, IncydrOptions, RecordKind, SimulatedIncydr, SimulatedSumo, SumoOptions};
//!
//! let data = DataOptions { file_events: 1_000, ..DataOptions::default() };
//! let incydr = SimulatedIncydr::start(IncydrOptions { data, ..IncydrOptions::default() }).await?;
//! let sumo = SimulatedSumo::start(SumoOptions::default()).await?;
//! // … a collector works between incydr.base_url() and sumo.url() …
//! let verdict = incydr.truth().compare(&sumo.received(), &[RecordKind::FileEvent]);
//! assert!(verdict.is_complete());
//! # Ok(())
//! # }
//! ```
//!
//! Not for: time that does not pass by itself. The servers wait on real sockets; tests steer them with a
//! [`Clock::manual`] and with the `wait_…` functions instead of sleeping.

mod clock;
mod data;
mod digest;
mod faults;
mod guarded;
mod http;
mod incydr;
mod moment;
mod stream;
mod sumo;

pub use clock::Clock;
pub use data::given::{GivenEvent, GivenRecord};
pub use data::options::{DataOptions, Growth, Visibility, VisibilityStep};
pub use digest::{Digest, as_line};
pub use faults::fault::{BreakKind, BreakPoint, CannedAnswer, Fault, PageTwist, TrickleStart};
pub use faults::plan::{FaultPlan, FaultScript, RuleId};
pub use faults::poison::Poison;
pub use faults::rule::{FaultRule, Target, When};
pub use http::record::RequestRecord;
pub use http::tls::{CertificateAuthority, TlsOptions, TlsVariant};
pub use incydr::options::{
    ApiClient, FilterPrecision, IncydrBehavior, IncydrOptions, LargePage, LastToken, RateOptions, RateScope,
    RateWindow,
};
pub use incydr::server::{EndpointTraffic, SimulatedIncydr, Traffic};
pub use incydr::truth::{Truth, TruthEntry, Verdict};
pub use moment::Moment;
pub use stream::RecordKind;
pub use sumo::options::{Keep, SumoOptions};
pub use sumo::received::{Batch, MESSAGE_LIMIT, Received, Version};
pub use sumo::server::SimulatedSumo;

//! The figures of the process for a monitoring system, in the text format of Prometheus.
//!
//! Nothing is kept for a source: its series are written when somebody asks, from what the fleet knows at that moment.
//! Names begin with `incydr_collector_`, units are base units.
//!
//! Not for: what people look at. That is `resources`.

mod api_meter;
mod exchanges;
mod family;
mod process;
mod sources;

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, prometheus_text};
use prometheus_client::registry::Registry;

use crate::api::Api;

use self::api_meter::ApiRequests;
use self::exchanges::VendorFigures;
use self::family::{counters, gauges};
use self::process::ProcessFigures;
use self::sources::SourceFigures;

pub use self::api_meter::ApiMeter;
pub use prometheus_client::encoding::prometheus_text::CONTENT_TYPE as MEDIA_TYPE;

/// All figures of this moment. Takes time in proportion to the number of sources, and reads files that describe the
/// process: nothing for a task that answers others.
pub fn exposition(api: &Api) -> Result<String, fmt::Error> {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Figures::of(api)));
    let mut text = String::new();
    prometheus_text::encode(&mut text, &registry)?;
    Ok(text)
}

/// What there is to tell at one moment.
#[derive(Debug)]
struct Figures {
    sources: Vec<SourceFigures>,
    vendors: Vec<VendorFigures>,
    api_requests: ApiRequests,
    process: Option<ProcessFigures>,
}

impl Figures {
    fn of(api: &Api) -> Self {
        let mut sources = Vec::new();
        api.fleet.for_each_status(|status| sources.push(SourceFigures::from(status)));
        Self {
            sources,
            vendors: exchanges::by_vendor(&api.fleet.exchange_meters()),
            api_requests: api.meter.requests(),
            process: ProcessFigures::read(),
        }
    }
}

impl Collector for Figures {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let encoder = &mut encoder;
        let build = [([("version", env!("CARGO_PKG_VERSION"))], 1.0)];
        gauges(encoder, "incydr_collector_build_info", "Which release runs", build)?;
        sources::encode(encoder, &self.sources)?;
        exchanges::encode(encoder, &self.vendors)?;
        let requests = self.api_requests.iter().map(|((method, route, status), count)| {
            (
                [
                    ("method", (*method).to_owned()),
                    ("route", (*route).to_owned()),
                    ("status", status.to_string()),
                ],
                *count,
            )
        });
        counters(encoder, "incydr_collector_api_requests", "Requests that the API has answered", requests)?;
        self.process.as_ref().map_or(Ok(()), |process| process.encode(encoder))
    }
}

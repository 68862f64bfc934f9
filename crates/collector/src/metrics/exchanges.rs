//! Requests to the services that we depend on: how long they take, and how many are under way.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use incydr_core::exchange_meter::{BOUNDS_MILLIS, ExchangeMeter};
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;

use super::family::gauges;

const BUCKETS: usize = BOUNDS_MILLIS.len() + 1;

/// The requests to one kind of service.
#[derive(Debug, Default)]
pub(super) struct VendorFigures {
    vendor: &'static str,
    under_way: u64,
    /// By status; `None` for requests without an answer.
    ended: BTreeMap<Option<u16>, ([u64; BUCKETS], Duration)>,
}

/// What these meters have counted; those of the same name are one.
pub(super) fn by_vendor(meters: &[(&'static str, &ExchangeMeter)]) -> Vec<VendorFigures> {
    let mut vendors = BTreeMap::<&'static str, VendorFigures>::new();
    for (vendor, meter) in meters {
        let figures = vendors.entry(vendor).or_default();
        figures.vendor = vendor;
        figures.under_way += meter.under_way();
        for told in meter.figures() {
            let (counts, sum) = figures.ended.entry(told.status).or_default();
            counts.iter_mut().zip(told.counts).for_each(|(count, more)| *count += more);
            *sum += told.sum;
        }
    }
    vendors.into_values().collect()
}

/// Writes the families.
pub(super) fn encode(encoder: &mut DescriptorEncoder<'_>, vendors: &[VendorFigures]) -> fmt::Result {
    let under_way = vendors.iter().map(|vendor| ([("vendor", vendor.vendor)], vendor.under_way as f64));
    gauges(encoder, "incydr_collector_requests_in_flight", "Requests that wait for their answer", under_way)?;
    let mut family = encoder.encode_descriptor(
        "incydr_collector_request_duration_seconds",
        "Time until a request was answered, by the status of the answer; `none` for requests without one",
        None,
        MetricType::Histogram,
    )?;
    for vendor in vendors {
        for (status, (counts, sum)) in &vendor.ended {
            let status = status.map_or("none".to_owned(), |status| status.to_string());
            let labels = [("vendor", vendor.vendor), ("status", status.as_str())];
            let mut series = family.encode_family(&labels)?;
            let count = counts.iter().sum();
            series.encode_histogram::<NoLabelSet>(sum.as_secs_f64(), count, &buckets(counts), None)?;
        }
    }
    Ok(())
}

fn buckets(counts: &[u64; BUCKETS]) -> Vec<(f64, u64)> {
    let bounds = BOUNDS_MILLIS.iter().map(|millis| *millis as f64 / 1_000.0);
    bounds.chain([f64::INFINITY]).zip(counts.iter().copied()).collect()
}

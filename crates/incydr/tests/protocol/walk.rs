//! What every test needs to ask the vendor for a page.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use incydr_client::client::{Client, ClientOptions};
use incydr_client::rate_limit::RateBudget;
use incydr_core::checkpoint::WalkRange;
use incydr_core::secret::Secret;
use incydr_core::source::{PageEnd, Source, SourceError};
use incydr_core::timestamp::Timestamp;

use crate::scripted_vendor::ScriptedVendor;

pub(crate) const SECRET: &str = "s3cret";

pub(crate) fn options(address: SocketAddr) -> ClientOptions {
    let base_url = format!("http://{address}/").parse().unwrap();
    let mut options = ClientOptions::new(base_url, "key-42", Secret::new(SECRET));
    options.request_timeout = Duration::from_secs(20);
    options
}

pub(crate) fn client_with(options: ClientOptions) -> Arc<Client> {
    Arc::new(Client::new(options, Arc::new(RateBudget::in_memory(10_000))).expect("a client"))
}

pub(crate) fn client(vendor: &ScriptedVendor) -> Arc<Client> {
    client_with(options(vendor.address))
}

/// From one minute to the next.
pub(crate) fn range() -> WalkRange {
    WalkRange::new(0, at("2026-01-10T08:00:00Z"), at("2026-01-10T08:00:59.999Z"), true)
}

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text.as_bytes()).expect("a timestamp")
}

/// One page: its payloads, how many elements could not be decoded, and its end.
#[derive(Debug, PartialEq)]
pub(crate) struct Read {
    pub(crate) payloads: Vec<String>,
    pub(crate) undecodable: usize,
    pub(crate) end: PageEnd,
}

pub(crate) async fn read(source: &dyn Source, range: &WalkRange, size: u32) -> Result<Read, SourceError> {
    let mut page = source.fetch_page(range, size).await?;
    let (mut payloads, mut undecodable) = (Vec::new(), 0);
    while let Some(block) = page.next_block().await? {
        let texts =
            block.events.iter().map(|entry| String::from_utf8_lossy(block.payload(entry)).into_owned());
        payloads.extend(texts);
        undecodable += block.undecodable.len();
    }
    Ok(Read { payloads, undecodable, end: page.end() })
}

//! F28: a host whose addresses change, or some of which lead nowhere.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use incydr_client::client::{Client, Connections};
use incydr_client::rate_limit::RateBudget;
use incydr_client::source::{AlertsApi, source};
use incydr_core::source::{Source, SourceFault};
use incydr_core::stream::Stream;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::TcpListener;

use crate::scripted_vendor::{KeptConnection, Reply, ScriptedVendor};
use crate::walk::{options, range, read};

const PAGE: &str = r#"{"fileEvents":[],"totalCount":0,"nextPgToken":null,"problems":null}"#;

/// Where the one host of the test is at the moment; nowhere at first.
#[derive(Clone, Default)]
struct Directory(Arc<Mutex<Vec<SocketAddr>>>);

impl Directory {
    fn lists(&self, addresses: &[SocketAddr]) {
        *self.0.lock().unwrap() = addresses.to_vec();
    }
}

impl Resolve for Directory {
    fn resolve(&self, _: Name) -> Resolving {
        let addresses = self.0.lock().unwrap().clone();
        Box::pin(async move {
            match addresses.is_empty() {
                true => Err(io::Error::new(io::ErrorKind::NotFound, "no such host").into()),
                false => Ok(Box::new(addresses.into_iter()) as Addrs),
            }
        })
    }
}

/// File events of the host that is where `directory` says.
fn file_events(directory: &Directory) -> Box<dyn Source> {
    let mut options = options(SocketAddr::from(([127, 0, 0, 1], 0)));
    // Without a port the directory decides about it too, so that every address of a test can be on loopback.
    options.base_url = "http://localhost/".parse().expect("a URL");
    let connections = Connections::resolved_by(Arc::new(directory.clone()));
    let client = Client::sharing(&connections, options, Arc::new(RateBudget::in_memory(100)));
    source(Arc::new(client.expect("a client")), Stream::FileEvents, AlertsApi::Sessions)
}

/// Gives one page.
async fn page_giver() -> ScriptedVendor {
    ScriptedVendor::replying([Reply::ok(PAGE)]).await
}

/// An address that refuses connections.
async fn deserted() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("its address")
}

async fn fault_at(source: &dyn Source) -> SourceFault {
    read(source, &range(), 10).await.expect_err("a fault").fault
}

#[tokio::test]
async fn each_new_connection_goes_where_the_host_is_by_then() {
    let [old, new] = [page_giver().await, page_giver().await];
    let directory = Directory::default();
    let source = file_events(&directory);
    for vendor in [&old, &new] {
        directory.lists(&[vendor.address]);
        read(&*source, &range(), 10).await.expect("a page");
    }
    assert_eq!([old.data_requests().len(), new.data_requests().len()], [1, 1]);
}

#[tokio::test]
async fn a_kept_connection_that_died_is_replaced_by_one_to_where_the_host_is_now() {
    let kept = Arc::new(KeptConnection::default());
    let old = ScriptedVendor::replying([Reply::ok_on(&kept, PAGE)]).await;
    let new = page_giver().await;
    let directory = Directory::default();
    let source = file_events(&directory);
    directory.lists(&[old.address]);
    read(&*source, &range(), 10).await.expect("a page");
    directory.lists(&[new.address]);
    kept.close().await;
    read(&*source, &range(), 10).await.expect("a page");
    assert_eq!([old.data_requests().len(), new.data_requests().len()], [1, 1]);
}

#[tokio::test]
async fn an_address_that_refuses_gives_way_to_the_next() {
    let vendor = page_giver().await;
    let directory = Directory::default();
    directory.lists(&[deserted().await, vendor.address]);
    read(&*file_events(&directory), &range(), 10).await.expect("a page");
}

#[tokio::test]
async fn a_host_is_found_again_after_its_name_and_then_all_its_addresses_led_nowhere() {
    let vendor = page_giver().await;
    let directory = Directory::default();
    let source = file_events(&directory);
    assert_eq!(fault_at(&*source).await, SourceFault::Dns);
    directory.lists(&[deserted().await, deserted().await]);
    assert_eq!(fault_at(&*source).await, SourceFault::Connect);
    directory.lists(&[vendor.address]);
    read(&*source, &range(), 10).await.expect("a page");
}

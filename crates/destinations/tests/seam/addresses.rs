//! F28 at the other end: a receiver whose addresses change, or some of which lead nowhere.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use incydr_core::destination::{DeliveryFault, Destination};
use incydr_core::secret::Secret;
use incydr_destinations::sumo::{Sumo, SumoOptions};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::TcpListener;

use crate::events::batch;
use crate::responder::{Reply, Responder, TOKEN};

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

/// The receiver that is where `directory` says.
fn sumo(directory: &Directory) -> Sumo {
    // Without a port the directory decides about it too, so that every address of a test can be on loopback.
    let url = Secret::new(format!("http://localhost/receiver/v1/http/{TOKEN}"));
    Sumo::resolved_by(Arc::new(directory.clone()), SumoOptions::new(url)).unwrap()
}

/// An address that refuses connections.
async fn deserted() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

#[tokio::test]
async fn a_receiver_that_moves_is_found_where_it_is_now_whatever_else_its_name_stands_for() {
    let last_answer = Reply::Answer("200 OK", "connection: close\r\n", String::new());
    let mut old = Responder::start([last_answer]).await;
    let mut new = Responder::start([]).await;
    let directory = Directory::default();
    let sumo = sumo(&directory);
    for (receiver, others) in [(&mut old, vec![]), (&mut new, vec![deserted().await])] {
        let addresses: Vec<_> = others.into_iter().chain([receiver.address]).collect();
        directory.lists(&addresses);
        drop(sumo.deliver(batch(0..1).whole()).await.unwrap());
        receiver.request_now().unwrap();
    }
}

#[tokio::test]
async fn a_name_that_no_longer_resolves_costs_nothing_but_time() {
    let mut receiver = Responder::start([]).await;
    let directory = Directory::default();
    let sumo = sumo(&directory);
    let error = sumo.deliver(batch(0..1).whole()).await.unwrap_err();
    assert_eq!(error.fault, DeliveryFault::Unreachable);
    assert_eq!(error.info, "the host name does not resolve: no such host");
    directory.lists(&[receiver.address]);
    drop(sumo.deliver(batch(0..1).whole()).await.unwrap());
    receiver.request_now().unwrap();
}

//! The third seam: where events go.
//!
//! Place on the path: hop 7. A destination makes one attempt and says how it ended; whether to try again, to send
//! less or to give an event up is decided in one place for all destinations, `delivery`.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use thiserror::Error;

use crate::batch::BatchPart;

/// A place that takes events. Implemented by Sumo Logic's HTTP source, the archive folder and standard output.
#[async_trait]
pub trait Destination: Send + Sync {
    /// A short name for logs and metrics; never holds a secret.
    fn name(&self) -> &str;

    /// What one attempt may carry.
    fn limits(&self) -> DeliveryLimits;

    /// Makes one attempt to deliver `part`.
    ///
    /// `Ok` only after the destination itself said that it has the events durably (I3). Sending the same part again
    /// sends the same bytes.
    async fn deliver(&self, part: BatchPart<'_>) -> Result<Acknowledgement, DeliveryError>;

    /// Makes events visible whose acknowledgement has been committed. Idempotent; most destinations have nothing
    /// to do here.
    async fn publish(&self, _receipts: &[Receipt]) -> Result<(), DeliveryError> {
        Ok(())
    }

    /// Called at the beginning of each activation, while nothing is being delivered, with the receipts that may still wait to be published: publishes
    /// them and removes what an interrupted run left behind uncommitted.
    async fn recover(&self, receipts: &[Receipt]) -> Result<(), DeliveryError> {
        self.publish(receipts).await
    }
}

/// What one delivery attempt may carry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeliveryLimits {
    /// Bytes of NDJSON, line breaks included, before compression. A single larger event goes alone.
    pub max_bytes: usize,
    /// Longest event, in bytes, that the destination keeps in one piece. A longer one is delivered whole all the
    /// same, and counted.
    pub max_message_bytes: usize,
    /// Attempts that may be under way at once.
    pub max_in_flight: usize,
}

/// Proof that a destination has the events. Only a destination makes one, and only from a positive answer.
#[derive(Clone, PartialEq, Eq, Debug)]
#[must_use = "an acknowledgement that is not committed is a duplicate after the next crash"]
pub struct Acknowledgement {
    /// Bytes that went over the wire or onto the disk.
    pub sent_bytes: u64,
    /// What the destination needs to publish the events after the commit, if it stages them first.
    pub receipt: Option<Receipt>,
}

/// Names something that a destination has staged and will publish after the commit.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Receipt {
    /// The destination's name.
    pub destination: String,
    /// The destination's own name for what it staged.
    pub name: String,
}

/// Why an attempt failed.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("delivering to {destination}: {fault}{}{info}", if .info.is_empty() { "" } else { ": " })]
pub struct DeliveryError {
    /// The destination's name.
    pub destination: String,
    /// What the caller does next depends on this alone.
    pub fault: DeliveryFault,
    /// The HTTP status, where there was an answer.
    pub code: Option<u16>,
    /// The destination's answer or the system's message, shortened, without secrets.
    pub info: String,
    /// How long the destination asks us to wait.
    pub retry_after: Option<Duration>,
}

/// Kinds of failure at the destination's side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeliveryFault {
    /// No connection: certainly nothing arrived.
    Unreachable,
    /// The answer was lost or late: part or all may have arrived.
    Unknown,
    /// 429: nothing was kept.
    Throttled,
    /// 5xx.
    Unavailable,
    /// 408, or no answer in time: part may have arrived; send the same again, then less.
    TooSlow,
    /// 413: send less.
    TooLarge,
    /// 400: something in the payload is refused for good; isolate it.
    Rejected,
    /// 401, 403, 404 and the like: the destination's address or credentials are wrong. Keep the data.
    Refused,
    /// The disk is full.
    StorageFull,
    /// Writing failed.
    StorageIo,
}

impl fmt::Display for DeliveryFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Unreachable => "not reachable",
            Self::Unknown => "the answer was lost",
            Self::Throttled => "too many requests",
            Self::Unavailable => "temporarily unavailable",
            Self::TooSlow => "processed too slowly",
            Self::TooLarge => "the request is too large",
            Self::Rejected => "the payload was refused",
            Self::Refused => "the address or its credentials were refused",
            Self::StorageFull => "no space left",
            Self::StorageIo => "writing failed",
        })
    }
}

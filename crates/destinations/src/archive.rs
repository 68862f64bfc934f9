//! An archive folder: compressed NDJSON files by stream and day, each event in exactly one of them.
//!
//! Place on the path: hop 7, and again after the commit of hop 8. A delivery only *stages* files, durably but where no
//! reader looks. Once the ledger has committed the receipt they are *published* by renaming. A crash in between
//! leaves either a committed receipt, and the next run publishes it, or an uncommitted one, and the next run removes
//! its files and fetches the events again. So there is neither loss nor a second copy.
//!
//! ```text
//! DIR/stream=fileEvents/date=2025-01-28/<hash>.ndjson.zst      what readers see
//! DIR/.staging/<scope>/fileEvents.2025-01-28.<hash>.ndjson.zst  acknowledged, not yet published
//! ```
//!
//! Not for: reading an archive, or keeping it small.

mod dated_part;
mod durable_folders;
mod manifest;
mod shelf;

#[cfg(test)]
mod failing_disk;

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use incydr_core::batch::BatchPart;
use incydr_core::destination::{Acknowledgement, DeliveryError, DeliveryLimits, Destination, Receipt};

use self::dated_part::DatedPart;
use self::manifest::Manifest;
use self::shelf::Shelf;
use crate::storage_error::storage_error;

const NAME: &str = "archive";
/// Larger files are better for readers; but a stream holds about a dozen batches, and must do with 64 MiB for all.
const MAX_BYTES: usize = 2_000_000;

/// One place's share of an archive folder. Several may live in the same folder, each with a scope of its own.
#[derive(Debug)]
pub struct Archive {
    shelf: Arc<Shelf>,
}

impl Archive {
    /// An archive in `dir`, which is created when the first file is written. `scope` names the place whose events
    /// these are; it may hold anything, but no two places may share one.
    pub fn new(dir: impl Into<PathBuf>, scope: &str) -> Self {
        Self { shelf: Arc::new(Shelf::new(dir.into(), scope, File::sync_all)) }
    }

    /// Whether a file could be written right now; leaves none behind.
    pub async fn probe(&self) -> Result<(), DeliveryError> {
        self.blocking("preparing the archive folder", Shelf::probe).await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        attempt: &str,
        work: impl FnOnce(&Shelf) -> io::Result<T> + Send + 'static,
    ) -> Result<T, DeliveryError> {
        let shelf = Arc::clone(&self.shelf);
        let done = tokio::task::spawn_blocking(move || work(&shelf).inspect_err(|_| shelf.forget_folders()));
        done.await
            .unwrap_or_else(|lost| Err(lost.into()))
            .map_err(|error| storage_error(NAME, attempt, &error))
    }
}

#[async_trait]
impl Destination for Archive {
    fn name(&self) -> &str {
        NAME
    }

    /// Two at once: one is compressed while the disk synchronizes the other.
    fn limits(&self) -> DeliveryLimits {
        DeliveryLimits { max_bytes: MAX_BYTES, max_message_bytes: usize::MAX, max_in_flight: 2 }
    }

    async fn deliver(&self, part: BatchPart<'_>) -> Result<Acknowledgement, DeliveryError> {
        if part.is_empty() {
            return Ok(Acknowledgement { sent_bytes: 0, receipt: None });
        }
        let part = DatedPart::new(&part);
        let (manifest, sent_bytes) =
            self.blocking("writing to the archive", move |shelf| shelf.stage(&part)).await?;
        let receipt = Receipt { destination: NAME.to_owned(), name: manifest.to_string() };
        Ok(Acknowledgement { sent_bytes, receipt: Some(receipt) })
    }

    async fn publish(&self, receipts: &[Receipt]) -> Result<(), DeliveryError> {
        let manifests = read(receipts)?;
        self.blocking("publishing archive files", move |shelf| shelf.publish(&manifests)).await
    }

    async fn recover(&self, receipts: &[Receipt]) -> Result<(), DeliveryError> {
        self.publish(receipts).await?;
        // Blocking work outlives a dropped future. A removal that came late would hit files of the next activation.
        let recovery = Arc::new(());
        let wanted = Arc::downgrade(&recovery);
        let is_wanted = move || wanted.strong_count() > 0;
        let attempt = "removing uncommitted archive files";
        let removed = self.blocking(attempt, move |shelf| shelf.discard_staged(is_wanted)).await;
        drop(recovery);
        removed
    }
}

/// The files behind our own receipts. One that cannot be read stops everything: passing over it would lose events.
fn read(receipts: &[Receipt]) -> Result<Vec<Manifest>, DeliveryError> {
    let ours = receipts.iter().filter(|receipt| receipt.destination == NAME);
    let manifests: Option<Vec<Manifest>> = ours.map(|receipt| Manifest::parse(&receipt.name)).collect();
    manifests.ok_or_else(|| {
        let malformed = io::Error::new(ErrorKind::InvalidData, "it is not one of this archive's");
        storage_error(NAME, "reading a receipt", &malformed)
    })
}

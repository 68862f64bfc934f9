//! A sink that loses answers, and an archive that stages before it publishes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use incydr_core::batch::BatchPart;
use incydr_core::destination::{
    Acknowledgement, DeliveryError, DeliveryFault, DeliveryLimits, Destination, Receipt,
};
use incydr_core::event::EventId;

use super::mutant::Mutant;
use super::world::{Thing, World};

/// About two events a batch.
const MAX_BYTES: usize = 90;
pub const MAX_EVENTS_IN_BATCH: usize = 3;

const LIMITS: DeliveryLimits =
    DeliveryLimits { max_bytes: MAX_BYTES, max_message_bytes: 64, max_in_flight: 3 };

fn failed(fault: DeliveryFault) -> DeliveryError {
    DeliveryError { destination: "sink".into(), fault, code: None, info: String::new(), retry_after: None }
}

pub struct Sink {
    world: Arc<World>,
    mutant: Option<Mutant>,
    /// Only a mutant answers before it has delivered.
    promised: Mutex<Vec<(EventId, Vec<u8>)>>,
}

impl Sink {
    pub fn new(world: Arc<World>, mutant: Option<Mutant>) -> Self {
        Self { world, mutant, promised: Mutex::default() }
    }

    fn keep_promises(&self) {
        for (id, content) in std::mem::take(&mut *self.promised.lock().expect("no panic under the lock")) {
            self.world.arrive(id, &content);
        }
    }

    fn is_poison(&self, payload: &[u8]) -> bool {
        let leaves_as = |thing: &Thing| self.world.policy.outgoing(&thing.content);
        self.world.things.iter().any(|thing| thing.poison && leaves_as(thing).as_deref() == Some(payload))
    }
}

#[async_trait]
impl Destination for Sink {
    fn name(&self) -> &str {
        "sink"
    }

    fn limits(&self) -> DeliveryLimits {
        LIMITS
    }

    async fn deliver(&self, part: BatchPart<'_>) -> Result<Acknowledgement, DeliveryError> {
        let acknowledgement = Ok(Acknowledgement { sent_bytes: 1, receipt: None });
        if self.mutant == Some(Mutant::CommitBeforeDelivery) {
            self.keep_promises();
            let events = part.events().map(|(entry, payload)| (entry.id, payload.to_vec()));
            self.promised.lock().expect("no panic under the lock").extend(events);
            self.world.step().await;
            return acknowledgement;
        }
        self.world.step().await;
        if self.world.chance(8) {
            if self.mutant == Some(Mutant::FailureTakenAsAcknowledgement) {
                return acknowledgement;
            }
            return Err(failed(DeliveryFault::Unreachable));
        }
        if part.len() > 1 && self.world.chance(4) {
            return Err(failed(DeliveryFault::TooLarge));
        }
        if part.events().any(|(_, payload)| self.is_poison(payload)) {
            return Err(failed(DeliveryFault::Rejected));
        }
        part.events().for_each(|(entry, payload)| self.world.arrive(entry.id, payload));
        self.world.step().await;
        if self.world.chance(5) {
            self.world.allow_repeat(part.len());
            return Err(failed(DeliveryFault::Unknown));
        }
        acknowledgement
    }
}

impl Drop for Sink {
    /// A process that ends in peace still keeps its promises; one that dies does not come here with any left.
    fn drop(&mut self) {
        if self.world.is_at_peace() {
            self.keep_promises();
        }
    }
}

/// What lies on the archive's disk.
#[derive(Default)]
pub struct Shelf {
    staged: BTreeMap<String, Vec<u8>>,
    published: BTreeMap<String, Vec<u8>>,
}

impl Shelf {
    /// How often each line stands in published files.
    pub fn lines(&self) -> BTreeMap<Vec<u8>, u64> {
        let mut lines = BTreeMap::new();
        for line in self.published.values().flat_map(|file| file.split(|byte| *byte == b'\n')) {
            *lines.entry(line.to_vec()).or_default() += u64::from(!line.is_empty());
        }
        lines.remove(&Vec::new());
        lines
    }
}

pub struct Archive {
    pub world: Arc<World>,
    pub shelf: Arc<Mutex<Shelf>>,
}

#[async_trait]
impl Destination for Archive {
    fn name(&self) -> &str {
        "archive"
    }

    fn limits(&self) -> DeliveryLimits {
        DeliveryLimits { max_bytes: 10_000, ..LIMITS }
    }

    async fn deliver(&self, part: BatchPart<'_>) -> Result<Acknowledgement, DeliveryError> {
        self.world.step().await;
        let name = format!("{:032x}", EventId::of_row(part.ndjson(), 0).key);
        self.shelf
            .lock()
            .expect("no panic under the lock")
            .staged
            .insert(name.clone(), part.ndjson().to_vec());
        self.world.step().await;
        let receipt = Some(Receipt { destination: "archive".into(), name });
        Ok(Acknowledgement { sent_bytes: 1, receipt })
    }

    async fn publish(&self, receipts: &[Receipt]) -> Result<(), DeliveryError> {
        for receipt in receipts {
            self.world.step().await;
            let mut shelf = self.shelf.lock().expect("no panic under the lock");
            if let Some(file) = shelf.staged.remove(&receipt.name) {
                shelf.published.insert(receipt.name.clone(), file);
            }
        }
        Ok(())
    }

    async fn recover(&self, receipts: &[Receipt]) -> Result<(), DeliveryError> {
        self.publish(receipts).await?;
        self.world.step().await;
        self.shelf.lock().expect("no panic under the lock").staged.clear();
        Ok(())
    }
}

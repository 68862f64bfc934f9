//! Delivers a batch to every destination, whatever it takes (hop 7).
//!
//! A destination makes one attempt; the reaction to how it ended is decided here, once for all destinations:
//! transient failures and lost answers are repeated for ever with the same bytes, a request that is too large or too
//! slow is halved, and an event that is refused for good is isolated and given up alone (invariants I3, I7, I8).

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt;

use crate::batch::{Batch, BatchPart};
use crate::clock::Clock;
use crate::destination::{Acknowledgement, DeliveryError, DeliveryFault, Destination, Receipt};
use crate::health::Trouble;
use crate::notice::{Notice, Notify};
use crate::retry::Backoff;
use crate::stop::Stop;

/// A destination and what was learned of it in this run.
pub struct Outlet {
    destination: Box<dyn Destination>,
    /// Bytes that one request may have, as learned from answers that it was too large.
    max_bytes: AtomicUsize,
    /// Whether it has ever acknowledged anything in this run.
    has_accepted: AtomicBool,
    /// Whether a refusal speaks against the event at once.
    believes_refusals: bool,
}

/// How the delivery of one batch to one destination ended.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Delivered {
    /// What the destination needs to publish the batch.
    pub receipts: Vec<Receipt>,
    /// Events that the destination refuses for good: their index in the batch, and why.
    pub refused: Vec<(usize, String)>,
    /// Bytes that went over the wire.
    pub sent_bytes: u64,
}

/// The stop was asked for before the delivery was certain; the batch stays unacknowledged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Interrupted;

/// What the attempts need besides the destination.
#[derive(Clone)]
pub struct Surroundings<'a> {
    /// Waits between attempts.
    pub clock: &'a dyn Clock,
    /// Ends the attempts.
    pub stop: &'a Stop,
    /// Hears of failing and succeeding attempts.
    pub notify: &'a Notify,
}

/// An answer that repeating the same request cannot change.
enum Final {
    Acknowledged(Acknowledgement),
    TooLarge(DeliveryError),
    TooSlow(DeliveryError),
    Rejected(DeliveryError),
}

/// After so many refused events of one batch with none accepted, the destination is wrong and not the events.
const SUSPICIOUS_REFUSALS: usize = 12;
/// So often a small batch that is refused as a whole is tried again before its events are believed to be bad.
const MAX_DOUBTS: u32 = 3;

impl Outlet {
    /// Wraps a destination at the beginning of a run.
    pub fn new(destination: Box<dyn Destination>) -> Self {
        let max_bytes = AtomicUsize::new(destination.limits().max_bytes);
        Self { destination, max_bytes, has_accepted: AtomicBool::new(false), believes_refusals: false }
    }

    /// The same for events that were refused before: each refusal is final at once, however many there are.
    pub fn believing_refusals(self) -> Self {
        Self { believes_refusals: true, ..self }
    }

    /// The destination itself.
    pub fn destination(&self) -> &dyn Destination {
        self.destination.as_ref()
    }

    /// Delivers `batch`, and returns when each of its events was acknowledged or refused for good.
    ///
    /// Dropping the future leaves the outcome of the attempt under way unknown.
    pub async fn deliver(&self, batch: &Batch, around: &Surroundings<'_>) -> Result<Delivered, Interrupted> {
        let mut delivered = Delivered::default();
        let mut accepted_any = false;
        let mut doubts = 0;
        let mut waiting = vec![batch.whole()];
        while let Some(part) = waiting.pop() {
            if part.len() > 1 && part.ndjson().len() > self.max_bytes.load(Ordering::Relaxed) {
                push_halves(&mut waiting, &part);
                continue;
            }
            match self.attempt_until_final(&part, around).await? {
                Final::Acknowledged(acknowledgement) => {
                    accepted_any = true;
                    delivered.add(acknowledgement);
                }
                Final::TooLarge(_) if part.len() > 1 => {
                    self.max_bytes.fetch_min(part.ndjson().len().div_ceil(2), Ordering::Relaxed);
                    push_halves(&mut waiting, &part);
                }
                Final::TooSlow(_) if part.len() > 1 => push_halves(&mut waiting, &part),
                Final::TooSlow(error) => {
                    self.pause_for_refusal(&error, around).await?;
                    waiting.push(part);
                }
                Final::TooLarge(error) => delivered.refused.push((part.range().start, error.to_string())),
                Final::Rejected(error) => {
                    let (index, untested) =
                        self.isolate(batch, &part, &mut delivered, &mut accepted_any, around).await?;
                    delivered.refused.push((index, error.to_string()));
                    waiting.extend(untested.filter(|rest| !rest.is_empty()));
                }
            }
            if !accepted_any && self.is_suspicious(&delivered, batch, doubts) {
                doubts += 1;
                let error = refusal(self.destination.name(), &delivered);
                self.pause_for_refusal(&error, around).await?;
                delivered.refused.clear();
                waiting = vec![batch.whole()];
            }
        }
        Ok(delivered)
    }

    /// Whether the refusals so far speak against the destination rather than against the events: many in a row
    /// always do; a batch of few does at first, while nothing was ever accepted.
    fn is_suspicious(&self, delivered: &Delivered, batch: &Batch, doubts: u32) -> bool {
        if self.believes_refusals {
            return false;
        }
        let refused = delivered.refused.len();
        let never_accepted = !self.has_accepted.load(Ordering::Relaxed);
        refused >= SUSPICIOUS_REFUSALS
            || (refused == batch.entries.len() && never_accepted && doubts < MAX_DOUBTS)
    }

    /// Finds one refused event in `part`, which was rejected as a whole and has thus at least one.
    ///
    /// Returns its index and the events after it that no request has covered yet. Needs one request for each halving.
    async fn isolate<'b>(
        &self,
        batch: &'b Batch,
        part: &BatchPart<'b>,
        delivered: &mut Delivered,
        accepted_any: &mut bool,
        around: &Surroundings<'_>,
    ) -> Result<(usize, Option<BatchPart<'b>>), Interrupted> {
        let end = part.range().end;
        let mut suspects = part.clone();
        while suspects.len() > 1 {
            let (first, second) = suspects.halves();
            suspects = match self.attempt_until_final(&first, around).await? {
                Final::Acknowledged(acknowledgement) => {
                    *accepted_any = true;
                    delivered.add(acknowledgement);
                    second
                }
                Final::Rejected(_) | Final::TooLarge(_) | Final::TooSlow(_) => first,
            };
        }
        let index = suspects.range().start;
        Ok((index, Some(batch.part(index + 1..end))))
    }

    /// Repeats the same attempt until its answer is one that repeating cannot change.
    async fn attempt_until_final(
        &self,
        part: &BatchPart<'_>,
        around: &Surroundings<'_>,
    ) -> Result<Final, Interrupted> {
        let mut backoff = None;
        let mut failing = false;
        let mut was_too_slow = false;
        loop {
            let error = match self.destination.deliver(part.clone()).await {
                Ok(acknowledgement) => {
                    self.has_accepted.store(true, Ordering::Relaxed);
                    if failing {
                        (around.notify)(Notice::Recovered);
                    }
                    return Ok(Final::Acknowledged(acknowledgement));
                }
                Err(error) => error,
            };
            match error.fault {
                DeliveryFault::TooLarge => return Ok(Final::TooLarge(error)),
                DeliveryFault::Rejected => return Ok(Final::Rejected(error)),
                DeliveryFault::TooSlow if was_too_slow => return Ok(Final::TooSlow(error)),
                DeliveryFault::TooSlow => was_too_slow = true,
                DeliveryFault::Unreachable
                | DeliveryFault::Unknown
                | DeliveryFault::Throttled
                | DeliveryFault::Unavailable
                | DeliveryFault::Refused
                | DeliveryFault::StorageFull
                | DeliveryFault::StorageIo => {}
            }
            failing = true;
            (around.notify)(Notice::Trouble(Trouble::from(&error)));
            let backoff = backoff.get_or_insert_with(|| backoff_for(&error));
            pause(error.retry_after.unwrap_or_else(|| backoff.next_wait()), around).await?;
        }
    }

    async fn pause_for_refusal(
        &self,
        error: &DeliveryError,
        around: &Surroundings<'_>,
    ) -> Result<(), Interrupted> {
        (around.notify)(Notice::Trouble(Trouble::from(error)));
        pause(REFUSAL_PAUSE, around).await
    }
}

impl Delivered {
    fn add(&mut self, acknowledgement: Acknowledgement) {
        self.sent_bytes += acknowledgement.sent_bytes;
        self.receipts.extend(acknowledgement.receipt);
    }
}

/// Somebody has to correct the destination; asking once a minute finds out soon enough.
const REFUSAL_PAUSE: Duration = Duration::from_secs(60);

fn backoff_for(error: &DeliveryError) -> Backoff {
    let cap = match error.fault {
        DeliveryFault::Refused => return Backoff::fixed(REFUSAL_PAUSE),
        DeliveryFault::Unavailable | DeliveryFault::Unreachable => Duration::from_secs(30),
        DeliveryFault::Throttled | DeliveryFault::StorageFull | DeliveryFault::StorageIo => {
            Duration::from_secs(8)
        }
        DeliveryFault::Unknown
        | DeliveryFault::TooSlow
        | DeliveryFault::TooLarge
        | DeliveryFault::Rejected => Duration::from_secs(4),
    };
    Backoff::new(Duration::from_millis(500), cap, error.destination.as_bytes())
}

async fn pause(span: Duration, around: &Surroundings<'_>) -> Result<(), Interrupted> {
    if around.stop.is_requested() {
        return Err(Interrupted);
    }
    futures_util::select_biased! {
        () = around.stop.requested().fuse() => Err(Interrupted),
        () = around.clock.sleep(span).fuse() => Ok(()),
    }
}

fn push_halves<'a>(waiting: &mut Vec<BatchPart<'a>>, part: &BatchPart<'a>) {
    let (first, second) = part.halves();
    waiting.push(second);
    waiting.push(first);
}

fn refusal(destination: &str, delivered: &Delivered) -> DeliveryError {
    let words = delivered.refused.first().map_or("", |(_, words)| words);
    DeliveryError {
        destination: destination.to_owned(),
        fault: DeliveryFault::Refused,
        code: Some(400),
        info: format!("every event is refused; {words}"),
        retry_after: None,
    }
}

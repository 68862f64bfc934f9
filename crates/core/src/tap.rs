//! A look at events as they leave.
//!
//! Place on the path: beside hop 7. A tap sees what was delivered and can hold nothing up; without one, nothing is done.

use std::sync::Arc;

use crate::batch::Batch;
use crate::ledger::DeadLetter;

/// Sees each batch once every destination has acknowledged it, together with those of its events that were refused for
/// good. It must return at once, and copies what it wants to keep.
pub type Tap = Arc<dyn Fn(&Batch, &[DeadLetter]) + Send + Sync>;

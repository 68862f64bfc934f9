//! Time, as something that is handed in.
//!
//! Two implementations: the system's in the `collector` crate, and the simulated one of the tests, where nothing
//! waits for real.

use std::time::Duration;

use async_trait::async_trait;

use crate::timestamp::Timestamp;

/// Tells the time and waits for it.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The wall-clock time.
    fn now(&self) -> Timestamp;

    /// Returns after `span`. Cancel safe.
    async fn sleep(&self, span: Duration);
}

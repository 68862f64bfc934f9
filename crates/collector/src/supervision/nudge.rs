//! The wish that a stream polls now, as all streams of a source see it at once.

use std::future::pending;

use tokio::sync::watch;

/// Held by whoever may ask for a poll. Dropping it does not ask.
#[derive(Debug)]
pub struct NudgeSwitch(watch::Sender<()>);

/// Seen by a stream that waits for its next poll.
#[derive(Clone, Debug)]
pub struct Nudge(watch::Receiver<()>);

impl NudgeSwitch {
    /// A switch that nobody has touched.
    pub fn new() -> Self {
        Self(watch::Sender::new(()))
    }

    /// The sight of it.
    pub fn nudge(&self) -> Nudge {
        Nudge(self.0.subscribe())
    }

    /// Asks for a poll now. A stream that is polling polls once more when it is done.
    pub fn ask(&self) {
        self.0.send_replace(());
    }
}

impl Default for NudgeSwitch {
    fn default() -> Self {
        Self::new()
    }
}

impl Nudge {
    /// Nobody will ever ask.
    pub fn never() -> Self {
        NudgeSwitch::new().nudge()
    }

    /// The poll that begins now answers all that was asked so far.
    pub fn answer(&mut self) {
        self.0.mark_unchanged();
    }

    /// Returns once a poll is asked for that was not answered. Cancel safe.
    pub async fn asked(&mut self) {
        if self.0.changed().await.is_err() {
            pending::<()>().await;
        }
    }
}

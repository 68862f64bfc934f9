//! The wish to stop, as everybody sees it at once.

use std::future::pending;

use tokio::sync::watch;

/// Held by whoever may ask for the stop. Dropping it does not ask.
#[derive(Debug)]
pub struct StopSwitch(watch::Sender<bool>);

/// Seen by everybody who must finish what is in flight and begin nothing new.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

/// A switch and the sight of it.
pub fn stop_switch() -> (StopSwitch, Stop) {
    let (sender, receiver) = watch::channel(false);
    (StopSwitch(sender), Stop(receiver))
}

impl StopSwitch {
    /// Asks everybody to stop; asking again changes nothing.
    pub fn request(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Whether the stop was asked for.
    pub fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns once the stop was asked for; never returns when nobody can ask any more. Cancel safe.
    pub async fn requested(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|stop| *stop).await.is_err() {
            pending::<()>().await;
        }
    }
}

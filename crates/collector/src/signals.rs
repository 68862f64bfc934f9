//! The operator's wish to stop, as signals bring it.

use incydr_core::stop::{Stop, stop_switch};
use tokio::signal::unix::{SignalKind, signal};

use crate::failure::Failure;

/// A stop that is asked for by Ctrl-C (`SIGINT`) and by `SIGTERM`.
pub fn stop_on_signals() -> Result<Stop, Failure> {
    let listen =
        |kind| signal(kind).map_err(|error| Failure::ours(format!("listening for signals: {error}")));
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    let (switch, stop) = stop_switch();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            tracing::info!("stopping: finishing what is in flight");
            switch.request();
        }
    });
    Ok(stop)
}

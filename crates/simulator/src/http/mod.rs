//! The ground that both simulated services stand on: a server that can break its own connections.
//!
//! Not for: what is answered (that is `incydr` and `sumo`) and when to misbehave (that is `faults`).

pub(crate) mod answer;
pub(crate) mod body;
pub(crate) mod record;
pub(crate) mod server;
pub(crate) mod tls;
pub(crate) mod wire;

//! The last delivered events of a source, as they pass: only where the operator lets them be kept, for they are
//! payloads.

pub mod pages;

use std::sync::Arc;

use super::sources;
use super::streams::Address;
use crate::api::Api;
use crate::hosting::{SourceId, TailEvent};
use crate::web::access_key::Caller;
use crate::web::problem::Problem;

/// What there is to see.
pub enum Sight {
    /// The operator keeps no events for this.
    Off,
    /// The source does not run.
    Idle,
    /// The last events, oldest first, and the number of the last one that was delivered.
    Kept(Vec<Arc<TailEvent>>, u64),
}

/// The last delivered events of a source.
pub async fn look(api: &Api, caller: &Caller, (collector, source): Address) -> Result<Sight, Problem> {
    let source = sources::find(api, caller, collector, source).await?;
    if !api.fleet.keeps_tails() {
        return Ok(Sight::Off);
    }
    Ok(match api.fleet.tail(SourceId(source.id)) {
        Some(tail) => Sight::Kept(tail.newer_than(0), tail.newest()),
        None => Sight::Idle,
    })
}

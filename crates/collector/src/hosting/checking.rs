//! Tries a source that somebody considers, as the fleet would run it.
//!
//! The client is one of its own, so that nothing is in the way of the streams but the budget of the tenant.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use crate::assembly::Door;
use crate::source_check::{Finding, SourceCheck, Tried, try_destination};
use crate::source_config::SourceConfig;

use super::fleet::Common;

/// Somebody waits for the answer.
const PATIENCE: Duration = Duration::from_secs(30);

impl Common {
    /// Tries `config` and the destinations side by side.
    pub(super) async fn check(&self, config: &SourceConfig) -> Vec<Finding> {
        let try_door =
            |door| try_destination(Door::kind(door).to_owned(), door, self.clock.as_ref(), PATIENCE);
        let doors = self.doors.iter().map(try_door);
        let (mut findings, reached) = tokio::join!(self.check_source(config), join_all(doors));
        findings.extend(reached);
        findings
    }

    async fn check_source(&self, config: &SourceConfig) -> Vec<Finding> {
        match self.client(config) {
            Ok((client, _)) => {
                SourceCheck::new(config, Arc::new(client), self.clock.as_ref(), PATIENCE).run().await
            }
            Err(trouble) => vec![Finding { tried: Tried::Authentication, outcome: Err(trouble) }],
        }
    }
}

//! How many events the vendor has, for those who consider a backfill or a reset.
//!
//! The client is one of its own, so that nothing is in the way of the streams but the budget of the tenant.

use std::sync::Arc;
use std::time::Duration;

use incydr_client::source::source;
use incydr_core::health::{ErrorType, Trouble};
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;

use crate::assembly::alerts_api_of;

use super::task::SourceTask;

/// Somebody waits for the answer.
const PATIENCE: Duration = Duration::from_secs(30);

impl SourceTask {
    /// How many events of `stream` there are; `None` where the vendor does not count.
    pub(super) async fn count(
        &self,
        stream: Stream,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Option<u64>, Trouble> {
        let wanted = self.source();
        let (client, _) = self.common.client(&wanted.config)?;
        let asked = source(Arc::new(client), stream, alerts_api_of(&wanted.config));
        tokio::select! {
            biased;
            counted = asked.count(from, to) => counted.map_err(|error| Trouble::from(&error)),
            () = self.common.clock.sleep(PATIENCE) => Err(unanswered()),
        }
    }
}

fn unanswered() -> Trouble {
    Trouble {
        error_type: ErrorType::ThirdPartyGeneric,
        tracker: "Timeout",
        error_code: None,
        error_info: String::new(),
        message: "counting events: no answer in time".to_owned(),
    }
}

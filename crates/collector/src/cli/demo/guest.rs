//! A client of the demonstration's daemon: makes a collector and a source as anybody would, and looks at the figures.

use std::time::Duration;

use incydr_core::clock::Clock;
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;
use incydr_simulator::ApiClient;
use serde_json::{Value, json};

use crate::cli::client::Connection;
use crate::failure::Failure;
use crate::progress::StreamTally;
use crate::system_clock::SystemClock;

/// A new source collects what is at most so old; what is older is for backfills.
const LIVE_REACH: Duration = Duration::from_secs(24 * 60 * 60);
/// Seconds between polls: the least that a source may have.
const POLLING_INTERVAL: u64 = 10;

/// The client, and the address of its source.
pub(super) struct Guest {
    connection: Connection,
    source: String,
}

/// How far everything is.
pub(super) struct Sight {
    /// What became of each stream's events, backfills included.
    pub(super) tallies: Vec<(Stream, StreamTally)>,
    /// The state of the source.
    pub(super) state: String,
    /// Whether every stream has caught up and every backfill has ended.
    pub(super) is_complete: bool,
}

impl Guest {
    /// Creates a collector with one source of the tenant at `base_url`, and a backfill of each stream that begins at
    /// `from`.
    pub(super) async fn settle(
        connection: Connection,
        base_url: &str,
        from: Timestamp,
    ) -> Result<Self, Failure> {
        let collector = json!({ "collector": { "collectorType": "Hosted", "name": "Demonstration" } });
        let created = connection.post("/collectors", &collector).await?.body;
        let sources = format!("/collectors/{}/sources", created["collector"]["id"]);
        let created = connection.post(&sources, &source_json(base_url)).await?.body;
        let source = format!("{sources}/{}", created["source"]["id"]);
        // The source exists by now, so that no event lies between the backfills and what it collects by itself.
        let to = SystemClock.now().minus(LIVE_REACH);
        for stream in Stream::ALL {
            let backfill = json!({ "backfill": {
                "stream": stream.as_str(), "from": from.to_string(), "to": to.to_string(),
            } });
            connection.post(&format!("{source}/backfills"), &backfill).await?;
        }
        Ok(Self { connection, source })
    }

    /// How far everything is now.
    pub(super) async fn look(&self) -> Result<Sight, Failure> {
        let source = self.connection.get(&self.source).await?.body;
        let live = self.connection.get(&format!("{}/streams", self.source)).await?.body;
        let past = self.connection.get(&format!("{}/backfills", self.source)).await?.body;
        let (live, past) = (elements(&live["streams"]), elements(&past["backfills"]));
        let mut tallies = Vec::new();
        for stream in Stream::ALL {
            let is_it = |value: &&Value| value["stream"] == stream.as_str();
            let mut tally = StreamTally::default();
            live.iter().filter(is_it).for_each(|live| count(&mut tally, live, true));
            past.iter().filter(is_it).for_each(|past| count(&mut tally, &past["progress"], false));
            tallies.push((stream, tally));
        }
        Ok(Sight {
            tallies,
            state: source["source"]["state"]["state"].as_str().unwrap_or_default().to_owned(),
            is_complete: live.iter().all(|stream| stream["lastSuccess"].is_string())
                && past.iter().all(|backfill| backfill["state"] == "Completed"),
        })
    }
}

fn elements(list: &Value) -> &[Value] {
    list.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Adds the figures of a stream as the API shows them.
fn count(tally: &mut StreamTally, shown: &Value, is_live: bool) {
    let figure = |key: &str| shown[key].as_u64().unwrap_or(0);
    tally.fetched += figure("fetched");
    tally.acknowledged += figure("acknowledged");
    tally.duplicates += figure("duplicates");
    tally.excluded += figure("excluded");
    tally.dead_letters += figure("deadLetters");
    tally.bytes += figure("bytes");
    tally.sent_bytes += figure("sentBytes");
    if is_live {
        tally.watermark = shown["watermark"].as_str().and_then(|text| Timestamp::parse(text.as_bytes()));
    }
}

fn source_json(base_url: &str) -> Value {
    let ApiClient { id, secret, .. } = ApiClient::default();
    json!({
        "api.version": "v1",
        "source": {
            "config": {
                "name": "Code42",
                "description": "The demonstration's source",
                "category": "code42",
                "baseURL": base_url,
                "clientID": id,
                "secretKey": secret,
                "dataCollection": ["auditLogs", "alerts", "fileEvents"],
                "pollingInterval": POLLING_INTERVAL,
            },
            "schemaRef": { "type": "Code42Incydr" },
            "sourceType": "Universal",
        },
    })
}

//! `backfills`: ranges of the past, collected beside the live streams.

use incydr_core::clock::Clock;
use serde_json::{Value, json};

use super::cells::{count, items, moment, plain};
use super::connection::Connection;
use super::output::Output;
use super::sources::path_of;
use super::table::Table;
use crate::cli::options::BackfillsVerb;
use crate::failure::Failure;
use crate::system_clock::SystemClock;
use crate::time_range::TimeRange;

/// Does what the verb says.
pub(super) async fn run(verb: BackfillsVerb, connection: &Connection, output: Output) -> Result<(), Failure> {
    match verb {
        BackfillsVerb::List(address) => {
            let path = path_of(connection, &address).await?;
            let body = connection.get(&format!("{path}/backfills")).await?.body;
            output.show(&body, |body| table_of(items(body, "backfills")))
        }
        BackfillsVerb::Create { address, stream, since, until, dry_run } => {
            let now = SystemClock.now();
            let range = TimeRange::parse(Some(&since), until.as_deref(), now).map_err(Failure::mistake)?;
            let (from, to) =
                (range.since_or_default(now).to_string(), range.until.unwrap_or(now).to_string());
            let wanted = json!({ "stream": stream, "from": from, "to": to });
            let path = path_of(connection, &address).await?;
            let order = json!({ "backfill": wanted, "dryRun": dry_run });
            let body = connection.post(&format!("{path}/backfills"), &order).await?.body;
            match dry_run {
                true => output.done(&body, &estimate(&body["dryRun"])),
                false => output.show(&body, |body| table_of(std::iter::once(&body["backfill"]))),
            }
        }
        BackfillsVerb::Cancel { address, backfill } => {
            let path = path_of(connection, &address).await?;
            let body = connection.delete(&format!("{path}/backfills/{backfill}")).await?.body;
            output
                .done(&body, &format!("The backfill {backfill} ends; what it has delivered stays delivered."))
        }
    }
}

fn estimate(considered: &Value) -> String {
    let (events, requests) = (count(&considered["events"]), count(&considered["requests"]));
    match considered["note"].as_str() {
        Some(note) => format!("What it would collect is unknown: {note}"),
        None => format!("It would collect {events} events by {requests} requests."),
    }
}

fn table_of<'a>(backfills: impl Iterator<Item = &'a Value>) -> Table {
    let head = ["ID", "STREAM", "FROM", "TO", "STATE", "CREATED", "DELIVERED", "DETAIL"];
    let mut table = Table::new(&head, "The source has no backfills.");
    let now = SystemClock.now();
    for backfill in backfills {
        table.row(vec![
            plain(&backfill["id"]),
            plain(&backfill["stream"]),
            plain(&backfill["from"]),
            plain(&backfill["to"]),
            plain(&backfill["state"]),
            moment(&backfill["created"], now),
            count(&backfill["progress"]["acknowledged"]),
            plain(&backfill["detail"]),
        ]);
    }
    table
}

//! `status`: everything at a glance, once or again and again.

use std::time::Duration;

use incydr_core::clock::Clock;
use serde_json::{Value, json};

use super::cells::{items, plain, span};
use super::connection::Connection;
use super::output::{Output, write};
use super::sources::error_of;
use super::table::Table;
use super::{collectors, health};
use crate::cli::options::StatusOptions;
use crate::failure::Failure;
use crate::system_clock::SystemClock;

const EVERY: Duration = Duration::from_secs(5);
/// Of more sources than these the streams are not asked for, because each costs a request.
const MAX_SOURCES_WITH_STREAMS: usize = 8;
const CLEAR: &str = "\u{1b}[H\u{1b}[2J";

/// Shows the state of all sources and what is wrong with them.
pub async fn run(options: StatusOptions) -> Result<(), Failure> {
    let connection = Connection::open(&options.connection)?;
    let output = Output::new(options.connection.output);
    let clears = options.watch && output.is_for_people();
    loop {
        let status = gather(&connection).await?;
        if clears {
            write(CLEAR)?;
        }
        output.show(&status, sources_of)?;
        if output.is_for_people() {
            write("\n")?;
            output.show(&status["healthEvents"], |events| {
                health::table_of(events, "Everything is well: no health event is open.")
            })?;
        }
        if !options.watch {
            return Ok(());
        }
        SystemClock.sleep(EVERY).await;
    }
}

/// All sources with their collectors, and the open health events.
async fn gather(connection: &Connection) -> Result<Value, Failure> {
    let collectors = collectors::all(connection).await?;
    let mut sources = Vec::new();
    for collector in items(&collectors, "collectors") {
        let body = connection.get(&format!("/collectors/{}/sources", collector["id"])).await?.body;
        sources.extend(items(&body, "sources").map(|source| {
            json!({
                "collectorId": collector["id"], "collector": collector["name"],
                "id": source["id"], "name": source["name"], "state": source["state"],
            })
        }));
    }
    if sources.len() <= MAX_SOURCES_WITH_STREAMS {
        for source in &mut sources {
            let path = format!("/collectors/{}/sources/{}/streams", source["collectorId"], source["id"]);
            source["streams"] = connection.get(&path).await?.body["streams"].take();
        }
    }
    let events = connection.pages("/healthEvents", "data").await?;
    Ok(json!({ "sources": sources, "healthEvents": { "data": events } }))
}

fn sources_of(status: &Value) -> Table {
    let head = ["COLLECTOR", "SOURCE", "STATE", "STREAMS BEHIND", "ERROR"];
    let mut table = Table::new(&head, "There are no sources.");
    for source in items(status, "sources") {
        let behind = |stream: &Value| format!("{} {}", plain(&stream["stream"]), span(&stream["lagSeconds"]));
        let streams: Vec<_> = items(source, "streams").map(behind).collect();
        table.row(vec![
            plain(&source["collector"]),
            plain(&source["name"]),
            plain(&source["state"]["state"]),
            if streams.is_empty() { plain(&Value::Null) } else { streams.join(", ") },
            error_of(&source["state"]),
        ]);
    }
    table
}

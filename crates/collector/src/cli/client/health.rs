//! `health`: what is wrong right now, and what was.

use incydr_core::clock::Clock;
use serde_json::{Value, json};

use super::cells::{items, moment, plain};
use super::connection::Connection;
use super::output::Output;
use super::table::Table;
use crate::cli::options::HealthVerb;
use crate::failure::Failure;
use crate::system_clock::SystemClock;

/// Does what the verb says.
pub(super) async fn run(verb: HealthVerb, connection: &Connection, output: Output) -> Result<(), Failure> {
    let (path, nothing) = match verb {
        HealthVerb::List => ("/healthEvents", "Everything is well: no health event is open."),
        HealthVerb::History => ("/incydr/healthEvents/history", "No health event was ever opened."),
    };
    let body = json!({ "data": connection.pages(path, "data").await? });
    output.show(&body, |body| table_of(body, nothing))
}

/// Health events under their own head.
pub(super) fn table_of(body: &Value, nothing: &'static str) -> Table {
    let mut table = Table::new(&["SINCE", "CLOSED", "SOURCE", "EVENT", "TRACKER", "DESCRIPTION"], nothing);
    let now = SystemClock.now();
    for event in items(body, "data") {
        let identity = &event["resourceIdentity"];
        table.row(vec![
            moment(&event["eventTime"], now),
            moment(&event["closedTime"], now),
            format!("{} / {}", plain(&identity["collectorName"]), plain(&identity["name"])),
            plain(&event["eventName"]),
            plain(&event["details"]["error"]),
            plain(&event["details"]["description"]),
        ]);
    }
    table
}

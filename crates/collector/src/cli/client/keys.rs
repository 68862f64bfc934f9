//! `keys`: access keys of the API.

use clap::ValueEnum;
use incydr_core::clock::Clock;
use serde_json::{Value, json};

use super::cells::{items, moment, plain};
use super::collectors;
use super::connection::{Connection, segment};
use super::output::Output;
use super::table::Table;
use crate::cli::options::KeysVerb;
use crate::failure::Failure;
use crate::system_clock::SystemClock;

const PATH: &str = "/incydr/accessKeys";

/// Does what the verb says.
pub(super) async fn run(verb: KeysVerb, connection: &Connection, output: Output) -> Result<(), Failure> {
    match verb {
        KeysVerb::List => {
            let body = connection.get(PATH).await?.body;
            output.show(&body, table_of)
        }
        KeysVerb::Create { label, role, collector, expires } => {
            let role = role.to_possible_value().map(|role| role.get_name().to_owned());
            let mut key = json!({ "label": label, "role": role });
            if let Some(collector) = collector {
                let id: Option<u64> = collectors::id_of(connection, &collector).await?.parse().ok();
                key["collectorId"] = json!(id);
            }
            if let Some(expires) = expires {
                key["expires"] = Value::from(expires);
            }
            let body = connection.post(PATH, &json!({ "accessKey": key })).await?.body;
            let (id, key) = (plain(&body["accessKey"]["accessId"]), plain(&body["accessKey"]["key"]));
            output.done(&body, &format!("Access ID:  {id}"))?;
            if output.is_for_people() {
                output.done(&body, &format!("Access key: {key}   (shown only this once)"))?;
            }
            Ok(())
        }
        KeysVerb::Revoke { revoked } => {
            let body = connection.delete(&format!("{PATH}/{}", segment(&revoked))).await?.body;
            output.done(&body, &format!("The access key `{revoked}` is worth nothing any more."))
        }
    }
}

fn table_of(body: &Value) -> Table {
    let head = ["ACCESS ID", "ROLE", "COLLECTOR", "CREATED", "LAST USED", "EXPIRES", "LABEL"];
    let mut table = Table::new(&head, "There are no access keys.");
    let now = SystemClock.now();
    for key in items(body, "accessKeys") {
        table.row(vec![
            plain(&key["accessId"]),
            plain(&key["role"]),
            plain(&key["collectorId"]),
            moment(&key["created"], now),
            moment(&key["lastUsed"], now),
            moment(&key["expires"], now),
            plain(&key["label"]),
        ]);
    }
    table
}

//! `dead-letters`: events that could not be delivered.

use incydr_core::clock::Clock;
use serde_json::{Value, json};

use super::cells::{bytes, items, moment, plain};
use super::connection::Connection;
use super::output::Output;
use super::sources::path_of;
use super::table::Table;
use crate::cli::options::{DeadLettersVerb, LetterAddress};
use crate::failure::Failure;
use crate::system_clock::SystemClock;

/// Does what the verb says.
pub(super) async fn run(
    verb: DeadLettersVerb,
    connection: &Connection,
    output: Output,
) -> Result<(), Failure> {
    match verb {
        DeadLettersVerb::List(address) => {
            let path = format!("{}/deadLetters", path_of(connection, &address).await?);
            let body = json!({ "deadLetters": connection.pages(&path, "deadLetters").await? });
            output.show(&body, table_of)
        }
        DeadLettersVerb::Show(address) => {
            let body = connection.get(&letter(connection, &address).await?).await?.body;
            output.done(&body, &plain(&body["deadLetter"]["raw"]))
        }
        DeadLettersVerb::Redeliver(address) => {
            let path = letter(connection, &address).await? + "/action/redeliver";
            let body = connection.post(&path, &json!({})).await?.body;
            output.done(&body, &format!("The dead letter {} is delivered.", address.letter))
        }
        DeadLettersVerb::Discard(address) => {
            let body = connection.delete(&letter(connection, &address).await?).await?.body;
            output.done(&body, &format!("The dead letter {} is given up.", address.letter))
        }
    }
}

async fn letter(connection: &Connection, address: &LetterAddress) -> Result<String, Failure> {
    let source = path_of(connection, &address.source).await?;
    Ok(format!("{source}/deadLetters/{}", address.letter))
}

fn table_of(body: &Value) -> Table {
    let head = ["ID", "STREAM", "RECORDED", "SIZE", "REASON"];
    let mut table = Table::new(&head, "The source has no dead letters.");
    let now = SystemClock.now();
    for letter in items(body, "deadLetters") {
        table.row(vec![
            plain(&letter["id"]),
            plain(&letter["stream"]),
            moment(&letter["recordedAt"], now),
            bytes(&letter["size"]),
            plain(&letter["reason"]),
        ]);
    }
    table
}

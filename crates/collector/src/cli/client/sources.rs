//! `sources`: list, show, create, update, delete, restart, poll, streams.

use std::path::PathBuf;

use incydr_core::clock::Clock;
use serde_json::{Value, json};

use super::cells::{bytes, count, items, moment, plain, span};
use super::collectors::{self, is_number};
use super::connection::Connection;
use super::output::Output;
use super::table::Table;
use crate::cli::options::{SourceAddress, SourcesVerb};
use crate::failure::Failure;
use crate::secret_source;
use crate::source_input::SourceInput;
use crate::system_clock::SystemClock;

/// Does what the verb says.
pub(super) async fn run(verb: SourcesVerb, connection: &Connection, output: Output) -> Result<(), Failure> {
    match verb {
        SourcesVerb::List { collector } => {
            let id = collectors::id_of(connection, &collector).await?;
            let body = connection.get(&format!("/collectors/{id}/sources")).await?.body;
            output.show(&body, |body| table_of(items(body, "sources")))
        }
        SourcesVerb::Show(address) => {
            let body = connection.get(&path_of(connection, &address).await?).await?.body;
            output.show(&body, |body| table_of(std::iter::once(&body["source"])))
        }
        SourcesVerb::Create { collector, file } => {
            let source = read(file)?;
            let id = collectors::id_of(connection, &collector).await?;
            let body = connection.post(&format!("/collectors/{id}/sources"), &source).await?.body;
            output.show(&body, |body| table_of(std::iter::once(&body["source"])))
        }
        SourcesVerb::Update { address, file } => {
            let source = read(file)?;
            let path = path_of(connection, &address).await?;
            let etag = connection.get(&path).await?.etag;
            let body = connection.put(&path, &source, etag.as_deref()).await?.body;
            output.show(&body, |body| table_of(std::iter::once(&body["source"])))
        }
        SourcesVerb::Delete(address) => {
            let body = connection.delete(&path_of(connection, &address).await?).await?.body;
            output.done(&body, "The source is stopping, and gone when its deliveries have ended.")
        }
        SourcesVerb::Restart(address) => {
            act(connection, output, &address, "restart", "The source begins anew at the same place.").await
        }
        SourcesVerb::Poll(address) => {
            act(connection, output, &address, "poll", "All streams of the source poll now.").await
        }
        SourcesVerb::Streams(address) => {
            let path = path_of(connection, &address).await?;
            let body = connection.get(&format!("{path}/streams")).await?.body;
            output.show(&body, |body| streams_of(items(body, "streams")))
        }
    }
}

/// The path of a source that is named by numbers or names.
pub(super) async fn path_of(connection: &Connection, address: &SourceAddress) -> Result<String, Failure> {
    let collector = collectors::id_of(connection, &address.collector).await?;
    let list = format!("/collectors/{collector}/sources");
    if is_number(&address.source) {
        return Ok(format!("{list}/{}", address.source));
    }
    let body = connection.get(&list).await?.body;
    let found = items(&body, "sources").find(|source| source["name"] == address.source.as_str());
    match found {
        Some(source) => Ok(format!("{list}/{}", source["id"])),
        None => {
            let SourceAddress { collector, source } = address;
            let sentence = format!("the collector `{collector}` has no source `{source}`");
            Err(Failure::mistake(sentence).with_hint("`sources list` shows those that it has"))
        }
    }
}

async fn act(
    connection: &Connection,
    output: Output,
    address: &SourceAddress,
    action: &str,
    sentence: &str,
) -> Result<(), Failure> {
    let path = path_of(connection, address).await?;
    let body = connection.post(&format!("{path}/action/{action}"), &json!({})).await?.body;
    output.done(&body, sentence)
}

/// Reads the JSON of a source. Secrets that it refers to are fetched here, for the daemon follows no reference that
/// comes over the network.
fn read(file: PathBuf) -> Result<Value, Failure> {
    let input = SourceInput::of(file);
    let bytes =
        input.read().map_err(|error| Failure::mistake(error.to_string().replace("--source", "--file")))?;
    let mut source: Value = serde_json::from_slice(&bytes).map_err(|error| {
        Failure::mistake(format!("`--file {input}` cannot be read: {error}; correct the JSON there"))
    })?;
    let inner = if source["source"].is_object() { &mut source["source"] } else { &mut source };
    for key in ["clientID", "secretKey"] {
        if let Some(Value::String(text)) = inner.pointer_mut(&format!("/config/{key}")) {
            let secret = secret_source::resolve(text)
                .map_err(|error| Failure::mistake(format!("`--file {input}`: `config.{key}` {error}")))?;
            secret.reveal().clone_into(text);
        }
    }
    Ok(source)
}

fn table_of<'a>(sources: impl Iterator<Item = &'a Value>) -> Table {
    let head = ["ID", "NAME", "CATEGORY", "STATE", "STREAMS", "BASE URL", "ERROR"];
    let mut table = Table::new(&head, "The collector has no sources; create one by `sources create`.");
    for source in sources {
        table.row(vec![
            plain(&source["id"]),
            plain(&source["name"]),
            plain(&source["category"]),
            plain(&source["state"]["state"]),
            streams_in(&source["config"]["dataCollection"]),
            plain(&source["config"]["baseURL"]),
            error_of(&source["state"]),
        ]);
    }
    table
}

/// What a state says of its error.
pub(super) fn error_of(state: &Value) -> String {
    let parts = ["errorType", "errorCode", "errorInfo"].map(|key| &state[key]);
    let told: Vec<_> = parts.into_iter().filter(|part| !part.is_null()).map(plain).collect();
    if told.is_empty() { plain(&Value::Null) } else { told.join(" ") }
}

fn streams_in(value: &Value) -> String {
    match value.as_array() {
        Some(streams) => streams.iter().map(plain).collect::<Vec<_>>().join(" "),
        None if value.is_null() => "all".to_owned(),
        None => plain(value),
    }
}

/// Streams with what they have done.
pub(super) fn streams_of<'a>(streams: impl Iterator<Item = &'a Value>) -> Table {
    let head = [
        "STREAM",
        "LAG",
        "LAST SUCCESS",
        "NEXT POLL",
        "FETCHED",
        "DELIVERED",
        "DUPLICATES",
        "EXCLUDED",
        "DEAD",
        "BYTES",
        "LAST ERROR",
    ];
    let mut table = Table::new(&head, "The source has no streams yet.");
    let now = SystemClock.now();
    for stream in streams {
        let is_polling = stream["polling"] == true;
        table.row(vec![
            plain(&stream["stream"]),
            span(&stream["lagSeconds"]),
            moment(&stream["lastSuccess"], now),
            if is_polling { "now".to_owned() } else { moment(&stream["nextPoll"], now) },
            count(&stream["fetched"]),
            count(&stream["acknowledged"]),
            count(&stream["duplicates"]),
            count(&stream["excluded"]),
            count(&stream["deadLetters"]),
            bytes(&stream["bytes"]),
            plain(&stream["lastError"]["message"]),
        ]);
    }
    table
}

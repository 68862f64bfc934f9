//! The verbs that talk to a running daemon: each is a few calls of its API and a table.

mod backfills;
mod cells;
mod collectors;
mod connection;
mod dead_letters;
mod fields;
mod health;
mod keys;
mod output;
mod sources;
mod status;
mod table;

pub(super) use self::connection::Connection;
pub(super) use self::output::write;
pub use self::status::run as status;

use self::output::Output;
use super::options::{
    BackfillsVerb, ClientOptions, CollectorsVerb, DeadLettersVerb, FieldsVerb, HealthVerb, KeysVerb,
    SourcesVerb,
};
use crate::failure::Failure;

/// `collectors`.
pub async fn collectors(options: ClientOptions<CollectorsVerb>) -> Result<(), Failure> {
    let (connection, output) = open(&options)?;
    collectors::run(options.verb, &connection, output).await
}

/// `sources`.
pub async fn sources(options: ClientOptions<SourcesVerb>) -> Result<(), Failure> {
    let (connection, output) = open(&options)?;
    sources::run(options.verb, &connection, output).await
}

/// `health`.
pub async fn health(options: ClientOptions<HealthVerb>) -> Result<(), Failure> {
    let (connection, output) = open(&options)?;
    health::run(options.verb, &connection, output).await
}

/// `fields`.
pub async fn fields(options: ClientOptions<FieldsVerb>) -> Result<(), Failure> {
    let (connection, output) = open(&options)?;
    fields::run(options.verb, &connection, output).await
}

/// `keys`.
pub async fn keys(options: ClientOptions<KeysVerb>) -> Result<(), Failure> {
    let (connection, output) = open(&options)?;
    keys::run(options.verb, &connection, output).await
}

/// `backfills`.
pub async fn backfills(options: ClientOptions<BackfillsVerb>) -> Result<(), Failure> {
    let (connection, output) = open(&options)?;
    backfills::run(options.verb, &connection, output).await
}

/// `dead-letters`.
pub async fn dead_letters(options: ClientOptions<DeadLettersVerb>) -> Result<(), Failure> {
    let (connection, output) = open(&options)?;
    dead_letters::run(options.verb, &connection, output).await
}

fn open<V: clap::Subcommand>(options: &ClientOptions<V>) -> Result<(Connection, Output), Failure> {
    Ok((Connection::open(&options.connection)?, Output::new(options.connection.output)))
}

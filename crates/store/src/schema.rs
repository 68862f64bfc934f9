//! The tables, how they came to be as they are, and whether a file has exactly those.
//!
//! The schema is compared word for word with what the migrations make. A damaged declaration would change what a
//! column means, and the database library answers one that is no text by never answering again.

use std::collections::BTreeSet;

use incydr_core::ledger::LedgerFault;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

use crate::error::Failure;

/// The SQL that leads from each version of the schema to the next; the last one's number is ours. Each ends by
/// setting the version.
const MIGRATIONS: [&str; 5] = [
    include_str!("../migrations/0001_initial.sql"),
    include_str!("../migrations/0002_hosting.sql"),
    include_str!("../migrations/0003_sessions.sql"),
    include_str!("../migrations/0004_pages.sql"),
    include_str!("../migrations/0005_stream_courses.sql"),
];

/// `PRAGMA application_id` of our files.
const APPLICATION_ID: i64 = 1_229_865_817;

/// Refuses the databases of other programs and of newer releases, and those whose tables are not what their version
/// says. Only reads.
pub(crate) async fn check(connection: &mut SqliteConnection) -> Result<(), Failure> {
    let version = version(connection).await?;
    let application: i64 = sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *connection).await?;
    if application != APPLICATION_ID || version == 0 {
        return Err(Failure::corrupt("the file is not a state file of this collector"));
    }
    let Some(migrations) = MIGRATIONS.get(..version) else {
        let info = format!("schema version {version}, this release knows {}", MIGRATIONS.len());
        return Err(Failure { fault: LedgerFault::Newer, info });
    };
    if declarations(connection).await?.is_superset(&declarations_made_by(migrations).await?) {
        Ok(())
    } else {
        Err(Failure::corrupt("the declaration of a table is damaged"))
    }
}

/// Brings the schema to our version, in one transaction.
pub(crate) async fn migrate(connection: &mut SqliteConnection) -> Result<(), Failure> {
    let from = version(connection).await?;
    apply(connection, MIGRATIONS.get(from..).unwrap_or_default()).await
}

async fn version(connection: &mut SqliteConnection) -> Result<usize, Failure> {
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(connection).await?;
    usize::try_from(version).map_err(|_| Failure::corrupt("the schema version is negative"))
}

async fn apply(connection: &mut SqliteConnection, migrations: &[&'static str]) -> Result<(), Failure> {
    if migrations.is_empty() {
        return Ok(());
    }
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    for migration in migrations {
        sqlx::raw_sql(*migration).execute(&mut *transaction).await?;
    }
    Ok(transaction.commit().await?)
}

/// The declarations of all tables and indexes, as bytes, because damaged ones may be no text.
async fn declarations(connection: &mut SqliteConnection) -> Result<BTreeSet<Vec<u8>>, Failure> {
    let declarations: Vec<Vec<u8>> = sqlx::query_scalar(
        "SELECT CAST(type || ' ' || name || ' on ' || tbl_name || ': ' || sql AS BLOB)
         FROM sqlite_schema WHERE sql IS NOT NULL",
    )
    .fetch_all(connection)
    .await?;
    Ok(declarations.into_iter().collect())
}

async fn declarations_made_by(migrations: &[&'static str]) -> Result<BTreeSet<Vec<u8>>, Failure> {
    let options = SqliteConnectOptions::new().in_memory(true).disable_statement_logging();
    let mut scratch = options.connect().await?;
    apply(&mut scratch, migrations).await?;
    let declarations = declarations(&mut scratch).await?;
    scratch.close().await?;
    Ok(declarations)
}

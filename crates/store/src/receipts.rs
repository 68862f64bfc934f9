//! Receipts that were committed but not yet reported as published.

use incydr_core::destination::Receipt;
use sqlx::sqlite::SqliteConnection;

use crate::error::Failure;

/// Keeps `receipt`; one that is there already stays as it is.
pub(crate) async fn keep(
    connection: &mut SqliteConnection,
    place_id: i64,
    receipt: &Receipt,
) -> Result<(), Failure> {
    sqlx::query("INSERT INTO receipts (place_id, destination, name) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
        .bind(place_id)
        .bind(&receipt.destination)
        .bind(&receipt.name)
        .execute(connection)
        .await?;
    Ok(())
}

/// Drops `receipt`, because its destination has published what it names.
pub(crate) async fn drop_published(
    connection: &mut SqliteConnection,
    place_id: i64,
    receipt: &Receipt,
) -> Result<(), Failure> {
    sqlx::query("DELETE FROM receipts WHERE place_id = ? AND destination = ? AND name = ?")
        .bind(place_id)
        .bind(&receipt.destination)
        .bind(&receipt.name)
        .execute(connection)
        .await?;
    Ok(())
}

/// All receipts that are kept, oldest commit first.
pub(crate) async fn read(connection: &mut SqliteConnection, place_id: i64) -> Result<Vec<Receipt>, Failure> {
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT destination, name FROM receipts WHERE place_id = ? ORDER BY id")
            .bind(place_id)
            .fetch_all(connection)
            .await?;
    Ok(rows.into_iter().map(|(destination, name)| Receipt { destination, name }).collect())
}

//! The request budget that all streams, processes and restarts of a tenant share.
//!
//! Each request of the last 60 seconds is a row; so a crash loop or a take-over never resets the budget.

use std::time::Duration;

use incydr_core::timestamp::Timestamp;
use sqlx::sqlite::SqliteConnection;

use crate::error::Failure;

/// The span in which the vendor counts.
const SPAN: Duration = Duration::from_secs(60);

/// Takes one request out of the budget and returns zero, or tells how long to wait.
pub(crate) async fn reserve(
    connection: &mut SqliteConnection,
    tenant: &str,
    per_minute: u32,
    now: Timestamp,
) -> Result<Duration, Failure> {
    forgive_the_future(connection, tenant, now).await?;
    forget_the_past(connection, tenant, now).await?;
    let taken: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM budget WHERE tenant = ?")
        .bind(tenant)
        .fetch_one(&mut *connection)
        .await?;
    let excess = taken - i64::from(per_minute);
    if excess >= 0 {
        return Ok(free_again_at(connection, tenant, excess).await?.unwrap_or(now.plus(SPAN)).since(now));
    }
    sqlx::query("INSERT INTO budget (tenant, at_nanos) VALUES (?, ?)")
        .bind(tenant)
        .bind(now.as_nanos())
        .execute(connection)
        .await?;
    Ok(Duration::ZERO)
}

/// After the clock jumped back, requests seem to lie in the future. They count as made now: that is never too early,
/// and so they block for 60 seconds at most.
async fn forgive_the_future(
    connection: &mut SqliteConnection,
    tenant: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    sqlx::query("UPDATE budget SET at_nanos = ?1 WHERE tenant = ?2 AND at_nanos > ?1")
        .bind(now.as_nanos())
        .bind(tenant)
        .execute(connection)
        .await?;
    Ok(())
}

async fn forget_the_past(
    connection: &mut SqliteConnection,
    tenant: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    sqlx::query("DELETE FROM budget WHERE tenant = ? AND at_nanos <= ?")
        .bind(tenant)
        .bind(now.minus(SPAN).as_nanos())
        .execute(connection)
        .await?;
    Ok(())
}

/// When the oldest `excess` requests and one more have left the span; `None` when there are not so many, because
/// nothing is allowed at all.
async fn free_again_at(
    connection: &mut SqliteConnection,
    tenant: &str,
    excess: i64,
) -> Result<Option<Timestamp>, Failure> {
    let nanos: Option<i64> =
        sqlx::query_scalar("SELECT at_nanos FROM budget WHERE tenant = ? ORDER BY at_nanos LIMIT 1 OFFSET ?")
            .bind(tenant)
            .bind(excess)
            .fetch_optional(connection)
            .await?;
    Ok(nanos.map(|nanos| Timestamp::from_nanos(nanos).plus(SPAN)))
}

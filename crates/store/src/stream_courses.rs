//! How streams did over time, as the process that counts keeps it for the next one.

use incydr_core::stream::Stream;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::columns::{number, word};
use crate::error::Failure;
use crate::store::{Store, StoreError};

/// How one stream did over time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StreamCourse {
    /// The source.
    pub source_id: u64,
    /// Which of its streams.
    pub stream: Stream,
    /// The figures, in the form of whoever counts.
    pub course: Vec<u8>,
}

impl Store {
    /// Keeps `courses` in the place of those kept before, in one transaction; sources that are gone are left out.
    pub async fn keep_stream_courses(&self, courses: &[StreamCourse]) -> Result<(), StoreError> {
        self.note("keeping the figures of streams", async |connection| {
            for StreamCourse { source_id, stream, course } in courses {
                sqlx::query(
                    "INSERT OR REPLACE INTO stream_courses (source_id, stream, course)
                     SELECT id, ?2, ?3 FROM sources WHERE id = ?1",
                )
                .bind(source_id.cast_signed())
                .bind(stream.as_str())
                .bind(course)
                .execute(&mut *connection)
                .await?;
            }
            Ok(())
        })
        .await
    }

    /// The kept courses of the sources with numbers from `first` to `last`.
    pub async fn stream_courses(&self, first: u64, last: u64) -> Result<Vec<StreamCourse>, StoreError> {
        self.read("reading the figures of streams", async |connection| {
            let rows = sqlx::query("SELECT * FROM stream_courses WHERE source_id BETWEEN ? AND ?")
                .bind(first.cast_signed())
                .bind(last.cast_signed())
                .fetch_all(connection)
                .await?;
            Ok(rows.iter().map(course_of).collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn course_of(row: &SqliteRow) -> Result<StreamCourse, Failure> {
    Ok(StreamCourse {
        source_id: number(row, "source_id")?,
        stream: word(row, "stream", Stream::parse)?,
        course: row.try_get("course")?,
    })
}

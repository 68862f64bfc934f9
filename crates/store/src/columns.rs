//! How numbers, instants and words stand in columns.

use incydr_core::timestamp::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::error::Failure;

/// An unsigned number, which is kept as the signed number of the same bits.
pub(crate) fn number(row: &SqliteRow, column: &str) -> Result<u64, Failure> {
    Ok(row.try_get::<i64, _>(column)?.cast_unsigned())
}

/// An unsigned number that may be absent.
pub(crate) fn optional_number(row: &SqliteRow, column: &str) -> Result<Option<u64>, Failure> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(i64::cast_unsigned))
}

/// An instant.
pub(crate) fn instant(row: &SqliteRow, column: &str) -> Result<Timestamp, Failure> {
    Ok(Timestamp::from_nanos(row.try_get(column)?))
}

/// An instant that may be absent.
pub(crate) fn optional_instant(row: &SqliteRow, column: &str) -> Result<Option<Timestamp>, Failure> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(Timestamp::from_nanos))
}

/// One of the words that `parse` knows.
pub(crate) fn word<T>(
    row: &SqliteRow,
    column: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, Failure> {
    known(column, parse(row.try_get(column)?))
}

/// One of the words that `parse` knows, or none.
pub(crate) fn optional_word<T>(
    row: &SqliteRow,
    column: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Failure> {
    let text: Option<&str> = row.try_get(column)?;
    text.map(|text| known(column, parse(text))).transpose()
}

/// `numbers` as a JSON array, which a query takes apart again.
pub(crate) fn json_array(numbers: &[u64]) -> String {
    let numbers: Vec<_> = numbers.iter().map(u64::to_string).collect();
    format!("[{}]", numbers.join(","))
}

/// `texts` as a JSON array. Control characters are left out.
pub(crate) fn json_array_of_texts(texts: impl Iterator<Item = String>) -> String {
    let quoted = texts.map(|text| {
        let mut quoted = String::from('"');
        for character in text.chars().filter(|character| !character.is_control()) {
            if matches!(character, '"' | '\\') {
                quoted.push('\\');
            }
            quoted.push(character);
        }
        quoted + "\""
    });
    format!("[{}]", quoted.collect::<Vec<_>>().join(","))
}

fn known<T>(column: &str, parsed: Option<T>) -> Result<T, Failure> {
    parsed.ok_or_else(|| Failure::corrupt(format!("the column {column} has a word that does not exist")))
}

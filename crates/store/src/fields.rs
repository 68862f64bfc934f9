//! The schema of custom fields. Only fields that it has and enables are sent.

use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::audit_log::{self, Author, Change};
use crate::columns::{number, word};
use crate::dropped_fields;
use crate::error::Failure;
use crate::store::{Interruption, Refusal, Store, StoreError};

/// A custom field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Field {
    /// Its number, never given out twice.
    pub id: u64,
    /// Its name as it was given. No other differs from it by more than the case of its letters.
    pub name: String,
    /// What its values are.
    pub data_type: DataType,
    /// Whether it is sent.
    pub enabled: bool,
}

impl Field {
    /// How the audit log names it.
    pub fn resource(&self) -> String {
        format!("field {}", self.name)
    }
}

/// What the values of a field are.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum DataType {
    /// Text.
    #[default]
    String,
    /// A whole number of 64 bits.
    Long,
    /// A whole number of 32 bits.
    Int,
    /// A floating-point number.
    Double,
    /// True or false.
    Boolean,
}

impl DataType {
    /// All types, in the order of the original's documentation.
    pub const ALL: [Self; 5] = [Self::String, Self::Long, Self::Int, Self::Double, Self::Boolean];

    /// The word of the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::Long => "Long",
            Self::Int => "Int",
            Self::Double => "Double",
            Self::Boolean => "Boolean",
        }
    }

    /// Reads the word of the API.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|data_type| data_type.as_str() == word)
    }
}

impl Store {
    /// Creates an enabled field; it is no longer listed as dropped. Refused when the name is taken, in whatever case,
    /// or when there are `quota` already.
    pub async fn create_field(
        &self,
        name: &str,
        data_type: DataType,
        quota: u64,
        by: Author<'_>,
    ) -> Result<Field, StoreError> {
        self.write("creating a field", async |connection| {
            refuse_taken_name(connection, name).await?;
            let count: i64 =
                sqlx::query_scalar("SELECT COUNT(*) FROM fields").fetch_one(&mut *connection).await?;
            if count.cast_unsigned() >= quota {
                return Err(Refusal::Full(quota).into());
            }
            dropped_fields::forget(connection, name).await?;
            let row =
                sqlx::query("INSERT INTO fields (name, data_type, enabled) VALUES (?, ?, TRUE) RETURNING *")
                    .bind(name)
                    .bind(data_type.as_str())
                    .fetch_one(&mut *connection)
                    .await?;
            let created = field_of(&row)?;
            audit_log::append(connection, by, &Change::of("FieldCreated", &created.resource())).await?;
            Ok(created)
        })
        .await
    }

    /// The field with this number.
    pub async fn field(&self, id: u64) -> Result<Option<Field>, StoreError> {
        self.read("reading a field", async |connection| Ok(find(connection, id).await?)).await
    }

    /// All fields, in the order of their numbers.
    pub async fn fields(&self) -> Result<Vec<Field>, StoreError> {
        self.read("listing the fields", async |connection| {
            let rows = sqlx::query("SELECT * FROM fields ORDER BY id").fetch_all(connection).await?;
            Ok(rows.iter().map(field_of).collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Enables or disables a field. One that is enabled is no longer listed as dropped.
    pub async fn enable_field(&self, id: u64, enabled: bool, by: Author<'_>) -> Result<Field, StoreError> {
        self.write("enabling or disabling a field", async |connection| {
            let row = sqlx::query("UPDATE fields SET enabled = ? WHERE id = ? RETURNING *")
                .bind(enabled)
                .bind(id.cast_signed())
                .fetch_optional(&mut *connection)
                .await?;
            let field = field_of(&row.ok_or(Refusal::NotFound)?)?;
            if enabled {
                dropped_fields::forget(connection, &field.name).await?;
            }
            let action = if enabled { "FieldEnabled" } else { "FieldDisabled" };
            audit_log::append(connection, by, &Change::of(action, &field.resource())).await?;
            Ok(field)
        })
        .await
    }

    /// Deletes a field. Refused while a collector or a source refers to it.
    pub async fn delete_field(&self, id: u64, by: Author<'_>) -> Result<(), StoreError> {
        self.write("deleting a field", async |connection| {
            let field = find(connection, id).await?.ok_or(Refusal::NotFound)?;
            let users = users_of(connection, &field.name).await?;
            if !users.is_empty() {
                return Err(Refusal::InUse(users.join(", ")).into());
            }
            sqlx::query("DELETE FROM fields WHERE id = ?")
                .bind(id.cast_signed())
                .execute(&mut *connection)
                .await?;
            Ok(audit_log::append(connection, by, &Change::of("FieldDeleted", &field.resource())).await?)
        })
        .await
    }
}

async fn find(connection: &mut SqliteConnection, id: u64) -> Result<Option<Field>, Failure> {
    let row = sqlx::query("SELECT * FROM fields WHERE id = ?")
        .bind(id.cast_signed())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(field_of).transpose()
}

async fn refuse_taken_name(connection: &mut SqliteConnection, name: &str) -> Result<(), Interruption> {
    let taken: Option<i64> = sqlx::query_scalar("SELECT id FROM fields WHERE name = ?")
        .bind(name)
        .fetch_optional(connection)
        .await?;
    if taken.is_some() { Err(Refusal::NameTaken.into()) } else { Ok(()) }
}

/// The collectors and sources whose documents give the field a value, as in `source "Code42"`.
async fn users_of(connection: &mut SqliteConnection, name: &str) -> Result<Vec<String>, Failure> {
    Ok(sqlx::query_scalar(
        r#"SELECT 'collector "' || name || '"' FROM collectors
           WHERE EXISTS (SELECT 1 FROM json_each(document, '$.fields') WHERE key = ?1 COLLATE NOCASE)
           UNION ALL
           SELECT 'source "' || name || '"' FROM sources
           WHERE EXISTS (SELECT 1 FROM json_each(document, '$.config.fields') WHERE key = ?1 COLLATE NOCASE)"#,
    )
    .bind(name)
    .fetch_all(connection)
    .await?)
}

fn field_of(row: &SqliteRow) -> Result<Field, Failure> {
    Ok(Field {
        id: number(row, "id")?,
        name: row.try_get("name")?,
        data_type: word(row, "data_type", DataType::parse)?,
        enabled: row.try_get("enabled")?,
    })
}

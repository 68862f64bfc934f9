//! Where the schema of fields is kept: in our own store, or in a Sumo Logic account.

use incydr_core::timestamp::Timestamp;
use incydr_store::{Author, Change, DataType, Field, Refusal, Store, StoreError};

use super::sumo_account::SumoAccount;
use crate::web::problem::Problem;

/// The schema of custom fields.
#[derive(Clone, Debug)]
pub enum Schema {
    /// Our own, of at most so many fields.
    Own(Store, u64),
    /// That of a Sumo Logic account, which is asked each time. What is changed there is recorded in our own store.
    Sumo(SumoAccount, Store),
}

/// How many fields a schema may have, and how many more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Quota {
    /// At most so many.
    pub quota: u64,
    /// So many more.
    pub remaining: u64,
}

impl Schema {
    /// All custom fields.
    pub async fn fields(&self) -> Result<Vec<Field>, Problem> {
        match self {
            Self::Own(store, _) => Ok(store.fields().await?),
            Self::Sumo(account, _) => account.fields().await,
        }
    }

    /// The custom field with this number.
    pub async fn field(&self, id: u64) -> Result<Option<Field>, Problem> {
        match self {
            Self::Own(store, _) => Ok(store.field(id).await?),
            Self::Sumo(account, _) => Ok(account.fields().await?.into_iter().find(|field| field.id == id)),
        }
    }

    /// Creates an enabled field.
    pub async fn create(&self, name: &str, data_type: DataType, by: Author<'_>) -> Result<Field, Problem> {
        match self {
            Self::Own(store, quota) => {
                store.create_field(name, data_type, *quota, by).await.map_err(|error| match error {
                    StoreError::Refused(Refusal::NameTaken) => super::taken(),
                    StoreError::Refused(Refusal::Full(limit)) => full(limit),
                    other => other.into(),
                })
            }
            Self::Sumo(account, log) => {
                let created = account.create(name, data_type).await?;
                log.append_audit(by, &Change::of("FieldCreated", &created.resource())).await?;
                Ok(created)
            }
        }
    }

    /// Enables or disables a field.
    pub async fn enable(&self, field: &Field, enabled: bool, by: Author<'_>) -> Result<(), Problem> {
        match self {
            Self::Own(store, _) => Ok(store.enable_field(field.id, enabled, by).await.map(drop)?),
            Self::Sumo(account, log) => {
                account.enable(field.id, enabled).await?;
                let action = if enabled { "FieldEnabled" } else { "FieldDisabled" };
                Ok(log.append_audit(by, &Change::of(action, &field.resource())).await?)
            }
        }
    }

    /// Deletes a field. Refused while something refers to it.
    pub async fn delete(&self, field: &Field, by: Author<'_>) -> Result<(), Problem> {
        match self {
            Self::Own(store, _) => store.delete_field(field.id, by).await.map_err(|error| match error {
                StoreError::Refused(Refusal::InUse(by)) => in_use(&field.name, &by),
                other => other.into(),
            }),
            Self::Sumo(account, log) => {
                account.delete(field.id).await?;
                Ok(log.append_audit(by, &Change::of("FieldDeleted", &field.resource())).await?)
            }
        }
    }

    /// Names of fields that were sent but kept back, as far as the schema's keeper knows.
    pub async fn dropped(&self) -> Result<Vec<String>, Problem> {
        match self {
            Self::Own(store, _) => {
                Ok(store.dropped_fields().await?.into_iter().map(|field| field.name).collect())
            }
            Self::Sumo(account, _) => account.dropped().await,
        }
    }

    /// Remembers that events lost fields; an account of Sumo Logic does so itself.
    pub async fn count_dropped(&self, counts: &[(String, u64)], now: Timestamp) -> Result<(), StoreError> {
        match self {
            Self::Own(store, _) => store.count_dropped_fields(counts, now).await,
            Self::Sumo(..) => Ok(()),
        }
    }

    /// The capacity.
    pub async fn quota(&self) -> Result<Quota, Problem> {
        match self {
            Self::Own(store, quota) => {
                let used = u64::try_from(store.fields().await?.len()).unwrap_or(*quota);
                Ok(Quota { quota: *quota, remaining: quota.saturating_sub(used) })
            }
            Self::Sumo(account, _) => account.quota().await,
        }
    }
}

fn full(limit: u64) -> Problem {
    let message = format!("The schema has {limit} fields already, which is its capacity; delete one first.");
    Problem::invalid("field:quota_exceeded", message)
}

fn in_use(name: &str, by: &str) -> Problem {
    Problem::invalid("field:in_use", format!("The field '{name}' is used by {by}; remove it there first."))
}

//! Access keys: list, create, revoke.

pub mod routes;

use incydr_core::secret::Secret;
use incydr_core::timestamp::Timestamp;
use incydr_store::{AccessKey, Refusal, Role, StoreError};

use crate::api::Api;
use crate::document::{self, Json, Object, check_length, check_line};
use crate::web::access_key::{Caller, NewKey};
use crate::web::call::BODY;
use crate::web::problem::Problem;

/// All keys; a caller for one collector sees its own key only.
pub async fn list(api: &Api, caller: &Caller) -> Result<Vec<AccessKey>, Problem> {
    let keys = api.store.access_keys().await?.into_iter();
    Ok(keys.filter(|key| caller.collector.is_none() || key.access_id == caller.access_id).collect())
}

/// Makes a key as the JSON of a client wants it. The key itself is in this answer only.
pub async fn create(api: &Api, caller: &Caller, body: &[u8]) -> Result<(AccessKey, Secret), Problem> {
    caller.refuse_scoped()?;
    let now = api.clock.now();
    let wanted = read_new(body, now)?;
    if let Some(collector) = wanted.collector_id
        && api.store.collector(collector).await?.is_none()
    {
        return Err(Problem::invalid(
            "accessKeys.validation.collector",
            "`accessKey.collectorId` is the number of no collector; write that of an existing one.",
        ));
    }
    let new = tokio::task::spawn_blocking(NewKey::generate).await;
    let Ok(Ok(new)) = new else { return Err(Problem::internal()) };
    let key = AccessKey { access_id: new.access_id, hash: new.hash, ..wanted };
    api.store.create_access_key(&key, api.author(caller)).await?;
    Ok((key, new.key))
}

/// Revokes a key: from now on it is worth nothing. The last key that may manage, and does not expire, stays.
pub async fn revoke(api: &Api, caller: &Caller, access_id: &str) -> Result<(), Problem> {
    caller.refuse_scoped()?;
    let _changing = api.changing.lock().await;
    let keys = api.store.access_keys().await?;
    let manages =
        |key: &&AccessKey| key.role == Role::Manage && key.collector_id.is_none() && key.expires.is_none();
    let is_last = keys.iter().filter(manages).count() == 1
        && keys.iter().any(|key| key.access_id == access_id && manages(&key));
    if is_last {
        let message =
            "This is the last key that may manage everything and does not expire; create another one first.";
        return Err(Problem::invalid("accessKeys.last", message));
    }
    api.store.revoke_access_key(access_id, api.author(caller)).await.map_err(|error| match error {
        StoreError::Refused(Refusal::NotFound) => {
            Problem::not_found("accessKeys.invalid", "The specified access ID is invalid.")
        }
        other => other.into(),
    })
}

fn read_new(body: &[u8], now: Timestamp) -> Result<AccessKey, Problem> {
    let tree = document::parse(body, BODY)?;
    let root = Object::root(&tree, BODY, "an access key")?;
    root.allow_only(&["accessKey"])?;
    let key = root.required_object("accessKey", "put the key's label and role into it")?;
    key.allow_only(&["label", "role", "collectorId", "expires"])?;
    let label = key.required_text("label", "say what the key is for")?;
    check_line("accessKey.label", label)?;
    check_length("accessKey.label", label, 128)?;
    let remedy = "write \"view\" or \"manage\"";
    let role = Role::parse(key.required_text("role", remedy)?)
        .ok_or_else(|| key.refuse("role", "names no role", remedy))?;
    let collector_id = match key.get("collectorId") {
        None => None,
        Some(Json::Whole(id)) if *id <= i64::MAX.cast_unsigned() => Some(*id),
        Some(_) => {
            return Err(key.refuse("collectorId", "is no number", "write the collector's number").into());
        }
    };
    let expires = key.get("expires").map(|_| read_expiry(&key, now)).transpose()?;
    Ok(AccessKey {
        access_id: String::new(),
        hash: Secret::new(""),
        role,
        label: label.to_owned(),
        collector_id,
        created: now,
        expires,
        last_used: None,
    })
}

fn read_expiry(key: &Object<'_>, now: Timestamp) -> Result<Timestamp, Problem> {
    let remedy = "write an instant to come, as in \"2027-01-31T00:00:00Z\"";
    let text = key.required_text("expires", remedy)?;
    let parsed = Timestamp::parse(text.as_bytes()).filter(|end| *end > now);
    Ok(parsed.ok_or_else(|| key.refuse("expires", "is no instant to come", remedy))?)
}

//! The schema of fields: which of them leave with the events.

mod builtin;
pub mod routes;

use incydr_store::{DataType, Field, Refusal, StoreError};

use crate::api::Api;
use crate::document::{self, Object, check_length, check_line};
use crate::source_config::Fields;
use crate::web::access_key::Caller;
use crate::web::call::BODY;
use crate::web::problem::Problem;

pub use self::builtin::{BUILTIN, BuiltinField};

/// Characters that a name may have.
const LONGEST_NAME: usize = 255;

/// The custom field with this number.
pub async fn find(api: &Api, id: Option<u64>) -> Result<Field, Problem> {
    let found = match id {
        Some(id) => api.store.field(id).await?,
        None => None,
    };
    found.ok_or_else(unknown)
}

/// Creates a field from the JSON of a client, and lets it leave at once. The schema concerns all collectors, so that
/// a caller for one of them may not change it.
pub async fn create(api: &Api, caller: &Caller, body: &[u8]) -> Result<Field, Problem> {
    caller.refuse_scoped()?;
    let (name, data_type) = read_new(body)?;
    if BUILTIN.iter().any(|builtin| builtin.name.eq_ignore_ascii_case(&name)) {
        return Err(taken());
    }
    let _changing = api.changing.lock().await;
    let created = create_named(api, caller, &name, data_type).await.map_err(|error| match error {
        StoreError::Refused(Refusal::NameTaken) => taken(),
        StoreError::Refused(Refusal::Full(limit)) => Problem::invalid(
            "field:quota_exceeded",
            format!("The schema has {limit} fields already, which is its capacity; delete one first."),
        ),
        other => other.into(),
    })?;
    apply(api).await?;
    Ok(created)
}

/// Lets a field leave with the events from now on, or not.
pub async fn enable(api: &Api, caller: &Caller, id: Option<u64>, enabled: bool) -> Result<(), Problem> {
    caller.refuse_scoped()?;
    let _changing = api.changing.lock().await;
    let field = find(api, id).await?;
    api.store.enable_field(field.id, enabled).await?;
    let action = if enabled { "FieldEnabled" } else { "FieldDisabled" };
    api.record(caller, action, &resource_of(&field.name), None, None).await?;
    Ok(apply(api).await?)
}

/// Deletes a field. Refused while a collector or a source refers to it.
pub async fn delete(api: &Api, caller: &Caller, id: Option<u64>) -> Result<(), Problem> {
    caller.refuse_scoped()?;
    let _changing = api.changing.lock().await;
    let field = find(api, id).await?;
    api.store.delete_field(field.id).await.map_err(|error| match error {
        StoreError::Refused(Refusal::InUse(by)) => Problem::invalid(
            "field:in_use",
            format!("The field '{}' is used by {by}; remove it there first.", field.name),
        ),
        other => other.into(),
    })?;
    api.record(caller, "FieldDeleted", &resource_of(&field.name), None, None).await?;
    Ok(apply(api).await?)
}

/// Names of the fields that sources send although the schema does not have or enable them.
pub async fn dropped(api: &Api, caller: &Caller) -> Result<Vec<String>, Problem> {
    caller.refuse_scoped()?;
    let mut names: Vec<_> = api.store.dropped_fields().await?.into_iter().map(|field| field.name).collect();
    names.extend(api.fleet.fields().dropped().into_iter().map(|field| field.name));
    names.sort_by_key(|name| name.to_lowercase());
    names.dedup_by(|one, other| one.eq_ignore_ascii_case(other));
    let enabled = api.store.fields().await?;
    let passes =
        |name: &String| enabled.iter().any(|field| field.enabled && field.name.eq_ignore_ascii_case(name));
    names.retain(|name| !passes(name));
    Ok(names)
}

/// Adds those of `fields` to the schema that it does not have, and enables the others.
pub async fn activate(api: &Api, caller: &Caller, fields: &Fields) -> Result<(), Problem> {
    caller.refuse_scoped()?;
    let known = api.store.fields().await?;
    for (name, _) in &fields.pairs {
        match known.iter().find(|field| field.name.eq_ignore_ascii_case(name)) {
            Some(field) if field.enabled => {}
            Some(field) => drop(api.store.enable_field(field.id, true).await?),
            None => match create_named(api, caller, name, DataType::String).await {
                Ok(_) | Err(StoreError::Refused(Refusal::NameTaken)) => {}
                Err(error) => return Err(error.into()),
            },
        }
    }
    Ok(apply(api).await?)
}

/// Makes the schema as it is kept the one that deliveries follow.
pub async fn apply(api: &Api) -> Result<(), StoreError> {
    let fields = api.store.fields().await?;
    let enabled = fields.into_iter().filter(|field| field.enabled).map(|field| field.name);
    api.fleet.enable_fields(Some(enabled.collect()));
    Ok(())
}

async fn create_named(
    api: &Api,
    caller: &Caller,
    name: &str,
    data_type: DataType,
) -> Result<Field, StoreError> {
    let created = api.store.create_field(name, data_type, api.terms.max_fields).await?;
    api.record(caller, "FieldCreated", &resource_of(name), None, None).await?;
    Ok(created)
}

/// Name and type of a new field. Clients also send an empty id, and the state that new fields have anyway.
fn read_new(body: &[u8]) -> Result<(String, DataType), Problem> {
    let tree = document::parse(body, BODY)?;
    let field = Object::root(&tree, BODY, "a field")?;
    field.allow_only(&["fieldName", "fieldId", "dataType", "state"])?;
    for key in ["fieldId", "state"] {
        field.text(key)?;
    }
    let name = field.required_text("fieldName", "give the field a name")?;
    check_line("fieldName", name)?;
    check_length("fieldName", name, LONGEST_NAME)?;
    if name.contains([',', '=']) {
        return Err(field.refuse("fieldName", "holds a comma or an equals sign", "remove it").into());
    }
    let data_type = match field.text("dataType")? {
        None | Some("") => DataType::String,
        Some(word) => DataType::parse(word).ok_or_else(|| {
            field.refuse("dataType", "names no type", "write String, Long, Int, Double or Boolean")
        })?,
    };
    Ok((name.to_owned(), data_type))
}

fn resource_of(name: &str) -> String {
    format!("field {name}")
}

fn unknown() -> Problem {
    Problem::not_found("field:not_found", "The field does not exist.")
}

fn taken() -> Problem {
    Problem::invalid("field:already_exists", "A field with the same name already exists.")
}

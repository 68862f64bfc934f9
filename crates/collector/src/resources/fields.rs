//! The schema of fields: which of them leave with the events.

pub(in crate::resources) mod activation;
mod builtin;
pub mod routes;
mod schema;
mod sumo_account;

use std::collections::BTreeMap;
use std::time::Duration;

use incydr_store::{DataType, Field};

use crate::api::Api;
use crate::document::{self, Object, check_length, check_line};
use crate::source_config::Fields;
use crate::web::access_key::Caller;
use crate::web::call::BODY;
use crate::web::problem::Problem;

pub use self::builtin::{BUILTIN, BuiltinField};
pub use self::schema::{Quota, Schema};
pub use self::sumo_account::SumoAccount;

/// Characters that a name may have.
const LONGEST_NAME: usize = 255;
/// How often the schema is read anew, and what was kept back is written down.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// The custom field with this number.
pub async fn find(api: &Api, id: Option<u64>) -> Result<Field, Problem> {
    let found = match id {
        Some(id) => api.schema.field(id).await?,
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
    let created = api.schema.create(&name, data_type, api.author(caller)).await?;
    apply(api).await?;
    Ok(created)
}

/// Lets a field leave with the events from now on, or not.
pub async fn enable(api: &Api, caller: &Caller, id: Option<u64>, enabled: bool) -> Result<(), Problem> {
    caller.refuse_scoped()?;
    let _changing = api.changing.lock().await;
    let field = find(api, id).await?;
    api.schema.enable(&field, enabled, api.author(caller)).await?;
    apply(api).await
}

/// Deletes a field. Refused while a collector or a source refers to it.
pub async fn delete(api: &Api, caller: &Caller, id: Option<u64>) -> Result<(), Problem> {
    caller.refuse_scoped()?;
    let _changing = api.changing.lock().await;
    let field = find(api, id).await?;
    api.schema.delete(&field, api.author(caller)).await?;
    apply(api).await
}

/// Names of the fields that sources send although the schema does not have or enable them.
pub async fn dropped(api: &Api, caller: &Caller) -> Result<Vec<String>, Problem> {
    caller.refuse_scoped()?;
    let mut names = api.schema.dropped().await?;
    names.extend(api.fleet.fields().dropped().into_iter().map(|field| field.name));
    names.sort_by_key(|name| name.to_lowercase());
    names.dedup_by(|one, other| one.eq_ignore_ascii_case(other));
    let fields = api.schema.fields().await?;
    let passes =
        |name: &String| fields.iter().any(|field| field.enabled && field.name.eq_ignore_ascii_case(name));
    names.retain(|name| !passes(name));
    Ok(names)
}

/// Adds those of `fields` to the schema that it does not have, and enables the others.
pub async fn activate(api: &Api, caller: &Caller, fields: &Fields) -> Result<(), Problem> {
    caller.refuse_scoped()?;
    let known = api.schema.fields().await?;
    for (name, _) in &fields.pairs {
        match known.iter().find(|field| field.name.eq_ignore_ascii_case(name)) {
            Some(field) if field.enabled => {}
            Some(field) => api.schema.enable(field, true, api.author(caller)).await?,
            None => drop(api.schema.create(name, DataType::String, api.author(caller)).await?),
        }
    }
    apply(api).await
}

/// Makes the schema as it is now the one that deliveries follow.
pub async fn apply(api: &Api) -> Result<(), Problem> {
    let fields = api.schema.fields().await?;
    let enabled = fields.into_iter().filter(|field| field.enabled).map(|field| field.name);
    api.fleet.enable_fields(Some(enabled.collect()));
    Ok(())
}

/// Follows the schema for ever: reads it anew, and writes down what was kept back since.
///
/// While an account cannot be asked, every field passes: Sumo Logic itself keeps back what its schema does not have.
pub async fn follow(api: Api) {
    let mut told: BTreeMap<String, u64> = BTreeMap::new();
    loop {
        apply_or_pass_all(&api).await;
        api.clock.sleep(LOOK_EVERY).await;
        let fresh: Vec<_> = api
            .fleet
            .fields()
            .dropped()
            .into_iter()
            .map(|field| {
                let before = told.insert(field.name.clone(), field.events).unwrap_or(0);
                (field.name, field.events.saturating_sub(before))
            })
            .filter(|(_, events)| *events > 0)
            .collect();
        if !fresh.is_empty()
            && let Err(error) = api.schema.count_dropped(&fresh, api.clock.now()).await
        {
            tracing::warn!(%error, "dropped fields could not be written down");
        }
    }
}

/// Applies the schema; one that cannot be read lets every field pass.
pub async fn apply_or_pass_all(api: &Api) {
    if let Err(problem) = apply(api).await {
        tracing::warn!(problem = problem.message, "the schema of fields cannot be read; all fields pass");
        api.fleet.enable_fields(None);
    }
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

fn unknown() -> Problem {
    Problem::not_found("field:not_found", "The field does not exist.")
}

fn taken() -> Problem {
    Problem::invalid("field:already_exists", "A field with the same name already exists.")
}

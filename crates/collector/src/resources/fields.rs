//! The schema of fields: which of them leave with the events.

use incydr_store::{DataType, Refusal, StoreError};

use crate::api::Api;
use crate::source_config::Fields;
use crate::web::access_key::Caller;
use crate::web::problem::Problem;

/// Adds those of `fields` to the schema that it does not have, and enables the others.
pub async fn activate(api: &Api, caller: &Caller, fields: &Fields) -> Result<(), Problem> {
    let known = api.store.fields().await?;
    for (name, _) in &fields.pairs {
        match known.iter().find(|field| field.name.eq_ignore_ascii_case(name)) {
            Some(field) if field.enabled => {}
            Some(field) => drop(api.store.enable_field(field.id, true).await?),
            None => match api.store.create_field(name, DataType::String, api.terms.max_fields).await {
                Ok(field) => {
                    let resource = format!("field {}", field.name);
                    api.record(caller, "FieldCreated", &resource, None, None).await?;
                }
                Err(StoreError::Refused(Refusal::NameTaken)) => {}
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

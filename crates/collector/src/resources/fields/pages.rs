//! The page of the schema of fields, and what its forms do.

mod deletion;

use askama::Template;
use serde_json::json;

use super::{BUILTIN, BuiltinField, Quota, Schema, create, dropped, enable};
use crate::api::Api;
use crate::figures::grouped;
use crate::pages::{FormValues, Frame, Mistake, Notice, Section, show, show_with};
use crate::resources::hex_id;
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;
use crate::web::route::Route;

const FIELDS: &str = "/fields";
const TYPES: [&str; 5] = ["String", "Long", "Int", "Double", "Boolean"];
/// What the form calls the keys of the document.
const LABELS: [(&str, &str); 2] = [("fieldName", "Name"), ("dataType", "Type")];

#[derive(Template)]
#[template(path = "fields/list.html")]
struct FieldsPage {
    frame: Frame,
    /// Whether the person may change the schema, which concerns all collectors.
    may_change: bool,
    /// Whether it is that of a Sumo Logic account.
    is_account: bool,
    search: String,
    contents: Option<Contents>,
    builtin: &'static [BuiltinField],
    types: [&'static str; 5],
    new_name: String,
    new_type: String,
    /// What is wrong with the form for a new field.
    mistake: Option<Mistake>,
    /// Why the schema cannot be shown, or something else was not done.
    refusal: Option<String>,
}

/// What the schema holds.
struct Contents {
    fields: Vec<ShownField>,
    /// `None` for whoever sees one collector only.
    dropped: Option<Vec<ShownDropped>>,
    used: u64,
    quota: u64,
    capacity: String,
}

struct ShownField {
    id: String,
    name: String,
    data_type: &'static str,
    enabled: bool,
}

/// A field that sources send and that does not leave.
struct ShownDropped {
    name: String,
    /// Its id if the schema has it, but disabled.
    disabled: Option<String>,
}

/// All of them.
pub fn routes() -> Vec<Route> {
    let own = vec![
        Route::page(FIELDS, |call| Box::pin(show_list(call))),
        Route::form(FIELDS, |call| Box::pin(create_one(call))),
        Route::form("/fields/{fieldId}/enable", |call| Box::pin(switch(call, true))),
        Route::form("/fields/{fieldId}/disable", |call| Box::pin(switch(call, false))),
    ];
    [own, deletion::routes()].concat()
}

async fn show_list(call: Call) -> Result<Answer, Problem> {
    show(&FieldsPage::of(&call).await)
}

async fn create_one(call: Call) -> Result<Answer, Problem> {
    let form = FormValues::of(&call);
    let (name, data_type) = (form.text("name"), form.text("type"));
    let document = json!({ "fieldName": name, "dataType": data_type }).to_string();
    match create(&call.api, &call.caller, document.as_bytes()).await {
        Ok(_) => Ok(Answer::see_other(&Notice::FIELD_CREATED.on(FIELDS))),
        Err(problem) => {
            let mistake = Mistake::of(problem, &LABELS)?.or_at("fieldName");
            let page = FieldsPage::of(&call).await;
            let (new_name, new_type) = (name.to_owned(), data_type.to_owned());
            let status = mistake.status;
            show_with(status, &FieldsPage { new_name, new_type, mistake: Some(mistake), ..page })
        }
    }
}

async fn switch(call: Call, enabled: bool) -> Result<Answer, Problem> {
    let done = if enabled { Notice::FIELD_ENABLED } else { Notice::FIELD_DISABLED };
    match enable(&call.api, &call.caller, id_of(&call), enabled).await {
        Ok(()) => Ok(Answer::see_other(&done.on(FIELDS))),
        Err(problem) => {
            let Mistake { status, sentence, .. } = Mistake::of(problem, &[])?;
            show_with(status, &FieldsPage { refusal: Some(sentence), ..FieldsPage::of(&call).await })
        }
    }
}

fn id_of(call: &Call) -> Option<u64> {
    hex_id::parse(call.parameter("fieldId"))
}

impl FieldsPage {
    /// The page as it is now. A schema that cannot be read leaves the rest of the page.
    async fn of(call: &Call) -> Self {
        let frame = Frame::of(call, Section::Fields);
        let search = call.query("search").unwrap_or_default().trim().to_owned();
        let (contents, refusal) = match Contents::of(call, &search.to_lowercase()).await {
            Ok(contents) => (Some(contents), None),
            Err(problem) => (None, Some(problem.message)),
        };
        Self {
            may_change: frame.may_manage && frame.sees_all,
            is_account: matches!(call.api.schema, Schema::Sumo(..)),
            frame,
            search,
            contents,
            builtin: &BUILTIN,
            types: TYPES,
            new_name: String::new(),
            new_type: TYPES[0].to_owned(),
            mistake: None,
            refusal,
        }
    }
}

impl Contents {
    async fn of(call: &Call, search: &str) -> Result<Self, Problem> {
        let api: &Api = &call.api;
        let dropped = async {
            match call.caller.collector {
                None => dropped(api, &call.caller).await.map(Some),
                Some(_) => Ok(None),
            }
        };
        // An account of Sumo Logic is asked three times, so all at once.
        let (fields, dropped, quota) = tokio::try_join!(api.schema.fields(), dropped, api.schema.quota())?;
        let mut fields: Vec<_> = fields
            .into_iter()
            .map(|field| ShownField {
                id: hex_id::text(field.id),
                data_type: field.data_type.as_str(),
                enabled: field.enabled,
                name: field.name,
            })
            .collect();
        fields.sort_by_key(|field| field.name.to_lowercase());
        let shown_dropped = |name: String| {
            let known = fields.iter().find(|field| field.name.eq_ignore_ascii_case(&name));
            ShownDropped { disabled: known.map(|field| field.id.clone()), name }
        };
        let dropped = dropped.map(|names| names.into_iter().map(shown_dropped).collect());
        fields.retain(|field| field.name.to_lowercase().contains(search));
        let Quota { quota, remaining } = quota;
        let used = quota.saturating_sub(remaining);
        let capacity = format!("{} of {}", grouped(used), grouped(quota));
        Ok(Self { fields, dropped, used, quota, capacity })
    }
}

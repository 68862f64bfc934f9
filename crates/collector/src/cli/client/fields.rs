//! `fields`: the schema of fields.

use serde_json::{Value, json};

use super::cells::{items, plain};
use super::connection::Connection;
use super::output::Output;
use super::table::Table;
use crate::cli::options::FieldsVerb;
use crate::failure::Failure;

/// Does what the verb says.
pub(super) async fn run(verb: FieldsVerb, connection: &Connection, output: Output) -> Result<(), Failure> {
    match verb {
        FieldsVerb::List => {
            let body = connection.get("/fields").await?.body;
            output.show(&body, |body| table_of(items(body, "data")))
        }
        FieldsVerb::Create { name } => {
            let body = connection.post("/fields", &json!({ "fieldName": name })).await?.body;
            output.show(&body, |body| table_of(std::iter::once(body)))
        }
        FieldsVerb::Delete { field } => {
            let body = connection.delete(&path_of(connection, &field).await?).await?.body;
            output.done(&body, &format!("The field `{field}` is removed from the schema."))
        }
        FieldsVerb::Enable { field } => {
            let path = path_of(connection, &field).await? + "/enable";
            let body = connection.put(&path, &Value::Null, None).await?.body;
            output.done(&body, &format!("The field `{field}` leaves with the events."))
        }
        FieldsVerb::Disable { field } => {
            let path = path_of(connection, &field).await? + "/disable";
            let body = connection.delete(&path).await?.body;
            output.done(&body, &format!("The field `{field}` is kept back from now on."))
        }
        FieldsVerb::Dropped => {
            let body = connection.get("/fields/dropped").await?.body;
            output.show(&body, dropped)
        }
    }
}

/// The path of the field with this ID or name.
async fn path_of(connection: &Connection, field: &str) -> Result<String, Failure> {
    let body = connection.get("/fields").await?.body;
    let is_meant = |known: &&Value| {
        known["fieldId"] == field
            || known["fieldName"].as_str().is_some_and(|name| name.eq_ignore_ascii_case(field))
    };
    match items(&body, "data").find(is_meant) {
        Some(known) => Ok(format!("/fields/{}", plain(&known["fieldId"]))),
        None => Err(Failure::mistake(format!("the schema has no field `{field}`"))
            .with_hint("`fields list` shows those that it has")),
    }
}

fn table_of<'a>(fields: impl Iterator<Item = &'a Value>) -> Table {
    let mut table = Table::new(&["ID", "NAME", "TYPE", "STATE"], "The schema has no fields.");
    for field in fields {
        table.row(["fieldId", "fieldName", "dataType", "state"].map(|key| plain(&field[key])).to_vec());
    }
    table
}

fn dropped(body: &Value) -> Table {
    let mut table = Table::new(&["NAME"], "No field was kept back.");
    for field in items(body, "data") {
        table.row(vec![plain(&field["fieldName"])]);
    }
    table
}

//! `collectors`: list, show, create, update, delete.

use serde_json::{Map, Value, json};

use super::cells::{items, pairs, plain};
use super::connection::{Answer, Connection, segment};
use super::output::Output;
use super::table::Table;
use crate::cli::options::{CollectorSettings, CollectorsVerb};
use crate::failure::Failure;

/// The API shows so many at once.
const PAGE: usize = 1_000;

/// Does what the verb says.
pub(super) async fn run(
    verb: CollectorsVerb,
    connection: &Connection,
    output: Output,
) -> Result<(), Failure> {
    match verb {
        CollectorsVerb::List => {
            let body = all(connection).await?;
            output.show(&body, |body| table_of(items(body, "collectors")))
        }
        CollectorsVerb::Show { collector } => show(output, &find(connection, &collector).await?),
        CollectorsVerb::Create { name, settings } => {
            let mut collector = json!({ "collectorType": "Hosted", "name": name });
            settings.write_into(&mut collector);
            show(output, &connection.post("/collectors", &json!({ "collector": collector })).await?)
        }
        CollectorsVerb::Update { collector, name, settings } => {
            let Answer { mut body, etag } = find(connection, &collector).await?;
            if let Some(name) = name {
                body["collector"]["name"] = Value::from(name);
            }
            settings.write_into(&mut body["collector"]);
            let path = format!("/collectors/{}", body["collector"]["id"]);
            show(output, &connection.put(&path, &body, etag.as_deref()).await?)
        }
        CollectorsVerb::Delete { collector } => {
            let id = id_of(connection, &collector).await?;
            let body = connection.delete(&format!("/collectors/{id}")).await?.body;
            output.done(&body, &format!("The collector {id} is deleted."))
        }
    }
}

/// All collectors, as one list.
pub(super) async fn all(connection: &Connection) -> Result<Value, Failure> {
    let mut collectors = Vec::new();
    loop {
        let path = format!("/collectors?limit={PAGE}&offset={}", collectors.len());
        let page = connection.get(&path).await?.body;
        let before = collectors.len();
        collectors.extend(items(&page, "collectors").cloned());
        if collectors.len() < before + PAGE {
            return Ok(json!({ "collectors": collectors }));
        }
    }
}

/// The number of the collector that is named by its number or its name.
pub(super) async fn id_of(connection: &Connection, collector: &str) -> Result<String, Failure> {
    if is_number(collector) {
        return Ok(collector.to_owned());
    }
    Ok(find(connection, collector).await?.body["collector"]["id"].to_string())
}

/// Whether a name is meant to be a number.
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

async fn find(connection: &Connection, collector: &str) -> Result<Answer, Failure> {
    if is_number(collector) {
        return connection.get(&format!("/collectors/{collector}")).await;
    }
    let named = connection.get(&format!("/collectors/name/{}", segment(collector))).await?;
    if named.etag.is_some() {
        return Ok(named);
    }
    connection.get(&format!("/collectors/{}", named.body["collector"]["id"])).await
}

fn show(output: Output, answer: &Answer) -> Result<(), Failure> {
    output.show(&answer.body, |body| table_of(std::iter::once(&body["collector"])))
}

fn table_of<'a>(collectors: impl Iterator<Item = &'a Value>) -> Table {
    let head = ["ID", "NAME", "CATEGORY", "FIELDS", "SOURCES", "DESCRIPTION"];
    let mut table = Table::new(&head, "There are no collectors; create one by `collectors create NAME`.");
    for collector in collectors {
        let is_local =
            collector["sourceSyncMode"].as_str().is_some_and(|mode| mode.eq_ignore_ascii_case("json"));
        table.row(vec![
            plain(&collector["id"]),
            plain(&collector["name"]),
            plain(&collector["category"]),
            pairs(&collector["fields"]),
            if is_local { "from files" } else { "from the API" }.to_owned(),
            plain(&collector["description"]),
        ]);
    }
    table
}

impl CollectorSettings {
    /// Sets what was given.
    fn write_into(self, collector: &mut Value) {
        if let Some(description) = self.description {
            collector["description"] = Value::from(description);
        }
        if let Some(category) = self.category {
            collector["category"] = Value::from(category);
        }
        if !self.fields.is_empty() {
            let fields = self.fields.into_iter().map(|(name, value)| (name, Value::from(value)));
            collector["fields"] = Value::Object(fields.collect::<Map<_, _>>());
        }
    }
}

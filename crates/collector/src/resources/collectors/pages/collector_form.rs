//! The form of a collector, as a person fills it in, and the document that a client would send for it.

use incydr_store::Collector;

use crate::document::{self, Json};
use crate::pages::{FieldsEditor, FormValues, Mistake};
use crate::resources::collectors::etag;
use crate::web::call::Call;
use crate::web::problem::Problem;

/// What the form calls the keys of the document.
const LABELS: [(&str, &str); 6] = [
    ("collector.name", "Name"),
    ("collector.description", "Description"),
    ("collector.category", "Category"),
    ("collector.timeZone", "Time zone"),
    ("collector.fields", "Fields"),
    ("collector.fields.", "Field"),
];

/// What stands in the form.
pub(super) struct CollectorForm {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) category: String,
    pub(super) time_zone: String,
    pub(super) fields: FieldsEditor,
    /// The tag of the configuration that the form began with; empty for a new collector.
    pub(super) etag: String,
}

/// What is saved of a collector, for comparing.
pub(super) struct SavedCollector {
    /// Names and values of its settings.
    pub(super) settings: Vec<(&'static str, String)>,
}

impl CollectorForm {
    /// An empty form.
    pub(super) fn new(call: &Call) -> Self {
        Self::of_members(call, &[], String::new())
    }

    /// The form for changing `collector`.
    pub(super) fn of_kept(call: &Call, collector: &Collector) -> Self {
        Self::of_members(call, &members_of(collector), etag(collector))
    }

    fn of_members(call: &Call, members: &[(String, Json)], etag: String) -> Self {
        Self {
            name: text_of(members, "name"),
            description: text_of(members, "description"),
            category: text_of(members, "category"),
            time_zone: text_of(members, "timeZone"),
            fields: FieldsEditor::of(call, FieldsEditor::pairs_of(member(members, "fields"))),
            etag,
        }
    }

    /// The form as it was sent.
    pub(super) fn of_form(call: &Call, values: &FormValues) -> Self {
        Self {
            name: values.text("name").to_owned(),
            description: values.text("description").replace("\r\n", "\n"),
            category: values.text("category").to_owned(),
            time_zone: values.text("time-zone").to_owned(),
            fields: FieldsEditor::of_form(call, values),
            etag: values.text("etag").to_owned(),
        }
    }

    /// The document that a client would send. What the form does not show stays as `kept` has it.
    pub(super) fn document(&self, kept: Option<&Collector>) -> String {
        let mut members = kept.map(members_of).unwrap_or_default();
        let mut set = |key: &str, value: Option<Json>| {
            let place = members.iter().position(|(name, _)| name == key);
            match (place, value) {
                (Some(place), Some(value)) => members[place].1 = value,
                (Some(place), None) => drop(members.remove(place)),
                (None, Some(value)) => members.push((key.to_owned(), value)),
                (None, None) => {}
            }
        };
        set("name", Some(Json::Text(self.name.clone())));
        for (key, text) in
            [("description", &self.description), ("category", &self.category), ("timeZone", &self.time_zone)]
        {
            set(key, (!text.is_empty()).then(|| Json::Text(text.clone())));
        }
        let fields = self.fields.json();
        set("fields", (fields != Json::Object(Vec::new())).then_some(fields));
        Json::Object(vec![
            ("collector".to_owned(), Json::Object(members)),
            ("autoActivateFields".to_owned(), Json::Truth(self.fields.activates)),
        ])
        .to_string()
    }

    /// What a refusal of the document says about the form.
    pub(super) fn judge(&self, problem: Problem) -> Result<Mistake, Problem> {
        let is_name = problem.code == "collectors.validation.name.duplicate";
        let mistake = Mistake::of(problem, &LABELS)?;
        Ok(if is_name { mistake.or_at("collector.name") } else { mistake })
    }
}

impl SavedCollector {
    /// What is saved of `collector`.
    pub(super) fn of(collector: &Collector) -> Self {
        let members = members_of(collector);
        let fields = FieldsEditor::pairs_of(member(&members, "fields"));
        let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Self {
            settings: vec![
                ("Name", text_of(&members, "name")),
                ("Description", text_of(&members, "description")),
                ("Category", text_of(&members, "category")),
                ("Fields", fields.join(", ")),
                ("Time zone", text_of(&members, "timeZone")),
            ],
        }
    }
}

/// The members of what is kept, in order.
fn members_of(collector: &Collector) -> Vec<(String, Json)> {
    match document::parse(collector.document.as_bytes(), "a collector") {
        Ok(Json::Object(members)) => members,
        Ok(_) | Err(_) => Vec::new(),
    }
}

fn member<'a>(members: &'a [(String, Json)], key: &str) -> Option<&'a Json> {
    members.iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

fn text_of(members: &[(String, Json)], key: &str) -> String {
    match member(members, key) {
        Some(Json::Text(text)) => text.clone(),
        Some(_) | None => String::new(),
    }
}

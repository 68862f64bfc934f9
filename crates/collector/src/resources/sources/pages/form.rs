//! The form of a source: from the JSON of a source to what a person sees, and from what the person sends to the JSON.
//!
//! Members that the form does not show stay as they are. What was typed is not judged here: the operation reads the
//! JSON as it reads that of any client, and tells what is wrong where.

use incydr_core::stream::Stream;

use crate::document::Json;
use crate::pages::{FieldsEditor, FormValues};
use crate::resources::sources::document::MASK;

/// What the form holds.
#[derive(Clone, Debug, Default)]
pub(super) struct SourceForm {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) category: String,
    pub(super) forwards_to_siem: bool,
    pub(super) base_url: String,
    pub(super) client_id: String,
    pub(super) streams: Vec<String>,
    pub(super) rules: Vec<RuleRow>,
    pub(super) hash_algorithm: String,
    pub(super) alerts_api: String,
    pub(super) polling_interval: String,
    pub(super) look_backs: Vec<LookBack>,
    pub(super) settle_time: String,
    pub(super) retention: String,
}

/// A processing rule.
#[derive(Clone, Debug, Default)]
pub(super) struct RuleRow {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) regexp: String,
    pub(super) mask: String,
}

/// How far one stream looks back.
#[derive(Clone, Debug)]
pub(super) struct LookBack {
    pub(super) stream: &'static str,
    pub(super) title: &'static str,
    pub(super) seconds: String,
}

/// What people call a stream.
pub(super) const fn title_of(stream: Stream) -> &'static str {
    match stream {
        Stream::FileEvents => "File Events",
        Stream::Alerts => "Alerts",
        Stream::AuditLogs => "Audit Logs",
    }
}

impl SourceForm {
    /// An empty form: everything is collected, as where the JSON says nothing.
    pub(super) fn new() -> Self {
        Self::of_config(&Json::Object(Vec::new()))
    }

    /// The form of a source that has this `config`.
    pub(super) fn of_config(config: &Json) -> Self {
        let text = |name: &str| member(config, name).map(shown).unwrap_or_default();
        let fields = member(config, "fields");
        let streams = match member(config, "dataCollection") {
            None => Stream::ALL.map(|stream| stream.as_str().to_owned()).into(),
            Some(Json::List(items)) => items.iter().map(shown).collect(),
            Some(one) => vec![shown(one)],
        };
        let look_back = member(config, "lookBack");
        Self {
            name: text("name"),
            description: text("description"),
            category: text("category"),
            forwards_to_siem: fields.and_then(|fields| member(fields, SIEM)) == Some(&Json::Truth(true)),
            base_url: text("baseURL"),
            client_id: text("clientID"),
            streams: streams
                .iter()
                .map(|name| Stream::parse(name).map_or(name.clone(), |stream| stream.as_str().to_owned()))
                .collect(),
            rules: match member(config, "filters") {
                Some(Json::List(items)) => items.iter().map(RuleRow::of).collect(),
                Some(_) | None => Vec::new(),
            },
            hash_algorithm: text("hashAlgorithm"),
            alerts_api: text("alertsApi"),
            polling_interval: text("pollingInterval"),
            look_backs: look_backs(|stream| match look_back {
                Some(Json::Object(_)) => {
                    look_back.and_then(|of| member(of, stream)).map(shown).unwrap_or_default()
                }
                Some(all) => shown(all),
                None => String::new(),
            }),
            settle_time: text("settleTime"),
            retention: text("retention"),
        }
    }

    /// What a person has sent.
    pub(super) fn of_values(values: &FormValues) -> Self {
        let text = |name: &str| values.text(name).to_owned();
        let column = |name: &'static str| values.all(name).map(str::to_owned).collect::<Vec<_>>();
        let rules = column("rule_type")
            .into_iter()
            .zip(column("rule_name"))
            .zip(column("rule_regexp"))
            .zip(column("rule_mask"));
        Self {
            name: text("name"),
            description: text("description"),
            category: text("category"),
            forwards_to_siem: values.has("siem_forward"),
            base_url: text("base_url"),
            client_id: text("client_id"),
            streams: column("stream"),
            rules: rules
                .map(|(((kind, name), regexp), mask)| RuleRow { kind, name, regexp, mask })
                .filter(|rule| !(rule.name.is_empty() && rule.regexp.is_empty() && rule.mask.is_empty()))
                .collect(),
            hash_algorithm: text("hash_algorithm"),
            alerts_api: text("alerts_api"),
            polling_interval: text("polling_interval"),
            look_backs: look_backs(|stream| values.text(&format!("look_back_{stream}")).to_owned()),
            settle_time: text("settle_time"),
            retention: text("retention"),
        }
    }

    /// Whether a stream is chosen.
    pub(super) fn collects(&self, stream: &str) -> bool {
        self.streams.iter().any(|name| name == stream)
    }

    /// The JSON that an API client would send: `config` changed to what the form and its editor of fields say, with the
    /// secret typed or, when it was not, kept. `id` is the number of the source that it is about.
    pub(super) fn document(
        &self,
        id: Option<u64>,
        mut config: Json,
        secret_key: &str,
        fields: &FieldsEditor,
    ) -> String {
        let is_new = member(&config, "secretKey").is_none();
        let mut set = |name: &str, value: Option<Json>| set_member(&mut config, name, value);
        set("name", Some(Json::Text(self.name.clone())));
        set("description", given(&self.description));
        set("category", given(&self.category));
        set("fields", self.fields_json(fields.json()));
        set("baseURL", Some(Json::Text(self.base_url.clone())));
        set("clientID", Some(Json::Text(self.client_id.clone())));
        let secret = if secret_key.is_empty() && !is_new { MASK } else { secret_key };
        set("secretKey", Some(Json::Text(secret.to_owned())));
        set("dataCollection", Some(Json::List(self.streams.iter().cloned().map(Json::Text).collect())));
        set(
            "filters",
            (!self.rules.is_empty()).then(|| Json::List(self.rules.iter().map(RuleRow::json).collect())),
        );
        set("hashAlgorithm", given(&self.hash_algorithm));
        set("alertsApi", given(&self.alerts_api));
        set("pollingInterval", seconds(&self.polling_interval));
        set("lookBack", self.look_back_json());
        set("settleTime", seconds(&self.settle_time));
        set("retention", seconds(&self.retention));
        let text = |text: &str| Json::Text(text.to_owned());
        let id = id.map(|id| ("id", Json::Whole(id)));
        let source = object(id.into_iter().chain([
            ("schemaRef", object([("type", text("Code42Incydr"))])),
            ("config", config),
            ("sourceType", text("Universal")),
        ]));
        let envelope = [("api.version", text("v1")), ("source", source)];
        let activation = fields.activates.then_some(("autoActivateFields", Json::Truth(true)));
        object(envelope.into_iter().chain(activation)).to_string()
    }

    fn fields_json(&self, fields: Json) -> Option<Json> {
        let Json::Object(pairs) = fields else { return None };
        let forward = self.forwards_to_siem.then_some((SIEM.to_owned(), Json::Truth(true)));
        let members: Vec<_> = forward.into_iter().chain(pairs).collect();
        (!members.is_empty()).then_some(Json::Object(members))
    }

    fn look_back_json(&self) -> Option<Json> {
        let given = self.look_backs.iter().filter_map(|of| Some((of.stream, seconds(&of.seconds)?)));
        let members: Vec<_> = given.collect();
        (!members.is_empty()).then(|| object(members))
    }
}

const SIEM: &str = "_siemForward";

impl RuleRow {
    fn of(rule: &Json) -> Self {
        let text = |name: &str| member(rule, name).map(shown).unwrap_or_default();
        Self { kind: text("filterType"), name: text("name"), regexp: text("regexp"), mask: text("mask") }
    }

    fn json(&self) -> Json {
        let text = |text: &str| Json::Text(text.to_owned());
        let mask = (self.kind == "Mask" || !self.mask.is_empty()).then(|| ("mask", text(&self.mask)));
        let rest =
            [("filterType", text(&self.kind)), ("name", text(&self.name)), ("regexp", text(&self.regexp))];
        object(rest.into_iter().chain(mask))
    }
}

fn look_backs(seconds: impl Fn(&str) -> String) -> Vec<LookBack> {
    let of = |stream: Stream| LookBack {
        stream: stream.as_str(),
        title: title_of(stream),
        seconds: seconds(stream.as_str()),
    };
    Stream::ALL.map(of).into()
}

fn object<'a>(members: impl IntoIterator<Item = (&'a str, Json)>) -> Json {
    Json::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn member<'a>(of: &'a Json, name: &str) -> Option<&'a Json> {
    members(Some(of)).iter().find(|(own, _)| own == name).map(|(_, value)| value)
}

fn members(of: Option<&Json>) -> &[(String, Json)] {
    match of {
        Some(Json::Object(members)) => members,
        Some(_) | None => &[],
    }
}

/// The fields of a `config` that the editor shows; whether events go on to Cloud SIEM has a box of its own.
pub(super) fn editable_fields(config: &Json) -> Vec<(String, String)> {
    let mut pairs = FieldsEditor::pairs_of(member(config, "fields"));
    pairs.retain(|(name, _)| name != SIEM);
    pairs
}

/// Replaces a member where it stands, appends it, or takes it away.
fn set_member(of: &mut Json, name: &str, value: Option<Json>) {
    let Json::Object(members) = of else { return };
    let place = members.iter().position(|(own, _)| own == name);
    match (place, value) {
        (Some(place), Some(value)) => members[place].1 = value,
        (Some(place), None) => drop(members.remove(place)),
        (None, Some(value)) => members.push((name.to_owned(), value)),
        (None, None) => {}
    }
}

fn shown(value: &Json) -> String {
    match value {
        Json::Text(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

fn given(text: &str) -> Option<Json> {
    (!text.is_empty()).then(|| Json::Text(text.to_owned()))
}

/// A number, or what was typed instead of one, for the reader to tell.
fn seconds(text: &str) -> Option<Json> {
    let value = text.parse().map_or_else(|_| Json::Text(text.to_owned()), Json::Whole);
    (!text.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document;

    const CONFIG: &str = r##"{"name":"Code42","category":"c","fields":{"_siemForward":true,"team":"a"},
        "baseURL":"https://api.us.code42.com","clientID":"key","secretKey":"********",
        "dataCollection":["fileEvents","auditLogs"],
        "filters":[{"filterType":"Mask","name":"m","regexp":"(a)","mask":"#"}],
        "pollingInterval":60,"lookBack":{"alerts":7},"retention":86400}"##;

    fn editor(pairs: Vec<(String, String)>) -> FieldsEditor {
        FieldsEditor::of_schema(Some(Vec::new()), pairs)
    }

    #[test]
    fn a_form_that_is_sent_back_unchanged_changes_nothing() {
        let config = document::parse(CONFIG.as_bytes(), "the test").expect("JSON");
        let form = SourceForm::of_config(&config);
        let sent = form.document(Some(7), config.clone(), "", &editor(editable_fields(&config)));
        let sent = document::parse(sent.as_bytes(), "the test").expect("JSON");
        let source = member(&sent, "source").expect("a source");
        assert_eq!(member(source, "config"), Some(&config));
    }

    #[test]
    fn what_is_emptied_is_taken_away() {
        let config = document::parse(CONFIG.as_bytes(), "the test").expect("JSON");
        let form = SourceForm { name: "other".to_owned(), ..SourceForm::new() };
        let sent = form.document(None, config, "typed", &editor(Vec::new()));
        for gone in
            ["category", "fields", "filters", "pollingInterval", "lookBack", "retention", "hashAlgorithm"]
        {
            assert!(!sent.contains(gone), "{gone} in {sent}");
        }
        assert!(sent.contains(r#""name":"other""#) && sent.contains(r#""secretKey":"typed""#), "{sent}");
    }

    #[test]
    fn what_is_no_number_is_left_for_the_reader_to_tell() {
        assert_eq!(seconds("60"), Some(Json::Whole(60)));
        assert_eq!(seconds("soon"), Some(Json::Text("soon".to_owned())));
        assert_eq!(seconds(""), None);
    }
}

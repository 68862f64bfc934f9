//! The page of access keys, and what its forms do.

mod revocation;

use askama::Template;
use hyper::StatusCode;
use incydr_core::secret::Secret;
use incydr_store::{AccessKey, Role};
use serde_json::{Map, Value, json};

use super::{create, list};
use crate::pages::{FormValues, Frame, Mistake, Moment, Section, show, show_with};
use crate::printable::printable;
use crate::resources::collectors;
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;
use crate::web::route::Route;

const KEYS: &str = "/access-keys";
/// So many collectors can be chosen from.
const CHOICES: u32 = 1_000;
/// What the form calls the keys of the document.
const LABELS: [(&str, &str); 4] = [
    ("accessKey.label", "Label"),
    ("accessKey.role", "Role"),
    ("accessKey.collectorId", "Collector"),
    ("accessKey.expires", "Expires after"),
];

#[derive(Template)]
#[template(path = "access_keys/list.html")]
struct KeysPage {
    frame: Frame,
    keys: Vec<ShownKey>,
    collectors: Vec<Choice>,
    /// Whether there are more collectors than can be chosen from.
    has_more: bool,
    wanted: WantedKey,
    mistake: Option<Mistake>,
    /// A key that was made just now: shown this once.
    created: Option<(String, Secret)>,
}

struct ShownKey {
    access_id: String,
    label: String,
    may_manage: bool,
    /// The one collector that it is for.
    collector: Option<String>,
    created: Moment,
    expires: Option<Moment>,
    has_expired: bool,
    last_used: Option<Moment>,
    /// Whether it is the one that its reader is signed in with.
    is_own: bool,
}

struct Choice {
    id: String,
    name: String,
}

/// A new key as a person fills in the form.
#[derive(Default)]
struct WantedKey {
    label: String,
    role: String,
    /// The number of a collector, or empty for all.
    collector: String,
    /// A day, or empty for never.
    expires: String,
}

/// All of them.
pub fn routes() -> Vec<Route> {
    let own = vec![
        Route::page(KEYS, |call| Box::pin(show_list(call))).of_role(Role::Manage),
        Route::form(KEYS, |call| Box::pin(create_one(call))),
    ];
    [own, revocation::routes()].concat()
}

async fn show_list(call: Call) -> Result<Answer, Problem> {
    show(&KeysPage::of(&call).await?)
}

async fn create_one(call: Call) -> Result<Answer, Problem> {
    let wanted = WantedKey::of(&FormValues::of(&call));
    match create(&call.api, &call.caller, wanted.document().as_bytes()).await {
        Ok((key, secret)) => {
            let page = KeysPage { created: Some((key.access_id, secret)), ..KeysPage::of(&call).await? };
            show_with(StatusCode::CREATED, &page)
        }
        Err(problem) => {
            let is_collector = problem.code == "accessKeys.validation.collector";
            let mut mistake = Mistake::of(problem, &LABELS)?;
            if mistake.is_at("accessKey.expires") {
                // The form asks for a day, the document for an instant.
                "Expires after must be today or a later day, before 2262.".clone_into(&mut mistake.sentence);
            }
            let mistake = if is_collector { mistake.or_at("accessKey.collectorId") } else { mistake };
            let status = mistake.status;
            show_with(status, &KeysPage { wanted, mistake: Some(mistake), ..KeysPage::of(&call).await? })
        }
    }
}

impl KeysPage {
    async fn of(call: &Call) -> Result<Self, Problem> {
        call.caller.refuse_scoped()?;
        let choices = collectors::list(&call.api, &call.caller, CHOICES + 1, 0).await?;
        let has_more = choices.len() > CHOICES as usize;
        let choices = choices.into_iter().take(CHOICES as usize);
        let mut keys = Vec::new();
        for key in list(&call.api, &call.caller).await? {
            keys.push(ShownKey::of(call, key).await?);
        }
        Ok(Self {
            frame: Frame::of(call, Section::AccessKeys),
            keys,
            collectors: choices
                .map(|one| Choice { id: one.id.to_string(), name: printable(&one.name).into_owned() })
                .collect(),
            has_more,
            wanted: WantedKey { role: Role::View.as_str().to_owned(), ..WantedKey::default() },
            mistake: None,
            created: None,
        })
    }

    /// The sentence of the mistake, if it is at this member of the document.
    fn wrong(&self, member: &str) -> Option<&str> {
        let is_there = |mistake: &&Mistake| mistake.below("accessKey.") == Some(member);
        self.mistake.as_ref().filter(is_there).map(|mistake| mistake.sentence.as_str())
    }
}

impl ShownKey {
    async fn of(call: &Call, key: AccessKey) -> Result<Self, Problem> {
        let now = call.api.clock.now();
        let collector = match key.collector_id {
            None => None,
            Some(id) => {
                let collector = call.api.store.collector(id).await?;
                Some(collector.map_or_else(
                    || format!("{id} (deleted)"),
                    |collector| printable(&collector.name).into_owned(),
                ))
            }
        };
        Ok(Self {
            is_own: key.access_id == call.caller.access_id,
            access_id: key.access_id,
            label: printable(&key.label).into_owned(),
            may_manage: key.role == Role::Manage,
            collector,
            created: Moment::new(key.created, now),
            has_expired: key.expires.is_some_and(|end| end <= now),
            expires: key.expires.map(|end| Moment::new(end, now)),
            last_used: key.last_used.map(|used| Moment::new(used, now)),
        })
    }
}

impl WantedKey {
    fn of(form: &FormValues) -> Self {
        let text = |name: &str| form.text(name).to_owned();
        Self {
            label: text("label"),
            role: text("role"),
            collector: text("collector"),
            expires: text("expires"),
        }
    }

    /// The document that a client would send.
    fn document(&self) -> String {
        let mut key = Map::new();
        key.insert("label".to_owned(), self.label.as_str().into());
        key.insert("role".to_owned(), self.role.as_str().into());
        if !self.collector.is_empty() {
            let number = self.collector.parse::<u64>();
            key.insert(
                "collectorId".to_owned(),
                number.map_or_else(|_| self.collector.as_str().into(), Value::from),
            );
        }
        if !self.expires.is_empty() {
            // The key is of use on the whole day.
            key.insert("expires".to_owned(), format!("{}T23:59:59Z", self.expires).into());
        }
        json!({ "accessKey": key }).to_string()
    }
}

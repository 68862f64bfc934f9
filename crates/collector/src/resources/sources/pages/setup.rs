//! Adding a source to a collector, and editing one.

use askama::Template;
use incydr_store::{Collector, Role, Source};

use super::form::{RuleRow, SourceForm, editable_fields, title_of};
use super::path_of;
use crate::api::Api;
use crate::document::{self, Json};
use crate::pages::{FieldsEditor, FormValues, Frame, Mistake, Notice, Section, show, show_with};
use crate::printable::printable;
use crate::resources::collectors;
use crate::resources::sources::{self, refuse_stopping};
use crate::source_check::{Finding, Tried, remedy};
use crate::source_config::KNOWN_HOSTS;
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::{Problem, ProblemKind};
use crate::web::route::Route;

/// What the buttons say besides the one that saves.
const ADD_RULE: &str = "add-rule";
const TEST: &str = "test";

/// What somebody is told who edits what somebody else has changed meanwhile.
const STALE: &str =
    "Somebody else has changed it meanwhile. Saving again replaces that change by what stands here.";

/// Types of sources that can be added, as people search for them.
const TYPES: [(&str, &str); 1] = [("Code42 Incydr", "code42-incydr")];

/// What the form calls the members of the configuration.
const LABELS: [(&str, &str); 16] = [
    ("source.config.name", "Name"),
    ("source.config.description", "Description"),
    ("source.config.category", "Source Category"),
    ("source.config.fields", "Fields"),
    ("source.config.fields.", "Field"),
    ("source.config.baseURL", "Base URL"),
    ("source.config.clientID", "Client ID"),
    ("source.config.secretKey", "Secret Key"),
    ("source.config.dataCollection", "Data Collection"),
    ("source.config.filters", "Processing Rules"),
    ("source.config.pollingInterval", "Polling Interval"),
    ("source.config.lookBack.fileEvents", "Look-back of File Events"),
    ("source.config.lookBack.alerts", "Look-back of Alerts"),
    ("source.config.lookBack.auditLogs", "Look-back of Audit Logs"),
    ("source.config.settleTime", "Settle Time"),
    ("source.config.retention", "Retention"),
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::page("/collectors/{collectorId}/sources/new", |call| Box::pin(pick(call)))
            .of_role(Role::Manage),
        Route::page("/collectors/{collectorId}/sources/new/code42-incydr", |call| Box::pin(ask(call)))
            .of_role(Role::Manage),
        Route::form("/collectors/{collectorId}/sources/new/code42-incydr", |call| Box::pin(add(call))),
        Route::page("/collectors/{collectorId}/sources/{sourceId}/edit", |call| Box::pin(edit(call)))
            .of_role(Role::Manage),
        Route::form("/collectors/{collectorId}/sources/{sourceId}/edit", |call| Box::pin(replace(call))),
    ]
}

#[derive(Template)]
#[template(path = "sources/pick.html")]
struct PickPage<'a> {
    frame: Frame,
    collector: &'a Collector,
    search: &'a str,
    types: Vec<(&'static str, &'static str)>,
}

#[derive(Template)]
#[template(path = "sources/setup.html")]
struct SetupPage<'a> {
    frame: Frame,
    collector: &'a Collector,
    /// The source that is edited; `None` for a new one.
    source: Option<&'a Source>,
    /// The tag of what the form was made from.
    etag: String,
    form: &'a SourceForm,
    fields: FieldsEditor,
    /// The addresses that may be chosen.
    hosts: Vec<String>,
    mistake: Option<Mistake>,
    /// What a test of the connection has found.
    findings: Option<Vec<ShownFinding>>,
}

/// How one part of a test ended.
struct ShownFinding {
    tried: String,
    works: bool,
    message: String,
    remedy: &'static str,
}

impl SetupPage<'_> {
    /// What is wrong with a member of the configuration.
    fn wrong(&self, key: &str) -> Option<&str> {
        let mistake = self.mistake.as_ref()?;
        let place = mistake.below("source.config.")?;
        let is_it = place.split(['.', '[']).next() == Some(key);
        is_it.then_some(mistake.sentence.as_str())
    }

    /// What the script makes new rows of.
    fn empty_rule(&self) -> RuleRow {
        RuleRow::default()
    }

    /// Whether a test of the connection has found nothing wrong.
    fn all_work(&self) -> bool {
        self.findings.iter().flatten().all(|finding| finding.works)
    }

    /// Whether the advanced part must be seen.
    fn opens_advanced(&self) -> bool {
        ["alertsApi", "pollingInterval", "lookBack", "settleTime", "retention"]
            .iter()
            .any(|key| self.wrong(key).is_some())
    }
}

async fn pick(call: Call) -> Result<Answer, Problem> {
    let collector = collectors::find(&call.api, &call.caller, call.number("collectorId")).await?;
    let search = call.query("search").unwrap_or_default().trim();
    let is_met = |name: &str| name.to_lowercase().contains(&search.to_lowercase());
    let types = TYPES.into_iter().filter(|(name, _)| is_met(name)).collect();
    show(&PickPage { frame: Frame::of(&call, Section::Collection), collector: &collector, search, types })
}

async fn ask(call: Call) -> Result<Answer, Problem> {
    let collector = collectors::find(&call.api, &call.caller, call.number("collectorId")).await?;
    Setup { call: &call, collector: &collector, source: None, etag: "" }
        .show(&SourceForm::new(), FieldsEditor::of(&call, Vec::new()))
}

async fn add(call: Call) -> Result<Answer, Problem> {
    let collector = collectors::find(&call.api, &call.caller, call.number("collectorId")).await?;
    let values = FormValues::of(&call);
    let setup = Setup { call: &call, collector: &collector, source: None, etag: "" };
    let (form, fields) = match setup.read(&values)? {
        Sent::ToSave(sent) => *sent,
        Sent::ToGoOn(answer) => return Ok(answer),
    };
    let body = form.document(None, Json::Object(Vec::new()), values.exact("secret_key"), &fields);
    if values.text("action") == TEST {
        return setup.test(&form, fields, &body).await;
    }
    match sources::create(&call.api, &call.caller, Some(collector.id), body.as_bytes()).await {
        Ok(source) => {
            Ok(Answer::see_other(&Notice::SOURCE_CREATED.on(&path_of(source.collector_id, source.id))))
        }
        Err(problem) => setup.refuse(&form, fields, problem),
    }
}

async fn edit(call: Call) -> Result<Answer, Problem> {
    let (collector, source) = find(&call).await?;
    let config = config_of(&source)?;
    let etag = sources::etag(&source);
    Setup { call: &call, collector: &collector, source: Some(&source), etag: &etag }
        .show(&SourceForm::of_config(&config), FieldsEditor::of(&call, editable_fields(&config)))
}

async fn replace(call: Call) -> Result<Answer, Problem> {
    let (collector, source) = find(&call).await?;
    let values = FormValues::of(&call);
    let etag = values.text("etag");
    let setup = Setup { call: &call, collector: &collector, source: Some(&source), etag };
    let (form, fields) = match setup.read(&values)? {
        Sent::ToSave(sent) => *sent,
        Sent::ToGoOn(answer) => return Ok(answer),
    };
    let body = form.document(Some(source.id), config_of(&source)?, values.exact("secret_key"), &fields);
    if values.text("action") == TEST {
        return setup.test(&form, fields, &body).await;
    }
    let which = (Some(collector.id), Some(source.id));
    match sources::update(&call.api, &call.caller, which, Some(etag), body.as_bytes()).await {
        Ok(_) => Ok(Answer::see_other(&Notice::SOURCE_UPDATED.on(&path_of(collector.id, source.id)))),
        Err(problem) => setup.refuse(&form, fields, problem),
    }
}

/// The form of one source, new or not.
struct Setup<'a> {
    call: &'a Call,
    collector: &'a Collector,
    source: Option<&'a Source>,
    etag: &'a str,
}

/// What a person has sent the form for.
enum Sent {
    ToSave(Box<(SourceForm, FieldsEditor)>),
    /// To get another row: without a script, the buttons for that send the form.
    ToGoOn(Answer),
}

impl Setup<'_> {
    fn read(&self, values: &FormValues) -> Result<Sent, Problem> {
        let mut form = SourceForm::of_values(values);
        let fields = FieldsEditor::of_form(self.call, values);
        let wants_rule = values.text("action") == ADD_RULE;
        if wants_rule {
            form.rules.push(RuleRow::default());
        }
        match wants_rule || FieldsEditor::is_asked_by(values) {
            true => self.show(&form, fields).map(Sent::ToGoOn),
            false => Ok(Sent::ToSave(Box::new((form, fields)))),
        }
    }

    fn show(&self, form: &SourceForm, fields: FieldsEditor) -> Result<Answer, Problem> {
        show(&self.page(form, fields))
    }

    /// The form as it was sent, with what is wrong. A problem that the form cannot mend is a page of its own.
    fn refuse(&self, form: &SourceForm, fields: FieldsEditor, problem: Problem) -> Result<Answer, Problem> {
        let is_taken = problem.code == "collectors.validation.name.duplicate";
        let newest = self.source.filter(|_| problem.kind == ProblemKind::Stale).map(sources::etag);
        let mistake = Mistake::of(problem, &LABELS)?;
        let mut mistake = if is_taken { mistake.or_at("source.config.name") } else { mistake };
        let fields = fields.with_mistake(&mistake, "source.config.fields");
        let mut page = self.page(form, fields);
        if let Some(newest) = newest {
            STALE.clone_into(&mut mistake.sentence);
            page.etag = newest;
        }
        let status = mistake.status;
        show_with(status, &SetupPage { mistake: Some(mistake), ..page })
    }

    /// The form as it was sent, with what came of trying it.
    async fn test(&self, form: &SourceForm, fields: FieldsEditor, body: &str) -> Result<Answer, Problem> {
        let (api, caller, collector) = (&self.call.api, &self.call.caller, Some(self.collector.id));
        match sources::check(api, caller, collector, body.as_bytes()).await {
            Ok(findings) => {
                let findings = Some(findings.iter().map(ShownFinding::of).collect());
                show(&SetupPage { findings, ..self.page(form, fields) })
            }
            Err(problem) => self.refuse(form, fields, problem),
        }
    }

    fn page<'a>(&'a self, form: &'a SourceForm, fields: FieldsEditor) -> SetupPage<'a> {
        SetupPage {
            frame: Frame::of(self.call, Section::Collection),
            collector: self.collector,
            source: self.source,
            etag: self.etag.to_owned(),
            form,
            fields,
            hosts: hosts(&self.call.api, &form.base_url),
            mistake: None,
            findings: None,
        }
    }
}

impl ShownFinding {
    fn of(finding: &Finding) -> Self {
        let tried = match &finding.tried {
            Tried::Authentication => "Authentication".to_owned(),
            Tried::Stream(stream) => title_of(*stream).to_owned(),
            Tried::Destination(name) => printable(name).into_owned(),
        };
        match &finding.outcome {
            Ok(found) => Self { tried, works: true, message: found.to_string(), remedy: "" },
            Err(trouble) => Self {
                tried,
                works: false,
                message: printable(&trouble.message).into_owned(),
                remedy: remedy(trouble),
            },
        }
    }
}

async fn find(call: &Call) -> Result<(Collector, Source), Problem> {
    let collector = collectors::find(&call.api, &call.caller, call.number("collectorId")).await?;
    let source = sources::find(&call.api, &call.caller, Some(collector.id), call.number("sourceId")).await?;
    refuse_stopping(&source)?;
    Ok((collector, source))
}

fn config_of(source: &Source) -> Result<Json, Problem> {
    let Json::Object(members) = document::parse(source.document.as_bytes(), "the stored source")? else {
        return Err(Problem::internal());
    };
    let config = members.into_iter().find(|(key, _)| key == "config");
    config.map(|(_, config)| config).ok_or_else(Problem::internal)
}

/// Incydr's own hosts, those that the operator allows, and the one that is chosen already.
fn hosts(api: &Api, chosen: &str) -> Vec<String> {
    let own = KNOWN_HOSTS.iter().map(|host| format!("https://{host}"));
    let allowed = api.terms.allowed_origins.iter().map(ToString::to_string);
    let mut hosts: Vec<_> = own.chain(allowed).collect();
    if !chosen.is_empty() && !hosts.iter().any(|host| host == chosen) {
        hosts.push(chosen.to_owned());
    }
    hosts
}

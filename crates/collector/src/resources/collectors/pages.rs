//! The pages that create, edit and delete a collector.

mod collector_form;
mod deletion;

use askama::Template;
use incydr_store::Role;

use self::collector_form::{CollectorForm, SavedCollector};
use super::{create, etag, find, update};
use crate::pages::{FieldsEditor, FormValues, Frame, Mistake, Notice, Section, show, show_with};
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::{Problem, ProblemKind};
use crate::web::route::Route;

const HOME: &str = crate::pages::HOME;
const NEW: &str = "/collectors/new";
const EDIT: &str = "/collectors/{collectorId}/edit";

#[derive(Template)]
#[template(path = "collectors/form.html")]
struct FormPage {
    frame: Frame,
    /// Where the form leads; what is edited has a name already.
    action: String,
    saved_name: Option<String>,
    form: CollectorForm,
    mistake: Option<Mistake>,
    /// What is saved now, where that is not what the form began with.
    saved: Option<SavedCollector>,
}

/// All of them.
pub fn routes() -> Vec<Route> {
    let own = vec![
        Route::page(NEW, |call| Box::pin(ask_new(call))).of_role(Role::Manage),
        Route::form(NEW, |call| Box::pin(create_one(call))),
        Route::page(EDIT, |call| Box::pin(ask_edited(call))).of_role(Role::Manage),
        Route::form(EDIT, |call| Box::pin(update_one(call))),
    ];
    [own, deletion::routes()].concat()
}

async fn ask_new(call: Call) -> Result<Answer, Problem> {
    call.caller.refuse_scoped()?;
    show(&FormPage::of_new(&call, CollectorForm::new(&call)))
}

async fn create_one(call: Call) -> Result<Answer, Problem> {
    let values = FormValues::of(&call);
    let form = CollectorForm::of_form(&call, &values);
    if FieldsEditor::is_asked_by(&values) {
        return show(&FormPage::of_new(&call, form));
    }
    match create(&call.api, &call.caller, form.document(None).as_bytes()).await {
        Ok(_) => Ok(Answer::see_other(&Notice::COLLECTOR_CREATED.on(HOME))),
        Err(problem) => FormPage::of_new(&call, form).refuse(problem),
    }
}

async fn ask_edited(call: Call) -> Result<Answer, Problem> {
    let collector = find(&call.api, &call.caller, call.number("collectorId")).await?;
    show(&FormPage::of_edited(&call, &collector.name, CollectorForm::of_kept(&call, &collector)))
}

async fn update_one(call: Call) -> Result<Answer, Problem> {
    let id = call.number("collectorId");
    let collector = find(&call.api, &call.caller, id).await?;
    let values = FormValues::of(&call);
    let mut form = CollectorForm::of_form(&call, &values);
    if FieldsEditor::is_asked_by(&values) {
        return show(&FormPage::of_edited(&call, &collector.name, form));
    }
    let document = form.document(Some(&collector));
    let updated = update(&call.api, &call.caller, id, Some(&form.etag), document.as_bytes()).await;
    let problem = match updated {
        Ok(_) => return Ok(Answer::see_other(&Notice::COLLECTOR_UPDATED.on(HOME))),
        Err(problem) => problem,
    };
    let saved = (problem.kind == ProblemKind::Stale).then(|| SavedCollector::of(&collector));
    if saved.is_some() {
        // Whoever reads what is saved now and sends the form again means it.
        form.etag = etag(&collector);
    }
    FormPage { saved, ..FormPage::of_edited(&call, &collector.name, form) }.refuse(problem)
}

impl FormPage {
    fn of_new(call: &Call, form: CollectorForm) -> Self {
        let frame = Frame::of(call, Section::Collection);
        Self { frame, action: NEW.to_owned(), saved_name: None, form, mistake: None, saved: None }
    }

    fn of_edited(call: &Call, name: &str, form: CollectorForm) -> Self {
        let action = format!("/collectors/{}/edit", call.parameter("collectorId"));
        Self { action, saved_name: Some(name.to_owned()), ..Self::of_new(call, form) }
    }

    /// The form again, with what is wrong with it.
    fn refuse(mut self, problem: Problem) -> Result<Answer, Problem> {
        let mistake = self.form.judge(problem)?;
        let status = mistake.status;
        self.form.fields = self.form.fields.with_mistake(&mistake, "collector.fields");
        self.mistake = Some(mistake);
        show_with(status, &self)
    }

    /// The sentence of the mistake, if it is at this member of the document.
    fn wrong(&self, member: &str) -> Option<&str> {
        let is_there = |mistake: &&Mistake| mistake.below("collector.") == Some(member);
        self.mistake.as_ref().filter(is_there).map(|mistake| mistake.sentence.as_str())
    }
}

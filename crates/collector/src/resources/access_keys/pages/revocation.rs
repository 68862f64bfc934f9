//! Asking before a key is revoked, and doing it.

use askama::Template;
use incydr_store::Role;

use super::KEYS;
use crate::pages::{Frame, Mistake, Notice, SIGN_IN, Section, show, show_with};
use crate::resources::access_keys::{list, revoke, unknown};
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;
use crate::web::route::Route;

const REVOKE: &str = "/access-keys/{accessId}/revoke";

#[derive(Template)]
#[template(path = "access_keys/revoke.html")]
struct RevokePage {
    frame: Frame,
    access_id: String,
    label: String,
    /// Whether it is the one that its reader is signed in with.
    is_own: bool,
    refusal: Option<String>,
}

/// The routes of a revocation.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::page(REVOKE, |call| Box::pin(ask(call))).of_role(Role::Manage),
        Route::form(REVOKE, |call| Box::pin(revoke_one(call))),
    ]
}

async fn ask(call: Call) -> Result<Answer, Problem> {
    show(&page(&call, None).await?)
}

async fn revoke_one(call: Call) -> Result<Answer, Problem> {
    let access_id = call.parameter("accessId");
    match revoke(&call.api, &call.caller, access_id).await {
        // Whoever is signed in with the key is so no more.
        Ok(()) if access_id == call.caller.access_id => {
            Ok(Answer::see_other(&Notice::KEY_REVOKED.on(SIGN_IN)))
        }
        Ok(()) => Ok(Answer::see_other(&Notice::KEY_REVOKED.on(KEYS))),
        Err(problem) => {
            let Mistake { status, sentence, .. } = Mistake::of(problem, &[])?;
            show_with(status, &page(&call, Some(sentence)).await?)
        }
    }
}

async fn page(call: &Call, refusal: Option<String>) -> Result<RevokePage, Problem> {
    call.caller.refuse_scoped()?;
    let mut keys = list(&call.api, &call.caller).await?.into_iter();
    let key = keys.find(|key| key.access_id == call.parameter("accessId")).ok_or_else(unknown)?;
    Ok(RevokePage {
        frame: Frame::of(call, Section::AccessKeys),
        is_own: key.access_id == call.caller.access_id,
        access_id: key.access_id,
        label: key.label,
        refusal,
    })
}

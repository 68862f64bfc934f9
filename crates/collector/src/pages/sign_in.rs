//! Signing in and out.

use askama::Template;
use hyper::StatusCode;
use incydr_store::Role;

use super::{FormValues, Frame, HOME, Notice, Section, show, show_with};
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::{Problem, ProblemKind};
use crate::web::route::Route;

const SIGN_IN: &str = "/sign-in";

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    frame: Frame,
    access_id: &'a str,
    next: &'a str,
    wrong: Option<&'a str>,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::page(SIGN_IN, |call| Box::pin(ask(call))).public(),
        Route::form(SIGN_IN, |call| Box::pin(sign_in(call))).public(),
        Route::form("/sign-out", |call| Box::pin(sign_out(call))).of_role(Role::View),
    ]
}

async fn ask(call: Call) -> Result<Answer, Problem> {
    let frame = Frame::of(&call, Section::Elsewhere);
    show(&SignInPage { frame, access_id: "", next: own_page(call.query("next")), wrong: None })
}

async fn sign_in(call: Call) -> Result<Answer, Problem> {
    let form = FormValues::of(&call);
    let (access_id, next) = (form.text("access_id"), own_page(Some(form.text("next"))));
    let proved =
        call.api.access.authenticate_pair(access_id.to_owned(), form.text("access_key"), call.address);
    let wrong = match proved.await {
        Ok(caller) => {
            let cookie = call.api.sessions.sign_in(&caller).await?;
            return Ok(Answer::see_other(next).cookie(&cookie));
        }
        Err(problem) if problem.kind == ProblemKind::Unauthorized => {
            "There is no such pair of access ID and access key.".to_owned()
        }
        Err(Problem { message, retry_after: Some(wait), .. }) => {
            format!("{message} Try again in {} s.", wait.as_secs().max(1))
        }
        Err(problem) => return Err(problem),
    };
    let frame = Frame::of(&call, Section::Elsewhere);
    show_with(StatusCode::UNAUTHORIZED, &SignInPage { frame, access_id, next, wrong: Some(&wrong) })
}

async fn sign_out(call: Call) -> Result<Answer, Problem> {
    let visit = call.visit.as_ref().ok_or_else(Problem::unauthorized)?;
    let cookie = call.api.sessions.sign_out(visit).await?;
    Ok(Answer::see_other(&Notice::SIGNED_OUT.on(SIGN_IN)).cookie(&cookie))
}

/// Where to go after the sign-in: a page of ours and nowhere else.
fn own_page(next: Option<&str>) -> &str {
    let is_own = |next: &&str| {
        let mut characters = next.chars();
        characters.next() == Some('/')
            && !matches!(characters.next(), Some('/' | '\\'))
            && next.bytes().all(|byte| byte.is_ascii_graphic())
    };
    next.filter(is_own).unwrap_or(HOME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_in_leads_to_no_other_site() {
        for next in [
            None,
            Some(""),
            Some("//evil.example"),
            Some("/\\evil.example"),
            Some("https://evil.example/"),
            Some("javascript:alert(1)"),
            Some("\\/evil.example"),
            Some("/\t/evil.example"),
            Some("/a\r\nset-cookie: a=b"),
        ] {
            assert_eq!(own_page(next), HOME, "{next:?}");
        }
        assert_eq!(own_page(Some("/fields")), "/fields");
    }
}

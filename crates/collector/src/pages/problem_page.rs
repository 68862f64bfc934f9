//! A problem as a page.

use askama::Template;

use super::{Frame, Section, show_with};
use crate::web::answer::Answer;
use crate::web::problem::{Problem, ProblemKind};
use crate::web::session::Visit;

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    frame: Frame,
    title: &'static str,
    message: &'a str,
}

/// Tells a person of `problem`. Whoever is not signed in is sent to the sign-in, and from there to `page`.
pub fn problem_page(problem: &Problem, page: &str, visit: Option<&Visit>) -> Answer {
    let title = match problem.kind {
        ProblemKind::Unauthorized => {
            let next: String = url::form_urlencoded::byte_serialize(page.as_bytes()).collect();
            return Answer::see_other(&format!("/sign-in?next={next}"));
        }
        ProblemKind::Forbidden => "This is not allowed",
        ProblemKind::NotFound => "There is no such page",
        ProblemKind::TooMany => "Too many requests",
        ProblemKind::Internal | ProblemKind::Unavailable => "Something went wrong on our side",
        ProblemKind::Stale => "Somebody else was faster",
        ProblemKind::Invalid
        | ProblemKind::MethodUnsupported
        | ProblemKind::TooLarge
        | ProblemKind::TooSlow
        | ProblemKind::AddressTooLong
        | ProblemKind::HeadersTooLarge => "This request could not be understood",
    };
    let frame = Frame::for_visit(visit, Section::Elsewhere);
    let page = ProblemPage { frame, title, message: &problem.message };
    let shown = show_with(problem.kind.status(), &page);
    shown.unwrap_or_else(|_| Answer::text("text/plain; charset=utf-8", problem.message.clone()))
}

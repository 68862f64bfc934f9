//! What all pages share: the frame, the sign-in, the files that a browser loads, and small parts such as instants and
//! charts.
//!
//! The pages of a noun stand with its operations in `resources/<noun>/pages.rs`, their templates in
//! `templates/<noun>`. A page shows what operations return, and its forms lead to the same operations as the API.

pub mod assets;
pub mod chart;
mod fields_editor;
mod form;
mod frame;
mod health_badge;
pub mod json_text;
mod mistake;
mod moment;
mod notice;
mod problem_page;
mod sign_in;

use askama::Template;
use hyper::StatusCode;

use crate::web::answer::Answer;
use crate::web::problem::Problem;
use crate::web::route::Route;

pub use self::chart::{Columns, Sparkline, Unit};
pub use self::fields_editor::{FieldRow, FieldsEditor};
pub use self::form::FormValues;
pub use self::frame::{Frame, Section};
pub use self::health_badge::{HealthBadge, state_class};
pub use self::mistake::Mistake;
pub use self::moment::{Moment, lag_text};
pub use self::notice::Notice;
pub use self::problem_page::problem_page;
pub use self::sign_in::SIGN_IN;

/// The first page.
pub const HOME: &str = "/collection";

/// The routes that belong to no noun.
pub fn routes() -> Vec<Route> {
    let home = Route::page("/", |_| Box::pin(async { Ok(Answer::see_other(HOME)) })).public();
    [vec![home], sign_in::routes(), assets::routes()].concat()
}

/// 200 with a page.
pub fn show(page: &impl Template) -> Result<Answer, Problem> {
    show_with(StatusCode::OK, page)
}

/// A page with another status: a form that was not accepted is shown again with 400.
pub fn show_with(status: StatusCode, page: &impl Template) -> Result<Answer, Problem> {
    page.render().map(|html| Answer::page(status, html)).map_err(|error| {
        tracing::error!(%error, "a page could not be rendered");
        Problem::internal()
    })
}

//! The pages of backfills: the list with the form, one backfill, and what asks before it is canceled.

mod form;
mod list_page;
mod one_page;
mod row;

use crate::web::route::Route;

pub use self::row::Row;

/// All of them.
pub fn routes() -> Vec<Route> {
    [list_page::routes(), one_page::routes()].concat()
}

//! The pages of dead letters: the list, one letter with its payload, and what asks before it is discarded.

mod letter_page;
mod list_page;
mod row;

use crate::web::route::Route;

/// All of them.
pub fn routes() -> Vec<Route> {
    [list_page::routes(), letter_page::routes()].concat()
}

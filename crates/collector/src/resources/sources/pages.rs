//! The pages of sources: adding and editing one, how it does, its JSON, and what asks before it is restarted or
//! deleted.

mod confirmations;
mod form;
mod heading;
mod json_page;
mod life;
mod setup;
mod source_page;

use crate::web::route::Route;

pub use self::heading::Heading;

/// Where the page of a source is.
pub fn path_of(collector: u64, source: u64) -> String {
    format!("/collectors/{collector}/sources/{source}")
}

/// All of them.
pub fn routes() -> Vec<Route> {
    [setup::routes(), source_page::routes(), json_page::routes(), confirmations::routes()].concat()
}

//! The pages of sources: the form, how one does, its JSON, and what asks before it is restarted or deleted.

mod confirmations;
mod form;
mod heading;
mod json_page;
mod life;
mod setup;
mod source_page;

use crate::web::route::Route;

pub use self::heading::Heading;

/// All of them.
pub fn routes() -> Vec<Route> {
    [setup::routes(), source_page::routes(), json_page::routes(), confirmations::routes()].concat()
}

//! The pages of a source: how it does, its JSON, and what asks before it is restarted or deleted.

mod confirmations;
mod heading;
mod json_page;
mod life;
mod source_page;

use crate::web::route::Route;

pub use self::heading::Heading;

/// All of them.
pub fn routes() -> Vec<Route> {
    [source_page::routes(), json_page::routes(), confirmations::routes()].concat()
}

//! The pages of sources.

mod form;
mod setup;

use crate::web::route::Route;

/// All of them.
pub fn routes() -> Vec<Route> {
    setup::routes()
}

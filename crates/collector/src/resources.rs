//! The nouns of the API: for each of them its operations, and the routes that lead to these.
//!
//! An operation never sees a request: it gets an [`crate::api::Api`], the caller and plain values. So whatever else
//! offers an operation cannot do more than the API.

pub mod about;
pub mod access_keys;
pub mod audit_log;
pub mod backfills;
pub mod collection;
pub mod collectors;
pub mod dead_letters;
pub mod fields;
pub mod health_events;
pub mod hex_id;
pub mod sources;
pub mod streams;
pub mod tail;
pub mod vitals;

use crate::api::Terms;
use crate::web::openapi;
use crate::web::route::Route;

/// All routes, as `terms` allow them.
pub fn routes(terms: &Terms) -> Vec<Route> {
    [
        collectors::routes::routes(),
        sources::routes::routes(),
        streams::routes::routes(),
        backfills::routes::routes(),
        dead_letters::routes::routes(),
        health_events::routes::routes(),
        fields::routes::routes(),
        access_keys::routes::routes(),
        audit_log::routes(),
        vitals::routes::routes(terms),
        openapi::routes(),
    ]
    .concat()
}

/// All pages.
pub fn pages() -> Vec<Route> {
    [
        collection::pages::routes(),
        collectors::pages::routes(),
        sources::pages::routes(),
        health_events::pages::routes(),
        fields::pages::routes(),
        access_keys::pages::routes(),
        streams::pages::routes(),
        backfills::pages::routes(),
        dead_letters::pages::routes(),
        about::pages::routes(),
        tail::pages::routes(),
    ]
    .concat()
}

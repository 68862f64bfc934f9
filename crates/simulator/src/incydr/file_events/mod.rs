//! `POST /v2/file-events`: the search with its filters, its sorting, its two ways of paging and its problems.

pub(crate) mod endpoint;
pub(crate) mod filter;
pub(crate) mod history;
pub(crate) mod leaf;
pub(crate) mod query;
pub(crate) mod terms;

//! A simulated Incydr: the endpoints a collector needs, with every documented limit, over invented records.
//!
//! Where the documentation is silent, [`options::IncydrBehavior`] has a switch.

pub(crate) mod access;
pub(crate) mod alerts;
pub(crate) mod audit;
pub(crate) mod endpoints;
pub(crate) mod file_events;
pub(crate) mod options;
pub(crate) mod page;
pub(crate) mod problem;
pub(crate) mod rate;
pub(crate) mod server;
pub(crate) mod service;
pub(crate) mod sessions;
pub(crate) mod tenant;
pub(crate) mod truth;

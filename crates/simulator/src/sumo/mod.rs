//! A simulated Sumo Logic HTTP source: takes messages in as documented, and remembers all of them.

pub(crate) mod content;
pub(crate) mod options;
pub(crate) mod received;
pub(crate) mod server;
pub(crate) mod service;

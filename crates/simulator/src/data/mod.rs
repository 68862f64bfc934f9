//! Invented records that look like those of a real tenant, repeatable by seed.
//!
//! Place on the path: the simulated Incydr serves them. Not for: deciding who may see what and when.

pub(crate) mod actors;
pub(crate) mod alerts;
pub(crate) mod audit;
pub(crate) mod drawn;
pub(crate) mod given;
pub(crate) mod options;
pub(crate) mod sessions;
pub(crate) mod template;
pub(crate) mod visibility;
pub(crate) mod vocabulary;

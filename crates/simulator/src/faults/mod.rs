//! Fault plans: which request meets which misfortune.
//!
//! A plan is an ordered list of [`rule::FaultRule`]s. Each says where it lies in wait, when it strikes, and
//! what then happens; everything that strikes one request adds up. A plan can be written as JSON (see
//! [`plan::FaultScript`]) and changed while the server runs.

pub(crate) mod fault;
pub(crate) mod plan;
pub(crate) mod poison;
pub(crate) mod rule;
pub(crate) mod strike;

//! The API of the real program between the simulated services.

mod backfills;
mod dead_letters;
mod fixture;
mod metrics;
mod streams;

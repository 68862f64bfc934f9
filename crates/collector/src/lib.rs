//! The collector around the engine: what the operator asks for, and what the operator sees.
//!
//! Everything that a person writes (arguments, the source JSON, secrets, addresses) is read and judged here, before
//! anything is opened, written or sent; what comes out is a [`collect_plan::CollectPlan`], in which nothing is left
//! to be interpreted. Everything that a person reads (log, bars, summary, errors) is written here as well.
//!
//! Not for: how an event travels. That is `incydr_core`.

pub mod allowed_origin;
pub mod api;
pub mod assembly;
pub mod chronicle;
pub mod cli;
pub mod collect_plan;
pub mod collecting;
pub mod configuration;
pub mod core_dumps;
pub mod daemon;
pub mod data_folder;
pub mod destination_address;
pub mod document;
pub mod failure;
pub mod figures;
pub mod hosting;
mod http_client;
pub mod metrics;
pub mod open_files;
pub mod pages;
pub mod printable;
pub mod progress;
pub mod resources;
pub mod screen;
pub mod secret_source;
pub mod settings;
pub mod signals;
pub mod source_check;
pub mod source_config;
pub mod source_folder;
pub mod source_input;
pub mod span;
pub mod state_address;
pub mod summary;
pub mod supervision;
pub mod sync;
pub mod system_clock;
pub mod system_events;
pub mod telemetry;
pub mod time_range;
pub mod traces;
pub mod web;

//! Where events go: a Sumo Logic HTTP source, an archive folder, standard output.
//!
//! Place on the path: hop 7. Each destination here implements [`incydr_core::destination::Destination`]: it makes
//! one attempt and says truthfully how it ended. Keeps I3 (an acknowledgement comes only from a positive answer),
//! I7 (payload bytes leave as they came) and I10 (the receiver's address is a credential and is never shown).
//!
//! Not for: trying again, sending less or giving an event up. That is decided once for all destinations by the
//! engine, from the [`incydr_core::destination::DeliveryFault`] alone. Nor for reading `--to`; the command line does.

pub mod archive;
pub mod encode;
pub mod stdout;
pub mod sumo;

mod compressor;
mod storage_error;

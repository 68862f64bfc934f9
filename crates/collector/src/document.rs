//! JSON that a person or a client wrote: the source JSON, and the bodies of API requests. Read strictly.
//!
//! Every mistake is told with its place and a remedy. Members keep their order and duplicates are seen, nothing is
//! nested deeply, and nothing is ignored by accident.

mod error;
mod json;
mod object;

pub use self::error::ConfigError;

pub(crate) use self::error::{check_length, check_line};
pub(crate) use self::json::{Json, parse};
pub(crate) use self::object::Object;

//! The pages as a browser gets them, without running their script.

mod browser;
mod forgery;
mod live;
mod sign_in;

pub(crate) use self::browser::Browser;

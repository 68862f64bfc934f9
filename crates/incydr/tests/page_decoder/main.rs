//! What the page decoder promises, shown through its public functions.

mod bad_elements;
mod chunks;
mod damage;
mod envelopes;
mod events;
mod pages;

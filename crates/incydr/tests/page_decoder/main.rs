//! What the page decoder promises, shown through its public functions.

#[cfg(test)]
mod bad_elements;
#[cfg(test)]
mod chunks;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod envelopes;
#[cfg(test)]
mod events;
#[cfg(test)]
mod pages;

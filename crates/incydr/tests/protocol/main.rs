//! The client against a vendor that follows a script: what goes over the wire, and what each fault becomes.
//!
//! The scripted vendor knows nothing of the client, so both would have to be wrong in the same way to agree.

#[cfg(test)]
mod addresses;
#[cfg(test)]
mod alerts;
#[cfg(test)]
mod audit_log;
#[cfg(test)]
mod authorization;
#[cfg(test)]
mod budget;
#[cfg(test)]
mod connection;
#[cfg(test)]
mod file_events;
#[cfg(test)]
mod scripted_vendor;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod walk;

//! The client against the simulated Incydr, which enforces every documented limit: each stream is walked from end to
//! end on small pages, and must give exactly what there is.

#[cfg(test)]
mod whole_walks;

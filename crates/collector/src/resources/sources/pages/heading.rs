//! What all pages about one source say first.

use incydr_store::Source;

use super::path_of;
use crate::resources::streams::Address;
use crate::resources::{collectors, sources};
use crate::web::call::Call;
use crate::web::problem::Problem;

/// A source as the pages about it name it.
pub struct Heading {
    /// The numbers of the collector and the source, for operations.
    pub address: Address,
    /// Where the Source page is; the other pages are below it.
    pub path: String,
    /// The name of the source.
    pub name: String,
    /// The name of its collector.
    pub collector: String,
    /// Whether it is being deleted.
    pub is_stopping: bool,
    /// Whether it is kept in a file, so that nobody changes it here.
    pub is_local: bool,
}

impl Heading {
    /// The source that the address of `call` names, and what is kept of it.
    pub async fn of(call: &Call) -> Result<(Self, Source), Problem> {
        let address = (call.number("collectorId"), call.number("sourceId"));
        let collector = collectors::find(&call.api, &call.caller, address.0).await?;
        let source = sources::find(&call.api, &call.caller, address.0, address.1).await?;
        let heading = Self {
            address,
            path: path_of(collector.id, source.id),
            name: source.name.clone(),
            is_local: sources::local::are_local(&collector),
            collector: collector.name,
            is_stopping: source.stopping,
        };
        Ok((heading, source))
    }
}

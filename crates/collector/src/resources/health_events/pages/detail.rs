//! One health event with everything that is known of it.

use incydr_store::HealthEvent;

use crate::pages::Moment;
use crate::printable::printable;
use crate::resources::health_events::advice::advice;
use crate::resources::hex_id;
use crate::resources::sources::pages::path_of;
use crate::web::call::Call;
use crate::web::problem::Problem;

/// A health event as it is shown.
pub(super) struct Detail {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) name: String,
    pub(super) resource: String,
    /// The number that addresses know it by.
    pub(super) source: u64,
    pub(super) resource_id: String,
    pub(super) collector: String,
    pub(super) collector_id: String,
    pub(super) tracker: String,
    pub(super) error_code: Option<u16>,
    pub(super) error_info: String,
    pub(super) advice: &'static str,
    pub(super) opened: Moment,
    pub(super) closed: Option<Moment>,
    /// The page of the source, unless it is gone.
    pub(super) source_page: Option<String>,
    /// What finds the events of this resource in Sumo Logic.
    pub(super) query: String,
}

impl Detail {
    /// Of `kept`, for whoever makes `call`.
    pub(super) async fn of(call: &Call, kept: HealthEvent) -> Result<Self, Problem> {
        let now = call.api.clock.now();
        let HealthEvent { event, opened, closed, .. } = kept;
        let source = call.api.store.source(event.source_id).await?;
        let source_page = source.map(|source| path_of(source.collector_id, source.id));
        let resource_id = hex_id::text(event.source_id);
        Ok(Self {
            advice: advice(&event),
            query: scheduled_search(&resource_id, &event.name),
            source: event.source_id,
            resource_id,
            collector_id: hex_id::text(event.collector_id),
            id: event.event_id,
            title: event.title,
            description: printable(&event.description).into_owned(),
            name: event.name,
            resource: printable(&event.source_name).into_owned(),
            collector: printable(&event.collector_name).into_owned(),
            tracker: event.tracker,
            error_code: event.error_code,
            error_info: printable(&event.error_info).into_owned(),
            opened: Moment::new(opened, now),
            closed: closed.map(|closed| Moment::new(closed, now)),
            source_page,
        })
    }
}

/// A query of Sumo Logic for the changes of a resource's health that concern events of this name.
fn scheduled_search(resource_id: &str, name: &str) -> String {
    format!(
        "_index=sumologic_system_events \"{resource_id}\" \"{name}\"\n\
         | json \"eventType\", \"status\", \"details.trackerId\", \"details.name\" as eventType, status, trackerId, error\n\
         | json \"resourceIdentity.id\", \"resourceIdentity.name\" as resourceId, resourceName\n\
         | where eventType = \"Health-Change\" and resourceId = \"{resource_id}\" and trackerId = \"{name}\"\n\
         | fields _messageTime, status, trackerId, error, resourceName"
    )
}

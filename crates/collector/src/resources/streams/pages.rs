//! What pages show of streams, and the button that polls them.

mod charts;
mod panel;

use incydr_core::stream::Stream;

use super::poll_now;
use crate::pages::Notice;
use crate::resources::sources::pages::Heading;
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;
use crate::web::route::Route;

pub use self::charts::{charts_of_budget, charts_of_stream};
pub use self::panel::Panel;

/// All routes.
pub fn routes() -> Vec<Route> {
    vec![Route::form("/collectors/{collectorId}/sources/{sourceId}/poll", |call| Box::pin(poll(call)))]
}

/// The name of a stream for people.
pub const fn title_of(stream: Stream) -> &'static str {
    match stream {
        Stream::FileEvents => "File events",
        Stream::Alerts => "Alerts",
        Stream::AuditLogs => "Audit logs",
    }
}

async fn poll(call: Call) -> Result<Answer, Problem> {
    let (heading, _) = Heading::of(&call).await?;
    poll_now(&call.api, &call.caller, heading.address).await?;
    Ok(Answer::see_other(&Notice::POLL_INITIATED.on(&heading.path)))
}

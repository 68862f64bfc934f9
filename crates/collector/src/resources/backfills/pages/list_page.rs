//! The backfills of a source, and the form of a new one: first an estimate, and then it begins.

use std::time::Duration;

use askama::Template;

use super::Row;
use super::form::{Choice, LABELS, Typed, choices};
use super::row::Edge;
use crate::figures::grouped;
use crate::pages::{FormValues, Frame, Mistake, Notice, Section, lag_text, show, show_with};
use crate::resources::backfills::{Considered, Created, create, list};
use crate::resources::sources::pages::Heading;
use crate::resources::streams;
use crate::resources::streams::pages::title_of;
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;
use crate::web::route::Route;

const LIST: &str = "/collectors/{collectorId}/sources/{sourceId}/backfills";

#[derive(Template)]
#[template(path = "backfills/list.html")]
struct ListPage {
    frame: Frame,
    heading: Heading,
    backfills: Vec<Row>,
    choices: Vec<Choice>,
    typed: Typed,
    /// What is wrong with it.
    mistake: Option<Mistake>,
    estimate: Option<ShownEstimate>,
}

/// What a backfill would take, in words.
struct ShownEstimate {
    stream: &'static str,
    from: Edge,
    to: Edge,
    sentence: String,
}

/// What became of a form.
#[derive(Default)]
struct Outcome {
    typed: Typed,
    mistake: Option<Mistake>,
    considered: Option<Considered>,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::live_page(LIST, |call| Box::pin(show_list(call))),
        Route::form(LIST, |call| Box::pin(consider_or_begin(call))),
    ]
}

async fn show_list(call: Call) -> Result<Answer, Problem> {
    show(&page(&call, Outcome::default()).await?)
}

async fn consider_or_begin(call: Call) -> Result<Answer, Problem> {
    let (heading, _) = Heading::of(&call).await?;
    let form = FormValues::of(&call);
    let typed = Typed::of(&form);
    let body = typed.body(!form.has("begin"));
    match create(&call.api, &call.caller, heading.address, body.as_bytes()).await {
        Ok(Created::Running(kept)) => {
            let one = format!("{}/backfills/{}", heading.path, kept.id);
            Ok(Answer::see_other(&Notice::BACKFILL_BEGUN.on(&one)))
        }
        Ok(Created::Considered(considered)) => {
            let outcome = Outcome { typed, considered: Some(considered), mistake: None };
            show(&page(&call, outcome).await?)
        }
        Err(problem) => {
            let mistake = Mistake::of(problem, &LABELS)?;
            let status = mistake.status;
            let outcome = Outcome { typed, mistake: Some(mistake), considered: None };
            show_with(status, &page(&call, outcome).await?)
        }
    }
}

async fn page(call: &Call, outcome: Outcome) -> Result<ListPage, Problem> {
    let (heading, _) = Heading::of(call).await?;
    let (api, caller, now) = (&call.api, &call.caller, call.api.clock.now());
    let rows = list(api, caller, heading.address).await?;
    let (streams, status) = streams::show(api, caller, heading.address).await?;
    let allowed = status.and_then(|status| status.budget).map(|budget| budget.allowed);
    let streams: Vec<_> = streams.iter().map(|status| status.stream).collect();
    Ok(ListPage {
        frame: Frame::of(call, Section::Collection),
        backfills: rows.iter().map(|row| Row::of(row, now)).collect(),
        choices: choices(&streams),
        typed: outcome.typed,
        mistake: outcome.mistake,
        estimate: outcome.considered.map(|considered| ShownEstimate::of(&considered, allowed)),
        heading,
    })
}

impl ListPage {
    /// Whether the mistake is at this member of the order.
    fn is_wrong(&self, place: &str) -> bool {
        self.mistake.as_ref().is_some_and(|mistake| mistake.is_at(place))
    }
}

impl ShownEstimate {
    fn of(considered: &Considered, allowed_per_minute: Option<u32>) -> Self {
        Self {
            stream: title_of(considered.stream),
            from: Edge::of(considered.from),
            to: Edge::of(considered.to),
            sentence: sentence_of(considered, allowed_per_minute),
        }
    }
}

fn sentence_of(considered: &Considered, allowed_per_minute: Option<u32>) -> String {
    let estimate = &considered.estimate;
    let (Some(events), Some(requests)) = (estimate.events, estimate.requests) else {
        let note = estimate.note.as_deref().unwrap_or("it was not counted");
        return format!("How many events these are is not known: {note}.");
    };
    let unit = if requests == 1 { "request" } else { "requests" };
    let known = format!("About {} events in {} {unit} or more.", grouped(events), grouped(requests));
    match allowed_per_minute.filter(|allowed| *allowed > 0) {
        Some(allowed) => {
            let takes = Duration::from_millis(requests.saturating_mul(60_000) / u64::from(allowed));
            let (takes, allowed) = (lag_text(takes), grouped(allowed.into()));
            format!("{known} At the allowed {allowed} requests a minute that takes {takes} or more.")
        }
        None => known,
    }
}

#[cfg(test)]
mod tests {
    use incydr_core::stream::Stream;
    use incydr_core::timestamp::Timestamp;

    use super::*;
    use crate::resources::backfills::Estimate;

    fn sentence(estimate: Estimate, allowed: Option<u32>) -> String {
        let (stream, at) = (Stream::FileEvents, Timestamp::EPOCH);
        sentence_of(&Considered { stream, from: at, to: at, estimate }, allowed)
    }

    #[test]
    fn an_estimate_says_how_much_and_how_long() {
        let estimate = || Estimate { events: Some(1_200_000), requests: Some(240), note: None };
        assert_eq!(
            sentence(estimate(), Some(120)),
            "About 1,200,000 events in 240 requests or more. At the allowed 120 requests a minute that takes 2 min 0 s or more."
        );
        assert_eq!(sentence(estimate(), None), "About 1,200,000 events in 240 requests or more.");
        let unknown =
            Estimate { events: None, requests: None, note: Some("the source does not run".to_owned()) };
        assert_eq!(
            sentence(unknown, None),
            "How many events these are is not known: the source does not run."
        );
    }
}

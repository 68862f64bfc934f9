//! The page on which the last delivered events of a source pass.

mod shown_event;

use askama::Template;
use incydr_core::stream::Stream;

use self::shown_event::ShownEvent;
use super::{Sight, look};
use crate::figures::grouped;
use crate::pages::{Frame, Section, show};
use crate::resources::sources::pages::Heading;
use crate::resources::streams::pages::title_of;
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;
use crate::web::route::Route;

/// So many events are shown.
const SHOWN: usize = 30;

#[derive(Template)]
#[template(path = "tail/tail.html")]
struct TailPage {
    frame: Frame,
    heading: Heading,
    is_off: bool,
    is_idle: bool,
    filter: Filter,
    /// Key, name, and whether only its events are shown.
    streams: Vec<(&'static str, &'static str, bool)>,
    /// How many were delivered.
    delivered: String,
    /// The newest first.
    events: Vec<ShownEvent>,
}

/// Which events are wanted.
struct Filter {
    stream: Option<Stream>,
    /// What their payload must have, in whatever case.
    text: String,
    /// Whether they are shown whole at once.
    is_open: bool,
}

/// All of them.
pub fn routes() -> Vec<Route> {
    vec![Route::live_page("/collectors/{collectorId}/sources/{sourceId}/tail", |call| Box::pin(watch(call)))]
}

async fn watch(call: Call) -> Result<Answer, Problem> {
    let (heading, _) = Heading::of(&call).await?;
    let filter = Filter::of(&call)?;
    let sight = look(&call.api, &call.caller, heading.address).await?;
    let (is_off, is_idle) = (matches!(sight, Sight::Off), matches!(sight, Sight::Idle));
    let (kept, newest) = match sight {
        Sight::Kept(events, newest) => (events, newest),
        Sight::Off | Sight::Idle => (Vec::new(), 0),
    };
    let wanted = kept.iter().rev().filter(|event| filter.wants(event.stream, &event.payload));
    let choice = |stream: Stream| (stream.as_str(), title_of(stream), filter.stream == Some(stream));
    show(&TailPage {
        frame: Frame::of(&call, Section::Collection),
        heading,
        is_off,
        is_idle,
        streams: Stream::ALL.map(choice).to_vec(),
        delivered: grouped(newest),
        events: wanted.take(SHOWN).map(|event| ShownEvent::of(event)).collect(),
        filter,
    })
}

impl Filter {
    fn of(call: &Call) -> Result<Self, Problem> {
        Ok(Self {
            stream: call.query_parsed("stream", "a stream, as in `fileEvents`", Stream::parse)?,
            text: call.query("text").unwrap_or_default().trim().to_owned(),
            is_open: call.query_truth("open")?,
        })
    }

    fn wants(&self, stream: Stream, payload: &[u8]) -> bool {
        self.stream.is_none_or(|wanted| wanted == stream)
            && (self.text.is_empty() || {
                let payload = String::from_utf8_lossy(payload).to_lowercase();
                payload.contains(&self.text.to_lowercase())
            })
    }

    /// The query that shows the same the other way: whole or not.
    fn turned(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("stream", self.stream.map_or("", Stream::as_str)).append_pair("text", &self.text);
        query.append_pair("open", if self.is_open { "false" } else { "true" }).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_looks_at_stream_and_text() {
        let filter = |stream, text: &str| Filter { stream, text: text.to_owned(), is_open: false };
        let wants = |filter: Filter| filter.wants(Stream::Alerts, "{\"name\":\"Zürich.DOCX\"}".as_bytes());
        assert!(wants(filter(None, "")) && wants(filter(Some(Stream::Alerts), "zürich.docx")));
        assert!(!wants(filter(Some(Stream::FileEvents), "")) && !wants(filter(None, "basel")));
    }

    #[test]
    fn what_was_typed_comes_back_in_the_query() {
        let filter = Filter { stream: None, text: "a&b=\"<".to_owned(), is_open: true };
        assert_eq!(filter.turned(), "stream=&text=a%26b%3D%22%3C&open=false");
    }
}

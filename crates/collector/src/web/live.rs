//! Pages that stay up to date.
//!
//! The live form of a page is the page itself: it is rendered again every two seconds, and the browser gets the
//! regions that have changed. So nothing can be live that is not on the page, and no page needs code of its own for
//! it. Browsers of one session at the same address share the rendering.

mod rendered;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use hyper::header::HeaderName;
use tokio::sync::watch;
use tokio::time::timeout;

pub use self::rendered::Rendered;
use super::answer::Answer;
use super::call::Call;
use super::problem::Problem;
use super::route::Handler;

/// A page that is watched is rendered again after this.
const PERIOD: Duration = Duration::from_secs(2);
/// A browser hears at least this often that it is still connected.
const PULSE: Duration = Duration::from_secs(10);
/// So many pages of one session may be live at once.
const STREAMS_OF_SESSION: usize = 10;
/// Where a page names the version that the browser has.
const VERSION: &str = "version";
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

type Digest = [u8; 32];

/// The pages that browsers look at right now. Clones are the same.
#[derive(Clone, Default)]
pub struct LivePages {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    /// Each page by its session and address.
    watched: HashMap<(Digest, String), watch::Sender<Arc<Rendered>>>,
    streams: HashMap<Digest, usize>,
    has_ended: bool,
}

/// What one browser gets.
struct Following {
    page: watch::Receiver<Arc<Rendered>>,
    /// What the browser has; `None` before anything was sent.
    sent: Option<Arc<Rendered>>,
    _place: Place,
}

/// One of a session's places; it is free again when this is dropped.
struct Place {
    pages: LivePages,
    session: Digest,
}

impl LivePages {
    /// Follows the page that `call` asks for and `handler` renders.
    pub async fn follow(&self, mut call: Call, handler: Handler) -> Result<Answer, Problem> {
        let session = call.visit.as_ref().ok_or_else(Problem::unauthorized)?.digest;
        let known = known_version(&call);
        call.query.retain(|(name, _)| name != VERSION);
        call.headers.clear();
        let place = self.take_place(session)?;
        let page = self.watch(session, call, handler).await?;
        let current = page.borrow().clone();
        let sent = (known.as_deref() == Some(current.version())).then_some(current);
        let following = Following { page, sent, _place: place };
        Ok(Answer::events(stream::unfold(following, |following| following.next())))
    }

    /// Ends all of them.
    pub fn end(&self) {
        self.with(|inner| {
            inner.has_ended = true;
            inner.watched.clear();
        });
    }

    /// The page as it is now and will be, rendered by a task of its own for all who watch it.
    async fn watch(
        &self,
        session: Digest,
        call: Call,
        handler: Handler,
    ) -> Result<watch::Receiver<Arc<Rendered>>, Problem> {
        let key = (session, address_of(&call));
        if let Some(page) = self.with(|inner| inner.watched.get(&key).map(watch::Sender::subscribe)) {
            return Ok(page);
        }
        let first = render(&call, handler).await?;
        let (page, is_new) = self.with(|inner| {
            let has_ended = inner.has_ended;
            let known = inner.watched.get(&key).map(watch::Sender::subscribe);
            known.map_or_else(
                || {
                    let (sender, receiver) = watch::channel(Arc::new(first));
                    if !has_ended {
                        inner.watched.insert(key.clone(), sender);
                    }
                    (receiver, !has_ended)
                },
                |page| (page, false),
            )
        });
        if is_new {
            tokio::spawn(self.clone().keep_up_to_date(key, call, handler));
        }
        Ok(page)
    }

    /// Renders a page again and again until nobody looks at it any more, or nobody may.
    async fn keep_up_to_date(self, key: (Digest, String), mut call: Call, handler: Handler) {
        loop {
            call.api.clock.sleep(PERIOD).await;
            // Checked under the lock, so that nobody begins to watch what ends.
            let is_watched = self.with(|inner| {
                let is_watched = inner.watched.get(&key).is_some_and(|page| page.receiver_count() > 0);
                if !is_watched {
                    inner.watched.remove(&key);
                }
                is_watched
            });
            if !is_watched {
                return;
            }
            let rendered = match call.api.sessions.caller(&key.0).await {
                Ok(caller) => {
                    call.caller = caller;
                    render(&call, handler).await
                }
                Err(problem) => Err(problem),
            };
            let Ok(rendered) = rendered else {
                // The browser connects again, and is told then.
                self.with(|inner| _ = inner.watched.remove(&key));
                return;
            };
            self.with(|inner| {
                if let Some(page) = inner.watched.get(&key) {
                    page.send_if_modified(|current| {
                        let is_new = current.version() != rendered.version();
                        if is_new {
                            *current = Arc::new(rendered);
                        }
                        is_new
                    });
                }
            });
        }
    }

    fn take_place(&self, session: Digest) -> Result<Place, Problem> {
        let is_free = self.with(|inner| {
            let streams = inner.streams.entry(session).or_default();
            let is_free = *streams < STREAMS_OF_SESSION;
            *streams += usize::from(is_free);
            is_free
        });
        match is_free {
            true => Ok(Place { pages: self.clone(), session }),
            false => {
                let message = format!("More than {STREAMS_OF_SESSION} pages of a session cannot be live.");
                Err(Problem::too_many(message, PULSE))
            }
        }
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Inner) -> T) -> T {
        use_it(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.pages.with(|inner| {
            if let Some(streams) = inner.streams.get_mut(&self.session) {
                *streams -= 1;
                if *streams == 0 {
                    inner.streams.remove(&self.session);
                }
            }
        });
    }
}

impl Following {
    /// The next event for the browser; `None` when there will be none.
    async fn next(mut self) -> Option<(Bytes, Self)> {
        if self.sent.is_some() {
            match timeout(PULSE, self.page.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return None,
                Err(_) => return Some((Bytes::from_static(b"event: pulse\ndata:\n\n"), self)),
            }
        }
        let current = self.page.borrow_and_update().clone();
        let event = current.event_after(self.sent.as_deref());
        self.sent = Some(current);
        Some((event, self))
    }
}

/// The same page with its version, so that the browser can say later what it has.
pub fn stamped(answer: Answer) -> Answer {
    match answer.html().map(|html| Rendered::of(html).stamp(html)) {
        Some(html) => answer.with_html(html),
        None => answer,
    }
}

async fn render(call: &Call, handler: Handler) -> Result<Rendered, Problem> {
    let answer = handler(call.clone()).await?;
    answer.html().map(Rendered::of).ok_or_else(Problem::unknown_address)
}

/// The version that the browser has: after a lost connection it says so itself, before that the page does.
fn known_version(call: &Call) -> Option<String> {
    call.header(&LAST_EVENT_ID).or_else(|| call.query(VERSION)).map(str::to_owned)
}

fn address_of(call: &Call) -> String {
    let mut address = url::form_urlencoded::Serializer::new(format!("{}?", call.path));
    address.extend_pairs(&call.query).finish()
}

//! The body of a request, read whole: at most 1 MiB, and within half a minute.
//!
//! A request counts among those of its key while its body arrives, so that a client which never finishes would hold a
//! place for ever.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Body;
use tokio::time::timeout;

use super::problem::{Problem, ProblemKind};

/// A body may have so many bytes.
const MAX_BYTES: usize = 1024 * 1024;
/// All of it must arrive within this, however steadily it comes.
const WITHIN: Duration = Duration::from_secs(30);

/// Reads `body` to its end.
pub async fn read<B>(body: B) -> Result<Bytes, Problem>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    match timeout(WITHIN, Limited::new(body, MAX_BYTES).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            let message = format!("The request body is larger than {MAX_BYTES} bytes.");
            Err(Problem::new(ProblemKind::TooLarge, "request.too.large", message))
        }
        Ok(Err(_)) => Err(Problem::invalid("request.incomplete", "The request body did not arrive whole.")),
        Err(_) => {
            let message = format!("The request body did not arrive within {} seconds.", WITHIN.as_secs());
            Err(Problem::new(ProblemKind::TooSlow, "request.too.slow", message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;
    use http_body_util::StreamBody;
    use hyper::body::Frame;
    use std::convert::Infallible;
    use tokio::time::{Instant, sleep};

    /// A body of so many bytes, one a second.
    fn trickle(bytes: usize) -> impl Body<Data = Bytes, Error = Infallible> {
        StreamBody::new(stream::unfold(0, move |sent| async move {
            sleep(Duration::from_secs(1)).await;
            (sent < bytes).then(|| (Ok(Frame::data(Bytes::from_static(b"x"))), sent + 1))
        }))
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_takes_its_time_is_read() {
        assert_eq!(read(Box::pin(trickle(28))).await, Ok(Bytes::from("x".repeat(28))));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_comes_steadily_but_for_ever_is_given_up_after_half_a_minute() {
        let begun = Instant::now();
        let problem = read(Box::pin(trickle(1_000))).await.expect_err("it never ends");
        assert_eq!((problem.kind, problem.code), (ProblemKind::TooSlow, "request.too.slow"));
        assert_eq!(begun.elapsed().as_secs(), 30);
    }
}

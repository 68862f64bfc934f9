//! What the receiver answered, and what that means for the batch.

use std::time::Duration;

use incydr_core::destination::DeliveryFault;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};
use reqwest::{Response, StatusCode};

/// Enough for every message that the service documents; the rest of a longer body is not even read.
const MAX_BODY_BYTES: usize = 4_096;
/// Nobody may put us to sleep for longer, since the next attempt itself costs nothing.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(15 * 60);

/// Status, hint and words of an answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) retry_after: Option<Duration>,
    /// Not to be shown before it was quoted.
    pub(super) body: String,
}

impl Answer {
    /// Reads the beginning of the body. The status alone is the verdict, so a body that breaks off changes nothing.
    pub(super) async fn read(mut response: Response) -> Self {
        let mut body = Vec::new();
        while body.len() < MAX_BODY_BYTES {
            match response.chunk().await {
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) | Err(_) => break,
            }
        }
        body.truncate(MAX_BODY_BYTES);
        Self {
            status: response.status(),
            retry_after: retry_after(response.headers()),
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    /// What is wrong; `None` for a positive answer.
    ///
    /// A web page is none, whatever its status: a portal, a proxy or a mistyped address answered, not the receiver,
    /// whose success is an empty body or a JSON remark.
    pub(super) fn fault(&self) -> Option<DeliveryFault> {
        let fault = fault_of(self.status);
        if fault.is_none() && self.body.trim_start().starts_with('<') {
            return Some(DeliveryFault::Refused);
        }
        fault
    }

    /// A remark that came with a positive answer, without the parts that differ from answer to answer.
    pub(super) fn remark(&self) -> Option<String> {
        #[derive(serde::Deserialize)]
        struct Remark {
            #[serde(default)]
            code: String,
            message: String,
        }
        let body = self.body.trim();
        match serde_json::from_str::<Remark>(body) {
            Ok(Remark { code, message }) => Some(format!("{code} {message}").trim().to_owned()),
            Err(_) if body.is_empty() => None,
            Err(_) => Some(body.to_owned()),
        }
    }
}

/// What a status says about the batch; `None` for success.
pub(super) fn fault_of(status: StatusCode) -> Option<DeliveryFault> {
    match status.as_u16() {
        200..=299 => None,
        300..=399 => Some(DeliveryFault::Refused),
        400 => Some(DeliveryFault::Rejected),
        408 => Some(DeliveryFault::TooSlow),
        413 => Some(DeliveryFault::TooLarge),
        429 => Some(DeliveryFault::Throttled),
        401..=499 => Some(DeliveryFault::Refused),
        0..=199 | 500..=u16::MAX => Some(DeliveryFault::Unavailable),
    }
}

/// How long the receiver asks us to wait, at most a quarter of an hour.
///
/// A date is measured against the answer's own `Date`, so neither clock has to be right; without that header a date
/// says nothing.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let instant = |date: &str| DateTimeParser::new().parse_timestamp(date).ok();
    let wait = text(RETRY_AFTER)?;
    let span = match wait.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let span = instant(wait)?.duration_since(instant(text(DATE)?)?);
            Duration::try_from(span).unwrap_or_default()
        }
    };
    Some(span.min(MAX_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wait(retry_after_value: &str, date: Option<&str>) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, retry_after_value.parse().unwrap());
        if let Some(date) = date {
            headers.insert(DATE, date.parse().unwrap());
        }
        retry_after(&headers).map(|span| span.as_secs())
    }

    #[test]
    fn a_wait_is_read_in_seconds_and_as_a_date_and_is_capped() {
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(wait("7", None), Some(7));
        assert_eq!(wait("3600", None), Some(900));
        assert_eq!(wait("Sun, 06 Nov 1994 08:50:07 GMT", date), Some(30));
        assert_eq!(wait("Sun, 06 Nov 1994 08:00:00 GMT", date), Some(0));
        assert_eq!(wait("Mon, 07 Nov 1994 08:49:37 GMT", date), Some(900));
    }

    #[test]
    fn a_wait_that_cannot_be_measured_is_no_wait() {
        assert_eq!(wait("Sun, 06 Nov 1994 08:50:07 GMT", None), None);
        assert_eq!(wait("soon", Some("Sun, 06 Nov 1994 08:49:37 GMT")), None);
        assert_eq!(wait("-5", None), None);
    }

    proptest! {
        #[test]
        fn no_answer_puts_us_to_sleep_for_more_than_a_quarter_of_an_hour(
            value in "[ -~]{0,40}",
            date in "[ -~]{0,40}",
        ) {
            prop_assert!(wait(&value, Some(&date)).is_none_or(|seconds| seconds <= 900));
        }

        #[test]
        fn only_the_two_hundreds_are_success(status in 100_u16..1_000) {
            let fault = fault_of(StatusCode::from_u16(status).unwrap());
            prop_assert_eq!(fault.is_none(), (200..300).contains(&status));
        }
    }
}

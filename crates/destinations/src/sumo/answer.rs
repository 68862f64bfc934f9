//! What the receiver answered, and what that means for the batch.

use std::time::Duration;

use incydr_core::destination::DeliveryFault;
use incydr_core::retry_after;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode};

/// Enough for every message that the service documents; the rest of a longer body is not even read.
const MAX_BODY_BYTES: usize = 4_096;

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
            retry_after: wait_asked_for(response.headers()),
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

/// How long the receiver asks us to wait.
fn wait_asked_for(headers: &HeaderMap) -> Option<Duration> {
    let answered_at = headers.get(DATE).and_then(|date| date.to_str().ok()).and_then(retry_after::http_date);
    retry_after::parse(headers.get(RETRY_AFTER)?.as_bytes(), answered_at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_wait_is_read_in_seconds_and_as_a_date() {
        let wait = |value: &str, date: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, value.parse().unwrap());
            headers.extend(date.map(|date| (DATE, date.parse().unwrap())));
            wait_asked_for(&headers).map(|span| span.as_secs())
        };
        let (value, date) = ("Sun, 06 Nov 1994 08:50:07 GMT", "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(wait("7", None), Some(7));
        assert_eq!(wait(value, Some(date)), Some(30));
        assert_eq!(wait(value, None), None);
        assert_eq!(wait_asked_for(&HeaderMap::new()), None);
    }

    proptest! {
        #[test]
        fn only_the_two_hundreds_are_success(status in 100_u16..1_000) {
            let fault = fault_of(StatusCode::from_u16(status).unwrap());
            prop_assert_eq!(fault.is_none(), (200..300).contains(&status));
        }
    }
}

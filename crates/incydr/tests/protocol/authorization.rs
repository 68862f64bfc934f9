//! `/v1/oauth`, and what a 401 leads to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use incydr_client::source::{AlertsApi, source};
use incydr_core::source::{SourceError, SourceFault};
use incydr_core::stream::Stream;

use crate::scripted_vendor::{Reply, Request, ScriptedVendor};
use crate::walk::{SECRET, client, range, read};

const EMPTY_PAGE: &str = r#"{"fileEvents":[]}"#;

async fn refused_by_oauth(reply: Reply) -> SourceError {
    let vendor = ScriptedVendor::start(move |_| reply.clone()).await;
    let error = client(&vendor).authenticate().await.expect_err("a refusal");
    assert_eq!(vendor.requests().len(), 1);
    error
}

#[tokio::test]
async fn a_token_is_asked_for_with_basic_credentials_and_the_grant_type_in_the_query() {
    let vendor = ScriptedVendor::replying([]).await;
    client(&vendor).authenticate().await.expect("a token");
    let request = vendor.requests().remove(0);
    assert_eq!(request.method, "POST");
    assert_eq!(request.target, "/v1/oauth?grant_type=client_credentials");
    assert_eq!(request.header("authorization"), Some("Basic a2V5LTQyOnMzY3JldA=="));
    assert_eq!((request.body.as_str(), request.header("content-length")), ("", Some("0")));
}

#[tokio::test]
async fn refused_credentials_are_told_with_the_vendors_words() {
    let error = refused_by_oauth(Reply::status(401, r#"{"error":"invalid_client"}"#)).await;
    assert_eq!((error.fault, error.code), (SourceFault::InvalidClient, Some(401)));
    assert_eq!(
        error.to_string(),
        "authenticating at 127.0.0.1: the client ID or secret key was refused (HTTP 401): \
         {\"error\":\"invalid_client\"}"
    );
}

#[tokio::test]
async fn an_answer_that_echoes_the_credentials_does_not_show_them() {
    let echo = format!("bad secret {SECRET}, header Basic a2V5LTQyOnMzY3JldA==");
    let error = refused_by_oauth(Reply::status(401, echo)).await;
    assert_eq!(error.info, "bad secret ********, header Basic ********");
}

#[tokio::test]
async fn other_refusals_of_a_token_become_their_faults() {
    for (status, fault) in [
        (400, SourceFault::InvalidQuery),
        (403, SourceFault::Forbidden),
        (429, SourceFault::RateLimited),
        (500, SourceFault::Upstream),
    ] {
        assert_eq!(refused_by_oauth(Reply::status(status, "")).await.fault, fault, "{status}");
    }
}

#[tokio::test]
async fn an_answer_without_a_usable_token_is_an_error() {
    for body in [r#"{"error":"oops"}"#, "<html>", "", r#"{"access_token":""}"#, r#"{"access_token":"a\nb"}"#]
    {
        assert_eq!(refused_by_oauth(Reply::ok(body)).await.fault, SourceFault::ErrorIn200, "{body}");
    }
    let cut = refused_by_oauth(Reply::token("secret-token", "900").without_length().cut_at(30)).await;
    assert_eq!((cut.fault, cut.info.as_str()), (SourceFault::BadPayload, "the answer ends early"));
}

#[tokio::test]
async fn streams_that_start_together_share_one_token() {
    let vendor = ScriptedVendor::replying([]).await;
    let client = client(&vendor);
    let all = (0..8).map(|_| Arc::clone(&client)).map(|client| async move { client.authenticate().await });
    for outcome in all_of(all).await {
        outcome.expect("a token");
    }
    assert_eq!(vendor.requests().len(), 1);
}

#[tokio::test]
async fn streams_that_start_together_share_one_refusal() {
    let vendor = ScriptedVendor::start(|_| Reply::status(401, r#"{"error":"invalid_client"}"#)).await;
    let client = client(&vendor);
    let all = (0..8).map(|_| Arc::clone(&client)).map(|client| async move { client.authenticate().await });
    for outcome in all_of(all).await {
        assert_eq!(outcome.expect_err("a refusal").fault, SourceFault::InvalidClient);
    }
    assert_eq!(vendor.requests().len(), 1);
    client.authenticate().await.expect_err("a later attempt asks again");
    assert_eq!(vendor.requests().len(), 2);
}

async fn all_of<T: Send + 'static>(
    futures: impl Iterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let mut set = tokio::task::JoinSet::new();
    for future in futures {
        set.spawn(future);
    }
    set.join_all().await
}

/// Gives numbered tokens and accepts all but those below `good_from`.
fn vendor_that_revokes(good_from: u32) -> impl FnMut(&Request) -> Reply + Send + 'static {
    let given = AtomicU32::new(0);
    move |request| {
        if request.path() == "/v1/oauth" {
            return Reply::token(&format!("token-{}", given.fetch_add(1, Ordering::Relaxed)), "900");
        }
        let token = request.header("authorization").and_then(|value| value.strip_prefix("Bearer token-"));
        let number: u32 = token.expect("a bearer token").parse().expect("its number");
        if number < good_from { Reply::status(401, "") } else { Reply::ok(EMPTY_PAGE) }
    }
}

#[tokio::test]
async fn a_revoked_token_is_renewed_once_and_nobody_notices() {
    let vendor = ScriptedVendor::start(vendor_that_revokes(1)).await;
    let source = source(client(&vendor), Stream::FileEvents, AlertsApi::Sessions);
    read(&*source, &range(), 10).await.expect("a page");
    read(&*source, &range(), 10).await.expect("another page");
    let paths: Vec<_> = vendor.requests().iter().map(|request| request.path().to_owned()).collect();
    let expected = ["/v1/oauth", "/v2/file-events", "/v1/oauth", "/v2/file-events", "/v2/file-events"];
    assert_eq!(paths, expected);
}

#[tokio::test]
async fn a_renewed_token_that_is_refused_as_well_is_an_error() {
    let vendor = ScriptedVendor::start(vendor_that_revokes(9)).await;
    let source = source(client(&vendor), Stream::FileEvents, AlertsApi::Sessions);
    let error = read(&*source, &range(), 10).await.expect_err("a refusal");
    assert_eq!((error.fault, error.code), (SourceFault::Unauthorized, Some(401)));
    assert_eq!(vendor.requests().len(), 4);
}

/// How many tokens two requests take that lie so many seconds apart.
async fn tokens_taken(expires_in: &'static str, seconds_apart: u64) -> usize {
    let vendor = ScriptedVendor::start(move |_| Reply::token("token", expires_in)).await;
    let client = client(&vendor);
    client.authenticate().await.expect("a token");
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(seconds_apart)).await;
    tokio::time::resume();
    client.authenticate().await.expect("a token");
    vendor.requests().len()
}

#[tokio::test]
async fn a_token_is_renewed_after_four_fifths_of_its_life() {
    assert_eq!(tokens_taken("900", 700).await, 1);
    assert_eq!(tokens_taken("900", 721).await, 2);
}

#[tokio::test]
async fn a_senseless_lifetime_neither_hammers_the_vendor_nor_keeps_a_token_for_ever() {
    for nonsense in ["-5", "0", "\"-1\"", "-1e300"] {
        assert_eq!(tokens_taken(nonsense, 5).await, 1, "{nonsense}");
        assert_eq!(tokens_taken(nonsense, 9).await, 2, "{nonsense}");
    }
    for nonsense in ["null", "\"soon\"", "{}"] {
        assert_eq!(tokens_taken(nonsense, 700).await, 1, "{nonsense}");
        assert_eq!(tokens_taken(nonsense, 721).await, 2, "{nonsense}");
    }
    assert_eq!(tokens_taken("1e300", 70_000).await, 2);
}

#[tokio::test]
async fn the_token_names_the_tenant_and_the_vendor_is_asked_where_it_does_not() {
    // {"tenantUid":"abcd-1234"}
    let named =
        ScriptedVendor::start(|_| Reply::token("e30.eyJ0ZW5hbnRVaWQiOiJhYmNkLTEyMzQifQ.x", "900")).await;
    assert_eq!(client(&named).tenant_id().await.expect("a tenant"), "abcd-1234");
    assert_eq!(named.requests().len(), 1);
    let unnamed = ScriptedVendor::replying([Reply::ok(r#"{"name":"Example","tenantId":"efgh-5678"}"#)]).await;
    let client = client(&unnamed);
    for _ in 0..2 {
        assert_eq!(client.tenant_id().await.expect("a tenant"), "efgh-5678");
    }
    assert_eq!(unnamed.data_requests().len(), 1);
    assert_eq!(unnamed.data_requests()[0].target, "/v1/customer");
}

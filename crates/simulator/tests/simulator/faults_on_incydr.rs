//! Every fault that a simulated Incydr can be told to have.

use std::collections::HashSet;
use std::time::Duration;

use incydr_simulator::{
    BreakKind, BreakPoint, Clock, DataOptions, Fault, FaultPlan, FaultRule, FaultScript, IncydrOptions,
    Moment, PageTwist, Poison, RateOptions, SimulatedIncydr, Target, TrickleStart, Visibility, When,
};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use crate::client::{Reply, get, ids, post, search, token};

struct Victim {
    incydr: SimulatedIncydr,
    token: String,
}

impl Victim {
    async fn start(file_events: u64) -> Self {
        let event_visibility = Visibility::immediate();
        let incydr = SimulatedIncydr::start(IncydrOptions {
            clock: Clock::manual(Moment::from_millis(1_768_000_000_000)),
            data: DataOptions { file_events, event_visibility, ..DataOptions::default() },
            rate: RateOptions { per_minute: None, ..RateOptions::default() },
            ..IncydrOptions::default()
        })
        .await
        .unwrap();
        let token = token(&incydr).await;
        Self { incydr, token }
    }

    async fn search(&self, page_size: usize, page_token: &str) -> Reply {
        post(&self.incydr, &self.token, "/v2/file-events", &search(page_size, page_token)).await
    }

    async fn page(&self, page_size: usize, page_token: &str) -> Value {
        let reply = self.search(page_size, page_token).await;
        assert_eq!((reply.status, reply.complete), (200, true));
        reply.json()
    }

    /// The next search meets this fault.
    fn next(&self, fault: Fault) {
        self.incydr.faults().add(FaultRule::next(Target::FileEvents, 1, fault));
    }

    async fn twisted(&self, twist: PageTwist, page_size: usize, page_token: &str) -> Value {
        self.next(Fault::Page(twist));
        self.page(page_size, page_token).await
    }
}

#[tokio::test]
async fn a_canned_answer_takes_the_place_of_the_page() {
    let victim = Victim::start(3).await;
    for (status, body) in
        [(200, r#"{"fileEvents":null,"problems":[{}]}"#), (200, "<html>"), (200, ""), (503, "gone")]
    {
        victim.next(Fault::answer(status, body));
        let reply = victim.search(10, "").await;
        assert_eq!((reply.status, reply.body.as_slice(), reply.complete), (status, body.as_bytes(), true));
    }
    for retry_after in ["0", "1", "86400", "-5", "Wed, 21 Oct 2026 07:28:00 GMT", "soon"] {
        victim.next(Fault::throttle(retry_after));
        let reply = victim.search(10, "").await;
        assert_eq!((reply.status, reply.headers["retry-after"].as_str()), (429, retry_after));
    }
    assert_eq!(ids(&victim.page(10, "").await).len(), 3);
}

#[tokio::test]
async fn a_body_can_be_cut_at_every_offset_and_still_be_complete_for_http() {
    let victim = Victim::start(3).await;
    let whole = victim.search(10, "").await.body;
    for at in (0..whole.len()).step_by(97).chain([1, whole.len() - 1]) {
        victim.next(Fault::Truncate { at: at as u64 });
        let reply = victim.search(10, "").await;
        assert_eq!((reply.status, reply.complete, reply.broken), (200, true, None), "{at}");
        assert_eq!(reply.body, whole[..at]);
    }
}

#[tokio::test]
async fn a_connection_breaks_where_and_how_it_is_told_to() {
    let victim = Victim::start(3).await;
    let whole = victim.search(10, "").await.body;
    for how in [BreakKind::Close, BreakKind::Reset, BreakKind::HalfClose, BreakKind::Garbage] {
        for (at, status, len) in [
            (BreakPoint::BeforeHead, 0, 0),
            (BreakPoint::AfterHead, 200, 0),
            (BreakPoint::Body(1_000), 200, 1_000),
        ] {
            victim.next(Fault::Break { at, how });
            let reply = victim.search(10, "").await;
            assert!(!reply.complete, "{how:?} {at:?}");
            assert_eq!(reply.broken.is_some(), how == BreakKind::Reset, "{how:?} {at:?}");
            // A reset may overtake what was sent before it.
            if how != BreakKind::Reset {
                assert_eq!(reply.status, status, "{how:?} {at:?}");
                assert_eq!(reply.body, whole[..len], "{how:?} {at:?}");
            }
        }
    }
    assert_eq!(victim.search(10, "").await.body, whole);
}

#[tokio::test]
async fn an_answer_hangs_where_it_is_told_to_and_the_server_can_still_stop() {
    let victim = Victim::start(3).await;
    for at in [BreakPoint::BeforeHead, BreakPoint::AfterHead, BreakPoint::Body(500)] {
        let rule = victim.incydr.faults().add(FaultRule::next(Target::FileEvents, 1, Fault::Hang { at }));
        let asked = timeout(Duration::from_millis(50), victim.search(10, "")).await;
        assert!(asked.is_err(), "{at:?}");
        victim.incydr.faults().wait_until_struck(rule, 1).await;
    }
    victim.incydr.faults().add(FaultRule::always(Target::Any, Fault::Hang { at: BreakPoint::BeforeHead }));
    let port = victim.incydr.port();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(b"GET /v1/customer HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    victim.incydr.stop().await;
    assert_eq!(stream.read(&mut [0; 8]).await.unwrap_or(0), 0);
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn heads_and_bodies_crawl() {
    let victim = Victim::start(1).await;
    let whole = victim.search(10, "").await.body;
    for (from, bytes, at_least) in [
        (TrickleStart::Head, 1, Duration::from_secs(50)),
        (TrickleStart::Body, 100, Duration::from_secs(whole.len() as u64 / 100 - 1)),
    ] {
        victim.next(Fault::Trickle { from, bytes, every_millis: 1_000 });
        let started = Instant::now();
        let reply = victim.search(10, "").await;
        assert_eq!(reply.body, whole);
        assert!(started.elapsed() >= at_least, "{from:?} took {:?}", started.elapsed());
    }
    victim.next(Fault::Delay { millis: 90_000 });
    let started = Instant::now();
    assert_eq!(victim.search(10, "").await.body, whole);
    assert!(started.elapsed() >= Duration::from_secs(90));
}

#[tokio::test]
async fn an_empty_page_can_promise_what_it_does_not_hold() {
    let victim = Victim::start(20).await;
    let all = ids(&victim.page(100, "").await);
    let first = victim.twisted(PageTwist::EmptyWithToken, 5, "").await;
    assert!(ids(&first).is_empty());
    let promised = first["nextPgToken"].as_str().unwrap();
    assert_eq!(ids(&victim.page(5, promised).await), all[..5]);
    let later = victim.twisted(PageTwist::EmptyWithToken, 5, &all[4]).await;
    let promised = later["nextPgToken"].as_str().unwrap();
    assert_ne!(promised, all[4]);
    assert_eq!(ids(&victim.page(5, promised).await), all[5..10]);
}

#[tokio::test]
async fn tokens_repeat_and_go_in_circles() {
    let victim = Victim::start(40).await;
    let mut handed_out = Vec::new();
    let mut page_token = String::new();
    for _ in 0..4 {
        page_token = victim.page(5, &page_token).await["nextPgToken"].as_str().unwrap().to_owned();
        handed_out.push(page_token.clone());
    }
    let repeated = victim.twisted(PageTwist::TokenCycle { length: 1 }, 5, &page_token).await;
    assert_eq!(repeated["nextPgToken"], page_token.as_str());
    let circled = victim.twisted(PageTwist::TokenCycle { length: 4 }, 5, &page_token).await;
    assert_eq!(circled["nextPgToken"], handed_out[1].as_str());
}

#[tokio::test]
async fn pages_overlap_shuffle_miscount_omit_and_are_poisoned() {
    let victim = Victim::start(30).await;
    let all = ids(&victim.page(100, "").await);
    let duplicate = victim.twisted(PageTwist::Overlap { events: 10 }, 10, &all[9]).await;
    assert_eq!(
        (ids(&duplicate), &duplicate["nextPgToken"]),
        (all[..10].to_vec(), &Value::from(all[9].as_str()))
    );
    let overlapping = victim.twisted(PageTwist::Overlap { events: 3 }, 10, &all[9]).await;
    assert_eq!(ids(&overlapping), all[7..17]);
    let shuffled = victim.twisted(PageTwist::Shuffle { seed: 1 }, 10, &all[9]).await;
    assert_ne!(ids(&shuffled), all[10..20]);
    assert_eq!(ids(&shuffled).into_iter().collect::<HashSet<_>>(), all[10..20].iter().cloned().collect());
    assert_eq!(shuffled["nextPgToken"], all[19].as_str());
    assert_eq!(victim.twisted(PageTwist::TotalCount { by: 7 }, 10, "").await["totalCount"], 37);
    assert_eq!(victim.twisted(PageTwist::TotalCount { by: -50 }, 10, "").await["totalCount"], 0);
    let omitted = victim.twisted(PageTwist::Omit { events: 2 }, 10, "").await;
    assert_eq!((ids(&omitted).len(), &omitted["totalCount"]), (8, &Value::from(30)));
    for poison in Poison::ALL {
        victim.next(Fault::Page(PageTwist::Poison { poison, position: 4 }));
        let body = victim.search(10, "").await.body;
        let document = poison.document("poison", "2026-01-09T23:06:40.000000Z");
        assert!(body.windows(document.len()).any(|window| window == document), "{poison:?}");
    }
}

#[tokio::test]
async fn a_revoked_token_and_a_refused_page_token_stay_so() {
    let victim = Victim::start(30).await;
    victim.next(Fault::InvalidPageToken);
    let refused = victim.search(10, "").await;
    assert_eq!(
        (refused.status, &refused.json()["problems"][0]["type"]),
        (400, &Value::from("INVALID_PAGE_TOKEN"))
    );
    victim.next(Fault::RevokeToken);
    assert_eq!(victim.search(10, "").await.status, 401);
    assert_eq!(get(&victim.incydr, &victim.token, "/v1/customer").await.status, 401);
    let renewed = token(&victim.incydr).await;
    assert_eq!(get(&victim.incydr, &renewed, "/v1/customer").await.status, 200);
}

#[tokio::test]
async fn a_bomb_is_small_and_decodes_to_very_much() {
    let victim = Victim::start(0).await;
    victim.next(Fault::Bomb { decoded_bytes: 16 << 20 });
    let reply = victim.search(10, "").await;
    assert_eq!(reply.headers["content-encoding"], "gzip");
    let decoded = reply.gunzipped();
    assert!(decoded.len() >= 16 << 20 && reply.body.len() * 100 < decoded.len());
    assert_eq!(serde_json::from_slice::<Value>(&decoded).unwrap()["fileEvents"], Value::Array(Vec::new()));
}

#[tokio::test]
async fn bare_connections_can_be_refused() {
    let victim = Victim::start(0).await;
    for how in [BreakKind::Reset, BreakKind::Close] {
        victim.incydr.faults().add(FaultRule::next(Target::Connection, 1, Fault::no_answer(how)));
        let reply = get(&victim.incydr, &victim.token, "/v1/customer").await;
        assert_eq!((reply.status, reply.complete), (0, false), "{how:?}");
    }
    assert_eq!(get(&victim.incydr, &victim.token, "/v1/customer").await.status, 200);
}

#[tokio::test]
async fn a_script_is_read_from_its_text_form_and_says_which_requests_it_means() {
    let script = r#"{"rules": [
        {"where": "file-events", "when": {"nth": 2}, "faults": [{"answer": {"status": 429, "headers": {"retry-after": "1"}}}]},
        {"where": "file-events", "when": {"from": 4, "to": 5}, "faults": [{"delay": {"millis": 1}}, {"answer": {"status": 503}}]},
        {"where": "file-events", "when": {"every": 7}, "faults": [{"break": {"at": {"body": 10}, "how": "close"}}]},
        {"where": "any", "when": {"next": 0}, "faults": ["revoke-token", {"page": "empty-with-token"}]}
    ]}"#;
    let script = FaultScript::parse(script).unwrap();
    assert_eq!(FaultScript::parse(&serde_json::to_string(&script).unwrap()).unwrap(), script);
    let faults = FaultPlan::new(script);
    let incydr = SimulatedIncydr::start(IncydrOptions { faults, ..IncydrOptions::default() }).await.unwrap();
    let token = token(&incydr).await;
    let mut outcomes = Vec::new();
    for _ in 0..7 {
        let reply = post(&incydr, &token, "/v2/file-events", &search(10, "")).await;
        outcomes.push((reply.status, reply.complete));
    }
    assert_eq!(
        outcomes,
        [(200, true), (429, true), (200, true), (503, true), (503, true), (200, true), (200, false)]
    );
    assert!(FaultScript::parse(r#"{"rules": [{"where": "file-events", "faults": ["explode"]}]}"#).is_err());
}

#[tokio::test]
async fn chance_is_repeatable_and_strikes_about_as_often_as_it_should() {
    let outcomes = async || {
        let victim = Victim::start(0).await;
        let rule = FaultRule::always(Target::FileEvents, Fault::status(503)).when(When::by_chance(0.3, 9));
        victim.incydr.faults().add(rule);
        let mut statuses = Vec::new();
        for _ in 0..100 {
            statuses.push(victim.search(10, "").await.status);
        }
        statuses
    };
    let first = outcomes().await;
    assert_eq!(first, outcomes().await);
    assert!((15..45).contains(&first.iter().filter(|&&status| status == 503).count()));
}

#[tokio::test(start_paused = true)]
async fn a_rule_can_begin_and_end_after_a_while() {
    let victim = Victim::start(0).await;
    let when = When { after_seconds: Some(10.0), until_seconds: Some(20.0), ..When::default() };
    victim.incydr.faults().add(FaultRule::always(Target::FileEvents, Fault::status(500)).when(when));
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(victim.search(10, "").await.status);
        tokio::time::advance(Duration::from_secs(12)).await;
    }
    assert_eq!(statuses, [200, 500, 200]);
}
